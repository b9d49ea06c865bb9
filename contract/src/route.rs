//! The pattern of a page's address: `/product/{id}`, `/products/{category?}`.

use std::{fmt, str::FromStr};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Segment {
    /// Exactly this text, decoded.
    Literal(String),
    /// Any one segment, handed on under this name.
    Param(String),
    /// The same, or nothing; only at the end.
    Optional(String),
}

/// A checked pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoutePattern {
    text: String,
    segments: Vec<Segment>,
}

/// Why a text is not a pattern: the rule it breaks, as a sentence that follows "must".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteError(pub &'static str);

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must {}", self.0)
    }
}

impl std::error::Error for RouteError {}

impl RoutePattern {
    /// The steps; none for `/`.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of its params.
    pub fn params(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Param(name) | Segment::Optional(name) => Some(name.as_str()),
        })
    }

    /// The shapes it matches, `*` for any segment: `/products/{category?}` has `/products` and `/products/*`.
    ///
    /// Two patterns with a shape in common are in conflict: neither is more specific.
    pub fn shapes(&self) -> Vec<String> {
        let mut shapes = vec![String::new()];
        for segment in &self.segments {
            let longest = shapes.last().cloned().unwrap_or_default();
            match segment {
                Segment::Optional(_) => shapes.push(format!("{longest}/*")),
                Segment::Literal(text) => shapes = vec![format!("{longest}/{text}")],
                Segment::Param(_) => shapes = vec![format!("{longest}/*")],
            }
        }
        shapes
    }
}

impl FromStr for RoutePattern {
    type Err = RouteError;

    fn from_str(text: &str) -> Result<Self, RouteError> {
        let rest = text.strip_prefix('/').ok_or(RouteError("begin with `/`"))?;
        if text.len() > 256 {
            return Err(RouteError("have at most 256 bytes"));
        }
        let parts: Vec<&str> = if rest.is_empty() {
            vec![]
        } else {
            rest.split('/').collect()
        };
        let last = parts.len().saturating_sub(1);
        let segments = parts
            .iter()
            .enumerate()
            .map(|(at, part)| segment(part, at == last))
            .collect::<Result<Vec<_>, _>>()?;
        let pattern = Self {
            text: text.into(),
            segments,
        };
        let mut names: Vec<&str> = pattern.params().collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(RouteError("use each param name once"));
        }
        Ok(pattern)
    }
}

fn segment(part: &str, last: bool) -> Result<Segment, RouteError> {
    let Some(inner) = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
        if part.is_empty() || part == "." || part == ".." || !part.bytes().all(plain) {
            return Err(RouteError(
                "have segments of letters, digits, `-`, `_`, `.`, `~`, or `{param}`, none empty",
            ));
        }
        return Ok(Segment::Literal(part.into()));
    };
    let (name, optional) = match inner.strip_suffix('?') {
        Some(name) => (name, true),
        None => (inner, false),
    };
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    match (plain, optional, last) {
        (false, ..) => Err(RouteError(
            "have param names of `a-z`, `0-9`, `_`, starting with a letter",
        )),
        (true, true, false) => Err(RouteError("have an optional param only at the end")),
        (true, true, true) => Ok(Segment::Optional(name.into())),
        (true, false, _) => Ok(Segment::Param(name.into())),
    }
}

impl fmt::Display for RoutePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_patterns_have_shapes() {
        let check = |text: &str, shapes: &[&str]| {
            assert_eq!(text.parse::<RoutePattern>().unwrap().shapes(), shapes, "{text}");
        };
        check("/", &[""]);
        check("/product/{id}", &["/product/*"]);
        check("/products/{category?}", &["/products", "/products/*"]);
        check("/checkout/thanks", &["/checkout/thanks"]);
    }

    #[test]
    fn bad_patterns_name_their_rule() {
        for bad in [
            "", "x", "//", "/a//b", "/a/", "/{A}", "/{a?}/b", "/{a}/{a}", "/a%20b", "/..", "/{}", "/a{b}",
        ] {
            assert!(bad.parse::<RoutePattern>().is_err(), "{bad}");
        }
    }
}
