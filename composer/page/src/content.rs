//! What has arrived for one slot.

use std::{collections::VecDeque, mem, sync::Arc};

use bytes::Bytes;
use composer_html::{Context, Limits, Mode, Piece, ScanError, Scanner};
use contract::SlotSource;

use crate::{
    head::Lifted,
    offer::Offer,
    slot::{Outcome, Part, SlotId},
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
    pub(crate) head: Lifted,
    pub(crate) head_over: bool,
    pub(crate) parts: VecDeque<Part>,
    /// True as soon as there is more than white space.
    pub(crate) has_content: bool,
    /// True as soon as its start tag is out.
    pub(crate) entered: bool,
    pub(crate) phase: Phase,
    scanner: Scanner,
    scanned_within: Context,
    /// All that arrived, as long as its surroundings may turn out to be others than the scanner was told.
    raw: Option<Vec<Bytes>>,
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
            scanner: scanner(&offer, within),
            source,
            offer,
            parent,
            place: None,
            head: Lifted::default(),
            head_over: false,
            parts: VecDeque::new(),
            has_content: false,
            entered: false,
            phase: Phase::Open,
            scanned_within: within,
            raw: (!settled).then(Vec::new),
        }
    }

    pub(crate) fn scan(&mut self, bytes: Bytes, pieces: &mut Vec<Piece>) -> Result<(), ScanError> {
        if let Some(raw) = &mut self.raw {
            raw.push(bytes.clone());
        }
        self.scanner.push(bytes, pieces)
    }

    pub(crate) fn finish(&mut self, pieces: &mut Vec<Piece>) {
        self.scanner.finish(pieces);
    }

    pub(crate) fn push(&mut self, part: Part) {
        self.has_content |= !matches!(&part, Part::Html(bytes) if bytes.trim_ascii().is_empty());
        self.parts.push_back(part);
    }

    /// True when its surroundings are known for good.
    pub(crate) fn is_settled(&self) -> bool {
        self.raw.is_none()
    }

    /// Settles its surroundings. Where the scanner was told others, what arrived is scanned once more, into `pieces`.
    pub(crate) fn settle(&mut self, pieces: &mut Vec<Piece>) -> Settled {
        let within = self.place.unwrap_or_default();
        let Some(raw) = self.raw.take() else {
            return Settled::Before;
        };
        if within == self.scanned_within {
            return Settled::AsItIs;
        }
        self.scanned_within = within;
        self.scanner = scanner(&self.offer, within);
        self.head = Lifted::default();
        self.has_content = false;
        for bytes in raw {
            // A limit that is reached again has closed the slot before: what follows is not wanted.
            if self.scanner.push(bytes, pieces).is_err() {
                break;
            }
        }
        if self.phase != Phase::Open {
            self.scanner.finish(pieces);
        }
        Settled::Anew(mem::take(&mut self.parts))
    }
}

/// What settling a slot changed.
pub(crate) enum Settled {
    /// It was settled.
    Before,
    /// The guess was right.
    AsItIs,
    /// The guess was wrong: these parts are void.
    Anew(VecDeque<Part>),
}

fn scanner(offer: &Offer, within: Context) -> Scanner {
    let slots = !offer.terms.includes.is_empty();
    Scanner::new(Mode::Fragment { slots }, Limits::default()).within(within)
}
