//! The program `rbmflow`.

fn main() {}
