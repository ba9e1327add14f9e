//! The program `rbmflow`, all of which is in the library.

fn main() -> std::process::ExitCode {
    cli::main()
}
