//! W3C trace context: the client's trace is continued, or one begun (<https://www.w3.org/TR/trace-context/>).

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::hex::hex;

/// The header's name.
pub(crate) const TRACEPARENT: HeaderName = HeaderName::from_static(contract::header::TRACEPARENT);

/// The `traceparent` for requests on behalf of the one with these headers.
pub(crate) fn outgoing(received: &HeaderMap) -> HeaderValue {
    let mut values = received.get_all(TRACEPARENT).iter();
    let given = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().and_then(parse),
        _ => None,
    };
    let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
    match given {
        Some((trace, flags)) => {
            text[3..35].copy_from_slice(trace.as_bytes());
            text[53..].copy_from_slice(&hex::<2>(flags.into()));
        }
        None => text[3..35].copy_from_slice(&hex::<32>(fastrand::u128(1..))),
    }
    text[36..52].copy_from_slice(&hex::<16>(fastrand::u64(1..).into()));
    HeaderValue::from_bytes(&text).expect("a trace is hexadecimal")
}

/// The trace that the request with these headers belongs to: 32 hexadecimal digits, once its `traceparent` is our own.
pub(crate) fn id(headers: &HeaderMap) -> Option<&str> {
    headers.get(TRACEPARENT)?.to_str().ok()?.split('-').nth(1)
}

/// Reads trace and flags; of later versions what version 00 has, too.
fn parse(text: &str) -> Option<(&str, u8)> {
    let mut parts = text.split('-');
    let mut part = |digits: usize| {
        let part = parts.next()?;
        let hexadecimal = part.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
        (part.len() == digits && hexadecimal).then_some(part)
    };
    let (version, trace, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
    let is_zero = |part: &str| part.bytes().all(|b| b == b'0');
    let ended = parts.next().is_none();
    if version == "ff" || (version == "00" && !ended) || is_zero(trace) || is_zero(span) {
        return None;
    }
    // The only flag that version 00 knows is `sampled`.
    let flags = u8::from_str_radix(flags, 16).ok()? & 1;
    Some((trace, flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn check(given: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, HeaderValue::from_str(given).unwrap());
        outgoing(&headers).to_str().unwrap().to_owned()
    }

    #[test]
    fn a_trace_goes_on_with_a_span_of_our_own() {
        let sent = check(&format!("00-{TRACE}-b7ad6b7169203331-01"));
        assert!(
            sent.starts_with(&format!("00-{TRACE}-")) && sent.ends_with("-01"),
            "{sent}"
        );
        assert!(!sent.contains("b7ad6b7169203331"), "{sent}");
        let later = check(&format!("01-{TRACE}-b7ad6b7169203331-ff-more"));
        assert!(
            later.starts_with(&format!("00-{TRACE}-")) && later.ends_with("-01"),
            "{later}"
        );
    }

    #[test]
    fn a_broken_trace_is_begun_anew() {
        let zeros = "00000000000000000000000000000000";
        for broken in [
            "",
            "x",
            &format!("ff-{TRACE}-b7ad6b7169203331-01"),
            &format!("00-{TRACE}-b7ad6b7169203331-01-more"),
            &format!("00-{zeros}-b7ad6b7169203331-01"),
            &format!("00-{TRACE}-0000000000000000-01"),
            &format!("00-{}-b7ad6b7169203331-01", TRACE.to_uppercase()),
        ] {
            let sent = check(broken);
            assert!(
                !sent.contains(TRACE) && sent.len() == 55 && parse(&sent).is_some(),
                "{broken}: {sent}"
            );
        }
    }
}
