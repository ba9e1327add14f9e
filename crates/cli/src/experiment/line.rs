//! The place in the text of an experiment that a message is about.

/// The line of a setting that a message of the form "[section]: setting …" or "[[training]] `name`: setting …" is about.
pub(super) fn line_of(text: &str, message: &str) -> Option<usize> {
    let (place, what) = message.split_once(": ")?;
    let (header, name) = match place.split_once(" `") {
        Some((header, name)) => (header, name.strip_suffix('`')),
        None => (place, None),
    };
    let key = what.trim_start_matches("setting ").trim_start_matches('`');
    let key =
        key.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().filter(|key| !key.is_empty())?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let value = |line: &str, key: &str| {
        Some(line.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim().to_owned())
    };
    let starts = (0..lines.len()).filter(|&at| lines[at].starts_with(header));
    let blocks = starts.map(|at| {
        let end = (at + 1..lines.len()).find(|&end| lines[end].starts_with('[')).unwrap_or(lines.len());
        at..end
    });
    let mut named = blocks.filter(|block| {
        name.is_none_or(|name| {
            let quoted = [format!("\"{name}\""), format!("'{name}'")];
            block
                .clone()
                .any(|at| value(lines[at], "name").is_some_and(|v| quoted.iter().any(|q| v.starts_with(q))))
        })
    });
    named.next()?.find(|&at| value(lines[at], key).is_some()).map(|at| at + 1)
}
