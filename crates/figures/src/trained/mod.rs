//! One page about machines of anybody's data: what can be said of them without temperatures, and what is left out.

mod pictures;

use std::fmt::Write as _;

use datasets::{Flow, LabelKind, Likelihood, Rbm, Value, Weights};

use crate::report::{plain_figure, shell};
use crate::statistics::Estimate;
use crate::wording::written;
use plot::text::escape;

/// A machine with what was made of it, each under the name of its file.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Trained {
    pub name: String,
    pub rbm: Rbm,
    pub weights: Option<Weights>,
    pub likelihoods: Vec<(String, Likelihood)>,
    pub flows: Vec<(String, Flow)>,
}

/// The page. Like the report of a run it is one file that loads nothing, but it judges no claims: those of the paper are
/// about temperatures of Ising models.
///
/// ```
/// let page = figures::machines(&[]);
/// assert!(page.contains("Left out") && page.contains("claims of the paper"));
/// ```
pub fn machines(machines: &[Trained]) -> String {
    let mut body = String::from(
        "<a class=\"skip\" href=\"#main\">Skip to the results</a>\n<header>\n<h1>Trained machines</h1>\n</header>\n\
         <nav aria-label=\"Contents\"><a href=\"#machines\">Machines</a> <a href=\"#likelihood\">Likelihood</a> \
         <a href=\"#curves\">Curves</a> <a href=\"#absent\">Left out</a></nav>\n<main id=\"main\">\n",
    );
    table(&mut body, ("machines", "Machines"), &MACHINE, &machines.iter().map(machine).collect::<Vec<_>>());
    let of_all =
        machines.iter().flat_map(|m| m.likelihoods.iter().map(|(file, found)| likelihood(m, file, found)));
    table(&mut body, ("likelihood", "Likelihood"), &LIKELIHOOD, &of_all.collect::<Vec<_>>());
    body.push_str("<section id=\"curves\">\n<h2>Curves</h2>\n");
    for (id, title, caption, svg) in pictures::pictures(machines) {
        plain_figure(&mut body, &id, &title, &caption, &svg);
    }
    body.push_str("</section>\n<section class=\"warnings\" id=\"absent\">\n<h2>Left out</h2>\n<ul>\n");
    for (what, why) in left_out(machines) {
        let _ = writeln!(body, "<li>{}: {}.</li>", escape(&what), with_code(&why));
    }
    body.push_str("</ul>\n</section>\n</main>\n");
    shell("Trained machines", &body, "")
}

const MACHINE: [&str; 7] = [
    "Machine",
    "Visible units",
    "Hidden units",
    "Values",
    "Updates",
    "Pseudo-log-likelihood per unit (nats)",
    "Largest |W|",
];

fn machine(of: &Trained) -> Vec<String> {
    let Rbm { units, updates, history, .. } = &of.rbm;
    let last = history.get("pseudo_log_likelihood_per_spin").and_then(|series| series.last());
    vec![
        of.name.clone(),
        of.rbm.visible().to_string(),
        of.rbm.hidden().to_string(),
        units.name().to_owned(),
        updates.to_string(),
        last.map_or("not recorded".to_owned(), |&value| written(Estimate::bare(value))),
        format!("{:.2}", of.rbm.max_abs_weight()),
    ]
}

const LIKELIHOOD: [&str; 6] = [
    "Machine",
    "File",
    "Configurations",
    "Seen in training",
    "ln Z (nats)",
    "Log-likelihood of a configuration (nats)",
];

fn likelihood(of: &Trained, file: &str, found: &Likelihood) -> Vec<String> {
    let value = |number: Option<Value>| {
        number.map_or("not converged".to_owned(), |v| written(Estimate::new(v.value, v.error)))
    };
    let seen = match found.on_training_data {
        Some(true) => "yes: no test",
        Some(false) => "no",
        None => "unknown",
    };
    let configurations = found.configurations.to_string();
    let (partition, likelihood) = (value(found.log_partition), value(found.log_likelihood));
    vec![of.name.clone(), file.to_owned(), configurations, seen.to_owned(), partition, likelihood]
}

/// A section with a table; nothing without rows.
fn table(body: &mut String, (id, heading): (&str, &str), head: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let cell = |(column, text): (usize, &String)| {
        let text = escape(text);
        if column == 0 { format!("<th scope=\"row\">{text}</th>") } else { format!("<td>{text}</td>") }
    };
    let head: String = head.iter().map(|name| format!("<th scope=\"col\">{}</th>", escape(name))).collect();
    let _ = writeln!(
        body,
        "<section id=\"{id}\">\n<h2>{heading}</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{heading}\">\
         <table>\n<thead><tr>{head}</tr></thead>\n<tbody>"
    );
    for row in rows {
        let _ = writeln!(body, "<tr>{}</tr>", row.iter().enumerate().map(cell).collect::<String>());
    }
    body.push_str("</tbody></table></div>\n</section>\n");
}

/// HTML of a text whose code is between backquotes.
fn with_code(text: &str) -> String {
    let part = |(index, part): (usize, &str)| {
        let part = escape(part);
        if index % 2 == 1 { format!("<code>{part}</code>") } else { part }
    };
    text.split('`').enumerate().map(part).collect()
}

/// What the report of a run has and this page has not, each with the reason.
fn left_out(machines: &[Trained]) -> Vec<(String, String)> {
    let mut all = vec![(
        "The claims of the paper".to_owned(),
        "they are about temperatures of Ising models; `rbmflow run` judges them".to_owned(),
    )];
    let mut leave = |what: String, why: String| all.push((what, why));
    for Trained { name, weights, likelihoods, flows, .. } in machines {
        match weights {
            None => leave(format!("The spectrum of {name}"), "`rbmflow weights` makes it".to_owned()),
            Some(weights) if !weights.lattice.has_geometry() => leave(
                format!("W·Wᵀ by distance and the Fourier shells of {name}"),
                "its visible units stand on no lattice".to_owned(),
            ),
            Some(_) => {}
        }
        if likelihoods.is_empty() {
            leave(format!("The likelihood of {name}"), "`rbmflow likelihood` makes it".to_owned());
        }
        if flows.is_empty() {
            leave(format!("The flow of {name}"), "`rbmflow flow rbm` makes it".to_owned());
        }
        for (file, flow) in flows {
            if !flow.lattice.has_geometry() {
                leave(
                    format!("Energies and correlations along {file}"),
                    "its configurations are on no lattice".to_owned(),
                );
            }
            if flow.energy_temperature.is_none() {
                let why = match flow.label_kind {
                    LabelKind::Temperature => "it was made without a table, `--equation-of-state`",
                    LabelKind::Class | LabelKind::None => "its configurations have no temperatures",
                };
                leave(format!("T_E and T_m along {file}"), why.to_owned());
            }
        }
    }
    all
}
