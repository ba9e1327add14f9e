//! What is said to people on a terminal, which may be gone, about texts that others have written.

use std::borrow::Cow;
use std::io::Write as _;

/// Says a line on stderr. That nobody can read it, on a full disk or behind a closed pipe, stops nothing.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes to stdout; that nobody reads it any more is no error.
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// A text without characters that a terminal would obey: a file of somebody else may hold any.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(obeyed) {
        return text.into();
    }
    let shown = |c: char| if obeyed(c) { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(shown).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing_of_a_foreign_text() {
        assert_eq!(printable("plain ⟨|m|⟩\n\ttext"), "plain ⟨|m|⟩\n\ttext");
        assert_eq!(printable("\u{1b}]0;title\u{7}\r\u{9b}31m"), "\\u{1b}]0;title\\u{7}\\r\\u{9b}31m");
    }
}
