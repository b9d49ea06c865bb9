//! The names that a BFF gives its answers, so that they can be purged by them.

use http::{HeaderMap, HeaderName, HeaderValue};

/// More tags of one answer, or of one purge, are refused.
pub const MAX_TAGS: usize = 64;
/// A longer tag is refused.
pub const MAX_TAG_BYTES: usize = 128;

const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");
const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");

/// Tells whether `text` is a tag: up to 128 visible ASCII characters, no comma.
pub fn is_tag(text: &str) -> bool {
    (1..=MAX_TAG_BYTES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() && b != b',')
}

/// The tags in `Cache-Tag` (separated by commas) and `Surrogate-Key` (by spaces), each once.
///
/// `None` when there are too many or one is none: then a purge could miss the answer.
pub(crate) fn of(headers: &HeaderMap) -> Option<Box<[Box<str>]>> {
    let mut tags = Vec::new();
    for value in headers.get_all(CACHE_TAG).iter().chain(headers.get_all(SURROGATE_KEY)) {
        add(value, &mut tags)?;
    }
    Some(tags.into_boxed_slice())
}

/// The tags in the value of `marquetry-purge`, separated by commas or spaces; the first 64 that are tags.
pub fn in_purge<'v>(values: impl IntoIterator<Item = &'v HeaderValue>) -> Vec<String> {
    let texts = values.into_iter().filter_map(|value| value.to_str().ok());
    let tags = texts.flat_map(split).filter(|tag| is_tag(tag));
    tags.take(MAX_TAGS).map(str::to_owned).collect()
}

fn add(value: &HeaderValue, tags: &mut Vec<Box<str>>) -> Option<()> {
    for tag in split(value.to_str().ok()?) {
        if tags.iter().any(|known| **known == *tag) {
            continue;
        }
        if !is_tag(tag) || tags.len() == MAX_TAGS {
            return None;
        }
        tags.push(tag.into());
    }
    Some(())
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t']).filter(|tag| !tag.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(values: &[(HeaderName, &str)]) -> Option<Vec<String>> {
        let mut headers = HeaderMap::new();
        for (name, value) in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        of(&headers).map(|tags| tags.iter().map(|tag| tag.to_string()).collect())
    }

    #[test]
    fn both_headers_give_tags_each_once() {
        let found = tags(&[(CACHE_TAG, "product-7, list ,"), (SURROGATE_KEY, "list a:b/c")]);
        assert_eq!(found.unwrap(), ["product-7", "list", "a:b/c"]);
        assert_eq!(tags(&[]).unwrap(), [""; 0]);
    }

    #[test]
    fn too_many_or_too_long_tags_are_none() {
        let many = |count: usize| (0..count).map(|n| format!("t{n}")).collect::<Vec<_>>().join(",");
        assert_eq!(tags(&[(CACHE_TAG, &many(64))]).unwrap().len(), 64);
        assert_eq!(tags(&[(CACHE_TAG, &many(65))]), None);
        assert_eq!(tags(&[(CACHE_TAG, &"x".repeat(129))]), None);
    }

    #[test]
    fn a_purge_takes_what_it_can_read() {
        let values = [
            HeaderValue::from_static("cart-7, list x"),
            HeaderValue::from_static("y"),
        ];
        assert_eq!(in_purge(&values), ["cart-7", "list", "x", "y"]);
    }
}
