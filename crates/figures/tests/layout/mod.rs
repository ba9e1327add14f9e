//! Whether a picture can be read: its texts are inside, apart and large enough, and its size is what the style promises.

use datasets::Figures;
use figures::Style;
use plot::text::FONT;
use resvg::usvg;

fn parse(svg: &str) -> usvg::Tree {
    let mut options = usvg::Options::default();
    options.fontdb_mut().load_font_data(FONT.to_vec());
    usvg::Tree::from_str(svg, &options).expect("valid SVG")
}

fn texts(group: &usvg::Group, found: &mut Vec<(String, usvg::tiny_skia_path::Rect)>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(inner) => texts(inner, found),
            usvg::Node::Text(text) => {
                let words: String = text.chunks().iter().map(|c| c.text().to_owned()).collect();
                found.push((words, text.abs_bounding_box()));
            }
            _ => {}
        }
    }
}

/// The numbers of an attribute at its first place.
fn attribute(svg: &str, name: &str) -> Vec<f64> {
    let rest = svg.split(&format!("{name}=\"")).nth(1).expect("the attribute");
    let text = rest.split('"').next().unwrap_or_default();
    text.split(' ').map(|word| word.trim_end_matches("mm").parse().expect("a number")).collect()
}

/// What is wrong with one picture.
fn faults(id: &str, style: Style, svg: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let tree = parse(svg);
    let size = tree.size();
    let view = attribute(svg, "viewBox");
    // Pixels of the file for each unit of the drawing.
    let scale = size.width() / view[2] as f32;
    let mut found = Vec::new();
    texts(tree.root(), &mut found);
    assert!(!found.is_empty(), "{id} has no text");
    for (words, rect) in &found {
        let inside = rect.left() >= 0.0
            && rect.top() >= 0.0
            && rect.right() <= size.width()
            && rect.bottom() <= size.height();
        if !inside {
            wrong.push(format!("`{words}` at {rect:?} is outside of {size:?}"));
        }
    }
    for (i, (one, a)) in found.iter().enumerate() {
        for (other, b) in &found[..i] {
            let across = a.right().min(b.right()) - a.left().max(b.left());
            let down = a.bottom().min(b.bottom()) - a.top().max(b.top());
            // The boxes are whole lines with the font's ascent and descent: 3 units of them are empty.
            if across > scale && down > 3.0 * scale {
                wrong.push(format!("`{one}` {a:?} covers `{other}` {b:?}"));
            }
        }
    }
    let (_, body) = svg.split_once("</desc>").expect("a description");
    assert!(!body.contains("NaN") && !body.contains("inf"), "{id} holds a number that is none");
    if let Some(width) = style.width() {
        assert!((attribute(svg, " width")[0] - width).abs() < 0.01, "{id} in {style} has another width");
        let points = width / 25.4 * 72.0 / view[2];
        let least = if style == Style::Column { 7.0 } else { 12.0 };
        for text in body.split("<text ").skip(1) {
            let own = points * attribute(text, "font-size")[0];
            if own < least {
                wrong.push(format!("text of {own:.2} pt: {text:.160}"));
            }
        }
    }
    if style == Style::Slides && (view[2] / view[3] - 16.0 / 9.0).abs() > 1e-3 {
        wrong.push("not the shape of a slide".to_owned());
    }
    wrong.into_iter().map(|fault| format!("{id} in {style}: {fault}")).collect()
}

/// Checks one picture.
#[track_caller]
pub(crate) fn check_picture(id: &str, style: Style, svg: &str) {
    let wrong = faults(id, style, svg);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Checks every picture in some styles.
#[track_caller]
pub(crate) fn check(figures: &Figures, styles: &[Style]) {
    let mut wrong = Vec::new();
    for (id, figure) in &figures.figures {
        for &style in styles {
            let svg = figures::draw_in(style, id, figure).unwrap_or_else(|e| panic!("{id} in {style}: {e}"));
            wrong.extend(faults(id, style, &svg));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
