//! What becomes of what arrives for a page's slots.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use composer_fetch::{Entry, Event, FragmentRequest};
use composer_page::{Fetch, Outcome, SlotId, StitchError};
use tracing::warn;

use super::{Failure, Page, Slot, State};
use crate::compose::{
    chain,
    failure::SlotError,
    timing::{self, Timing},
};

/// The fetches for the slots that were found, and why the slot itself has nothing, or not all.
type Stitched = (Vec<Fetch>, Option<SlotError>);

impl Page {
    pub(super) fn take(&mut self, id: SlotId, event: Event) -> Option<Failure> {
        let slot = self.slots.get_mut(id.index())?.as_mut()?;
        if slot.timing.note(&event, self.begun) && self.is_inspected {
            let why = match &event {
                Event::Failed(error) => Some(error.label()),
                _ => None,
            };
            self.stitcher.tell(id, slot.timing.attributes(why).into());
        }
        let cached = match &event {
            Event::Kept(entry) => Some(Arc::clone(entry)),
            _ => None,
        };
        self.kept = self.kept.take().zip(cached).map(|(mut all, entry)| {
            all.push(entry);
            all
        });
        let (found, error) = match event {
            Event::Head(head) => {
                slot.state = State::HeadIn;
                if id == SlotId::PRIMARY {
                    self.take_head(head);
                }
                return None;
            }
            Event::Chunk(bytes) => {
                self.arrived_bytes += bytes.len();
                self.fill(id, bytes)?
            }
            Event::Kept(entry) => self.keep(id, &entry)?,
            Event::End => (self.close(id, Outcome::Complete), None),
            Event::Failed(error) => {
                let begun = slot.state == State::Begun;
                let outcome = if begun { Outcome::Cut } else { Outcome::Failed };
                (self.close(id, outcome), Some(error.into()))
            }
        };
        self.fetch(found);
        let slot = self.slots[id.index()].as_ref()?;
        error.map(|error| Failure {
            fragment: slot.fragment.clone(),
            role: slot.role,
            error,
        })
    }

    fn fill(&mut self, id: SlotId, bytes: Bytes) -> Option<Stitched> {
        self.set(id, State::Begun);
        match self.stitcher.fill(id, bytes) {
            Ok(found) => Some((found, None)),
            Err(StitchError::Unwanted { .. }) => {
                self.set(id, State::Ended);
                self.fetches.stop(id);
                None
            }
            Err(error) => {
                self.fetches.stop(id);
                Some((self.close(id, Outcome::Cut), Some(error.into())))
            }
        }
    }

    fn keep(&mut self, id: SlotId, entry: &Entry) -> Option<Stitched> {
        self.set(id, State::Ended);
        if id == SlotId::PRIMARY {
            self.primary = Some(entry.head.clone());
        }
        match self.stitcher.keep(id, &entry.kept) {
            Ok(found) => Some((found, None)),
            Err(StitchError::Unwanted { .. }) => None,
            Err(error) => {
                self.kept = None;
                Some((self.close(id, Outcome::Cut), Some(error.into())))
            }
        }
    }

    fn close(&mut self, id: SlotId, outcome: Outcome) -> Vec<Fetch> {
        self.set(id, State::Ended);
        self.stitcher.close(id, outcome)
    }

    fn set(&mut self, id: SlotId, state: State) {
        if let Some(Some(slot)) = self.slots.get_mut(id.index()) {
            slot.state = state;
        }
    }

    pub(super) fn fetch(&mut self, wanted: Vec<Fetch>) {
        if wanted.is_empty() {
            return;
        }
        let asked = timing::micros(self.begun);
        let mut wanted = VecDeque::from(wanted);
        while let Some(fetch) = wanted.pop_front() {
            let upstream = self.upstreams.get(&fetch.fragment.app).filter(|_| !self.over);
            let Some(upstream) = upstream else {
                self.kept = None;
                wanted.extend(self.stitcher.close(fetch.slot, Outcome::Failed));
                continue;
            };
            let at = fetch.slot.index();
            if self.slots.len() <= at {
                self.slots.resize_with(at + 1, || None);
            }
            self.slots[at] = Some(Slot {
                fragment: fetch.fragment.clone(),
                role: fetch.role,
                state: State::Asked,
                timing: Timing::new(asked),
            });
            let request = FragmentRequest {
                upstream: Arc::clone(upstream),
                fragment: fetch.fragment,
                path: fetch.path,
                params: fetch.params,
                role: fetch.role,
                deadline: fetch.deadline,
                max_body_bytes: fetch.max_body_bytes,
            };
            self.fetches.start(fetch.slot, request);
        }
    }

    pub(super) fn note(&self, failure: &Failure) {
        let version = self
            .upstreams
            .get(&failure.fragment.app)
            .map(|upstream| upstream.app().version.as_str());
        warn!(
            request.id = self.request_id,
            slot.fragment = %failure.fragment,
            app.version = version,
            outcome = failure.error.label(),
            error = chain(&failure.error),
            "slot failed"
        );
    }
}
