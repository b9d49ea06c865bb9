//! The trace that a request belongs to (<https://www.w3.org/TR/trace-context/>).

use std::fmt;

use contract::header::TRACEPARENT;
use http::HeaderMap;

/// A trace and a span in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trace {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    sampled: bool,
}

impl Trace {
    /// This BFF's own span: below the caller's when the caller named one, else the first of a new trace.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let caller = headers
            .get(TRACEPARENT)
            .and_then(|value| value.to_str().ok())
            .and_then(Self::parse);
        caller.map_or_else(Self::root, |caller| caller.child())
    }

    /// A span below this one, for a call to a service.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span_id: random(),
            ..*self
        }
    }

    /// The trace's id, 32 hex digits.
    pub fn trace_id(&self) -> String {
        hex(&self.trace_id)
    }

    /// The span's id, 16 hex digits.
    pub fn span_id(&self) -> String {
        hex(&self.span_id)
    }

    fn root() -> Self {
        Self {
            trace_id: random(),
            span_id: random(),
            sampled: false,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = parts.next().filter(|version| version.len() == 2 && *version != "ff")?;
        let trace_id = unhex(parts.next()?)?;
        let span_id = unhex(parts.next()?)?;
        let [flags] = unhex(parts.next()?)?;
        // Later versions may add parts, this one has none (§3.2.1 and §4.3).
        if (version == "00" && parts.next().is_some()) || trace_id == [0; 16] || span_id == [0; 8] {
            return None;
        }
        Some(Self {
            trace_id,
            span_id,
            sampled: flags & 1 == 1,
        })
    }
}

/// The header's value.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{}-{}-{:02x}",
            self.trace_id(),
            self.span_id(),
            u8::from(self.sampled)
        )
    }
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Ids that could be guessed would be worse than none.
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if text.len() != 2 * N || !text.bytes().all(lower) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_reads_back_what_it_writes() {
        assert_eq!(Trace::parse(GOOD).unwrap().to_string(), GOOD);
    }

    #[test]
    fn a_child_keeps_the_trace_and_has_a_span_of_its_own() {
        let parent = Trace::parse(GOOD).unwrap();
        let child = parent.child();
        assert_eq!(child.trace_id(), parent.trace_id());
        assert_ne!(child.span_id(), parent.span_id());
    }

    #[test]
    fn what_is_no_trace_context_is_left_out() {
        for bad in [
            "",
            "00",
            "00-0-0-0",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            assert_eq!(Trace::parse(bad), None, "{bad}");
        }
        assert!(Trace::parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x").is_some());
    }
}
