//! The slots of one response: what has arrived for each, and the slots found in what arrived.

use std::{mem, sync::Arc};

use bytes::Bytes;
use composer_html::{Context, Piece, SlotTag};
use contract::{
    Role, SlotSource,
    slot::{MAX_DEPTH, MAX_PER_PAGE},
};

use crate::{
    content::{Content, Phase, Settled},
    error::StitchError,
    head::Lifted,
    site::Site,
    slot::{Fetch, Outcome, Part, Place, SlotId},
};

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
}

impl Arrivals {
    pub(crate) fn new(site: &Arc<Site>, limit_bytes: usize) -> Self {
        Self {
            site: Arc::clone(site),
            slots: vec![],
            held_bytes: 0,
            limit_bytes,
        }
    }

    /// Opens a slot that a layout holds, or the response's own fragment; its eager slots begin with it.
    pub(crate) fn open_root(
        &mut self,
        source: SlotSource,
        within: Context,
        fetches: &mut Vec<Fetch>,
    ) -> Option<SlotId> {
        self.open(None, source, Some(within), fetches)
    }

    fn open(
        &mut self,
        parent: Option<SlotId>,
        source: SlotSource,
        place: Option<Context>,
        fetches: &mut Vec<Fetch>,
    ) -> Option<SlotId> {
        let id = self.open_one(parent, source, place, fetches)?;
        let mut at = id.index();
        while at < self.slots.len() {
            let including = &self.slots[at];
            let params = including.source.params.clone();
            for eager in &Arc::clone(&including.offer).terms.eager {
                if let Some(source) = eager.with(&params) {
                    self.open_one(Some(SlotId::at(at)), source, None, fetches);
                }
            }
            at += 1;
        }
        Some(id)
    }

    fn open_one(
        &mut self,
        parent: Option<SlotId>,
        source: SlotSource,
        place: Option<Context>,
        fetches: &mut Vec<Fetch>,
    ) -> Option<SlotId> {
        let offer = Arc::clone(self.site.offer(&source.fragment)?);
        let depth = self.ancestors(parent).count();
        let loops = self.ancestors(parent).any(|slot| slot.offer.id == offer.id);
        if loops || depth >= MAX_DEPTH || self.slots.len() >= MAX_PER_PAGE {
            return None;
        }
        let slot = SlotId::at(self.slots.len());
        let params = source.params.only(&offer.terms.params);
        fetches.push(Fetch {
            slot,
            fragment: offer.id.clone(),
            version: offer.version.clone(),
            path: offer.terms.path.clone(),
            params: params.clone(),
            role: if slot == SlotId::PRIMARY {
                Role::Primary
            } else {
                offer.terms.role
            },
            deadline: offer.terms.deadline,
            max_body_bytes: offer.terms.max_body_bytes,
        });
        let settled = place.is_some() && parent.is_none_or(|id| self.slots[id.index()].is_settled());
        let source = SlotSource { params, ..source };
        let mut content = Content::new(source, offer, parent, place.unwrap_or_default(), settled);
        content.place = place;
        self.slots.push(content);
        Some(slot)
    }

    fn ancestors(&self, of: Option<SlotId>) -> impl Iterator<Item = &Content> {
        let of = of.map(|id| &self.slots[id.index()]);
        std::iter::successors(of, |slot| slot.parent.map(|id| &self.slots[id.index()]))
    }

    /// Takes bytes of `id`. Those of `current`, whose parts leave at once, don't count as held.
    pub(crate) fn fill(
        &mut self,
        id: SlotId,
        bytes: Bytes,
        current: Option<SlotId>,
    ) -> Result<Vec<Fetch>, StitchError> {
        let slot = self.slots.get_mut(id.index()).filter(|slot| slot.phase == Phase::Open);
        let slot = slot.ok_or(StitchError::Unwanted { slot: id })?;
        let fragment = slot.offer.id.clone();
        let mut pieces = Vec::new();
        let read = slot.scan(bytes, &mut pieces);
        let mut fetches = Vec::new();
        self.sort(id, pieces, &mut fetches);
        let error = match read {
            Err(source) => StitchError::Scan { fragment, source },
            Ok(()) if self.held_bytes > self.limit_bytes && current != Some(id) => StitchError::Held {
                fragment,
                limit_bytes: self.limit_bytes,
            },
            Ok(()) => return Ok(fetches),
        };
        for fetch in fetches {
            self.close(fetch.slot, Outcome::Failed);
        }
        Err(error)
    }

    /// Ends `id`. A slot that broke off before its turn has nothing to show.
    pub(crate) fn close(&mut self, id: SlotId, outcome: Outcome) -> Vec<Fetch> {
        let slot = self.slots.get_mut(id.index()).filter(|slot| slot.phase == Phase::Open);
        let Some(slot) = slot else { return vec![] };
        slot.head_over = true;
        if outcome != Outcome::Complete && !slot.entered {
            self.empty(id, Phase::Closed(Outcome::Failed));
            return vec![];
        }
        let complete = outcome == Outcome::Complete;
        slot.phase = Phase::Closed(if complete { outcome } else { Outcome::Cut });
        let mut pieces = Vec::new();
        slot.finish(&mut pieces);
        let mut fetches = Vec::new();
        self.sort(id, pieces, &mut fetches);
        self.abandon(id, |child| child.place.is_none());
        fetches
    }

    fn empty(&mut self, id: SlotId, phase: Phase) {
        let slot = &mut self.slots[id.index()];
        slot.phase = phase;
        let void = mem::take(&mut slot.parts);
        self.release(void);
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

    fn release(&mut self, void: impl IntoIterator<Item = Part>) {
        self.held_bytes -= void.into_iter().map(|part| part.held_bytes()).sum::<usize>();
    }

    fn sort(&mut self, id: SlotId, pieces: Vec<Piece>, fetches: &mut Vec<Fetch>) {
        for piece in pieces {
            let part = match piece {
                Piece::Head(part) => {
                    self.slots[id.index()].head.add(part);
                    continue;
                }
                Piece::HeadEnd => {
                    self.slots[id.index()].head_over = true;
                    continue;
                }
                Piece::Html(bytes) => Part::Html(bytes),
                Piece::Slot(tag) => Part::Slot(Box::new(self.place(id, tag, fetches))),
                Piece::Fallback(bytes) => Part::Fallback(bytes),
                Piece::SlotEnd => Part::SlotEnd,
            };
            self.held_bytes += part.held_bytes();
            self.slots[id.index()].push(part);
        }
    }

    fn place(&mut self, including: SlotId, tag: SlotTag, fetches: &mut Vec<Fetch>) -> Place {
        let mut place = Place {
            src: tag.src,
            attributes: tag.attributes,
            context: tag.context,
            offer: None,
            slot: None,
        };
        let includes = &self.slots[including.index()].offer.terms.includes;
        let source = place.src.parse::<SlotSource>().ok();
        let Some(source) = source.filter(|source| includes.contains(&source.fragment)) else {
            return place;
        };
        place.offer = self.site.offer(&source.fragment).cloned();
        place.slot = self.begun(including, &source);
        match place.slot {
            Some(id) => {
                self.slots[id.index()].place = Some(place.context);
                if self.slots[including.index()].is_settled() {
                    self.settle(id, fetches);
                }
            }
            None => place.slot = self.open(Some(including), source, Some(place.context), fetches),
        }
        place
    }

    /// The eager slot of `including` that shows the same and that no element shows yet.
    fn begun(&self, including: SlotId, source: &SlotSource) -> Option<SlotId> {
        let at = self.slots.iter().position(|slot| {
            slot.parent == Some(including)
                && slot.place.is_none()
                && slot.source.fragment == source.fragment
                && slot.source.params == source.params.only(&slot.offer.terms.params)
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
        match self.slots[id.index()].settle(&mut pieces) {
            Settled::Before => {}
            Settled::AsItIs => {
                for child in children(&self.slots) {
                    self.settle(child, fetches);
                }
            }
            Settled::Anew(void) => {
                self.release(void);
                for child in children(&self.slots) {
                    self.slots[child.index()].place = None;
                }
                if matches!(
                    self.slots[id.index()].phase,
                    Phase::Open | Phase::Closed(Outcome::Complete)
                ) {
                    self.sort(id, pieces, fetches);
                }
                if self.slots[id.index()].phase != Phase::Open {
                    self.abandon(id, |child| child.place.is_none());
                }
            }
        }
    }

    pub(crate) fn decide(&self, place: &Place) -> Decision {
        let Some(id) = place.slot else {
            return Decision::Fallback;
        };
        let slot = &self.slots[id.index()];
        match slot.phase {
            Phase::Open if !slot.has_content => Decision::Wait(id),
            Phase::Open | Phase::Closed(Outcome::Complete) => Decision::Fresh(id),
            Phase::Closed(_) | Phase::Unwanted => Decision::Fallback,
        }
    }

    /// The next part of a slot whose turn it is.
    pub(crate) fn take(&mut self, id: SlotId) -> Option<Part> {
        let part = self.slots[id.index()].parts.pop_front()?;
        self.held_bytes -= part.held_bytes();
        Some(part)
    }

    /// Notes that the start tag of `id` goes out: from now on a break is a cut.
    pub(crate) fn enter(&mut self, id: SlotId) -> &Lifted {
        let slot = &mut self.slots[id.index()];
        slot.entered = true;
        &slot.head
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
    pub(crate) fn lifted(&self) -> impl Iterator<Item = &Lifted> {
        self.slots.iter().map(|slot| &slot.head)
    }
}
