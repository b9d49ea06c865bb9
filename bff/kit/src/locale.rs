//! The languages that a reader wants.

use http::{HeaderMap, header};

/// Language tags in the order of preference, as `accept-language` gives them (RFC 9110 §12.5.4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locale(Vec<String>);

const MAX_TAGS: usize = 16;

impl Locale {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        Self::parse(text.unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let mut tags: Vec<(u16, &str)> = text.split(',').take(MAX_TAGS).filter_map(weighted).collect();
        tags.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        Self(tags.into_iter().map(|(_, tag)| tag.to_ascii_lowercase()).collect())
    }

    /// The one of `known` that the reader wants most; the first of them when it is none.
    pub fn choose<'k>(&self, known: &[&'k str]) -> &'k str {
        let fits = |tag: &str, known: &str| {
            let language = tag.split('-').next();
            tag == "*" || tag == known || (language.is_some() && language == known.split('-').next())
        };
        let wanted = self
            .0
            .iter()
            .find_map(|tag| known.iter().find(|known| fits(tag, known)));
        wanted.or(known.first()).copied().unwrap_or("en")
    }
}

/// A tag and its weight in thousandths; none when it is not wanted or not a tag.
fn weighted(part: &str) -> Option<(u16, &str)> {
    let (tag, weight) = match part.split_once(';') {
        Some((tag, rest)) => (tag, rest.trim().strip_prefix("q=")?),
        None => (part, "1"),
    };
    let tag = tag.trim();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'*';
    let weight: f32 = weight
        .trim()
        .parse()
        .ok()
        .filter(|weight| (0.0..=1.0).contains(weight))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 0 to 1000")]
    let weight = (weight * 1000.0) as u16;
    (weight > 0 && !tag.is_empty() && tag.len() <= 35 && tag.bytes().all(plain)).then_some((weight, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_language_is_chosen_by_weight() {
        let check = |header: &str, want: &str| assert_eq!(Locale::parse(header).choose(&["en", "de", "fr"]), want);
        check("", "en");
        check("de-AT, en;q=0.8", "de");
        check("nl, fr;q=0.5, de;q=0.9", "de");
        check("nl", "en");
        check("en;q=0, fr;q=0.1", "fr");
        check(";;,q=x,*", "en");
    }
}
