//! Every figure of a made-up run is drawn, is valid SVG, holds its texts and is the same bytes each time.

mod synthetic;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use datasets::Figures;
use figures::{Group, Run};
use resvg::usvg;

const FONT: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");

fn small() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| synthetic::run(2, &[16, 64, 400]))
}

fn pictures(figures: &Figures) -> BTreeMap<String, String> {
    figures
        .figures
        .iter()
        .map(|(id, figure)| (id.clone(), figures::draw(id, figure).unwrap_or_else(|e| panic!("{id}: {e}"))))
        .collect()
}

fn parse(svg: &str) -> usvg::Tree {
    let mut options = usvg::Options::default();
    options.fontdb_mut().load_font_data(FONT.to_vec());
    usvg::Tree::from_str(svg, &options).expect("valid SVG")
}

fn texts(group: &usvg::Group, found: &mut Vec<(String, usvg::tiny_skia_path::Rect)>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(inner) => texts(inner, found),
            usvg::Node::Text(text) => {
                let words: String = text.chunks().iter().map(|c| c.text().to_owned()).collect();
                found.push((words, text.abs_bounding_box()));
            }
            _ => {}
        }
    }
}

#[track_caller]
fn check(figures: &Figures) {
    for (id, svg) in pictures(figures) {
        let tree = parse(&svg);
        let size = tree.size();
        let mut found = Vec::new();
        texts(tree.root(), &mut found);
        assert!(!found.is_empty(), "{id} has no text");
        for (words, rect) in &found {
            let inside = rect.left() >= 0.0
                && rect.top() >= 0.0
                && rect.right() <= size.width()
                && rect.bottom() <= size.height();
            assert!(inside, "{id}: `{words}` at {rect:?} is outside of {size:?}");
        }
        for (i, (one, a)) in found.iter().enumerate() {
            for (other, b) in &found[..i] {
                let across = a.right().min(b.right()) - a.left().max(b.left());
                let down = a.bottom().min(b.bottom()) - a.top().max(b.top());
                // The boxes are whole lines with the font's ascent and descent: 3 pixels of them are empty.
                assert!(across <= 1.0 || down <= 3.0, "{id}: `{one}` {a:?} covers `{other}` {b:?}");
            }
        }
        let (_, body) = svg.split_once("</desc>").expect("a description");
        assert!(!body.contains("NaN") && !body.contains("inf"), "{id} holds a number that is none");
    }
}

#[test]
fn texts_are_inside_and_apart() {
    check(&figures::numbers(small()).expect("a run"));
}

#[test]
fn many_machines_fit() {
    let mut run = small().clone();
    // The paper's eight N_h, from the machines that exist.
    for replica in &mut run.replicas {
        let model = replica.machines[0].clone();
        for hidden in [25, 36, 81, 100, 225] {
            replica.machines.push(figures::Machine { hidden, ..model.clone() });
        }
    }
    check(&figures::numbers(&run).expect("a run"));
}

#[test]
fn partial_runs_say_what_is_missing() {
    let mut run = small().clone();
    run.replicas.truncate(1);
    run.replicas[0].block_spin = None;
    run.replicas[0].machines.retain(|m| m.group == Group::Main && m.training == "V");
    for machine in &mut run.replicas[0].machines {
        machine.weights = None;
        machine.map = None;
        machine.rbm.history_epoch.clear();
        machine.rbm.history.clear();
        let flow = machine.flow.as_mut().expect("a flow");
        flow.nn_posterior = None;
        flow.nn_peak = None;
    }
    let numbers = figures::numbers(&run).expect("a run");
    check(&numbers);
    for id in ["F04", "F07", "F08", "F09", "F10", "F11", "F13", "F14"] {
        let missing = numbers.figures[id].numbers.text("missing").expect("a text");
        assert!(!missing.is_empty(), "{id} misses something");
    }
    run.replicas[0].machines.clear();
    let numbers = figures::numbers(&run).expect("a run");
    check(&numbers);
    assert!(figures::draw("F05", &numbers.figures["F05"]).expect("a card").contains("Missing in this run"));
    run.replicas.clear();
    assert_eq!(figures::numbers(&run), Err(figures::FigureError::NoReplica));
}

/// Whatever is missing, the rest is drawn: each kind of result is left out alone and together with each other kind.
#[test]
fn any_results_may_be_missing() {
    type Leave = fn(&mut Run);
    let kinds: [(&str, Leave); 8] = [
        ("table", |run| run.equation_of_state = None),
        ("data", |run| run.replicas.iter_mut().for_each(|r| r.spins = None)),
        ("data of one replica", |run| run.replicas[0].spins = None),
        ("networks", |run| run.replicas.iter_mut().for_each(|r| r.thermometer = None)),
        ("flows", |run| run.replicas.iter_mut().flat_map(|r| &mut r.machines).for_each(|m| m.flow = None)),
        ("flows of one replica", |run| run.replicas[1].machines.iter_mut().for_each(|m| m.flow = None)),
        ("weights", |run| {
            run.replicas.iter_mut().flat_map(|r| &mut r.machines).for_each(|m| m.weights = None)
        }),
        ("machines of one replica", |run| run.replicas[0].machines.clear()),
    ];
    for (i, (_, one)) in kinds.iter().enumerate() {
        for (_, other) in &kinds[..=i] {
            let mut run = small().clone();
            one(&mut run);
            other(&mut run);
            let numbers = figures::numbers(&run).expect("a run");
            check(&numbers);
            for (id, figure) in &numbers.figures {
                let missing = figure.numbers.text("missing").expect("a text");
                assert!(
                    !figure.numbers.datasets.is_empty() || !missing.is_empty(),
                    "{id} is empty without a word"
                );
            }
            assert_eq!(figures::claims(&numbers).len(), figures::claims(&Figures::default()).len());
        }
    }
}

#[test]
fn equal_numbers_give_equal_bytes() {
    let figures = figures::numbers(small()).expect("a run");
    assert_eq!(pictures(&figures), pictures(&figures.clone()));
    let svg = &pictures(&figures)["F02"];
    let png = figures::png(svg).expect("a picture");
    assert_eq!(png, figures::png(svg).expect("a picture"));
    // Width and height are at fixed places of a PNG file: twice those of the SVG, 720 x 560.
    assert_eq!(png[16..24], [0, 0, 5, 160, 0, 0, 4, 96]);
}

#[test]
fn numbers_survive_the_file_format() {
    use datasets::Artifact as _;
    let figures = figures::numbers(small()).expect("a run");
    let back = Figures::from_tree(&figures.to_tree()).expect("a tree of figures");
    assert_eq!(pictures(&back), pictures(&figures));
    assert_eq!(figures::claims(&back), figures::claims(&figures));
    for (path, dataset) in &figures.to_tree().datasets {
        assert!(!dataset.description.is_empty() && !dataset.units.is_empty(), "{path}");
    }
}

#[test]
fn unknown_figures_and_bad_pictures_are_refused() {
    let figure = datasets::Figure::default();
    assert!(figures::draw("F99", &figure).is_err());
    assert!(figures::png("<svg").is_err());
}
