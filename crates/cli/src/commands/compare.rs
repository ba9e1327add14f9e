//! `compare`: several runs on one page.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use datasets::file;
use datasets::{Figures, Stored};
use figures::{Compared, compare as page, differing_settings};
use serde_json::json;

use super::partial::numbers_of;
use super::say;
use crate::arguments::Compare;
use crate::exit::{Problem, text_of};
use crate::experiment::Experiment;
use crate::output::COMPARISON;
use crate::stages::figures::experiment_of;
use crate::stages::report::missing_of;

/// A run to compare.
struct Run {
    path: PathBuf,
    experiment: Experiment,
    stored: Stored<Figures>,
}

/// Writes the page, or says the same in JSON.
pub(crate) fn compare(arguments: &Compare, quiet: bool) -> anyhow::Result<()> {
    let runs = arguments.runs.iter().map(|path| Run::read(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let names = names(&runs);
    let compared: Vec<Compared<'_>> =
        runs.iter().zip(names).map(|(run, name)| run.compared(name)).collect::<anyhow::Result<_>>()?;
    if arguments.json {
        arguments.runs.iter().try_for_each(|path| text_of(path).map(drop))?;
        return say(&format!("{}\n", serde_json::to_string_pretty(&as_json(&runs, &compared))?));
    }
    COMPARISON.write(&arguments.out, &COMPARISON.seal_with(&page(&compared), "<!-- ", " -->"))?;
    if quiet { Ok(()) } else { say(&format!("{}\n", arguments.out.display())) }
}

impl Run {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let numbers = if path.is_dir() { numbers_of(path)? } else { path.to_owned() };
        let stored = file::read::<Figures>(&numbers)?;
        figures::check(&stored.content)
            .map_err(|error| Problem::Input(format!("`{}`: {error}", numbers.display())))?;
        let experiment = experiment_of(&stored.provenance.config).ok_or_else(|| {
            Problem::Input(format!("`{}` does not say which experiment it is of", numbers.display()))
        })?;
        Ok(Self { path: path.to_owned(), experiment, stored })
    }

    fn compared(&self, name: String) -> anyhow::Result<Compared<'_>> {
        let mut settings = BTreeMap::new();
        let table: toml::Table = self.experiment.toml()?.parse()?;
        flatten("", &toml::Value::Table(table), &mut settings);
        settings.retain(|key, _| key != "name" && key != "description");
        let (missing, _) = missing_of(&self.experiment, &self.stored.provenance.inputs, &BTreeMap::new())?;
        Ok(Compared {
            name,
            description: self.experiment.description.clone(),
            settings,
            missing: missing.len(),
            figures: &self.stored.content,
            claims: figures::claims(&self.stored.content),
        })
    }
}

/// The names of the experiments, with the paths where names alone are the same.
fn names(runs: &[Run]) -> Vec<String> {
    let same = |name: &str| runs.iter().filter(|run| run.experiment.name == name).count() > 1;
    runs.iter()
        .map(|run| {
            let name = &run.experiment.name;
            if same(name) { format!("{} ({name})", run.path.display()) } else { name.clone() }
        })
        .collect()
}

/// Settings as `section.key`; trainings and other named tables are called by their names.
fn flatten(prefix: &str, value: &toml::Value, out: &mut BTreeMap<String, String>) {
    let below = |key: &str| if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
    match value {
        toml::Value::Table(table) => {
            table.iter().for_each(|(key, value)| flatten(&below(key), value, out));
        }
        toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
            for (index, item) in items.iter().enumerate() {
                let name = item.get("name").and_then(toml::Value::as_str);
                flatten(&below(name.unwrap_or(&index.to_string())), item, out);
            }
        }
        other => {
            out.insert(prefix.to_owned(), other.to_string());
        }
    }
}

fn as_json(runs: &[Run], compared: &[Compared<'_>]) -> serde_json::Value {
    let mut ids: Vec<&str> = vec![];
    for claim in compared.iter().flat_map(|run| &run.claims) {
        if !ids.contains(&claim.id.as_str()) {
            ids.push(&claim.id);
        }
    }
    let claims: Vec<_> = ids
        .iter()
        .map(|id| {
            let of: Vec<_> =
                compared.iter().map(|run| run.claims.iter().find(|claim| claim.id == *id)).collect();
            json!({ "id": id, "runs": of })
        })
        .collect();
    let settings: Vec<_> = differing_settings(compared)
        .into_iter()
        .map(|(key, values)| json!({ "setting": key, "runs": values }))
        .collect();
    let list: Vec<_> = runs
        .iter()
        .zip(compared)
        .map(|(run, compared)| {
            json!({
                "name": compared.name,
                "path": run.path,
                "figures": run.stored.content_hash,
                "missing": compared.missing,
            })
        })
        .collect();
    json!({ "runs": list, "settings": settings, "claims": claims })
}
