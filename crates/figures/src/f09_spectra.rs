//! F09: spectra of W·Wᵀ, and its leading eigenvectors as lattice images.

use datasets::lattice::Lattice;
use datasets::{Figure, Weights};
use ndarray::Array2;
use weight_analysis::{SMALLEST_FITTED, fit_spectrum};

use crate::colours::of_training;
use crate::error::FigureError;
use crate::f08_gram::{types, weights_of};
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::sites;
use crate::statistics::{Estimate, combine, combine_lists};
use crate::wording::{machine, written};
use plot::Style;
use plot::colour::{INK, Map};
use plot::panel::panel_title;
use plot::{Align, Axis, Canvas, Marker, Plot, Rect, Stroke};

/// Eigenvectors shown as lattice images.
const SHOWN: usize = 6;
/// R² of an exponential and of a power law.
fn qualities(eigenvalues: &[f64]) -> [f64; 2] {
    fit_spectrum(eigenvalues)
        .map_or([f64::NAN; 2], |fit| [fit.exponential.r_squared, fit.power_law.r_squared])
}

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("Spectra and leading eigenvectors of W·Wᵀ");
    let (mut said, mut straighter) = (Vec::new(), Vec::new());
    for training in types(run) {
        let weights = weights_of(run, &training);
        let Some(first) = weights.first() else {
            record.missing(format!("the weights of a machine of type {training}"));
            continue;
        };
        let sites = first.lattice.sites();
        let lists: Vec<Vec<Estimate>> =
            weights.iter().map(|w| w.eigenvalues.iter().map(|&v| Estimate::bare(v)).collect()).collect();
        let spectrum = combine_lists(&lists);
        let what = "eigenvalues of W·Wᵀ, descending, mean over replicas";
        record.estimates(&format!("{training}/eigenvalues"), &spectrum, "mode", "1", what);
        let shown = SHOWN.min(first.eigenvectors.ncols());
        let images = Array2::from_shape_fn((shown, sites), |(k, i)| first.eigenvectors[[i, k]]);
        let what = "leading eigenvectors of the first replica, one in each row";
        record.grid(&format!("{training}/eigenvectors"), &images, "leading_mode,site", "1", what);
        let over = |pick: &dyn Fn(&Weights) -> f64| {
            combine(&weights.iter().map(|w| Estimate::bare(pick(w))).collect::<Vec<_>>())
        };
        let shell = |w: &Weights| {
            // Shell 0 is the uniform vector; the first with waves is number 1.
            let modes = 1..5.min(w.shell_power.nrows());
            let index = w.shell.iter().position(|&s| s == 1);
            let count = modes.len() as f64;
            index.map_or(f64::NAN, |i| modes.map(|k| w.shell_power[[k, i]]).sum::<f64>() / count)
        };
        let gap = over(&|w| w.eigenvalues[0] / w.eigenvalues.get(1).copied().unwrap_or(f64::NAN));
        let [exponential, power_law] = [0, 1].map(|law| over(&|w| qualities(&w.eigenvalues)[law]));
        let advantage = over(&|w| qualities(&w.eigenvalues)[1] - qualities(&w.eigenvalues)[0]);
        let long_waves = over(&shell);
        for (name, value, what) in [
            ("leading_ratio", gap, "largest eigenvalue over the second"),
            ("exponential_r2", exponential, "R² of a straight line through ln λ_k against k"),
            ("power_law_r2", power_law, "R² of a straight line through ln λ_k against ln k"),
            ("power_law_advantage", advantage, "power_law_r2 minus exponential_r2"),
            ("first_shell_power", long_waves, "power of eigenvectors 2 to 5 in the first Fourier shell"),
        ] {
            record.estimates(&format!("{training}/{name}"), &[value], "all", "1", what);
        }
        record.count("size", first.lattice.sides()[0]);
        straighter.push(format!(
            "{training}: R² is {} for an exponential, {} for a power law",
            written(exponential),
            written(power_law)
        ));
        said.push(format!(
            "{training}: λ_{{1}}/λ_{{2}} = {}, first-shell power of eigenvectors 2–5 {}",
            written(gap),
            written(long_waves),
        ));
    }
    record.text("main_training", run.main_training());
    record.real("fit_floor", SMALLEST_FITTED);
    record.axes("number of the eigenvalue", "eigenvalue of W·Wᵀ");
    let settings = run.main_picture(run.main_training()).first().map(|m| machine(m)).unwrap_or_default();
    record.text("see", &format!("{}.", straighter.join("; ")));
    record.finish(&format!(
        "Eigenvalues of W·Wᵀ (the squared singular values of W) on a logarithmic axis against number (a; an exponential is \
         straight) and against the logarithm of the number (b; a power law is straight), and the six leading eigenvectors \
         of the first replica as lattice images (c; blue negative, brown positive, one scale in each row). Main settings: \
         {settings}. Dashed: the straight lines of the fits, which use eigenvalues above {SMALLEST_FITTED} λ_{{1}}. {}. A uniform image is the magnetization; the first Fourier shell holds the longest waves on the torus.",
        said.join(". "),
    ))
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let main = numbers.text("main_training");
    let types: Vec<&str> =
        [main, "H", "L"].into_iter().filter(|t| numbers.has(&format!("{t}/eigenvalues"))).collect();
    let size = numbers.count("size").unwrap_or(1);
    let lattice = numbers.lattice().or_else(|| Lattice::square(size).ok());
    // The images: their side, the gaps between them, and where the first one is.
    let (image, gap, left, top) =
        style.pick((104.0, 12.0, 46.0, 318.0), (45.0, 6.0, 30.0, 472.0), (62.0, 7.0, 378.0, 36.0));
    let height = top + types.len() as f64 * (image + 14.0) + 12.0;
    let mut canvas = Canvas::new(style, id, 760.0, style.pick(height, height, 444.0));
    let frames = style.pick(
        [Rect::new(66.0, 36.0, 280.0, 210.0), Rect::new(410.0, 36.0, 280.0, 210.0)],
        [Rect::new(66.0, 36.0, 250.0, 150.0), Rect::new(66.0, 250.0, 250.0, 150.0)],
        [Rect::new(66.0, 36.0, 236.0, 150.0), Rect::new(66.0, 250.0, 236.0, 150.0)],
    );
    let mut spectra = Vec::new();
    let (mut low, mut high, mut longest): (f64, f64, usize) = (f64::INFINITY, 0.0, 2);
    for training in &types {
        let spectrum = numbers.estimates(&format!("{training}/eigenvalues"))?;
        let first = spectrum.first().map_or(1.0, |e| e.value);
        // Below the floor of the fits only rounding is left.
        let kept: Vec<Estimate> =
            spectrum.into_iter().take_while(|e| e.value > 1e-4 * first && e.value > 0.0).collect();
        low = kept.iter().fold(low, |a, e| a.min(e.value));
        high = kept.iter().fold(high, |a, e| a.max(e.value));
        longest = longest.max(kept.len());
        spectra.push(kept);
    }
    for (i, frame) in frames.iter().enumerate() {
        let x = if i == 0 {
            Axis::linear("number k of the eigenvalue", 0.0, longest as f64 + 1.0)
        } else {
            Axis::log("number k of the eigenvalue", 0.85, longest as f64 * 1.15)
        };
        let y = Axis::log(
            if i == 0 || style != Style::Page { "eigenvalue λ_{k} of W·Wᵀ" } else { "" },
            low * 0.7,
            high * 1.6,
        );
        let mut plot = Plot::new(&mut canvas, *frame, x, y);
        let mut labels = Vec::new();
        for ((training, spectrum), marker) in
            types.iter().zip(&spectra).zip([Marker::Circle, Marker::Square, Marker::Diamond])
        {
            let colour = of_training(training);
            let points: Vec<(f64, f64, f64)> =
                spectrum.iter().enumerate().map(|(k, e)| ((k + 1) as f64, e.value, e.error)).collect();
            // The straight line whose R² is compared: ln λ against k, or against ln k.
            let scale = if i == 0 { |k: f64| k } else { f64::ln };
            let values: Vec<f64> = spectrum.iter().map(|e| e.value).collect();
            if let Some(fit) = fit_spectrum(&values) {
                let law = if i == 0 { fit.exponential } else { fit.power_law };
                let at = |k: usize| (k as f64, (law.intercept + law.slope * scale(k as f64)).exp());
                let line: Vec<(f64, f64)> = (1..=fit.count).map(at).collect();
                plot.line(&mut canvas, &line, &Stroke::new(colour, 1.0).dashed("4 3"));
            }
            plot.name = format!("type {training}");
            plot.points(&mut canvas, &points, marker, if i == 0 { 4.5 } else { 5.0 }, colour);
            labels.push((points.last().map_or(1.0, |p| p.1), (*training).to_owned(), colour.to_owned()));
        }
        plot.finish(&mut canvas);
        if i == 1 {
            plot.end_labels(&mut canvas, &labels);
        }
        let title = ["an exponential is straight", "a power law is straight"][i];
        plot.title(&mut canvas, ["a", "b"][i], title);
    }
    let first = Rect::new(left, top, image, image);
    panel_title(&mut canvas, first, "c", "Leading eigenvectors, first replica");
    for (row, training) in types.iter().enumerate() {
        let vectors = numbers.grid(&format!("{training}/eigenvectors"))?;
        let y = top + row as f64 * (image + 14.0);
        canvas.text(
            (left - style.pick(24.0, 20.0, 24.0), y + image / 2.0 + 4.0),
            Align::Left,
            13.0,
            of_training(training),
            training,
        );
        for (k, vector) in vectors.rows().into_iter().enumerate() {
            let frame = Rect::new(left + k as f64 * (image + gap), y, image, image);
            let most = vectors.iter().fold(0.0, |a: f64, v| a.max(v.abs())).max(1e-9);
            if let Some(lattice) = lattice {
                sites::image(&mut canvas, frame, lattice, &vector.to_vec(), Map::Diverging, (-most, most));
            }
            canvas.frame(frame, &Stroke::new(INK, 0.8));
        }
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}
