//! The differences between the provenance of a file and that of a job.

use datasets::{Input, Provenance};

/// The differences of two origins, apart from the program's version; none if nothing does.
pub(super) fn difference(found: &Provenance, expected: &Provenance) -> Option<String> {
    let parse = |text: &str| text.parse::<toml::Table>().unwrap_or_default();
    let mut list = vec![];
    if found.config != expected.config {
        differing_keys("", &parse(&found.config), &parse(&expected.config), &mut list);
        if list.is_empty() {
            list.push("its settings are written in another way".to_owned());
        }
    }
    let of_role = |inputs: &[Input], role: &str| -> Vec<String> {
        inputs.iter().filter(|input| input.role == role).map(|input| input.content_hash.clone()).collect()
    };
    let mut roles: Vec<&str> =
        found.inputs.iter().chain(&expected.inputs).map(|input| input.role.as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    for role in roles {
        if of_role(&found.inputs, role) != of_role(&expected.inputs, role) {
            list.push(format!("it was made from another `{role}` file"));
        }
    }
    (!list.is_empty()).then(|| list.join(", "))
}

fn differing_keys(prefix: &str, found: &toml::Table, expected: &toml::Table, list: &mut Vec<String>) {
    let mut keys: Vec<&String> = found.keys().chain(expected.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let text = |value: Option<&toml::Value>| value.map_or("not set".to_owned(), shortened);
        match (found.get(key), expected.get(key)) {
            (Some(toml::Value::Table(a)), Some(toml::Value::Table(b))) => {
                differing_keys(&format!("{prefix}{key}."), a, b, list);
            }
            (a, b) if a != b => list.push(format!("{prefix}{key} is {}, not {}", text(a), text(b))),
            _ => {}
        }
    }
}

/// A value as text that is not too long for an error message.
fn shortened(value: &toml::Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
