//! Lists of temperatures.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = cli::untrusted::temperatures(text);
});
