//! Gives each fetch a span of its own within the page's trace (<https://www.w3.org/TR/trace-context/#traceparent-header>).

/// `00-<32 digits of the trace>-<16 digits of the span>-<2 digits of flags>`: where the span stands.
const SPAN: std::ops::Range<usize> = 36..52;

const DIGITS: [u8; 16] = *b"0123456789abcdef";

/// The `traceparent` of a fetch for a page with this one; what is of another length goes on as it is.
pub(crate) fn child(page: &[u8]) -> Vec<u8> {
    let mut text = page.to_vec();
    if text.len() == 55
        && let Some(span) = text.get_mut(SPAN)
    {
        let mut id = fastrand::u64(1..);
        for digit in span.iter_mut().rev() {
            *digit = DIGITS[(id & 15) as usize];
            id >>= 4;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fetch_has_a_span_of_its_own_in_the_same_trace() {
        let page = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let child = |page: &str| String::from_utf8(child(page.as_bytes())).unwrap();
        let (one, other) = (child(page), child(page));
        for text in [&one, &other] {
            assert!(
                text.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && text.ends_with("-01"),
                "{text}"
            );
            assert_ne!(text, page);
        }
        assert_ne!(one, other);
        assert_eq!(child("01-x"), "01-x");
    }
}
