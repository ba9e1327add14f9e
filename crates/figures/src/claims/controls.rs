//! Our controls: what else gives the same temperature.

use datasets::{Attribute, Figures};

use super::flow::{CRITICAL_BAND, SPREAD_RULE};
use super::{Claim, Exceptions, critical_temperature, figure, open};
use crate::critical::RESOLUTION;
use crate::statistics::Estimate;
use crate::wording::written;

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
    let tc = critical_temperature(figures);
    let mut claim = open(
        "C4a",
        "Finding T_{c} takes critical configurations: a machine that saw only T = 0 and T = ∞ ends elsewhere",
        "F14/machines/energy_temperature",
        "T_{E} at the fixed point of every control is further from T_{c} than 0.125",
    )
    .with_band_outside(tc - RESOLUTION, tc + RESOLUTION, CRITICAL_BAND);
    let result = figure(figures, "F14").and_then(|numbers| {
        let kinds = numbers.counts("machines/kind")?;
        let values = numbers.estimates("machines/energy_temperature")?;
        let fixed_point = numbers.list("machines/fixed_point")?;
        for (i, value) in values.into_iter().enumerate().filter(|(i, _)| kinds.get(*i) == Some(&2)) {
            if fixed_point[i] >= 1.0 {
                claim.case(name(figures, i), value, format!("T_{{E}} = {}", written(value)));
            } else {
                claim.without_fixed_point(name(figures, i));
            }
        }
        claim.conclude("training on", Exceptions::Refute);
        Ok(())
    });
    claim.or_not_tested(result)
}

fn range(figures: &Figures) -> Claim {
    let mut claim = open(
        "C4b",
        "The fixed point is the same whatever the range of training temperatures",
        "F14/machines/energy_temperature",
        &format!("for machines of one N_h and different training ranges: {SPREAD_RULE}"),
    )
    .with_band(None, Some(RESOLUTION), "half the 0.25 spacing of the training temperatures");
    let result = figure(figures, "F14").and_then(|numbers| {
        let kinds = numbers.counts("machines/kind")?;
        let hidden = numbers.counts("machines/hidden")?;
        let values = numbers.estimates("machines/energy_temperature")?;
        let fixed_point = numbers.list("machines/fixed_point")?;
        let mut worst: Option<(Estimate, usize, usize)> = None;
        for i in (0..kinds.len()).filter(|&i| kinds[i] <= 1 && fixed_point[i] >= 1.0) {
            for j in (0..i).filter(|&j| {
                kinds[j] <= 1 && fixed_point[j] >= 1.0 && kinds[i] + kinds[j] > 0 && hidden[j] == hidden[i]
            }) {
                let (a, b) = (values[i], values[j]);
                let spread = Estimate::new((a.value - b.value).abs(), a.error.hypot(b.error));
                if spread.exists() && worst.is_none_or(|w| spread.value > w.0.value) {
                    worst = Some((spread, i, j));
                }
            }
        }
        if let Some((spread, i, j)) = worst {
            let (low, high) = if values[i].value < values[j].value { (i, j) } else { (j, i) };
            let at = |i: usize| format!("{} ({})", written(values[i]), name(figures, i));
            claim.case("", spread, format!("T_{{E}} from {} to {}", at(low), at(high)));
        }
        claim.conclude("", Exceptions::Conditions);
        if !claim.cases.is_empty() {
            claim.conditions = "the two training ranges of one N_{h} that differ most".to_owned();
        }
        Ok(())
    });
    claim.or_not_tested(result)
}
