//! The header of NumPy's format: a dictionary as Python writes it.

/// The content of the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// The type of the numbers, such as `<f8`.
    pub(super) kind: String,
    /// Whether the first axis is the fastest.
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<usize>,
}

/// A literal, as far as headers have them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Literal {
    Text(String),
    Truth(bool),
    Count(usize),
    List(Vec<Literal>),
}

impl Header {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = Rest(text);
        let mut entries = vec![];
        rest.expect('{')?;
        while !rest.take('}') {
            let Literal::Text(key) = rest.literal()? else { return Err(rest.refused("a quoted key")) };
            rest.expect(':')?;
            entries.push((key, rest.literal()?));
            if !rest.take(',') {
                rest.expect('}')?;
                break;
            }
        }
        if !rest.0.trim_matches(['\0', ' ', '\t', '\r', '\n']).is_empty() {
            return Err(rest.refused("its end"));
        }
        let mut value = |name: &str| {
            let at = entries.iter().position(|(key, _)| key == name);
            at.map(|at| entries.swap_remove(at).1).ok_or_else(|| format!("has a header without `{name}`"))
        };
        let kind = match value("descr")? {
            Literal::Text(kind) => kind,
            _ => return Err("holds records of several fields, expected numbers; save one field".to_owned()),
        };
        let Literal::Truth(fortran_order) = value("fortran_order")? else {
            return Err("has a header whose `fortran_order` is neither True nor False".to_owned());
        };
        let wrong_shape = || "has a header whose `shape` is no list of lengths".to_owned();
        let Literal::List(lengths) = value("shape")? else { return Err(wrong_shape()) };
        let length = |length| if let Literal::Count(length) = length { Some(length) } else { None };
        let shape = lengths.into_iter().map(length).collect::<Option<_>>().ok_or_else(wrong_shape)?;
        if let Some((key, _)) = entries.first() {
            return Err(format!("has a header with `{key}`, which NumPy's format does not know"));
        }
        Ok(Self { kind, fortran_order, shape })
    }
}

/// The rest of the text.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    /// Whether the next character that is no space is `c`, which then has been read.
    fn take(&mut self, c: char) -> bool {
        self.0 = self.0.trim_start();
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn expect(&mut self, c: char) -> Result<(), String> {
        if self.take(c) { Ok(()) } else { Err(self.refused(&format!("`{c}`"))) }
    }

    fn refused(&self, expected: &str) -> String {
        let found: String = self.0.trim_start().chars().take(20).collect();
        format!("has a header with `{found}` where {expected} was expected; save it with numpy.save")
    }

    fn literal(&mut self) -> Result<Literal, String> {
        for quote in ['\'', '"'] {
            if self.take(quote) {
                let (text, rest) =
                    self.0.split_once(quote).ok_or_else(|| self.refused("the end of a text"))?;
                self.0 = rest;
                return Ok(Literal::Text(text.to_owned()));
            }
        }
        for (open, close) in [('(', ')'), ('[', ']')] {
            if self.take(open) {
                return self.list(close);
            }
        }
        let end = self.0.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.0.len());
        let word = &self.0[..end];
        let literal = match word {
            "True" | "true" => Literal::Truth(true),
            "False" | "false" => Literal::Truth(false),
            // Python 2 marks long integers.
            _ => Literal::Count(word.trim_end_matches('L').parse().map_err(|_| self.refused("a value"))?),
        };
        self.0 = &self.0[end..];
        Ok(literal)
    }

    /// Lists hold no lists here: those of records are refused whatever they hold, and none can be nested without end.
    fn list(&mut self, close: char) -> Result<Literal, String> {
        let mut items = vec![];
        while !self.take(close) {
            if ['(', '['].iter().any(|&open| self.0.starts_with(open)) {
                return Err("holds records of several fields, expected numbers; save one field".to_owned());
            }
            items.push(self.literal()?);
            if !self.take(',') {
                self.expect(close)?;
                break;
            }
        }
        Ok(Literal::List(items))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_python_reads_them() {
        let expected = |kind: &str, fortran_order, shape: &[usize]| {
            Ok(Header { kind: kind.to_owned(), fortran_order, shape: shape.to_vec() })
        };
        for text in [
            "{'descr': '|i1', 'fortran_order': True, 'shape': (16, 16), }   \n",
            "{'descr':'|i1','fortran_order':True,'shape':(16,16)}\n",
            "{ 'shape' : ( 16 , 16 ) , 'fortran_order' : True , 'descr' : '|i1' }",
            "{\"descr\": \"|i1\", \"fortran_order\": true, \"shape\": [16, 16]}",
            "{'descr': '|i1', 'fortran_order': True, 'shape': (16L, 16L), }",
        ] {
            assert_eq!(Header::parse(text), expected("|i1", true, &[16, 16]), "{text}");
        }
        let text = "{'descr': '<f8', 'fortran_order': False, 'shape': ()}";
        assert_eq!(Header::parse(text), expected("<f8", false, &[]));
        let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}";
        assert_eq!(Header::parse(text), expected("<f8", false, &[3]));
    }

    #[test]
    fn what_is_no_header_is_named() {
        for (text, words) in [
            ("", "`{`"),
            ("{'descr': '<f8'", "`}`"),
            ("{'descr': '<f8', 'shape': (3,)}", "fortran_order"),
            ("{'descr': '<f8', 'fortran_order': 1, 'shape': (3,)}", "neither True nor False"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': 3}", "no list of lengths"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (-3,)}", "`-3"),
            ("{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (3,)}", "several fields"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'more': 1}", "`more`"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (3,)} x", "its end"),
        ] {
            let error = Header::parse(text).expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn nothing_that_is_cut_off_is_accepted() {
        let text = "{'descr': '|i1', 'fortran_order': True, 'shape': (16, 16), }";
        for length in 0..text.len() {
            assert!(Header::parse(&text[..length]).is_err(), "{length}");
        }
    }
}
