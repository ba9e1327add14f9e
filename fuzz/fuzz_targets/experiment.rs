//! Experiments in TOML, resolved, written, read again and planned.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = cli::untrusted::experiment(text);
});
