//! Our controls: what else gives the same temperature.

use datasets::{Attribute, Figures};

use super::flow::{CRITICAL_BAND, at_critical};
use super::{Claim, SPREAD_RULE, figure, open};
use crate::f06_fixed_point::RESOLUTION;
use crate::statistics::Estimate;
use crate::wording::{critical_temperature, written};

pub(super) fn judge(figures: &Figures) -> Vec<Claim> {
    vec![needs_critical_data(figures), range(figures)]
}

fn name(figures: &Figures, row: usize) -> String {
    let figure = figures.figures.get("F14");
    match figure.and_then(|f| f.numbers.attributes.get(&format!("machine_{row:03}"))) {
        Some(Attribute::Text(name)) => name.clone(),
        _ => format!("machine {row}"),
    }
}

fn needs_critical_data(figures: &Figures) -> Claim {
    let tc = critical_temperature();
    let mut claim = open(
        "C4a",
        "Finding T_{c} takes critical configurations: a machine that saw only T = 0 and T = ∞ does not end there",
        "F14/machines/energy_temperature",
        "T_{E} of the control is further from T_{c} than 0.125 + 2 standard errors",
    )
    .with_band(Some(tc - RESOLUTION), Some(tc + RESOLUTION), &format!("outside of: {CRITICAL_BAND}"));
    let result = figure(figures, "F14").and_then(|numbers| {
        let kinds = numbers.counts("machines/kind")?;
        let values = numbers.estimates("machines/energy_temperature")?;
        let controls: Vec<(usize, Estimate)> =
            values.into_iter().enumerate().filter(|(i, v)| kinds.get(*i) == Some(&2) && v.exists()).collect();
        let cases: Vec<(String, bool)> =
            controls.iter().map(|(i, v)| (name(figures, *i), !at_critical(*v))).collect();
        if let Some((_, first)) = controls.first() {
            claim.with_number(*first, format!("T_{{E}} = {}", written(*first)));
        }
        claim.by_cases("training on", &cases);
        Ok(())
    });
    claim.or_not_tested(result)
}

fn range(figures: &Figures) -> Claim {
    let mut claim = open(
        "C4b",
        "The fixed point does not depend on the range of training temperatures",
        "F14/machines/energy_temperature",
        &format!("for machines of one N_h and different training ranges: {SPREAD_RULE}"),
    )
    .with_band(Some(0.0), Some(RESOLUTION), "half the 0.25 spacing of the training temperatures");
    let result = figure(figures, "F14").and_then(|numbers| {
        let kinds = numbers.counts("machines/kind")?;
        let hidden = numbers.counts("machines/hidden")?;
        let values = numbers.estimates("machines/energy_temperature")?;
        let mut worst: Option<(Estimate, usize, usize)> = None;
        for i in (0..kinds.len()).filter(|&i| kinds[i] <= 1) {
            for j in (0..i).filter(|&j| kinds[j] <= 1 && kinds[i] + kinds[j] > 0 && hidden[j] == hidden[i]) {
                let (a, b) = (values[i], values[j]);
                let spread = Estimate::new((a.value - b.value).abs(), a.error.hypot(b.error));
                if spread.exists() && worst.is_none_or(|w| spread.value > w.0.value) {
                    worst = Some((spread, i, j));
                }
            }
        }
        let Some((spread, i, j)) = worst else {
            claim.conditions = "the run has no such data".to_owned();
            return Ok(());
        };
        let (low, high) = if values[i].value < values[j].value { (i, j) } else { (j, i) };
        let value = format!("T_{{E}} from {} to {}", written(values[low]), written(values[high]));
        claim.with_number(spread, value);
        claim.by_spread(spread);
        claim.conditions = format!(
            "{} ({}) against {} ({}){}",
            written(values[high]),
            name(figures, high),
            written(values[low]),
            name(figures, low),
            claim.conditions
        );
        Ok(())
    });
    claim.or_not_tested(result)
}
