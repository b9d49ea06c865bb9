//! The whole body of a fragment, kept for several pages, and what the scanner makes of it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use composer_html::{Context, Limits, Mode, Piece, ScanError, Scanner};

use crate::{
    head::Lifted,
    part::{Part, Parts, Place},
};

/// So many readings are kept; a body that stands in more surroundings than that is read each time.
const MOST_READINGS: usize = 4;

/// A whole body, scanned once for each surrounding that it stands in.
pub struct Kept {
    raw: Bytes,
    readings: Mutex<Vec<Arc<Reading>>>,
}

/// What the scanner made of a body.
#[derive(Debug)]
pub(crate) struct Reading {
    within: Context,
    has_slots: bool,
    pub(crate) head: Lifted,
    pub(crate) parts: Parts,
    /// True when there is more than white space.
    pub(crate) has_content: bool,
    /// The limit that it breaks.
    pub(crate) broken: Option<ScanError>,
}

impl Kept {
    /// Keeps `raw`, all that a fragment sent.
    pub fn new(raw: Bytes) -> Self {
        Self {
            raw,
            readings: Mutex::default(),
        }
    }

    /// The body as it was sent.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The memory that it takes now, in bytes; its readings share the bytes of the body.
    pub fn weight(&self) -> usize {
        let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        size_of::<Self>() + self.raw.len() + readings.iter().map(|reading| reading.weight()).sum::<usize>()
    }

    /// What it is `within` these surroundings, for a fragment that may include others or not.
    pub(crate) fn read(&self, within: Context, has_slots: bool) -> Arc<Reading> {
        let fits = |reading: &&Arc<Reading>| reading.within == within && reading.has_slots == has_slots;
        {
            let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(reading) = readings.iter().find(fits) {
                return Arc::clone(reading);
            }
        }
        // Not under the lock: who reads the same at the same time reads it twice.
        let reading = Arc::new(Reading::new(self.raw.clone(), within, has_slots));
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        if readings.len() < MOST_READINGS && !readings.iter().any(|known| fits(&known)) {
            readings.push(Arc::clone(&reading));
        }
        reading
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("bytes", &self.raw.len())
            .finish_non_exhaustive()
    }
}

impl Reading {
    fn new(raw: Bytes, within: Context, has_slots: bool) -> Self {
        let mut scanner = Scanner::new(Mode::Fragment { slots: has_slots }, Limits::default()).within(within);
        let mut pieces = Vec::new();
        let broken = scanner.push(raw, &mut pieces).err();
        scanner.finish(&mut pieces);
        let mut head = Lifted::default();
        let mut parts = Vec::new();
        for piece in pieces {
            parts.push(match piece {
                Piece::Head(part) => {
                    head.add(part);
                    continue;
                }
                Piece::HeadEnd => continue,
                Piece::Html(bytes) => Part::kept(bytes),
                Piece::Slot(tag) => Part::Slot(Arc::new(Place::new(tag))),
                Piece::Fallback(bytes) => Part::Fallback(bytes),
                Piece::SlotEnd => Part::SlotEnd,
            });
        }
        Self {
            within,
            has_slots,
            head,
            has_content: parts.iter().any(Part::is_content),
            parts: parts.into(),
            broken,
        }
    }

    /// Its slots, in order.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Arc<Place>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Slot(place) => Some(place),
            _ => None,
        })
    }

    fn weight(&self) -> usize {
        let parts = self.parts.iter().map(Part::weight).sum::<usize>();
        size_of::<Self>() + self.head.weight() + parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_once_for_each_surrounding() {
        let kept = Kept::new("<p>a<fragment-slot src=\"a/b\"></fragment-slot>".into());
        let (one, again) = (kept.read(Context::default(), true), kept.read(Context::default(), true));
        assert!(Arc::ptr_eq(&one, &again));
        let other = kept.read(Context::default(), false);
        assert_eq!((one.places().count(), other.places().count()), (1, 0));
        let light = Kept::new(kept.raw().clone());
        assert!(kept.weight() > light.weight());
    }

    #[test]
    fn a_body_that_stands_everywhere_is_not_read_into_all_memory() {
        let kept = Kept::new("<a href=/>x</a>".into());
        let contexts = surroundings();
        assert!(contexts.len() > MOST_READINGS);
        for within in &contexts {
            kept.read(*within, false);
        }
        let weight = kept.weight();
        for within in &contexts {
            kept.read(*within, true);
        }
        assert_eq!(kept.weight(), weight);
    }

    /// Surroundings that differ.
    fn surroundings() -> Vec<Context> {
        let html = ["", "<p>", "<a>", "<ul><li>", "<form>", "<button>", "<nobr>"];
        let context = |html: &str| {
            let text = format!("{html}<fragment-slot src=\"a/b\"></fragment-slot>");
            let reading = Reading::new(text.into(), Context::default(), true);
            reading.places().next().unwrap().context
        };
        let mut all: Vec<Context> = html.map(context).into();
        all.dedup();
        all
    }
}
