//! Runs side by side, and what files say about themselves.

mod common;

use std::fs;

use common::{SECTIONS, call, fail, folder, succeed};

const HEAD: &str = r#"
name = "tiny"
"#;

const MACHINES: &str = r#"
[[training]]
name = "V"
temperatures = "0,1:4:1"
hidden = [2, 4]
epochs = 3
"#;

/// The experiment.
fn tiny() -> String {
    [HEAD, SECTIONS, MACHINES].concat()
}

#[test]
fn runs_are_compared_in_a_page_and_in_json() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::write(path.join("one.toml"), tiny()).expect("writable");
    let changed = tiny().replace("epochs = 3", "epochs = 5").replace("name = \"tiny\"", "name = \"tiny-2\"");
    fs::write(path.join("two.toml"), changed.replace("hidden = [2, 4]", "hidden = 4")).expect("writable");
    succeed(path, "run -q one.toml --out one");
    succeed(path, "run -q two.toml --out two");
    let said = succeed(path, "compare one two two/data/figures.h5");
    assert!(said.contains("compare.html"), "{said}");
    let page = fs::read_to_string(path.join("compare.html")).expect("a page");
    for text in ["Comparison of 3 runs", "training.V.epochs", "<b>C1a</b>", "id=\"C05\"", "two (tiny-2)"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("<code>lattice.size</code>"), "what is the same is not listed");
    let json = succeed(path, "compare one two --json");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["runs"][1]["name"], "tiny-2");
    let claims = json["claims"].as_array().expect("a list");
    assert!(claims.iter().all(|claim| claim["runs"].as_array().is_some_and(|runs| runs.len() == 2)));
    let settings = json["settings"].as_array().expect("a list");
    assert!(
        settings.iter().any(|s| s["setting"] == "training.V.epochs" && s["runs"][1] == "[5]"),
        "{settings:?}"
    );

    assert_eq!(call(path, "compare one").status.code(), Some(2), "one run has no other to be compared with");
    fs::create_dir(path.join("empty")).expect("a new folder");
    fail(path, "compare one empty", 3, &["`empty` has no figures", "rbmflow figures"]);
    fs::remove_file(path.join("one/data/r0/V-2/flow.h5")).expect("there");
    let json = succeed(path, "verify two --json");
    assert!(json.contains("\"problems\": []"), "{json}");
    let output = call(path, "verify one --json");
    assert_eq!(output.status.code(), Some(3));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(json["problems"][0].as_str().is_some_and(|text| text.contains("flow.h5")), "{json}");
}

#[test]
fn files_are_summed_up_in_plain_text() {
    let folder = folder();
    let path = folder.path();
    let said = succeed(path, "info spins.h5");
    assert!(
        said.starts_with("150 configurations of 16 spins on lattice square:4x4 at 3 temperatures\n"),
        "{said}"
    );
    assert!(said.contains('█'), "a small histogram");
    let said = succeed(path, "info rbm.h5");
    assert!(said.starts_with("a machine of 16 visible and 4 hidden spin units after 4 updates"), "{said}");
    assert!(said.contains("reconstruction error") && said.contains("max abs weight"), "{said}");
    assert!(!said.contains('\u{1b}'), "no control characters where nobody looks");
}

/// Whatever is there and is no page of `compare` stays: experiments, inputs, other people's files, links and devices.
#[cfg(unix)]
#[test]
fn nothing_else_is_written_over() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::write(path.join("one.toml"), format!("name = \"one\"\n{SECTIONS}")).expect("writable");
    succeed(path, "run -q one.toml --out r");
    let compare = "compare -q r r -o";
    fs::write(path.join("thesis.html"), "<html>precious</html>").expect("writable");
    std::os::unix::fs::symlink("thesis.html", path.join("link.html")).expect("a link");
    std::os::unix::fs::symlink("nowhere.html", path.join("dangling.html")).expect("a link");
    for name in ["one.toml", "r/data/figures.h5", "r/claims.json", "r/report.html", "thesis.html"] {
        let before = fs::read(path.join(name)).expect("there");
        fail(path, &format!("{compare} {name}"), 2, &[name, "not what this command makes"]);
        assert!(fs::read(path.join(name)).expect("there") == before, "{name}");
    }
    let sample = "sample -q -L 4 --temperatures 2 --samples-per-temperature 5";
    succeed(path, &format!("{sample} -o s.h5"));
    let export = "export s.h5 --dataset samples";
    for verb in [compare, &format!("{sample} -o"), &format!("{export} -o")] {
        for (name, words) in [
            ("link.html", "is a link"),
            ("dangling.html", "is a link"),
            ("/dev/null", "no plain file"),
            ("r", "is a folder"),
            ("-", "not standard output"),
        ] {
            fail(path, &format!("{verb} {name}"), 2, &[name, words]);
        }
    }
    assert!(path.join("link.html").is_symlink() && path.join("dangling.html").is_symlink());
    assert!(!path.join("nowhere.html").exists());
    // A page of its own is made anew, unless somebody has changed it.
    succeed(path, &format!("{compare} page.html"));
    succeed(path, &format!("{compare} page.html"));
    let page = fs::read_to_string(path.join("page.html")).expect("there");
    fs::write(path.join("page.html"), page.replacen("<", "<!-- mine --><", 1)).expect("writable");
    fail(path, &format!("{compare} page.html"), 2, &["page.html", "was changed"]);
}

/// A verdict that somebody has edited counts for nothing: `verify` and `status` say so, and a run judges again.
#[test]
fn edited_claims_are_seen() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    fs::write(path.join("one.toml"), format!("name = \"one\"\n{SECTIONS}")).expect("writable");
    succeed(path, "run -q one.toml --out r");
    let claims = path.join("r/claims.json");
    let original = fs::read_to_string(&claims).expect("there");
    let required = call(path, "run -q one.toml --out r --require-claims").status.code();
    for (from, to) in [("\"verdict\": \"", "\"verdict\": \"x"), ("\"value\": ", "\"value\": 1"), ("C", "D")] {
        assert!(original.contains(from), "{from}");
        fs::write(&claims, original.replace(from, to)).expect("writable");
        fail(path, "verify r", 3, &["claims.json", "changed after it was made"]);
        assert!(succeed(path, "status r").contains("stale    report"), "{from}");
        assert_eq!(call(path, "run -q one.toml --out r --require-claims").status.code(), required);
        assert_eq!(fs::read_to_string(&claims).expect("there"), original);
    }
}

/// A run, its report and its exports refuse to write over what they do not make, before anything is done.
#[test]
fn folders_of_others_are_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path();
    let text = format!("name = \"one\"\n# my notes\n{SECTIONS}");
    fs::write(path.join("one.toml"), &text).expect("writable");
    succeed(path, "run -q one.toml --out r");
    let put = |name: &str, text: &str| {
        let name = path.join(name);
        fs::create_dir_all(name.parent().expect("a folder")).expect("a new folder");
        fs::write(name, text).expect("writable");
    };
    for (name, words) in [
        ("a/experiment.toml", "run -q one.toml --out a"),
        ("b/data/figures.h5", "run -q one.toml --out b"),
        ("c/data/r0/spins.h5", "run -q one.toml --out c"),
        ("d/claims.json", "run -q one.toml --out d"),
        ("e/report.html", "report -q r/data/figures.h5 --out e"),
        ("f/figures/F01.svg", "report -q r/data/figures.h5 --out f"),
        ("g/figures/F01.png", "report -q r/data/figures.h5 --out g"),
        ("h/claims.json", "report -q r/data/figures.h5 --out h"),
        ("i/slurm/submit.sh", "plan one.toml --format slurm --out i"),
        ("j/snakemake/Snakefile", "plan one.toml --format snakemake --out j"),
        ("k/snakemake/plan.json", "plan one.toml --format snakemake --out k"),
    ] {
        put(name, "precious");
        let file = name.rsplit('/').next().expect("a name");
        fail(path, words, 2, &[file, "not what this command makes"]);
        assert_eq!(fs::read(path.join(name)).expect("there"), b"precious", "{name}");
        assert!(
            name.starts_with('b')
                || name == "c/data/r0/spins.h5"
                || !path.join(&name[..1]).join("data").exists()
        );
    }
    // The experiment of a user in the folder of the run stays as it was written, with its comments.
    put("mine/experiment.toml", &text);
    succeed(path, "run -q mine/experiment.toml --out mine");
    assert_eq!(fs::read_to_string(path.join("mine/experiment.toml")).expect("there"), text);
    // Once edited, it is nobody's but the user's.
    let edited = text.replace("steps = 8", "steps = 9");
    put("mine/experiment.toml", &edited);
    fail(path, "run -q one.toml --out mine", 2, &["experiment.toml", "not what this command makes"]);
    assert_eq!(fs::read_to_string(path.join("mine/experiment.toml")).expect("there"), edited);
    // Scripts that have been edited for a cluster are kept, others are written anew.
    for format in ["slurm", "snakemake"] {
        let plan = format!("plan one.toml --format {format} --out scripts");
        succeed(path, &plan);
        succeed(path, &format!("{plan} --bundle-minutes 1"));
    }
    let script = path.join("scripts/slurm/submit.sh");
    let text = fs::read_to_string(&script).expect("there").replace("set -euo", "module load x\nset -euo");
    fs::write(&script, &text).expect("writable");
    fail(path, "plan one.toml --format slurm --out scripts", 2, &["submit.sh", "was changed"]);
    assert_eq!(fs::read_to_string(&script).expect("there"), text);
}
