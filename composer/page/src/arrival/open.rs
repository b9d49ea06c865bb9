//! Opens slots: the page's own, those of the layout, those found in what arrived, and eager ones.

use std::sync::Arc;

use composer_html::Context;
use contract::{
    Role, SlotSource,
    slot::{MAX_DEPTH, MAX_PER_PAGE},
};

use super::Arrivals;
use crate::{
    content::Content,
    slot::{Fetch, SlotId},
};

impl Arrivals {
    /// Opens a slot that a layout holds, or the response's own fragment; its eager slots begin with it.
    pub(crate) fn open_root(
        &mut self,
        source: SlotSource,
        within: Context,
        fetches: &mut Vec<Fetch>,
    ) -> Option<SlotId> {
        self.open(None, source, Some(within), fetches)
    }

    /// Begins the slots that the response's own fragment will probably have. Essential ones wait until they are found: a
    /// guess must not fail a page.
    pub(crate) fn open_learned(&mut self, fetches: &mut Vec<Fetch>) {
        let Some(primary) = self.slots.first().filter(|slot| !slot.offer.terms.includes.is_empty()) else {
            return;
        };
        for source in self.site.learned.slots(&primary.source) {
            let offer = self.site.offer(&source.fragment);
            let is_optional = offer.is_some_and(|offer| offer.terms.role == Role::Optional);
            if is_optional && self.begun(SlotId::PRIMARY, &source).is_none() {
                self.open(Some(SlotId::PRIMARY), source, None, fetches);
            }
        }
    }

    /// Learns which slots the response's own fragment had.
    pub(super) fn learn(&self, id: SlotId) {
        let Some(primary) = self.slots.first().filter(|_| id == SlotId::PRIMARY) else {
            return;
        };
        if !primary.offer.terms.includes.is_empty() {
            let own = |slot: &&Content| slot.parent == Some(SlotId::PRIMARY) && slot.place.is_some();
            let shown = self.slots.iter().filter(own).map(|slot| &slot.source);
            self.site.learned.note(&primary.source, shown);
        }
    }

    pub(super) fn open(
        &mut self,
        parent: Option<SlotId>,
        source: SlotSource,
        place: Option<Context>,
        fetches: &mut Vec<Fetch>,
    ) -> Option<SlotId> {
        let id = self.open_one(parent, source, place, fetches)?;
        let mut at = id.index();
        while at < self.slots.len() {
            if !self.slots[at].offer.terms.eager.is_empty() {
                self.open_eager(SlotId::at(at), fetches);
            }
            at += 1;
        }
        Some(id)
    }

    fn open_eager(&mut self, including: SlotId, fetches: &mut Vec<Fetch>) {
        let slot = &self.slots[including.index()];
        let (offer, params) = (Arc::clone(&slot.offer), slot.source.params.clone());
        for source in offer.terms.eager.iter().filter_map(|eager| eager.with(&params)) {
            self.open_one(Some(including), source, None, fetches);
        }
    }

    fn open_one(
        &mut self,
        parent: Option<SlotId>,
        mut source: SlotSource,
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
        source.params.retain(&offer.terms.params);
        fetches.push(Fetch {
            slot,
            fragment: offer.id.clone(),
            version: offer.version.clone(),
            path: offer.terms.path.clone(),
            params: source.params.clone(),
            role: if slot == SlotId::PRIMARY {
                Role::Primary
            } else {
                offer.terms.role
            },
            deadline: offer.terms.deadline,
            max_body_bytes: offer.terms.max_body_bytes,
        });
        let settled = place.is_some() && parent.is_none_or(|id| self.slots[id.index()].is_settled());
        let mut content = Content::new(source, offer, parent, place.unwrap_or_default(), settled);
        content.place = place;
        self.slots.push(content);
        Some(slot)
    }

    fn ancestors(&self, of: Option<SlotId>) -> impl Iterator<Item = &Content> {
        let of = of.map(|id| &self.slots[id.index()]);
        std::iter::successors(of, |slot| slot.parent.map(|id| &self.slots[id.index()]))
    }
}
