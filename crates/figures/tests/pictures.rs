//! Every figure of a made-up run is drawn, is valid SVG, holds its texts and is the same bytes each time.

#[expect(dead_code, reason = "single pictures are checked elsewhere")]
mod layout;
mod synthetic;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use datasets::Figures;
use figures::{Group, Run, Style};
use layout::check;

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

#[test]
fn texts_are_inside_and_apart() {
    check(&figures::numbers(small()).expect("a run"), &Style::ALL);
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
    check(&figures::numbers(&run).expect("a run"), &Style::ALL);
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
    check(&numbers, &Style::ALL);
    for id in ["F04", "F07", "F08", "F09", "F10", "F11", "F13", "F14"] {
        let missing = numbers.figures[id].numbers.text("missing").expect("a text");
        assert!(!missing.is_empty(), "{id} misses something");
    }
    run.replicas[0].machines.clear();
    let numbers = figures::numbers(&run).expect("a run");
    check(&numbers, &Style::ALL);
    assert!(figures::draw("F05", &numbers.figures["F05"]).expect("a card").contains("Missing in this run"));
    run.replicas.clear();
    assert_eq!(figures::numbers(&run), Err(figures::FigureError::NoReplica));
}

/// Whatever is missing, the rest is drawn: each kind of result is left out alone and together with each other kind,
/// in each style in turn.
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
        for (j, (_, other)) in kinds[..=i].iter().enumerate() {
            let mut run = small().clone();
            one(&mut run);
            other(&mut run);
            let numbers = figures::numbers(&run).expect("a run");
            check(&numbers, &[Style::ALL[(i + j) % 3]]);
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
    let png = plot::png(svg).expect("a picture");
    assert_eq!(png, plot::png(svg).expect("a picture"));
    // Width and height are at fixed places of a PNG file: twice those of the SVG.
    let size = |png: &[u8]| [16, 20].map(|at| u32::from_be_bytes([0, 1, 2, 3].map(|k| png[at + k])));
    let written =
        |name: &str| svg.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
    assert_eq!(
        size(&png).map(|n| Some((n / 2).to_string())),
        ["width", "height"].map(|n| written(n).map(str::to_owned))
    );
    for (style, wide) in [(Style::Column, 1300), (Style::Slides, 2560)] {
        let svg = figures::draw_in(style, "F02", &figures.figures["F02"]).expect("a picture");
        assert_eq!(svg, figures::draw_in(style, "F02", &figures.figures["F02"]).expect("a picture"));
        let [width, height] = size(&plot::png_in(style, &svg).expect("a picture"));
        assert_eq!(width, wide, "{style}");
        assert!(style != Style::Slides || height == 1440, "{height}");
        assert_eq!(style.to_string().parse(), Ok(style));
    }
    assert!(
        "poster".parse::<Style>().expect_err("no style").to_string().contains("page, column, and slides")
    );
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
    assert!(plot::png("<svg").is_err());
}

/// The values of all points of a name in a picture.
fn shown(svg: &str, name: &str) -> Vec<f64> {
    let parts = svg.split("data-name=\"").filter(|part| part.starts_with(&format!("{name}\"")));
    let lists = parts.filter_map(|part| part.split_once("data-points=\"")?.1.split_once('"'));
    let points = lists.flat_map(|(list, _)| list.split(';')).filter(|point| !point.is_empty());
    points.map(|point| point.split(' ').nth(3).and_then(|y| y.parse().ok()).expect("a value")).collect()
}

/// Replicas of two kinds have no mean that is like any of them: what locks in one and not in the other is shown for each.
#[test]
fn replicas_of_two_kinds_are_shown_each() {
    let mut run = small().clone();
    let values = [(0.98, 0.97, 0.5), (0.02, 0.06, 4.0)];
    for (replica, (overlap, invariant, largest)) in run.replicas.iter_mut().zip(values) {
        let of = |m: &&mut figures::Machine| m.group == Group::Main && m.training == "V" && m.hidden == 64;
        let machine = replica.machines.iter_mut().find(of).expect("the main machine");
        let weights = machine.weights.as_mut().expect("weights");
        weights.uniform_overlap[0] = overlap;
        weights.translation_invariant_fraction = Some(invariant);
        machine.rbm.history.get_mut("max_abs_weight").expect("a history").fill(largest);
    }
    let figures = figures::numbers(&run).expect("a run");
    let pictures = pictures(&figures);
    let overlaps = shown(&pictures["F10"], "type V");
    assert_eq!(overlaps.len(), 20, "ten modes of two replicas");
    assert_eq!((overlaps[0], overlaps[10]), (0.98, 0.02));
    let weights = shown(&pictures["F13"], "N_h = 64");
    assert!(weights.contains(&0.5) && weights.contains(&4.0) && !weights.contains(&2.25), "{weights:?}");
    let see = figures.figures["F13"].numbers.text("see").expect("a text");
    let machines = run.replicas.iter().flat_map(|r| &r.machines).filter(|m| m.group == Group::Main).count();
    assert!(
        see.contains("to 4.00") && see.contains(&format!("above 2 in 1 of {machines} machines")),
        "{see}"
    );
    assert!(pictures["F08"].contains("V: 0.97 and 0.06"));
}
