//! The reader of HDF5 files: bytes as another program could have written them, and the same behind our own user block
//! with a right hash.
#![no_main]

use std::path::Path;

use datasets::file;

/// The length of the user block.
const BLOCK: usize = 512;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    let mut sealed = b"\x89RBMFLOW\r\n\x1a\n\0\0\0\0\x01\0\0\0\0\0\0\0".to_vec();
    sealed.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    sealed.extend_from_slice(blake3::hash(bytes).as_bytes());
    sealed.resize(BLOCK, 0);
    sealed.extend_from_slice(bytes);
    read(&sealed);
});

fn read(bytes: &[u8]) {
    let path = Path::new("fuzzed.h5");
    match file::verify_bytes(path, bytes) {
        Ok(header) => {
            // What is accepted can be read as what it says it is, and says the same again.
            let again = file::verify_bytes(path, bytes).expect("accepted before");
            assert_eq!(header.content_hash, again.content_hash);
        }
        Err(error) => assert!(error.to_string().contains("fuzzed.h5"), "{error}"),
    }
}
