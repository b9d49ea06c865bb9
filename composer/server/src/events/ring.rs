//! The last events of one app, as many as fit: what a tab missed that was away for a while.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use contract::{
    Topic,
    feed::{Opening, Place},
};

/// More events than these are not kept of one app.
pub(crate) const MOST_EVENTS: usize = 1_024;
/// Nor more bytes.
const MOST_BYTES: usize = 1 << 20;

/// One event, as the app's feed told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its place in the app's log.
    pub(crate) number: u64,
    /// When it was, in milliseconds since 1970.
    pub(crate) at_ms: u64,
    pub(crate) topic: Topic,
    /// Who may hear it; `None` is everybody.
    pub(crate) audiences: Option<Vec<String>>,
    /// JSON in one line.
    pub(crate) value: Bytes,
}

/// The last events of a log, without a gap.
#[derive(Debug)]
pub(crate) struct Ring {
    log: String,
    /// All events behind this one are here.
    floor: u64,
    /// All events from this moment on are here.
    whole_from_ms: u64,
    events: VecDeque<Arc<Event>>,
    bytes: usize,
}

/// An event comes again, or too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutOfOrder;

impl Ring {
    /// A log that begins, for us, where `opening` says; it was opened at `now_ms`.
    pub(crate) fn new(opening: &Opening, now_ms: u64) -> Self {
        Self {
            log: opening.log.clone(),
            floor: opening.after,
            whole_from_ms: if opening.after == 0 { 0 } else { now_ms },
            events: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Where the next event follows.
    pub(crate) fn head(&self) -> Place {
        Place {
            log: self.log.clone(),
            number: self.last(),
        }
    }

    fn last(&self) -> u64 {
        self.events.back().map_or(self.floor, |event| event.number)
    }

    /// Adds an event behind all others; the oldest go where there is no room.
    ///
    /// # Errors
    /// When it isn't behind all others.
    pub(crate) fn push(&mut self, event: Event) -> Result<(), OutOfOrder> {
        if event.number <= self.last() {
            return Err(OutOfOrder);
        }
        if self.events.is_empty() {
            self.whole_from_ms = self.whole_from_ms.min(event.at_ms);
        }
        self.bytes += weight(&event);
        self.events.push_back(Arc::new(event));
        while self.events.len() > MOST_EVENTS || (self.bytes > MOST_BYTES && self.events.len() > 1) {
            let Some(gone) = self.events.pop_front() else { break };
            self.bytes -= weight(&gone);
            self.floor = gone.number;
            self.whole_from_ms = self.whole_from_ms.max(gone.at_ms.saturating_add(1));
        }
        Ok(())
    }

    /// The events behind `place`; `None` where some of them are no more, or it is of another log.
    pub(crate) fn behind<'r>(&'r self, place: &Place) -> Option<impl Iterator<Item = &'r Arc<Event>> + use<'r>> {
        let is_here = place.log == self.log && (self.floor..=self.last()).contains(&place.number);
        let from = self.events.partition_point(|event| event.number <= place.number);
        is_here.then(|| self.events.range(from..))
    }

    /// Behind which event all have been since `moment_ms`; `None` where some of them are no more.
    pub(crate) fn since(&self, moment_ms: u64) -> Option<Place> {
        let older = self.events.iter().take_while(|event| event.at_ms < moment_ms).last();
        let number = older.map_or(self.floor, |event| event.number);
        let log = self.log.clone();
        (self.whole_from_ms <= moment_ms).then_some(Place { log, number })
    }
}

fn weight(event: &Event) -> usize {
    let audiences = event.audiences.iter().flatten().map(|name| name.len() + 24);
    event.value.len() + event.topic.as_str().len() + audiences.sum::<usize>() + 128
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(after: u64, now_ms: u64) -> Ring {
        let log = "a".into();
        Ring::new(&Opening { log, after }, now_ms)
    }

    fn event(number: u64, at_ms: u64, bytes: usize) -> Event {
        Event {
            number,
            at_ms,
            topic: "shop:count".parse().unwrap(),
            audiences: None,
            value: vec![b'1'; bytes].into(),
        }
    }

    fn behind(ring: &Ring, log: &str, number: u64) -> Option<Vec<u64>> {
        let log = log.into();
        let events = ring.behind(&Place { log, number })?;
        Some(events.map(|event| event.number).collect())
    }

    #[test]
    fn who_was_away_hears_what_was_missed() {
        let mut ring = opened(3, 1_000);
        for number in [4, 6, 7] {
            ring.push(event(number, 1_000 + number, 1)).unwrap();
        }
        assert_eq!(behind(&ring, "a", 3), Some(vec![4, 6, 7]));
        assert_eq!(behind(&ring, "a", 5), Some(vec![6, 7]), "there may be gaps");
        assert_eq!(behind(&ring, "a", 7), Some(vec![]));
        assert_eq!(behind(&ring, "a", 2), None, "too old");
        assert_eq!(behind(&ring, "a", 8), None, "a log that has lost its end");
        assert_eq!(behind(&ring, "b", 7), None, "another log");
        assert_eq!(ring.push(event(7, 0, 1)), Err(OutOfOrder));
        assert_eq!(ring.head().to_string(), "a-7");
    }

    #[test]
    fn a_ring_keeps_so_many_and_so_much() {
        let mut ring = opened(0, 0);
        for number in 1..=2_000 {
            ring.push(event(number, number, 1)).unwrap();
        }
        assert_eq!((ring.events.len(), ring.floor), (MOST_EVENTS, 976));
        assert_eq!(behind(&ring, "a", 975), None);
        for number in 2_001..=2_200 {
            ring.push(event(number, number, 16 << 10)).unwrap();
        }
        assert!(ring.bytes <= MOST_BYTES && ring.events.len() < 70);
        assert_eq!(behind(&ring, "a", ring.floor).unwrap().len(), ring.events.len());
    }

    #[test]
    fn a_page_hears_what_has_been_since_it_was_made() {
        let mut ring = opened(3, 1_000);
        assert_eq!(ring.since(999), None, "what was before it was opened isn't known");
        assert_eq!(ring.since(1_000).unwrap().number, 3);
        ring.push(event(4, 500, 1)).unwrap();
        ring.push(event(5, 600, 1)).unwrap();
        assert_eq!(ring.since(499), None);
        assert_eq!(ring.since(500).unwrap().number, 3);
        assert_eq!(ring.since(501).unwrap().number, 4);
        assert_eq!(ring.since(2_000).unwrap().number, 5);
        assert_eq!(opened(0, 1_000).since(0).unwrap().number, 0, "a log that is whole");
        for number in 6..2_000 {
            ring.push(event(number, number + 1_000, 1)).unwrap();
        }
        assert_eq!(ring.since(ring.floor + 1_000), None);
        assert_eq!(ring.since(ring.floor + 1_001).unwrap().number, ring.floor);
    }
}
