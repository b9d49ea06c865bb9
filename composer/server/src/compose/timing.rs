//! What each slot of a page took, for `Server-Timing` (<https://www.w3.org/TR/server-timing/>).

use composer_fetch::Event;
use contract::{
    FragmentId,
    slot::{DATA_SOURCE, DATA_TOOK_MS, DATA_WHY},
};
use http::{HeaderName, HeaderValue};
use tokio::time::Instant;

/// The header, and the trailer.
pub(crate) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// A longer list is cut.
const MAX_ENTRIES: usize = 64;
const MAX_BYTES: usize = 4 << 10;
/// Longer than one entry is.
const ENTRY_BYTES: usize = 40;

/// When a slot was asked for and when the first of it came, in microseconds since its page began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timing {
    asked: u32,
    came: Option<(u32, Source)>,
    /// True when the page's head has said it.
    is_told: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Fresh,
    Hit,
    Stale,
    Fallback,
}

/// Since `begun`, in microseconds.
pub(super) fn micros(begun: Instant) -> u32 {
    u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX)
}

impl Timing {
    pub(super) fn new(asked: u32) -> Self {
        Self {
            asked,
            came: None,
            is_told: false,
        }
    }

    /// Takes note of the first of a slot's events; false for the others.
    pub(super) fn note(&mut self, event: &Event, begun: Instant) -> bool {
        if self.came.is_some() {
            return false;
        }
        let now = Instant::now();
        let source = match event {
            Event::Kept(entry) if entry.fresh_until() <= now => Source::Stale,
            Event::Kept(_) => Source::Hit,
            Event::Failed(_) => Source::Fallback,
            Event::Head(_) | Event::Chunk(_) | Event::End => Source::Fresh,
        };
        let at = u32::try_from((now - begun).as_micros()).unwrap_or(u32::MAX);
        self.came = Some((at, source));
        true
    }

    /// The same as attributes of the slot, for the inspector; `why` says what failed.
    pub(super) fn attributes(&self, why: Option<&str>) -> String {
        let Some((came, source)) = self.came else {
            return String::new();
        };
        let mut out = format!(" {DATA_SOURCE}=\"{}\" {DATA_TOOK_MS}=\"", source.as_str());
        push_ms(&mut out, came.saturating_sub(self.asked));
        out.push('"');
        if let Some(why) = why {
            out.extend([" ", DATA_WHY, "=\"", why, "\""]);
        }
        out
    }
}

impl Source {
    fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Hit => "hit",
            Self::Stale => "stale",
            Self::Fallback => "fallback",
        }
    }
}

/// What is known when the page's head goes out, `total_micros` after its beginning.
pub(super) fn at_head<'t>(
    total_micros: u32,
    slots: impl Iterator<Item = (&'t FragmentId, &'t mut Timing)>,
) -> Option<HeaderValue> {
    let mut out = String::with_capacity(512);
    out.push_str("total;dur=");
    push_ms(&mut out, total_micros);
    for (fragment, timing) in slots.take(MAX_ENTRIES - 1) {
        timing.is_told = timing.came.is_some();
        push(&mut out, fragment, timing, "pending");
    }
    HeaderValue::from_maybe_shared(bytes::Bytes::from(out)).ok()
}

/// What has become of the slots that were waited for then.
pub(super) fn at_end<'t>(slots: impl Iterator<Item = (&'t FragmentId, &'t Timing)>) -> Option<HeaderValue> {
    let mut out = String::new();
    for (fragment, timing) in slots.filter(|(_, timing)| !timing.is_told).take(MAX_ENTRIES) {
        push(&mut out, fragment, timing, "fallback");
    }
    let out = out.strip_prefix(", ")?;
    HeaderValue::from_str(out).ok()
}

fn push(out: &mut String, fragment: &FragmentId, timing: &Timing, missing: &str) {
    let names = fragment.app.as_str().len() + fragment.fragment.as_str().len();
    if out.len() + names + ENTRY_BYTES > MAX_BYTES {
        return;
    }
    for part in [", ", fragment.app.as_str(), "-", fragment.fragment.as_str()] {
        out.push_str(part);
    }
    let Some((came, source)) = timing.came else {
        out.push_str(";desc=");
        out.push_str(missing);
        return;
    };
    out.push_str(";dur=");
    push_ms(out, came.saturating_sub(timing.asked));
    out.push_str(";desc=");
    out.push_str(source.as_str());
}

fn push_ms(out: &mut String, micros: u32) {
    let tenths = micros / 100;
    push_number(out, tenths / 10);
    out.push('.');
    push_number(out, tenths % 10);
}

/// As `write!` does, which takes longer than all the rest.
fn push_number(out: &mut String, number: u32) {
    if number >= 10 {
        push_number(out, number / 10);
    }
    out.extend(char::from_digit(number % 10, 10));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(count: usize, name: &str) -> Vec<(FragmentId, Timing)> {
        let slot = |at: usize| {
            let timing = Timing {
                came: at.is_multiple_of(2).then_some((12_345, Source::Fresh)),
                ..Timing::new(345)
            };
            (format!("shop/{name}").parse().unwrap(), timing)
        };
        (0..count).map(slot).collect()
    }

    fn head(slots: &mut [(FragmentId, Timing)]) -> String {
        let slots = slots.iter_mut().map(|(id, timing)| (&*id, timing));
        at_head(20_000, slots).unwrap().to_str().unwrap().to_owned()
    }

    fn end(slots: &[(FragmentId, Timing)]) -> Option<String> {
        let found = at_end(slots.iter().map(|(id, timing)| (id, timing)))?;
        Some(found.to_str().unwrap().to_owned())
    }

    #[test]
    fn what_is_not_known_at_the_head_is_said_at_the_end() {
        let mut slots = slots(2, "price");
        let expected = "total;dur=20.0, shop-price;dur=12.0;desc=fresh, shop-price;desc=pending";
        assert_eq!(head(&mut slots), expected);
        slots[1].1.came = Some((400, Source::Fallback));
        assert_eq!(end(&slots).unwrap(), "shop-price;dur=0.0;desc=fallback");
        assert_eq!(end(&slots[..1]), None);
    }

    #[test]
    fn times_have_a_tenth_of_a_millisecond() {
        for (micros, text) in [
            (0, "0.0"),
            (99, "0.0"),
            (999, "0.9"),
            (10_050, "10.0"),
            (u32::MAX, "4294967.2"),
        ] {
            let mut out = String::new();
            push_ms(&mut out, micros);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn a_long_list_is_cut() {
        assert_eq!(head(&mut slots(200, "a")).matches("shop-a").count(), 63);
        let long = "a".repeat(30);
        let text = head(&mut slots(200, &long));
        assert!(
            text.len() <= MAX_BYTES && text.matches("shop-a").count() > 50,
            "{}",
            text.len()
        );
    }
}
