//! `report`: pictures, claims and the report, all from the numbers of the figures.
//!
//! `claims.json` is written last and lists all other files with their hashes: it stands for them. The pictures of each
//! style that has a folder are drawn, so that a style that was once asked for stays with the report.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use datasets::file::{self, ReadError, replace};
use datasets::{Figures, Input, Provenance, Stored};
use figures::{Claim, File, Missing, RunInfo, Style};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde::{Deserialize, Serialize};

use super::figures::{command, experiment_of, folder};
use crate::exit::Problem;
use crate::experiment::Experiment;
use crate::job::Job;
use crate::output::{self, CLAIMS, Mark, PICTURE, REPORT};
use crate::results::results;
use crate::stage::{Cost, Headers, InputSizes, Source, Stage, Work};

/// The most bytes that a file of a report has.
const LONGEST: u64 = 1 << 30;

/// `claims.json`
#[derive(Serialize, Deserialize)]
struct Claims<C> {
    /// The hash of this file.
    mark: String,
    /// The program and its version.
    producer: String,
    /// The settings of the report as TOML.
    config: String,
    /// The inputs.
    inputs: Vec<Input>,
    /// The claims of the paper.
    claims: C,
    /// The BLAKE3 hash of every other file of the report, by its path.
    files: BTreeMap<String, String>,
}

/// The name of the stage.
pub(crate) const NAME: &str = "report";

/// The settings of the report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReportConfig {
    /// Results that are missing, by the name of their job, and why; empty of a complete run.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) missing: BTreeMap<String, String>,
}

impl Stage for ReportConfig {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check(&self, _: &InputSizes) -> Result<(), Problem> {
        Ok(())
    }

    fn cost(&self, _: &InputSizes) -> Cost {
        Cost::new(1.0, 2e8)
    }

    fn run(&self, work: &Work) -> anyhow::Result<()> {
        let none = || Problem::Failed("there are no figures to report".to_owned());
        let stored = work.read_stored::<Figures>("figures").next().ok_or_else(none)??;
        figures::check(&stored.content).map_err(|error| Problem::Input(error.to_string()))?;
        let folder = work.output.parent().unwrap_or(Path::new(""));
        let claims = figures::claims(&stored.content);
        make_folders(folder, &[Style::Page])?;
        CLAIMS.require(work.output)?;
        let listed = listed(work.output);
        REPORT.require(&folder.join("report.html"))?;
        for style in styles_in(folder) {
            for id in stored.content.figures.keys() {
                let svg = folder.join(pictures(style)).join(format!("{id}.svg"));
                PICTURE.require(&svg)?;
                let png = format!("{}/{id}.png", pictures(style));
                output::require_pixels(&folder.join(&png), listed.get(&png).map(String::as_str))?;
            }
        }
        let mut files = BTreeMap::new();
        let mut put = |name: String, bytes: &[u8]| {
            replace(&folder.join(&name), bytes)?;
            files.insert(name, blake3::hash(bytes).to_hex().to_string());
            anyhow::Ok(())
        };
        let list: Vec<_> = styles_in(folder)
            .flat_map(|style| stored.content.figures.iter().map(move |each| (style, each)))
            .collect();
        let drawn: Vec<(Style, &String, String, Vec<u8>)> = list
            .par_iter()
            .map(|&(style, (id, figure))| {
                let svg = figures::draw_in(style, id, figure).map_err(|error| failed(id, &error))?;
                let png = plot::png_in(style, &svg).map_err(|error| failed(id, &error))?;
                Ok((style, id, svg, png))
            })
            .collect::<Result<_, Problem>>()?;
        let mut svgs = BTreeMap::new();
        for (style, id, svg, png) in drawn {
            let place = pictures(style);
            put(format!("{place}/{id}.svg"), PICTURE.seal_with(&svg, "<!-- ", " -->").as_bytes())?;
            put(format!("{place}/{id}.png"), &png)?;
            if style == Style::Page {
                svgs.insert(id.clone(), svg);
            }
        }
        let page = figures::report(&info(&stored, self)?, &stored.content, &claims, &svgs);
        put("report.html".to_owned(), REPORT.seal_with(&page, "<!-- ", " -->").as_bytes())?;
        let Provenance { producer, config, inputs, .. } = work.provenance.clone();
        let claims = Claims { mark: CLAIMS.open(), producer, config, inputs, claims, files };
        let json = CLAIMS.seal(&(serde_json::to_string_pretty(&claims)? + "\n"));
        Ok(replace(work.output, json.as_bytes())?)
    }

    fn provenance_of(&self, output: &Path, _: &Headers) -> Result<Provenance, ReadError> {
        provenance_of(output)
    }

    fn require_replaceable(&self, output: &Path) -> anyhow::Result<()> {
        CLAIMS.require(output)
    }

    fn depends_on_version(&self) -> bool {
        true
    }

    /// The figures, and the folder of the report.
    fn arguments(&self, inputs: &[Source], output: &Path) -> Option<Vec<String>> {
        let figures = inputs.iter().map(|input| input.path.display().to_string());
        Some(figures.chain(["--out".to_owned(), folder(output.parent())]).collect())
    }
}

/// The report of a file of numbers in a folder, which must be given.
pub(crate) fn job(figures: PathBuf, out: Option<PathBuf>) -> Result<Job, Problem> {
    let none = || Problem::usage("say where the report is to be written with --out");
    let output = out.ok_or_else(none)?.join("claims.json");
    Ok(Job::new(NAME, ReportConfig::default(), output).with("figures", figures))
}

/// The folder of the pictures of a style, below that of the report.
fn pictures(style: Style) -> String {
    match style {
        Style::Page => "figures".to_owned(),
        _ => format!("figures/{style}"),
    }
}

/// Makes the folders of some styles, so that reports in this folder come with pictures in them.
pub(crate) fn make_folders(folder: &Path, styles: &[Style]) -> anyhow::Result<()> {
    for style in styles {
        let folder = folder.join(pictures(*style));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    }
    Ok(())
}

/// The styles that have a folder.
fn styles_in(folder: &Path) -> impl Iterator<Item = Style> {
    Style::ALL.into_iter().filter(|style| folder.join(pictures(*style)).is_dir())
}

/// The run that a file of figures is of.
fn info(stored: &Stored<Figures>, config: &ReportConfig) -> anyhow::Result<RunInfo> {
    let experiment = experiment_of(&stored.provenance.config)
        .ok_or_else(|| Problem::Input("the figures do not say which experiment they are of".to_owned()))?;
    let file = |input: &Input| File {
        path: format!("data/{}.h5", input.role),
        schema: input.schema.clone(),
        content_hash: input.content_hash.clone(),
    };
    let (missing, results) = missing_of(&experiment, &stored.provenance.inputs, &config.missing)?;
    Ok(RunInfo {
        missing,
        results,
        config: experiment.toml()?,
        command: command(&experiment.name),
        seed: experiment.seed,
        replicas: experiment.replicas as usize,
        producer: stored.provenance.producer.clone(),
        files: stored.provenance.inputs.iter().map(file).collect(),
        warnings: figures::warnings(&stored.content),
        name: experiment.name,
        description: experiment.description,
    })
}

/// The results that figures were made without, with the reasons that are known, and the number of results of the complete
/// run.
pub(crate) fn missing_of(
    experiment: &Experiment,
    inputs: &[Input],
    reasons: &BTreeMap<String, String>,
) -> anyhow::Result<(Vec<Missing>, usize)> {
    let (jobs, _) = results(experiment)?;
    let results: Vec<&str> = jobs.planned.iter().map(|planned| planned.job.id.as_str()).collect();
    let lacking = results.iter().filter(|id| !inputs.iter().any(|input| input.role == **id));
    let missing = lacking
        .map(|id| Missing { name: (*id).to_owned(), reason: reasons.get(*id).cloned().unwrap_or_default() });
    Ok((missing.collect(), results.len()))
}

fn failed(id: &str, error: &dyn std::fmt::Display) -> Problem {
    Problem::Failed(format!("figure {id} cannot be drawn: {error}"))
}

/// The provenance of a `claims.json`, if the files that it lists are all there and unchanged.
fn provenance_of(path: &Path) -> Result<Provenance, ReadError> {
    let damaged = |what: String| ReadError::Damaged { path: path.to_owned(), what };
    let claims: Claims<serde_json::Value> =
        serde_json::from_slice(&load_claims(path)?).map_err(|error| damaged(error.to_string()))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for (name, hash) in &claims.files {
        let listed = folder.join(name);
        let bytes = match load(&listed) {
            // Not the list itself is missing, but what it lists.
            Err(ReadError::Missing { path }) => {
                return Err(damaged(format!("`{}` is missing", path.display())));
            }
            other => other?,
        };
        if blake3::hash(&bytes).to_hex().as_str() != hash {
            return Err(damaged(format!("`{}` is not the file that belongs to it", listed.display())));
        }
    }
    for place in styles_in(folder).map(pictures) {
        if !claims.files.keys().any(|name| Path::new(name).parent() == Some(Path::new(&place))) {
            return Err(damaged(format!("it lists no pictures in `{place}`")));
        }
    }
    let Claims { producer, config, inputs, .. } = claims;
    Ok(Provenance { producer, config, seed: 0, inputs })
}

/// The files that belong to a `claims.json`, by their paths in its folder.
pub(crate) fn files_in(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let claims: Claims<serde_json::Value> = serde_json::from_slice(&load(path)?)
        .map_err(|error| Problem::Input(format!("`{}` lists no files: {error}", path.display())))?;
    Ok(claims.files.into_keys().map(PathBuf::from).collect())
}

/// The hashes of the files that belong to a `claims.json`; none if that is not there or not as it was made.
fn listed(path: &Path) -> BTreeMap<String, String> {
    let claims = load_claims(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    claims.map(|claims: Claims<serde_json::Value>| claims.files).unwrap_or_default()
}

/// The claims in a `claims.json`.
pub(crate) fn claims_in(path: &Path) -> anyhow::Result<Vec<Claim>> {
    let claims: Claims<Vec<Claim>> = serde_json::from_slice(&load_claims(path)?)
        .map_err(|error| Problem::Input(format!("`{}` holds no claims: {error}", path.display())))?;
    Ok(claims.claims)
}

/// The bytes of a `claims.json`, of which none has changed.
fn load_claims(path: &Path) -> Result<Vec<u8>, ReadError> {
    let bytes = load(path)?;
    match CLAIMS.mark(&bytes) {
        Mark::Right => Ok(bytes),
        Mark::Changed | Mark::Absent => {
            let what = "it was changed after it was made, or is no list of claims".to_owned();
            Err(ReadError::Damaged { path: path.to_owned(), what })
        }
    }
}

fn load(path: &Path) -> Result<Vec<u8>, ReadError> {
    file::load(path, |_, length| {
        if length <= LONGEST {
            Ok(())
        } else {
            Err(ReadError::TooLong { path: path.to_owned(), length, most: LONGEST })
        }
    })
}
