//! The slots of one response: what has arrived for each, and the slots found in what arrived.

mod open;

use std::{mem, sync::Arc};

use bytes::Bytes;
use composer_html::Piece;
use contract::{FragmentId, SlotSource};

use crate::{
    content::{Content, Phase, Settled},
    error::StitchError,
    head::Lifted,
    kept::{Kept, Reading},
    part::{Part, Place, Placed},
    site::Site,
    slot::{Fetch, Outcome, SlotId},
};

/// Most pages have no more slots than this.
const USUAL_SLOTS: usize = 8;
/// A page's own fragment with a few slots has about so many.
const USUAL_PIECES: usize = 16;
/// A slot that goes out whole, or not before its last bytes are there, goes out nonetheless when it holds this much.
const STREAMED_BYTES: usize = 64 << 10;

/// What a place shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Wait(SlotId),
    Fresh(SlotId),
    Fallback,
}

/// All slots of a response.
#[derive(Debug)]
pub(crate) struct Arrivals {
    site: Arc<Site>,
    slots: Vec<Content>,
    held_bytes: usize,
    limit_bytes: usize,
    /// What the scanner gives, before it is sorted.
    pieces: Vec<Piece>,
}

impl Arrivals {
    pub(crate) fn new(site: &Arc<Site>, limit_bytes: usize) -> Self {
        Self {
            site: Arc::clone(site),
            slots: Vec::with_capacity(USUAL_SLOTS),
            held_bytes: 0,
            limit_bytes,
            pieces: Vec::with_capacity(USUAL_PIECES),
        }
    }

    /// Takes bytes of `id`. Those of `current`, whose parts leave at once, don't count as held.
    pub(crate) fn fill(
        &mut self,
        id: SlotId,
        bytes: Bytes,
        current: Option<SlotId>,
    ) -> Result<Vec<Fetch>, StitchError> {
        let slot = awaited(&mut self.slots, id).ok_or(StitchError::Unwanted { slot: id })?;
        let mut pieces = mem::take(&mut self.pieces);
        let read = slot.scan(bytes, &mut pieces);
        let mut fetches = Vec::new();
        self.sort(id, &mut pieces, &mut fetches);
        self.pieces = pieces;
        let fragment = || self.slots[id.index()].offer.id.clone();
        let error = match read {
            Err(source) => StitchError::Scan {
                fragment: fragment(),
                source,
            },
            Ok(()) if self.held_bytes > self.limit_bytes && current != Some(id) => StitchError::Held {
                fragment: fragment(),
                limit_bytes: self.limit_bytes,
            },
            Ok(()) => return Ok(fetches),
        };
        for fetch in fetches {
            self.close(fetch.slot, Outcome::Failed);
        }
        Err(error)
    }

    /// Takes the whole of `id` at once.
    pub(crate) fn keep(&mut self, id: SlotId, kept: &Arc<Kept>) -> Result<Vec<Fetch>, StitchError> {
        let slot = awaited(&mut self.slots, id);
        let reading = slot.and_then(|slot| slot.keep(kept));
        let reading = reading.ok_or(StitchError::Unwanted { slot: id })?;
        let slot = &mut self.slots[id.index()];
        if let Some(source) = &reading.broken {
            return Err(StitchError::Scan {
                fragment: slot.offer.id.clone(),
                source: source.clone(),
            });
        }
        slot.head_over = true;
        slot.phase = Phase::Closed(Outcome::Complete);
        let mut fetches = Vec::new();
        self.place_kept(id, &reading, &mut fetches);
        self.learn(id);
        self.abandon(id, |child| child.place.is_none());
        Ok(fetches)
    }

    fn place_kept(&mut self, id: SlotId, reading: &Reading, fetches: &mut Vec<Fetch>) {
        let placed = reading.places().map(|place| self.place(id, Arc::clone(place), fetches));
        let placed = placed.collect();
        self.slots[id.index()].begin(reading, placed);
    }

    /// Ends `id`. A slot that broke off before its turn has nothing to show.
    pub(crate) fn close(&mut self, id: SlotId, outcome: Outcome) -> Vec<Fetch> {
        let Some(slot) = awaited(&mut self.slots, id) else {
            return vec![];
        };
        slot.head_over = true;
        if outcome != Outcome::Complete && !slot.entered {
            self.empty(id, Phase::Closed(Outcome::Failed));
            return vec![];
        }
        let complete = outcome == Outcome::Complete;
        slot.phase = Phase::Closed(if complete { outcome } else { Outcome::Cut });
        let mut pieces = mem::take(&mut self.pieces);
        slot.finish(&mut pieces);
        let mut fetches = Vec::new();
        self.sort(id, &mut pieces, &mut fetches);
        self.pieces = pieces;
        if complete {
            self.learn(id);
        }
        self.abandon(id, |child| child.place.is_none());
        fetches
    }

    /// Makes `html`, which nobody reads again, the whole of `id`.
    pub(crate) fn put(&mut self, id: SlotId, html: Bytes) {
        if let Some(slot) = awaited(&mut self.slots, id) {
            slot.head_over = true;
            slot.phase = Phase::Closed(Outcome::Complete);
            self.held_bytes += slot.push(Part::Html(html));
            self.abandon(id, |child| child.place.is_none());
        }
    }

    fn empty(&mut self, id: SlotId, phase: Phase) {
        let slot = &mut self.slots[id.index()];
        slot.phase = phase;
        self.held_bytes -= slot.clear();
        self.abandon(id, |_| true);
    }

    fn abandon(&mut self, parent: SlotId, which: fn(&Content) -> bool) {
        for at in 0..self.slots.len() {
            let slot = &self.slots[at];
            if slot.parent == Some(parent) && slot.phase != Phase::Unwanted && which(slot) {
                self.empty(SlotId::at(at), Phase::Unwanted);
            }
        }
    }

    fn sort(&mut self, id: SlotId, pieces: &mut Vec<Piece>, fetches: &mut Vec<Fetch>) {
        for piece in pieces.drain(..) {
            let part = match piece {
                Piece::Head(part) => {
                    self.slots[id.index()].lift(part);
                    continue;
                }
                Piece::HeadEnd => {
                    self.slots[id.index()].head_over = true;
                    continue;
                }
                Piece::Html(bytes) => Part::Html(bytes),
                Piece::Slot(tag) => Part::Slot(self.place(id, Arc::new(Place::new(tag)), fetches)),
                Piece::Fallback(bytes) => Part::Fallback(bytes),
                Piece::SlotEnd => Part::SlotEnd,
            };
            self.held_bytes += self.slots[id.index()].push(part);
        }
    }

    fn place(&mut self, including: SlotId, place: Arc<Place>, fetches: &mut Vec<Fetch>) -> Placed {
        let within = place.context;
        let mut placed = Placed {
            place: Arc::clone(&place),
            offer: None,
            slot: None,
        };
        let includes = &self.slots[including.index()].offer.terms.includes;
        let source = place.source.as_ref();
        let Some(source) = source.filter(|source| includes.contains(&source.fragment)) else {
            return placed;
        };
        placed.slot = self.begun(including, source);
        match placed.slot {
            Some(id) => {
                self.slots[id.index()].place = Some(within);
                if self.slots[including.index()].is_settled() {
                    self.settle(id, fetches);
                }
            }
            None => placed.slot = self.open(Some(including), source.clone(), Some(within), fetches),
        }
        placed.offer = match placed.slot {
            Some(id) => Some(Arc::clone(&self.slots[id.index()].offer)),
            None => self.site.offer(&source.fragment).cloned(),
        };
        placed
    }

    /// The eager slot of `including` that shows the same and that no element shows yet.
    fn begun(&self, including: SlotId, source: &SlotSource) -> Option<SlotId> {
        let at = self.slots.iter().position(|slot| {
            slot.parent == Some(including)
                && slot.place.is_none()
                && slot.source.fragment == source.fragment
                && source.params.are_only(&slot.offer.terms.params, &slot.source.params)
        })?;
        Some(SlotId::at(at))
    }

    /// Tells a slot, and those placed in it, that its surroundings are known for good.
    fn settle(&mut self, id: SlotId, fetches: &mut Vec<Fetch>) {
        let mut pieces = Vec::new();
        let children = |slots: &[Content]| -> Vec<SlotId> {
            let placed = |slot: &Content| slot.parent == Some(id) && slot.place.is_some();
            (0..slots.len())
                .filter(|at| placed(&slots[*at]))
                .map(SlotId::at)
                .collect()
        };
        let settled = self.slots[id.index()].settle(&mut pieces);
        match &settled {
            Settled::Before => return,
            Settled::AsItIs => {
                for child in children(&self.slots) {
                    self.settle(child, fetches);
                }
                return;
            }
            Settled::Anew | Settled::Kept(_) => {}
        }
        self.held_bytes -= self.slots[id.index()].clear();
        for child in children(&self.slots) {
            self.slots[child.index()].place = None;
        }
        let phase = self.slots[id.index()].phase;
        if matches!(phase, Phase::Open | Phase::Closed(Outcome::Complete)) {
            match settled {
                Settled::Kept(kept) => self.keep_again(id, &kept, fetches),
                _ => self.sort(id, &mut pieces, fetches),
            }
        }
        if phase != Phase::Open {
            self.abandon(id, |child| child.place.is_none());
        }
    }

    fn keep_again(&mut self, id: SlotId, kept: &Arc<Kept>, fetches: &mut Vec<Fetch>) {
        match self.slots[id.index()].keep(kept) {
            Some(reading) if reading.broken.is_none() => self.place_kept(id, &reading, fetches),
            _ => self.empty(id, Phase::Closed(Outcome::Failed)),
        }
    }

    /// What `placed` shows. Where slots may be overtaken, one that is not whole is waited for, unless it holds much already.
    pub(crate) fn decide(&self, placed: &Placed, overtaking: bool) -> Decision {
        let Some(id) = placed.slot else {
            return Decision::Fallback;
        };
        let slot = &self.slots[id.index()];
        match slot.phase {
            Phase::Open if !slot.has_content => Decision::Wait(id),
            Phase::Open if overtaking && !self.streams(id) => Decision::Wait(id),
            Phase::Open | Phase::Closed(Outcome::Complete) => Decision::Fresh(id),
            Phase::Closed(_) | Phase::Unwanted => Decision::Fallback,
        }
    }

    /// True for a slot that goes out before it is whole.
    fn streams(&self, id: SlotId) -> bool {
        id == SlotId::PRIMARY || self.slots[id.index()].held_bytes >= STREAMED_BYTES
    }

    /// The next part of a slot whose turn it is.
    pub(crate) fn take(&mut self, id: SlotId) -> Option<Part<Placed>> {
        let (part, held_bytes) = self.slots[id.index()].take()?;
        self.held_bytes -= held_bytes;
        Some(part)
    }

    /// Notes that the start tag of `id` goes out: from now on a break is a cut.
    pub(crate) fn enter(&mut self, id: SlotId) -> &Lifted {
        let slot = &mut self.slots[id.index()];
        slot.entered = true;
        slot.lifted()
    }

    /// How `id` ended, once it has.
    pub(crate) fn end(&self, id: SlotId) -> Option<Outcome> {
        match self.slots[id.index()].phase {
            Phase::Open => None,
            Phase::Closed(outcome) => Some(outcome),
            Phase::Unwanted => Some(Outcome::Failed),
        }
    }

    /// What waits for its turn.
    #[cfg(test)]
    pub(crate) fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    /// True as soon as the head of the response's own fragment is known.
    pub(crate) fn primary_head_is_over(&self) -> bool {
        self.slots.first().is_none_or(|slot| slot.head_over)
    }

    /// What has been lifted out of the fragments until now, that of the response's own fragment first.
    pub(crate) fn lifted(&self) -> impl Iterator<Item = (&FragmentId, &Lifted)> {
        self.slots.iter().map(|slot| (&slot.offer.id, slot.lifted()))
    }
}

/// The slot `id`, if more may arrive for it.
fn awaited(slots: &mut [Content], id: SlotId) -> Option<&mut Content> {
    slots.get_mut(id.index()).filter(|slot| slot.phase == Phase::Open)
}
