//! Checkpoints: any bytes, and any bytes behind a right checksum, from which a training then goes on.
#![no_main]

use std::sync::OnceLock;

use rbm_core::TrainConfig;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = cli::untrusted::checkpoint(bytes);
    let (config, spins) = training();
    let _ = cli::untrusted::checkpoint_payload(bytes, config, spins);
});

fn training() -> &'static (TrainConfig, datasets::Spins) {
    static TRAINING: OnceLock<(TrainConfig, datasets::Spins)> = OnceLock::new();
    TRAINING.get_or_init(|| {
        let sample = serde_json::json!({
            "size": 3, "temperatures": [1.0, 3.0], "samples_per_temperature": 10, "seed": 5,
        });
        let sample = serde_json::from_value(sample).expect("settings");
        let config = TrainConfig {
            hidden: 4,
            epochs: 5,
            batch_size: 5,
            momentum: 0.5,
            monitor_every: 1,
            ..TrainConfig::default()
        };
        (config, ising_mc::sample(&sample, &()).expect("a small sample"))
    })
}
