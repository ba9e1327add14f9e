//! Arrays in NumPy's format.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = cli::untrusted::array(bytes);
});
