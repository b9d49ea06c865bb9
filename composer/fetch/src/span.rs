//! Gives each fetch a span of its own within the page's trace (<https://www.w3.org/TR/trace-context/#traceparent-header>).

use http::HeaderValue;

/// `00-<32 digits of the trace>-<16 digits of the span>-<2 digits of flags>`: where the span stands.
const SPAN: std::ops::Range<usize> = 36..52;

const DIGITS: [u8; 16] = *b"0123456789abcdef";

/// The `traceparent` of a fetch for a page with this one; anything else than version 00 goes on as it is.
pub(crate) fn child(page: &HeaderValue) -> HeaderValue {
    let mut text = page.as_bytes().to_vec();
    if text.len() == 55
        && let Some(span) = text.get_mut(SPAN)
    {
        let mut id = fastrand::u64(1..);
        for digit in span.iter_mut().rev() {
            *digit = DIGITS[(id & 15) as usize];
            id >>= 4;
        }
    }
    HeaderValue::from_maybe_shared(bytes::Bytes::from(text)).unwrap_or_else(|_| page.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fetch_has_a_span_of_its_own_in_the_same_trace() {
        let page = HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        let (one, other) = (child(&page), child(&page));
        for span in [&one, &other] {
            let text = span.to_str().unwrap();
            assert!(
                text.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && text.ends_with("-01"),
                "{text}"
            );
            assert_ne!(*span, page);
        }
        assert_ne!(one, other);
        assert_eq!(child(&HeaderValue::from_static("01-x")), "01-x");
    }
}
