//! What has arrived for one slot.

use std::{collections::VecDeque, mem, sync::Arc};

use bytes::Bytes;
use composer_html::{Context, HeadPart, Limits, Mode, Piece, ScanError, Scanner};
use contract::SlotSource;

use crate::{
    head::Lifted,
    kept::{Kept, Reading},
    offer::Offer,
    part::{Part, Placed, Script},
    slot::{Outcome, SlotId},
};

/// One slot's bytes, scanned as they arrive.
#[derive(Debug)]
pub(crate) struct Content {
    /// What it shows; only params that the fragment reads.
    pub(crate) source: SlotSource,
    pub(crate) offer: Arc<Offer>,
    pub(crate) parent: Option<SlotId>,
    /// What surrounds its element, once one is found: eager slots begin without one.
    pub(crate) place: Option<Context>,
    head: Lifted,
    pub(crate) head_over: bool,
    body: Body,
    /// The memory that its parts take until their turn; those of a kept body take none.
    pub(crate) held_bytes: usize,
    /// True as soon as there is more than white space.
    pub(crate) has_content: bool,
    /// True as soon as its start tag is out.
    pub(crate) entered: bool,
    pub(crate) phase: Phase,
    /// Made for the first bytes.
    scanner: Option<Scanner>,
    scanned_within: Context,
    /// True when its surroundings are known for good.
    is_settled: bool,
    /// All that arrived, until that.
    raw: Vec<Bytes>,
    kept: Option<(Arc<Kept>, Arc<Reading>)>,
}

/// What waits for its turn.
#[derive(Debug)]
enum Body {
    Arriving(VecDeque<Part<Placed>>),
    Kept(Script),
}

/// Whether more may arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    Closed(Outcome),
    Unwanted,
}

impl Content {
    /// Nothing yet; `within` is a guess where the slot is not `settled`.
    pub(crate) fn new(
        source: SlotSource,
        offer: Arc<Offer>,
        parent: Option<SlotId>,
        within: Context,
        settled: bool,
    ) -> Self {
        Self {
            source,
            offer,
            parent,
            place: None,
            head: Lifted::default(),
            head_over: false,
            body: Body::Arriving(VecDeque::new()),
            held_bytes: 0,
            has_content: false,
            entered: false,
            phase: Phase::Open,
            scanner: None,
            scanned_within: within,
            is_settled: settled,
            raw: vec![],
            kept: None,
        }
    }

    pub(crate) fn scan(&mut self, bytes: Bytes, pieces: &mut Vec<Piece>) -> Result<(), ScanError> {
        if !self.is_settled {
            self.raw.push(bytes.clone());
        }
        let (offer, within) = (&self.offer, self.scanned_within);
        let scanner = self.scanner.get_or_insert_with(|| scanner(offer, within));
        scanner.push(bytes, pieces)
    }

    pub(crate) fn finish(&mut self, pieces: &mut Vec<Piece>) {
        if let Some(scanner) = &mut self.scanner {
            scanner.finish(pieces);
        }
    }

    /// What its kept body is in its surroundings; `None` when bytes have arrived.
    pub(crate) fn keep(&mut self, kept: &Arc<Kept>) -> Option<Arc<Reading>> {
        if self.scanner.is_some() {
            return None;
        }
        let reading = kept.read(self.scanned_within, self.has_slots());
        self.kept = Some((Arc::clone(kept), Arc::clone(&reading)));
        Some(reading)
    }

    /// Goes through `reading`, whose slots are `placed`.
    pub(crate) fn begin(&mut self, reading: &Reading, placed: Vec<Placed>) {
        self.has_content = reading.has_content;
        self.body = Body::Kept(Script::new(Arc::clone(&reading.parts), placed));
    }

    /// Whether slots in it have a meaning.
    fn has_slots(&self) -> bool {
        !self.offer.terms.includes.is_empty()
    }

    pub(crate) fn lift(&mut self, part: HeadPart) {
        self.head.add(part);
    }

    /// What it has for the page's head.
    pub(crate) fn lifted(&self) -> &Lifted {
        match &self.kept {
            Some((_, reading)) => &reading.head,
            None => &self.head,
        }
    }

    /// Adds a part; gives the memory that it takes.
    pub(crate) fn push(&mut self, part: Part<Placed>) -> usize {
        self.has_content = self.has_content || part.is_content();
        let held_bytes = part.held_bytes();
        if let Body::Arriving(parts) = &mut self.body {
            self.held_bytes += held_bytes;
            parts.push_back(part);
            return held_bytes;
        }
        0
    }

    /// The next part, and the memory that it took.
    pub(crate) fn take(&mut self) -> Option<(Part<Placed>, usize)> {
        match &mut self.body {
            Body::Kept(script) => Some((script.next()?, 0)),
            Body::Arriving(parts) => {
                let part = parts.pop_front()?;
                let held_bytes = part.held_bytes();
                self.held_bytes -= held_bytes;
                Some((part, held_bytes))
            }
        }
    }

    /// Throws away all parts; gives the memory that they took.
    pub(crate) fn clear(&mut self) -> usize {
        self.body = Body::Arriving(VecDeque::new());
        mem::take(&mut self.held_bytes)
    }

    /// True when its surroundings are known for good.
    pub(crate) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// Settles its surroundings. Where the scanner was told others, what arrived is scanned once more, into `pieces`.
    pub(crate) fn settle(&mut self, pieces: &mut Vec<Piece>) -> Settled {
        let within = self.place.unwrap_or_default();
        if mem::replace(&mut self.is_settled, true) {
            return Settled::Before;
        }
        let raw = mem::take(&mut self.raw);
        if within == self.scanned_within {
            return Settled::AsItIs;
        }
        self.scanned_within = within;
        self.head = Lifted::default();
        self.has_content = false;
        if let Some((kept, _)) = self.kept.take() {
            return Settled::Kept(kept);
        }
        self.scanner = None;
        for bytes in raw {
            // A limit that is reached again has closed the slot before: what follows is not wanted.
            if self.scan(bytes, pieces).is_err() {
                break;
            }
        }
        if self.phase != Phase::Open {
            self.finish(pieces);
        }
        Settled::Anew
    }
}

/// What settling a slot changed.
pub(crate) enum Settled {
    /// It was settled.
    Before,
    /// The guess was right.
    AsItIs,
    /// The guess was wrong: its parts are void.
    Anew,
    /// The guess was wrong for a kept body, which is to be read again.
    Kept(Arc<Kept>),
}

fn scanner(offer: &Offer, within: Context) -> Scanner {
    let slots = !offer.terms.includes.is_empty();
    Scanner::new(Mode::Fragment { slots }, Limits::default()).within(within)
}
