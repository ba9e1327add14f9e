//! The story that the page tells: its chapters and the order of the figures.

use datasets::Figures;

/// The figure of the first screen.
pub(super) const PICTURE: &str = "F16";

/// A chapter of the page.
#[derive(Debug)]
pub(super) struct Chapter<'a> {
    pub(super) anchor: &'static str,
    pub(super) heading: &'static str,
    pub(super) introduction: &'static str,
    /// The figures that the run has.
    pub(super) figures: Vec<&'a str>,
}

/// Anchor, heading, introduction and figures of each chapter.
const STORY: [(&str, &str, &str, &[&str]); 10] = [
    (
        "data",
        "Data",
        "Configurations of the Ising model, sampled by Monte Carlo and checked against exact results of the same lattice.",
        &["F01", "F02"],
    ),
    (
        "thermometer",
        "Thermometer",
        "A neural network reads the temperature of an ensemble of configurations; two further thermometers compare its mean \
         energy (T_{E}) and mean |m| (T_{m}) with the Ising model's.",
        &["F03"],
    ),
    (
        "training",
        "Training",
        "Restricted Boltzmann machines learn the configurations without being told their temperatures.",
        &["F13"],
    ),
    (
        "flow",
        "Flow",
        "Each step samples the hidden units from the visible ones and back: v → h → v. Along these steps the temperature \
         changes.",
        &["F17", "P01", "F05", "F04", "F07"],
    ),
    (
        "fixed-point",
        "Fixed point",
        "Where the flow ends, how that depends on the machine, and whether the ensemble there is critical.",
        &["F06", "F12"],
    ),
    ("weights", "Weights", "What the weight matrix W has learnt.", &["F08", "F09", "F10"]),
    (
        "renormalization",
        "Comparison with the renormalization group",
        "What one step of the machine and one block-spin step do to the temperature. The claims C2a to C2c compare the two.",
        &["F11"],
    ),
    (
        "controls",
        "Controls",
        "Machines that could not know T_{c}, and machines trained on other ranges of temperature.",
        &["F14"],
    ),
    (
        "questions",
        "Open questions",
        "Questions that the paper leaves open. The claims Q1 to Q9 and Q17 answer those that this run can \
         answer, each with the number that decides.",
        &["Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "Q9", "Q17", "F15"],
    ),
    (
        "why",
        "Why it flows where it flows",
        "Each step v → h → v replaces the mean spin m of a configuration by another one, m′, and the curve m → m′ follows from the weights alone, without a \
         random number (Q10, panel c, with the temperature that m stands for at its right). Where the curve is above the diagonal a step makes order, which is \
         cooling, where it is below it heats, and the flow comes to rest where the two meet. They meet within the range of the training temperatures, because a \
         training is at rest only when the temperatures that a step heats balance those that it cools (Q11, panel c). The state at rest is a magnetization with \
         spins that flip independently, so its energy is that of T_{c} at one value of m, which the lattice sets, while its own m is set by the training set and the \
         number of hidden units (Q11, panel a): nothing makes the two equal. The other figures ask which Hamiltonian the machine has instead (Q12), which property of its \
         weights all this hangs on (Q13), how it comes about (Q14), and whether a step keeps critical exponents (Q15) or acts on couplings as the \
         renormalization group does (Q16).",
        &["Q10", "Q11", "Q12", "Q13", "Q14", "Q15", "Q16"],
    ),
];

/// The introduction of the chapter with the figures of the open questions.
const QUESTIONS: &str =
    "What the paper leaves open, asked of the same machines: one figure and one sentence for each.";

/// Which of the shipped experiments is about a figure; those that are not named are in `paper`.
const EXPERIMENTS: [(&str, &str); 15] = [
    ("Q1", "map"),
    ("Q2", "fixed-point"),
    ("Q3", "fixed-point"),
    ("Q4", "likelihood"),
    ("Q5", "controls"),
    ("Q6", "copy-units"),
    ("Q7", "size"),
    ("Q8", "field"),
    ("Q9", "lattices"),
    ("Q12", "couplings"),
    ("Q13", "theory"),
    ("Q14", "theory"),
    ("Q15", "exponents"),
    ("Q16", "exponents"),
    ("Q17", "laboratory"),
];

/// The shipped experiment that has a figure.
pub(super) fn experiment_with(id: &str) -> &'static str {
    EXPERIMENTS.iter().find(|e| e.0 == id).map_or("paper", |e| e.1)
}

/// Whether a run has a figure.
pub(super) fn has(figures: &Figures, id: &str) -> bool {
    figures.figures.get(id).is_some_and(|figure| !figure.numbers.datasets.is_empty())
}

/// The chapters with the figures that the run has, and the figures that it does not have.
pub(super) fn chapters(figures: &Figures) -> (Vec<Chapter<'_>>, Vec<&str>) {
    let story = STORY
        .iter()
        .map(|&(anchor, heading, introduction, ids)| (anchor, heading, introduction, ids.to_vec()));
    let (mut chapters, mut absent) = (vec![], vec![]);
    for (anchor, heading, introduction, ids) in story.chain(further(figures)) {
        let (there, missing): (Vec<&str>, Vec<&str>) = ids.into_iter().partition(|id| has(figures, id));
        absent.extend(missing);
        if !there.is_empty() {
            chapters.push(Chapter { anchor, heading, introduction, figures: there });
        }
    }
    (chapters, absent)
}

/// The figures that the story does not name: the open questions, and others.
fn further(figures: &Figures) -> Vec<(&'static str, &'static str, &'static str, Vec<&str>)> {
    let told: Vec<&str> = STORY.iter().flat_map(|(.., ids)| ids.iter().copied()).chain([PICTURE]).collect();
    let (questions, others): (Vec<&str>, Vec<&str>) = figures
        .figures
        .keys()
        .map(String::as_str)
        .filter(|id| !told.contains(id))
        .partition(|id| id.starts_with('Q'));
    let mut chapters = vec![];
    if !others.is_empty() {
        chapters.push(("further", "Further figures", "", others));
    }
    if !questions.is_empty() {
        chapters.push(("questions", "The open questions", QUESTIONS, questions));
    }
    chapters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_experiment_of_a_question_is_shipped_and_about_it() {
        for (id, experiment) in EXPERIMENTS {
            let path = format!("{}/../../data/experiments/{experiment}.toml", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(&path).expect("a shipped experiment");
            let question = text.lines().find(|line| line.starts_with("description")).expect("a description");
            let questions = question.split_once("(question").expect("its question").1;
            assert!(questions.contains(&id[1..]), "{id}: {question}");
        }
    }

    #[test]
    fn the_reason_is_five_sentences_and_two_pictures() {
        let (_, _, why, figures) = STORY.iter().find(|chapter| chapter.0 == "why").expect("the chapter");
        assert_eq!(why.split(". ").count(), 5, "{why}");
        assert!(why.ends_with('.') && why.contains("(Q10, panel c") && why.contains("(Q11, panel a)"));
        assert_eq!(figures[..2], ["Q10", "Q11"], "its pictures come first");
        figures.iter().for_each(|id| assert!(why.contains(id), "{id} is not introduced"));
    }
}
