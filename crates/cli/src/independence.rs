//! The independence of the configurations of a file, as far as the file shows it.

use std::fmt::Write as _;

use datasets::Spins;

/// At how many autocorrelation times between them two configurations of one chain count as independent: more than 2τ.
const THINNED: f64 = 2.0;

/// A line for each temperature (only what is remarkable if `brief`), and a sentence for all of them.
pub(crate) fn independence(spins: &Spins, brief: bool) -> String {
    let all = &spins.observables;
    let mut text = String::new();
    if all.effective_samples.len() != spins.temperature.len() {
        return "  the file does not say how its configurations were made, nor whether they are independent\n".to_owned();
    }
    let mut counts = vec![0usize; spins.temperature.len()];
    spins.labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
    let (mut own, mut thinned, mut dependent, mut unknown) = (0, 0, vec![], vec![]);
    for (t, &temperature) in spins.temperature.iter().enumerate() {
        let [tau, thinning, thermalization, effective] =
            [&all.autocorrelation_time, &all.thinning, &all.thermalization, &all.effective_samples]
                .map(|series| series[t]);
        // A chain for each configuration loses none of them.
        let how = if tau.is_nan() {
            unknown.push(temperature.to_string());
            format!("tau unknown: the pilot saw no change in {thermalization:.0} sweeps")
        } else if effective >= counts[t] as f64 {
            own += 1;
            format!("independent: chains of their own, {:.0} tau after their start", thermalization / tau)
        } else if thinning > THINNED * tau {
            thinned += 1;
            format!("independent: {:.1} tau between two of one chain", thinning / tau)
        } else {
            dependent.push(temperature.to_string());
            format!("NOT independent: {:.1} tau between two of one chain", thinning / tau)
        };
        let how = if thermalization == 0.0 && effective >= counts[t] as f64 {
            "independent: drawn from their exact law".to_owned()
        } else {
            how
        };
        if !brief {
            let _ = writeln!(
                text,
                "  T = {temperature:<8} {effective:>9.0} of {:>7} effective, tau {tau:>7.1}  {how}",
                counts[t]
            );
        }
    }
    let least = all.effective_samples.iter().zip(&counts).map(|(n, &count)| n / count.max(1) as f64);
    let least = 100.0 * least.fold(f64::INFINITY, f64::min);
    let _ = match dependent.as_slice() {
        [] => writeln!(
            text,
            "  configurations are independent at {} temperatures ({own} with chains of their own, {thinned} thinned by \
             more than {THINNED} tau); at least {least:.1} % are effective",
            spins.temperature.len() - unknown.len()
        ),
        some => writeln!(
            text,
            "  configurations are not independent at T = {}: less than {THINNED} tau between two of one chain; at least \
             {least:.1} % are effective",
            some.join(", ")
        ),
    };
    if !unknown.is_empty() {
        let list = unknown.join(", ");
        let _ = writeln!(
            text,
            "  nothing changed in the pilot runs at T = {list}: the autocorrelation time is unknown"
        );
    }
    text
}
