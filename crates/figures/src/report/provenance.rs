//! Where the page comes from, and what the run lacks.

use std::fmt::Write as _;

use super::{Missing, RunInfo};
use plot::text::escape;

/// What the run lacks: what failed by name and with its reason, the rest on demand.
pub(super) fn missing(html: &mut String, info: &RunInfo) {
    if info.missing.is_empty() {
        return;
    }
    let _ = writeln!(
        html,
        "<section class=\"warnings\" id=\"missing\" aria-label=\"Missing results\">\n<p><b>This run is not complete.</b> {} of \
         its {} results are missing; what follows is made from the others. Claims and figures say what they lack.</p>",
        info.missing.len(),
        info.results,
    );
    let (known, open): (Vec<&Missing>, Vec<&Missing>) =
        info.missing.iter().partition(|m| !m.reason.is_empty());
    if !known.is_empty() {
        html.push_str("<ul>\n");
        for Missing { name, reason } in known {
            let _ = writeln!(html, "<li><code>{}</code> {}</li>", escape(name), escape(reason));
        }
        html.push_str("</ul>\n");
    }
    if !open.is_empty() {
        let names: Vec<String> = open.iter().map(|m| format!("<code>{}</code>", escape(&m.name))).collect();
        let _ = writeln!(
            html,
            "<details><summary>{} not made yet</summary><p>{}</p></details>",
            open.len(),
            names.join(", ")
        );
    }
    html.push_str("</section>\n");
}

pub(super) fn provenance(html: &mut String, info: &RunInfo) {
    let _ = writeln!(
        html,
        "<section id=\"provenance\">\n<h2>Provenance</h2>\n<p>Made by {}. This command makes the page again, byte for byte:</p>\n\
         <pre tabindex=\"0\" aria-label=\"Command\"><code>{}</code></pre>\n<details><summary>The full experiment, defaults filled in</summary>\n<pre tabindex=\"0\" aria-label=\"Experiment\"><code>{}</code></pre></details>",
        escape(&info.producer),
        escape(&info.command),
        escape(&info.config),
    );
    if !info.files.is_empty() {
        let _ = writeln!(
            html,
            "<details><summary>{} files with their content hashes</summary>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Files\"><table>\n\
             <thead><tr><th scope=\"col\">File</th><th scope=\"col\">Schema</th><th scope=\"col\">Content hash</th></tr></thead>\n<tbody>",
            info.files.len()
        );
        for file in &info.files {
            let _ = writeln!(
                html,
                "<tr><td><code>{}</code></td><td>{}</td><td><code class=\"hash\">{}</code></td></tr>",
                escape(&file.path),
                escape(&file.schema),
                escape(&file.content_hash)
            );
        }
        html.push_str("</tbody></table></div></details>\n");
    }
    html.push_str("</section>\n");
}
