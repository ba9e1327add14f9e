//! Numbers in words are those of the data: in captions, in the README and in the page of results.

mod synthetic;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use datasets::{Dataset, Figures, Values};
use figures::{Claim, Verdict};

/// `2.03(1)` in a text: its digits, the value, and the error, both in units of the last digit.
#[derive(Debug)]
struct Written {
    text: String,
    value: f64,
    error: f64,
    last_digit: f64,
}

impl Written {
    /// Whether a number with its error is written like this.
    fn is(&self, value: f64, error: f64) -> bool {
        let off = (value - self.value).abs() / self.last_digit;
        let digits = error / self.last_digit;
        off <= 0.501 && (digits.round() - self.error).abs() < 0.5
            || off <= 0.501 && digits < 1.0 && self.error == 1.0
    }
}

/// All numbers with errors in a text.
fn written(text: &str) -> Vec<Written> {
    let text = text.replace('−', "-");
    let mut found = vec![];
    for (open, _) in text.match_indices('(') {
        let number = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
        let start = text[..open]
            .rfind(|c| !number(c))
            .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
        let Some(close) = text[open..].find(')') else { continue };
        let (value, error) = (&text[start..open], &text[open + 1..open + close]);
        if !error.chars().all(|c| c.is_ascii_digit()) {
            continue;
        }
        if let (Ok(number), Ok(error)) = (value.parse(), error.parse()) {
            let decimals = value.split_once('.').map_or(0, |(_, digits)| digits.len());
            let last_digit = 10f64.powi(-(decimals as i32));
            found.push(Written {
                text: text[start..=open + close].to_owned(),
                value: number,
                error,
                last_digit,
            });
        }
    }
    found
}

fn values(dataset: &Dataset) -> Vec<f64> {
    match &dataset.values {
        Values::F64(array) => array.iter().copied().collect(),
        _ => vec![],
    }
}

/// Every number that has an error, of the figures and of the claims.
fn known(figures: &Figures) -> Vec<(f64, f64)> {
    let mut pairs = vec![];
    for figure in figures.figures.values() {
        for (path, dataset) in &figure.numbers.datasets {
            if let Some(errors) = figure.numbers.datasets.get(&format!("{path}_error")) {
                pairs.extend(values(dataset).into_iter().zip(values(errors)));
            }
        }
    }
    for claim in figures::claims(figures) {
        pairs.extend(claim.number.zip(claim.error));
        pairs.extend(claim.cases.iter().filter_map(|case| Some((case.number, case.error?))));
    }
    pairs
}

#[test]
fn numbers_with_errors_are_read() {
    let found = written("T_{E} = 2.03(1), not (a) or Σ(3); −0.5(2) and 123(70)");
    let texts: Vec<&str> = found.iter().map(|w| w.text.as_str()).collect();
    assert_eq!(texts, ["2.03(1)", "-0.5(2)", "123(70)"]);
    assert!(found[0].is(2.0312, 0.012) && !found[0].is(2.0412, 0.012) && !found[0].is(2.0312, 0.03));
}

/// What a caption or its first sentence says with an error is in the file, but for sums of what is.
#[test]
fn captions_say_what_the_data_say() {
    /// Differences and functions of numbers in the file, which no dataset holds.
    const DERIVED: [&str; 2] = ["F12", "F16"];
    let figures = figures::numbers(&synthetic::run(2, &[16, 64])).expect("a run");
    let known = known(&figures);
    let mut count = 0;
    for (id, figure) in figures.figures.iter().filter(|(id, _)| !DERIVED.contains(&id.as_str())) {
        for name in ["see", "caption"] {
            for number in written(figure.numbers.text(name).unwrap_or_default()) {
                assert!(
                    known.iter().any(|&(value, error)| number.is(value, error)),
                    "{id}: {} is nowhere",
                    number.text
                );
                count += 1;
            }
        }
    }
    assert!(count > 20, "only {count} numbers were found");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document(path: &str) -> String {
    let text = std::fs::read_to_string(root().join(path)).expect("a document of this repository");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The points of a name in a picture: x, y and error. Only some of F17 of the paper's run, `out/paper/figures/F17.svg`,
/// are in the README as `data/pictures/flow.svg`.
fn points(svg: &str, name: &str) -> Vec<(f64, f64, f64)> {
    let parts = svg.split("data-name=\"").filter(|part| part.starts_with(&format!("{name}\"")));
    let lists = parts.filter_map(|part| part.split_once("data-points=\"")?.1.split_once('"'));
    lists
        .flat_map(|(list, _)| list.split(';'))
        .filter(|point| !point.is_empty())
        .map(|point| {
            let numbers: Vec<f64> = point.split(' ').map(|n| n.parse().expect("a number")).collect();
            (numbers[2], numbers[3], numbers[4])
        })
        .collect()
}

#[test]
fn the_readme_and_the_results_say_what_the_picture_shows() {
    let svg =
        std::fs::read_to_string(root().join("data/pictures/flow.svg")).expect("the picture of the README");
    let fixed = points(&svg, "T_E of the fixed point");
    let cold = points(&svg, "T_E from the coldest start");
    let blocks = points(&svg, "T_E after one block spin");
    assert_eq!((fixed.len(), cold.len()), (6, 8));
    let says = |text: &str, (_, value, error): (f64, f64, f64)| {
        let first = written(text).into_iter().next().unwrap_or_else(|| panic!("no number in `{text:.60}`"));
        assert!(first.is(value, error), "{} is {value} ± {error}", first.text);
    };
    let after =
        |text: &str, mark: &str| text.split_once(mark).unwrap_or_else(|| panic!("no `{mark}`")).1.to_owned();
    let readme = document("README.md");
    let tc = 2.0 / (1.0 + 2f64.sqrt()).ln();
    let (first, last) = (fixed[0], fixed[fixed.len() - 1]);
    says(&after(&readme, "T_E moves from"), first);
    assert!(readme.contains(&format!("at {} hidden units through T_c = {tc:.3} to", first.0)));
    let end = after(&readme, &format!("through T_c = {tc:.3} to"));
    says(&end, last);
    assert!(end.trim_start().starts_with(&format!("{} at {}", written(&end)[0].text, last.0)));
    assert!(first.1 > tc && last.1 < tc, "it goes through T_c");

    let results = document("docs/results.md");
    for point in &fixed {
        says(&after(&results, &format!("| {} (", point.0)), *point);
    }
    for point in cold.iter().filter(|point| fixed.iter().all(|f| f.0 != point.0)) {
        let row = after(&results, &format!("| {} (", point.0));
        says(&after(&row, "no fixed point:"), *point);
    }
    for start in [2.0, 2.5] {
        let point = blocks.iter().find(|point| point.0 == start).expect("a start");
        says(&after(&results, &format!("T = {start} →")), *point);
    }
    let claims = figures::claims(&Figures::default());
    let count = claims.len();
    assert!(results.contains(&format!("judge {count} such statements")), "there are {count} claims");
    let number =
        |claim: &Claim| claim.id.strip_prefix('Q')?.trim_end_matches(char::is_alphabetic).parse().ok();
    let questions: BTreeSet<u32> = claims.iter().filter_map(number).collect();
    let said = format!("answers to {} questions that the paper leaves open", questions.len());
    assert!(readme.contains(&said), "README: {said}");
}

/// Experiments whose claims are kept in `data/results`, with the questions that the page of results answers by them.
const KEPT: [(&str, &[&str]); 5] = [
    ("lattices", &["Q9"]),
    ("theory", &["Q10", "Q11a", "Q11b", "Q13", "Q14"]),
    ("couplings", &["Q12a", "Q12b"]),
    ("exponents", &["Q15a", "Q15b", "Q15c", "Q16"]),
    ("laboratory", &["Q17a", "Q17b"]),
];

/// The claims of an experiment, as its run wrote them into `claims.json`.
fn kept(experiment: &str) -> Vec<Claim> {
    let path = root().join(format!("data/results/{experiment}.json"));
    let text = std::fs::read_to_string(path).expect("the claims of a run");
    let mut run: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    serde_json::from_value(run["claims"].take()).expect("claims")
}

/// Every number with an error in a text is one of a claim.
fn from_claim(text: &str, claim: &Claim) {
    let said =
        [&claim.value, &claim.conditions].into_iter().chain(claim.cases.iter().map(|case| &case.value));
    let said: Vec<Written> = said.flat_map(|text| written(text)).collect();
    let numbers = written(text);
    assert!(!numbers.is_empty(), "no numbers: {text}");
    for number in numbers {
        let there = said.iter().any(|said| number.is(said.value, said.error * said.last_digit));
        assert!(there, "{}: {} is nowhere", claim.id, number.text);
    }
}

#[test]
fn the_answers_to_questions_are_those_of_a_run() {
    let results = document("docs/results.md");
    for (experiment, questions) in KEPT {
        let claims = kept(experiment);
        for id in questions {
            let claim = claims.iter().find(|claim| claim.id == *id).expect("a claim of the run");
            let row = results.split_once(&format!("| {id} |")).unwrap_or_else(|| panic!("no row {id}")).1;
            let row: String = row.split('|').take(2).collect();
            from_claim(&row, claim);
            assert!(row.contains(claim.verdict.words()), "{id} {}", claim.verdict.words());
        }
    }
    let paper = kept("paper");
    let claim = |id: &str| paper.iter().find(|claim| claim.id == id).expect("a claim of the paper");
    for (column, id) in ["C1d-E", "C1d-m"].into_iter().enumerate() {
        for case in &claim(id).cases {
            let row = results.split_once(&format!("| {} (", case.name)).expect("a row").1;
            let (found, known) = (&written(row)[column], &written(&case.value)[0]);
            assert_eq!((found.value, found.error), (known.value, known.error), "{id}, N_h = {}", case.name);
        }
    }
    from_claim(
        results
            .split_once("The end is not critical.")
            .expect("a sentence")
            .1
            .split("- **")
            .next()
            .unwrap_or(""),
        claim("Q2"),
    );
    from_claim(
        results.split_once("The first feature").expect("a sentence").1.split("## ").next().unwrap_or(""),
        claim("C3a"),
    );
    let readme = document("README.md");
    let sentence = readme.split_once("Nor does it follow T_c").expect("a sentence").1;
    let lattices = kept("lattices");
    let q9 = lattices.iter().find(|claim| claim.id == "Q9").expect("an answer");
    from_claim(sentence.split_once("New is the reason").expect("an end").0, q9);
    let theory = kept("theory");
    let prediction = theory.iter().find(|claim| claim.id == "Q10").expect("an answer");
    let sentence = readme.split_once("New is the reason").expect("a sentence").1;
    from_claim(sentence.split_once("[All results]").expect("an end").0, prediction);
    assert_ne!(prediction.verdict, Verdict::Fails);
    assert_ne!(q9.verdict, Verdict::Holds);
}

/// The table of the digits is that of its run, as `examples/digits.py` wrote it.
#[test]
fn the_digits_are_those_of_a_run() {
    let text = std::fs::read_to_string(root().join("data/results/digits.json")).expect("the table of a run");
    let run: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let readme = std::fs::read_to_string(root().join("examples/README.md")).expect("a document");
    for (key, words) in [("epochs", "epochs"), ("hidden", "hidden units")] {
        assert!(readme.contains(&format!("{} {words}", run[key])), "{key}");
    }
    let rows = run["rows"].as_object().expect("rows");
    assert_eq!(rows.len(), 3);
    for (name, columns) in rows {
        let row = readme.lines().find(|line| line.starts_with(&format!("| {name} |"))).expect("a row");
        let cells: Vec<&str> = row.split('|').map(str::trim).filter(|cell| cell.contains('±')).collect();
        let mut written: Vec<String> = vec![];
        for pair in columns.as_object().expect("columns").values() {
            let number = |i: usize| pair[i].as_f64().expect("a number");
            written.push(format!("{:.2} ± {:.2}", number(0), number(1)));
        }
        written.sort_unstable();
        let mut cells: Vec<String> = cells.into_iter().map(str::to_owned).collect();
        cells.sort_unstable();
        assert_eq!(cells, written, "{name}");
    }
}
