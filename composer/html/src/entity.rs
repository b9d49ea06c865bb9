//! Decodes character references in attribute values.

use std::borrow::Cow;

use memchr::memchr;

/// The value with numeric references and `amp`, `lt`, `gt`, `quot`, `apos` decoded; other names stay as written.
pub(crate) fn decode(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    if memchr(b'&', text.as_bytes()).is_none() {
        return text.into_owned();
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        let (found, length) = reference(&rest[at..]).unwrap_or((Cow::Borrowed("&"), 1));
        decoded.push_str(&found);
        rest = &rest[at + length..];
    }
    decoded.push_str(rest);
    decoded
}

/// What the reference at the beginning of `text` stands for, and its length.
fn reference(text: &str) -> Option<(Cow<'static, str>, usize)> {
    if let Some(number) = text.strip_prefix("&#") {
        return numeric(number).map(|(found, length)| (found.to_string().into(), 2 + length));
    }
    let named = [
        ("&amp", "&"),
        ("&lt", "<"),
        ("&gt", ">"),
        ("&quot", "\""),
        ("&apos", "'"),
    ];
    let (name, stands_for) = named.into_iter().find(|(name, _)| text.starts_with(name))?;
    let next = text.as_bytes().get(name.len());
    match next {
        Some(b';') => Some((stands_for.into(), name.len() + 1)),
        // Without `;` it counts only where no longer word and no `=` follows, and `&apos` never does.
        Some(b'=') => None,
        Some(byte) if byte.is_ascii_alphanumeric() => None,
        _ if name == "&apos" => None,
        _ => Some((stands_for.into(), name.len())),
    }
}

fn numeric(text: &str) -> Option<(char, usize)> {
    let (digits, radix, marks) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (text, 10, 0),
    };
    let count = digits
        .bytes()
        .take_while(|byte| char::from(*byte).is_digit(radix))
        .count();
    if count == 0 {
        return None;
    }
    let value = u32::from_str_radix(&digits[..count], radix).unwrap_or(u32::MAX);
    let found = char::from_u32(value)
        .filter(|found| *found != '\0')
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    let semicolon = usize::from(digits[count..].starts_with(';'));
    Some((found, marks + count + semicolon))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_as_in_attributes() {
        let check = |raw: &str, wanted: &str| assert_eq!(decode(raw.as_bytes()), wanted, "{raw}");
        check("a?b=1&amp;c=2&d=3", "a?b=1&c=2&d=3");
        check("&lt;&gt;&quot;&apos;&#65;&#x42;&#X43", "<>\"'ABC");
        check("&amp=1&ltx&amp &copy;&apos&", "&amp=1&ltx& &copy;&apos&");
        check("&#0;&#xd800;&#99999999999;&#;&#x;", "\u{fffd}\u{fffd}\u{fffd}&#;&#x;");
        assert_eq!(decode(b"\xff&amp;"), "\u{fffd}&");
    }
}
