//! P01: single configurations along the flows of the machines and of the block spins, for pages to play and as a still
//! picture.

use datasets::lattice::Lattice;
use datasets::{Figure, Flow, Measured};
use ndarray::{Array2, Array3, Array4, s};

use crate::error::FigureError;
use crate::machine::{Group, Machine};
use crate::record::{Numbers, Record};
use crate::run::Run;
use crate::sites;
use crate::wording::{machine, temperature};
use plot::Style;
use plot::colour::{INK, MUTED};
use plot::panel::{LABEL, TICK, panel_title};
use plot::{Align, Canvas, Rect, Stroke};

/// The group of the block-spin flow.
pub(crate) const BLOCK_SPIN: &str = "block_spin";
/// At most so many chains of each start.
const CHAINS: usize = 4;
/// At most so many sites of each start at each step; larger lattices are shown with fewer chains.
const SITES: usize = 6400;
/// At most so many spins in all groups together, so that pages stay small; further groups are left out.
const SPINS: usize = 8_000_000;
/// Starts of the block-spin flow that are shown.
const BLOCK_STARTS: usize = 4;

pub(crate) fn numbers(run: &Run) -> Figure {
    let mut record = Record::new("The flow, step by step");
    let mut budget = SPINS;
    let main = run.main_training();
    let blocks = run.replicas.iter().find_map(|r| r.block_spin.as_ref());
    let sizes = match blocks {
        Some(flow)
            if record_snapshots(
                &mut record,
                BLOCK_SPIN,
                flow,
                &chosen(flow, run.critical_temperature()),
                &mut budget,
            ) =>
        {
            let sizes: Vec<u64> = flow
                .snapshot_at
                .iter()
                .map(|&s| flow.lattice_at_step[s as usize].sides()[0] as u64)
                .collect();
            record.text(&format!("{BLOCK_SPIN}_lattice"), &flow.lattice.to_string());
            let what = "L at each step";
            record.counts(&format!("{BLOCK_SPIN}/size_at_step"), &sizes, "step", "1", what);
            sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ")
        }
        _ => {
            record.missing("snapshots of the block-spin flow");
            "not run".to_owned()
        }
    };
    let mut shown = 0;
    for (first, flow) in machines(run) {
        let group = format!("{}-{}", first.training, first.hidden);
        let all: Vec<usize> = (0..flow.start_temperature.len()).collect();
        if record_snapshots(&mut record, &group, flow, &all, &mut budget) {
            shown += 1;
            record.text(&format!("{group}_training"), &first.training);
            record.count(&format!("{group}_hidden"), first.hidden);
            record.text(&format!("{group}_settings"), &machine(first));
        } else {
            record.missing(format!("snapshots of type {}, N_h = {}", first.training, first.hidden));
        }
    }
    if shown == 0 {
        record.missing("snapshots of every machine");
    }
    let main_group = run.main_hidden(main).map(|h| format!("{main}-{h}")).unwrap_or_default();
    record.text("main", &main_group);
    record.text("errors", "standard error over the chains of one replica");
    record.axes("step", "start");
    let settings = run.main_picture(main).first().map(|m| machine(m)).unwrap_or_default();
    record.finish(&format!(
        "Single configurations under repeated steps v → h → v of a machine ({settings}; first replica) from each start, and \
         under majority block spins of two sites along each axis (L = {sizes}), at the recorded steps. Dark sites are +1, light sites −1. Below each column the \
         number of its step, at the left T of the start, at the right T_{{E}} of the whole ensemble at the last step. T_{{c}} = {:.3}. All readings are of this replica; errors: \
         standard error over its chains.",
        run.critical_temperature(),
    ))
}

/// The machines whose flow is shown: those of the main part and the controls, each from the first replica that has its
/// flow.
fn machines(run: &Run) -> Vec<(&Machine, &Flow)> {
    let mut found: Vec<(&Machine, &Flow)> = Vec::new();
    for machine in run.machines().filter(|m| matches!(m.group, Group::Main | Group::Control)) {
        let Some(flow) = &machine.flow else { continue };
        if !found.iter().any(|(m, _)| m.training == machine.training && m.hidden == machine.hidden) {
            found.push((machine, flow));
        }
    }
    found
}

/// The starts of the block-spin flow to show: the coldest, the one at T_c, one above it, the hottest.
fn chosen(flow: &Flow, critical: f64) -> Vec<usize> {
    let t = &flow.start_temperature;
    let mut order: Vec<usize> = (0..t.len()).collect();
    order.sort_by(|&a, &b| t[a].total_cmp(&t[b]));
    if order.len() <= BLOCK_STARTS {
        return order;
    }
    let distance = |i: usize| (t[i] - critical).abs();
    let at = (0..order.len()).min_by(|&a, &b| distance(order[a]).total_cmp(&distance(order[b]))).unwrap_or(0);
    let last = order.len() - 1;
    let mut places = vec![0, at, (at + last).div_ceil(2), last];
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|place| order[place]).collect()
}

/// Writes the snapshots of some starts and what the thermometers read there; false if there are none or no room is left.
fn record_snapshots(
    record: &mut Record,
    group: &str,
    flow: &Flow,
    starts: &[usize],
    budget: &mut usize,
) -> bool {
    let (_, records, chains, sites) = flow.snapshots.dim();
    let chains = chains.min(CHAINS).min((SITES / sites.max(1)).max(1));
    let spins = starts.len() * records * chains * sites;
    if spins == 0 || spins > *budget {
        return false;
    }
    *budget -= spins;
    let at: Vec<usize> = flow.snapshot_at.iter().map(|&s| s as usize).collect();
    let steps: Vec<u64> = at.iter().map(|&s| u64::from(flow.step[s])).collect();
    record.counts(&format!("{group}/step"), &steps, "step", "1", "number of steps of each snapshot");
    let temperatures: Vec<f64> = starts.iter().map(|&f| flow.start_temperature[f]).collect();
    let what = "temperature of the start";
    record.list(&format!("{group}/start_temperature"), &temperatures, "start", "J/k_B", what);
    let configurations = Array4::from_shape_fn((starts.len(), records, chains, sites), |(f, k, c, i)| {
        flow.snapshots[[starts[f], k, c, i]]
    });
    let what = "configurations of the first chains of one replica, +1 or -1";
    record.configurations(&format!("{group}/configurations"), &configurations, "start,step,chain,site", what);
    let mut put = |name: &str, units: &str, what: &str, measured: Option<&Measured>| {
        let Some(measured) = measured else { return };
        let pick = |array: &Array2<f64>| {
            Array2::from_shape_fn((starts.len(), records), |(f, k)| array[[starts[f], at[k]]])
        };
        let (value, error) = (pick(&measured.value), pick(&measured.error));
        record.grid_with_error(&format!("{group}/{name}"), (&value, &error), "start,step", units, what);
    };
    put("energy_temperature", "J/k_B", "T_E of all chains", flow.energy_temperature.as_ref());
    put("abs_magnetization", "1", "mean |m| of all chains", Some(&flow.abs_magnetization));
    if let Some(posterior) = &flow.nn_posterior {
        let classes = posterior.dim().2;
        let mean = Array3::from_shape_fn((starts.len(), records, classes), |(f, k, c)| {
            posterior[[starts[f], at[k], c]]
        });
        let what = "temperature of each class";
        record.list(&format!("{group}/class_temperature"), &flow.class_temperature, "class", "J/k_B", what);
        let what = "the network's mean probability of each class over all chains";
        record.cube(&format!("{group}/nn_posterior"), &mean, "start,step,class", "1", what);
    }
    true
}

/// The lattice of the configurations of a group: its own, or that of the experiment.
pub(crate) fn lattice_of(numbers: Numbers<'_>, group: &str, sites: usize) -> Option<Lattice> {
    let own = numbers.text(&format!("{group}_lattice")).parse().ok();
    let known = own.or_else(|| numbers.lattice()).filter(|lattice: &Lattice| lattice.sites() == sites);
    known.or_else(|| Lattice::square(sites.isqrt()).ok().filter(|square| square.sites() == sites))
}

/// The first chain of each start at some of the steps; at most `most` columns.
fn strip(
    canvas: &mut Canvas,
    numbers: Numbers<'_>,
    group: &str,
    (left, top): (f64, f64),
    (cell, most): (f64, usize),
    letter_and_title: (&str, &str),
) -> Result<(), FigureError> {
    let steps = numbers.counts(&format!("{group}/step"))?;
    let starts = numbers.list(&format!("{group}/start_temperature"))?;
    let configurations = numbers.configurations(&format!("{group}/configurations"))?;
    let shown = spread(steps.len(), most);
    let gap = 7.0;
    let frame = Rect::new(left, top, cell, cell);
    panel_title(canvas, frame, letter_and_title.0, letter_and_title.1);
    let energy = numbers.grid_with_error(&format!("{group}/energy_temperature")).ok();
    for (f, &start) in starts.iter().enumerate() {
        let y = top + f as f64 * (cell + gap);
        let name = format!("T = {}", temperature(start, numbers.critical_temperature()));
        canvas.text((left - 8.0, y + cell / 2.0 + 4.0), Align::Right, LABEL - 0.5, INK, &name);
        for (column, &k) in shown.iter().enumerate() {
            let frame = Rect::new(left + column as f64 * (cell + gap), y, cell, cell);
            let flat = configurations.slice(s![f, k, 0, ..]);
            if let Some(lattice) = lattice_of(numbers, group, flat.len()) {
                sites::configuration(canvas, frame, lattice, &flat.to_vec());
            }
            canvas.frame(frame, &Stroke::new(INK, 0.6));
            if f + 1 == starts.len() {
                let at = (frame.x + cell / 2.0, frame.bottom() + 15.0);
                canvas.text(at, Align::Centre, TICK, INK, &steps[k].to_string());
            }
        }
        if let (Some((value, error)), Some(&last)) = (&energy, shown.last()) {
            let text = crate::wording::compact(value[[f, last]], error[[f, last]]);
            let x = left + shown.len() as f64 * (cell + gap) + 2.0;
            canvas.text((x, y + cell / 2.0 + 4.0), Align::Left, TICK, MUTED, &format!("T_{{E}} = {text}"));
        }
    }
    let middle = left + (shown.len() as f64 * (cell + gap) - gap) / 2.0;
    let bottom = top + starts.len() as f64 * (cell + gap) - gap;
    canvas.text((middle, bottom + 32.0), Align::Centre, LABEL, INK, "step");
    Ok(())
}

/// At most `most` of `count` positions, with both ends.
fn spread(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    (0..most).map(|i| (i * (count - 1) + (most - 1) / 2) / (most - 1)).collect()
}

pub(crate) fn draw(id: &str, figure: &Figure, style: Style) -> Result<String, FigureError> {
    let numbers = Numbers::new(id, figure);
    let groups: Vec<&str> = numbers.groups().into_iter().filter(|g| *g != BLOCK_SPIN).collect();
    let main = groups.iter().find(|g| **g == numbers.text("main")).or_else(|| groups.first());
    let rows = |group: &str| -> Result<usize, FigureError> {
        Ok(numbers.list(&format!("{group}/start_temperature"))?.len())
    };
    let blocks = numbers.has(&format!("{BLOCK_SPIN}/step"));
    let (cell, gap) = (style.pick(62.0, 31.0, 48.0), 7.0);
    let columns = style.pick(7, 5, 7);
    let mut most = if blocks { rows(BLOCK_SPIN)? } else { 1 };
    if let Some(group) = main {
        most = most.max(rows(group)?);
    }
    let top = 36.0;
    let height = top + most as f64 * (cell + gap) + 42.0;
    let below = if style.is_column() && blocks && main.is_some() { height } else { 0.0 };
    let mut canvas = Canvas::new(style, id, 940.0, below + height);
    if let Some(group) = main {
        let hidden = numbers.count(&format!("{group}_hidden")).unwrap_or(0);
        let training = numbers.text(&format!("{group}_training"));
        let title = format!("v → h → v, type {training}, N_{{h}} = {hidden}");
        strip(&mut canvas, numbers, group, (70.0, top), (cell, columns), ("a", &title))?;
    }
    if blocks {
        strip(
            &mut canvas,
            numbers,
            BLOCK_SPIN,
            (style.pick(720.0, 70.0, 600.0), below + top),
            (cell, 2),
            ("b", "Block spins"),
        )?;
    }
    Ok(canvas.finish(numbers.text("title"), numbers.text("caption")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_spread_with_both_ends() {
        assert_eq!(spread(3, 7), [0, 1, 2]);
        assert_eq!(spread(9, 7), [0, 1, 3, 4, 5, 7, 8]);
        assert_eq!(spread(24, 2), [0, 23]);
    }
}
