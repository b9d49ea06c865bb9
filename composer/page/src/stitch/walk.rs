//! Goes through layout and fragments, part by part.

use bytes::Bytes;

use super::Stitcher;
use crate::{
    arrival::Decision,
    part::{Part, Placed},
    slot::{Outcome, SlotId},
};

pub(super) const END_TAG: Bytes = Bytes::from_static(b"</fragment-slot>");
const CUT: Bytes = Bytes::from_static(b"<!--marquetry:cut-->");
const TAG_END: Bytes = Bytes::from_static(b">");

#[derive(Debug)]
pub(super) struct Frame {
    pub(super) stream: Stream,
    pub(super) at: At,
    /// What ends it.
    pub(super) end: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Root,
    Slot(SlotId),
}

#[derive(Debug)]
pub(super) enum At {
    /// Between slots.
    Content,
    /// At a slot that is not decided.
    Place(Placed),
    /// Behind the content of a slot, before the children that its author gave it.
    Skip,
    /// Among the children of a slot that shows them, and what ends it.
    Fallback(Shown, Bytes),
}

#[derive(Debug)]
pub(super) enum Shown {
    Children,
    NothingYet(Bytes),
}

/// What the composer says of a slot in its start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Fresh,
    Pending,
    Fallback,
    Kept,
}

impl Stitcher {
    /// Goes one step on from `frame`, which is on top and put back unless it is over.
    pub(super) fn advance(&mut self, mut frame: Frame) -> Option<SlotId> {
        if let At::Place(placed) = frame.at {
            return self.arrive(frame.stream, placed, frame.end);
        }
        if frame.stream == Stream::Root && self.late.is_due(self.root.at()) {
            return self.end_body(frame);
        }
        let Some(part) = self.take(frame.stream) else {
            return self.run_dry(frame);
        };
        let surrounds = frame.stream == Stream::Root && self.plan.is_part();
        frame.at = match (frame.at, part) {
            (At::Content, Part::Html(_)) if surrounds => At::Content,
            (At::Content, Part::Html(bytes)) => {
                self.ready.push_back(bytes);
                At::Content
            }
            (At::Content, Part::Kept(piece)) => {
                self.piece = Some(piece);
                At::Content
            }
            (At::Content, Part::Slot(placed)) => At::Place(placed),
            (At::Fallback(Shown::NothingYet(own), end), Part::Fallback(bytes)) if bytes.trim_ascii().is_empty() => {
                At::Fallback(Shown::NothingYet(own), end)
            }
            (At::Fallback(_, end), Part::Fallback(bytes)) => {
                self.ready.push_back(bytes);
                At::Fallback(Shown::Children, end)
            }
            (At::Fallback(shown, end), Part::SlotEnd) => {
                self.end_fallback(shown, end);
                At::Content
            }
            (At::Skip, Part::SlotEnd) => At::Content,
            (at, _) => at,
        };
        self.frames.push(frame);
        None
    }

    /// Decides a slot as soon as that can be: its content, or what its author put in its place.
    fn arrive(&mut self, stream: Stream, placed: Placed, end: Bytes) -> Option<SlotId> {
        if stream == Stream::Root && self.plan.keeps(&placed) {
            self.begin_element(&placed, State::Kept);
            self.ready.push_back(END_TAG);
            self.frames.push(Frame {
                stream,
                at: At::Skip,
                end,
            });
            return None;
        }
        match self.arrivals.decide(&placed, self.may_overtake()) {
            Decision::Wait(slot) => {
                self.frames.push(Frame {
                    stream,
                    at: At::Place(placed),
                    end,
                });
                return Some(slot);
            }
            Decision::Fresh(slot) => {
                self.counts.fresh += 1;
                self.tell_title(slot);
                self.begin_element(&placed, State::Fresh);
                self.frames.push(Frame {
                    stream,
                    at: At::Skip,
                    end,
                });
                self.enter(slot, END_TAG);
            }
            Decision::Fallback => {
                self.counts.fallback += 1;
                self.begin_element(&placed, State::Fallback);
                self.show_fallback(stream, &placed, end, END_TAG);
            }
        }
        None
    }

    /// Goes on with what the author of `placed` put in its place.
    pub(super) fn show_fallback(&mut self, stream: Stream, placed: &Placed, end: Bytes, end_tag: Bytes) {
        let own = placed.offer.as_ref();
        let own = own.map(|offer| offer.fallback(placed.place.context));
        self.frames.push(Frame {
            stream,
            at: At::Fallback(Shown::NothingYet(own.unwrap_or_default()), end_tag),
            end,
        });
    }

    /// Goes on with the content of `slot`, which `end` ends.
    pub(super) fn enter(&mut self, slot: SlotId, end: Bytes) {
        let lifted = self.arrivals.enter(slot);
        for style in &lifted.styles {
            if !self.plan.has_style(&style.href) && self.styles.insert(style.href.clone()) {
                self.ready.push_back(style.tag());
            }
        }
        self.frames.push(Frame {
            stream: Stream::Slot(slot),
            at: At::Content,
            end,
        });
    }

    pub(super) fn begin_element(&mut self, placed: &Placed, state: State) {
        const NOTHING: Bytes = Bytes::from_static(b" data-state=\"fallback\">");
        const KEPT: Bytes = Bytes::from_static(b" data-state=\"kept\">");
        let of_composer = match (&placed.offer, state) {
            (Some(offer), State::Fresh) => offer.fresh_attributes.clone(),
            (Some(offer), State::Pending) => offer.pending_attributes.clone(),
            (Some(offer), State::Fallback) => offer.fallback_attributes.clone(),
            (_, State::Kept) => KEPT,
            (None, _) => NOTHING,
        };
        let place = &placed.place;
        let told = placed.slot.and_then(|slot| self.told.get(slot.index()));
        let told = told.cloned().unwrap_or_default();
        if place.attributes.is_empty() && told.is_empty() {
            self.ready.extend([place.tag.clone(), of_composer]);
            return;
        }
        // Of two attributes of one name the first counts: the author's come last.
        let open = of_composer.slice(..of_composer.len() - TAG_END.len());
        self.ready
            .extend([place.tag.clone(), open, told, place.attributes.clone(), TAG_END]);
    }

    fn take(&mut self, stream: Stream) -> Option<Part<Placed>> {
        match stream {
            Stream::Root => self.root.next(),
            Stream::Slot(id) => self.arrivals.take(id),
        }
    }

    /// Ends a stream that has no parts left, or waits for more of them.
    fn run_dry(&mut self, frame: Frame) -> Option<SlotId> {
        let outcome = match frame.stream {
            Stream::Root => Some(Outcome::Complete),
            Stream::Slot(id) => self.arrivals.end(id),
        };
        let Some(outcome) = outcome else {
            let Stream::Slot(id) = frame.stream else { return None };
            self.frames.push(frame);
            return Some(id);
        };
        if let At::Fallback(shown, end) = frame.at {
            self.end_fallback(shown, end);
        }
        if outcome == Outcome::Cut {
            self.counts.cut += 1;
            self.ready.push_back(CUT);
        }
        self.ready.push_back(frame.end);
        None
    }

    fn end_fallback(&mut self, shown: Shown, end: Bytes) {
        if let Shown::NothingYet(own) = shown {
            self.ready.push_back(own);
        }
        self.ready.push_back(end);
    }
}
