//! Output to a terminal, which may be gone, of texts that others may have written.

use std::borrow::Cow;
use std::io::Write as _;

use console::{Style, Term};

/// The columns of text that is not shown on a terminal.
const COLUMNS: usize = 100;

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

/// The columns of the terminal that stdout is, if it is one.
pub(crate) fn terminal_width() -> Option<usize> {
    Term::stdout().size_checked().map(|(_, columns)| usize::from(columns).max(40))
}

/// The columns that a text on stdout may have.
pub(crate) fn width() -> usize {
    terminal_width().unwrap_or(COLUMNS)
}

/// A text in a style, on a terminal that is not asked to be plain (`NO_COLOR`).
pub(crate) fn styled(text: &str, style: Style) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    style.force_styling(terminal_width().is_some() && !plain).apply_to(text).to_string()
}

/// A text in lines of at most so many columns, broken at spaces; a longer word is cut.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let mut rest: Vec<char> = word.chars().collect();
        loop {
            let last = lines.last_mut().expect("there is always a line");
            let used = last.chars().count();
            let gap = usize::from(used > 0);
            if used + gap + rest.len() <= width {
                if gap == 1 {
                    last.push(' ');
                }
                last.extend(&rest);
                break;
            }
            if used == 0 {
                last.extend(rest.drain(..width));
            }
            lines.push(String::new());
        }
    }
    lines
}

/// A text that is cut with an ellipsis if it is wider.
pub(crate) fn cut(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some(_) => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
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
    fn text_is_wrapped_at_spaces_and_cut_where_there_are_none() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 3), [""]);
        assert_eq!((cut("abcd", 4).as_str(), cut("abcde", 4).as_str()), ("abcd", "abc…"));
    }

    #[test]
    fn a_terminal_obeys_nothing_of_a_foreign_text() {
        assert_eq!(printable("plain ⟨|m|⟩\n\ttext"), "plain ⟨|m|⟩\n\ttext");
        assert_eq!(printable("\u{1b}]0;title\u{7}\r\u{9b}31m"), "\\u{1b}]0;title\\u{7}\\r\\u{9b}31m");
    }
}
