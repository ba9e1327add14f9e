//! Checkpoints: any bytes, and any bytes behind a right checksum, from which a training then goes on.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = cli::untrusted::checkpoint(bytes);
    let _ = cli::untrusted::checkpoint_payload(bytes);
});
