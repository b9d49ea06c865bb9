//! The parameters of a fragment: what its address says after `?`, decoded.

use std::fmt;

/// Decoded parameters, sorted by name, the first of a name kept.
///
/// Two slots with equal fragment and params show the same thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads `application/x-www-form-urlencoded` text, without a leading `?`.
    pub fn parse(query: &str) -> Self {
        // What most say, and needs no decoding.
        if !query.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
            let pairs = parts(query, b'&').filter(|pair| !pair.is_empty());
            return Self::from_iter(pairs.map(|pair| {
                let (name, value) = cut(pair, b'=').unwrap_or((pair, ""));
                (name.to_owned(), value.to_owned())
            }));
        }
        Self::from_iter(form_urlencoded::parse(query.as_bytes()).into_owned())
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(key, _)| key.as_str().cmp(name)).ok()?;
        Some(&self.0[at].1)
    }

    /// Those params whose names are in `names`.
    #[must_use]
    pub fn only(&self, names: &[String]) -> Self {
        Self(self.0.iter().filter(|(key, _)| names.contains(key)).cloned().collect())
    }

    /// Forgets those whose names are not in `names`.
    pub fn retain(&mut self, names: &[String]) {
        self.0.retain(|(key, _)| names.contains(key));
    }

    /// Tells whether [`only`](Self::only) `names` of them are `other`.
    pub fn are_only(&self, names: &[String], other: &Self) -> bool {
        self.0.iter().filter(|(key, _)| names.contains(key)).eq(&other.0)
    }

    /// Adds a param, in place of one of the same name.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match self.0.binary_search_by(|(key, _)| key.cmp(&name)) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Name and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl FromIterator<(String, String)> for Params {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|later, earlier| later.0 == earlier.0);
        Self(pairs)
    }
}

impl Params {
    /// Appends them to `text` as a query, without a leading `?`.
    pub fn append_to(&self, mut text: String) -> String {
        if self.iter().all(|(name, value)| is_plain(name) && is_plain(value)) {
            for (at, (name, value)) in self.iter().enumerate() {
                let before = if at == 0 { "" } else { "&" };
                text.extend([before, name, "=", value]);
            }
            return text;
        }
        let begins_at = text.len();
        form_urlencoded::Serializer::for_suffix(text, begins_at)
            .extend_pairs(self.iter())
            .finish()
    }
}

/// True for a text that is the same as it goes over the wire.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'.' | b'_'))
}

/// What stands before and behind the first `mark`, an ASCII character; for short texts this takes less than a search.
pub(crate) fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == mark)?;
    Some((&text[..at], &text[at + 1..]))
}

fn parts(text: &str, mark: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (part, more) = match cut(rest?, mark) {
            Some((part, more)) => (part, Some(more)),
            None => (rest?, None),
        };
        rest = more;
        Some(part)
    })
}

/// Writes them as a query, without a leading `?`.
impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        f.write_str(&self.append_to(String::new()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn order_does_not_matter_and_the_first_of_a_name_wins() {
        let params = Params::parse("sku=AU-02&a=%C3%A4+b&sku=no");
        assert_eq!(params.get("sku"), Some("AU-02"));
        assert_eq!(params.to_string(), "a=%C3%A4+b&sku=AU-02");
        assert_eq!(params, Params::parse("a=ä b&sku=AU-02"));
        let names = ["sku".to_owned()];
        let only = params.only(&names);
        assert_eq!(only.to_string(), "sku=AU-02");
        assert!(params.are_only(&names, &only) && !params.are_only(&names, &params) && !params.are_only(&[], &only));
        let mut rest = params;
        rest.retain(&names);
        assert_eq!(rest, only);
    }

    proptest! {
        #[test]
        fn a_query_is_read_and_written_as_the_standard_says(query in "[a-cä%+&=*~ 2]{0,12}") {
            let standard = Params::from_iter(form_urlencoded::parse(query.as_bytes()).into_owned());
            prop_assert_eq!(&Params::parse(&query), &standard);
            let written = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(standard.iter())
                .finish();
            prop_assert_eq!(standard.to_string(), written);
        }
    }
}
