//! Puts layout and fragments into one stream, in document order.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use contract::slot;

use crate::{
    arrival::{Arrivals, Decision},
    context::PageContext,
    error::StitchError,
    escape,
    head::HeadText,
    kept::Kept,
    layout,
    plan::Plan,
    slot::{Fetch, Outcome, Part, Place, SlotId},
};

const END_TAG: Bytes = Bytes::from_static(b"</fragment-slot>");
const CUT: Bytes = Bytes::from_static(b"<!--marquetry:cut-->");

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// These bytes go out.
    Emit(Bytes),
    /// Nothing goes out before something arrives for this slot.
    Need(SlotId),
    /// That was all.
    Done,
}

/// What the slots that have gone out showed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Their content.
    pub fresh: usize,
    /// Their fallback.
    pub fallback: usize,
    /// A part of their content; these are among the fresh ones.
    pub cut: usize,
}

/// Takes bytes in the order of their arrival, gives them in the order of the document.
///
/// Its caller reads [`Stitcher::next`] dry after each [`Stitcher::fill`] and [`Stitcher::close`].
#[derive(Debug)]
pub struct Stitcher {
    plan: Plan,
    context: PageContext,
    arrivals: Arrivals,
    root: VecDeque<Part>,
    /// Where the stream stands: the layout, a slot in it, a slot in that one.
    frames: Vec<Frame>,
    ready: VecDeque<Bytes>,
    head_is_out: bool,
    head: Option<HeadText>,
    /// Style sheets that the page has beside those of its static closure.
    styles: HashSet<String>,
    counts: Counts,
}

#[derive(Debug)]
struct Frame {
    stream: Stream,
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Root,
    Slot(SlotId),
}

#[derive(Debug)]
enum At {
    /// Between slots.
    Content,
    /// At a slot that is not decided.
    Place(Box<Place>),
    /// Behind the content of a slot, before the children that its author gave it.
    Skip,
    /// Among the children of a slot that shows them.
    Fallback(Shown),
}

#[derive(Debug)]
enum Shown {
    Children,
    NothingYet(Bytes),
}

impl Stitcher {
    /// Begins a response; the fetches are those that need no byte of HTML to be known, the response's own fragment first.
    pub fn new(plan: Plan, context: PageContext) -> (Self, Vec<Fetch>) {
        let mut arrivals = Arrivals::new(&plan.site, context.held_bytes);
        let mut fetches = Vec::new();
        let context_of_primary = plan
            .page
            .as_ref()
            .map(|page| page.layout.page_context())
            .unwrap_or_default();
        let primary = arrivals.open_root(plan.source.clone(), context_of_primary, &mut fetches);
        let mut root: VecDeque<Part> = match &plan.page {
            Some(page) => page
                .layout
                .parts(|place| plan.place(place.attributes.clone(), place.context, primary)),
            None => [plan.place(Bytes::new(), context_of_primary, primary), Part::SlotEnd].into(),
        };
        for part in &mut root {
            if let Part::Slot(place) = part
                && place.slot.is_none()
            {
                let source = place.src.parse().ok();
                place.slot = source.and_then(|source| arrivals.open_root(source, place.context, &mut fetches));
            }
        }
        if let Some(badge) = &context.badge
            && plan.page.is_some()
        {
            layout::put_before_end(&mut root, badge);
        }
        let stitcher = Self {
            head_is_out: plan.page.is_none(),
            head: None,
            plan,
            context,
            arrivals,
            root,
            frames: vec![Frame {
                stream: Stream::Root,
                at: At::Content,
            }],
            ready: VecDeque::new(),
            styles: HashSet::new(),
            counts: Counts::default(),
        };
        (stitcher, fetches)
    }

    /// Takes bytes that have arrived for `slot`; gives the fetches for the slots found in them.
    ///
    /// # Errors
    /// The slot has failed, or is wanted no more: stop its fetch and close it with [`Outcome::Cut`].
    pub fn fill(&mut self, slot: SlotId, bytes: Bytes) -> Result<Vec<Fetch>, StitchError> {
        let current = self.frames.last().and_then(|frame| match (frame.stream, &frame.at) {
            (_, At::Place(place)) => place.slot,
            (Stream::Root, _) => None,
            (Stream::Slot(id), _) => Some(id),
        });
        self.arrivals.fill(slot, bytes, current)
    }

    /// Ends `slot`; the second end of a slot counts for nothing.
    pub fn close(&mut self, slot: SlotId, outcome: Outcome) -> Vec<Fetch> {
        self.arrivals.close(slot, outcome)
    }

    /// Takes the whole of `slot` at once; the same as [`Stitcher::fill`] and [`Stitcher::close`], but its body is read once
    /// for all the pages that it stands on.
    ///
    /// # Errors
    /// The slot is wanted no more, or breaks a limit: close it with [`Outcome::Failed`].
    pub fn keep(&mut self, slot: SlotId, kept: &Arc<Kept>) -> Result<Vec<Fetch>, StitchError> {
        let mut fetches = self.fill(slot, kept.raw().clone())?;
        fetches.append(&mut self.close(slot, Outcome::Complete));
        Ok(fetches)
    }

    /// Lets the page go on where [`Step::Need`] has it wait for `slot`: what its author put in its place goes out now, its
    /// content later. False where that can't be: then there is nothing but to wait.
    pub fn overtake(&mut self, slot: SlotId) -> bool {
        let _ = slot;
        false
    }

    /// The page's head, once it is out.
    pub fn head(&self) -> Option<&HeadText> {
        self.head.as_ref()
    }

    /// What the slots showed until now.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Says what comes next.
    #[expect(clippy::should_implement_trait, reason = "it may have to wait, an iterator can't")]
    pub fn next(&mut self) -> Step {
        if !self.head_is_out {
            if !self.arrivals.primary_head_is_over() {
                return Step::Need(SlotId::PRIMARY);
            }
            self.write_head();
        }
        loop {
            match self.ready.pop_front() {
                Some(bytes) if bytes.is_empty() => continue,
                Some(bytes) => return Step::Emit(bytes),
                None => {}
            }
            let Some(frame) = self.frames.pop() else {
                return Step::Done;
            };
            if let Some(need) = self.advance(frame) {
                return Step::Need(need);
            }
        }
    }

    fn write_head(&mut self) {
        self.head_is_out = true;
        let Some(page) = &self.plan.page else { return };
        for lifted in self.arrivals.lifted() {
            self.styles
                .extend(lifted.new_styles(&page.head.styles).map(str::to_owned));
        }
        let head = page.head.write(&page.layout, self.arrivals.lifted(), &self.context);
        self.ready.push_back(head.bytes.clone());
        self.head = Some(head);
    }

    /// Goes one step on from `frame`, which is on top and put back unless it is over.
    fn advance(&mut self, mut frame: Frame) -> Option<SlotId> {
        if let At::Place(place) = frame.at {
            return self.arrive(frame.stream, place);
        }
        let Some(part) = self.take(frame.stream) else {
            return self.run_dry(frame);
        };
        frame.at = match (frame.at, part) {
            (At::Content, Part::Html(bytes)) => {
                self.ready.push_back(bytes);
                At::Content
            }
            (At::Content, Part::Slot(place)) => At::Place(place),
            (At::Fallback(Shown::NothingYet(own)), Part::Fallback(bytes)) if bytes.trim_ascii().is_empty() => {
                At::Fallback(Shown::NothingYet(own))
            }
            (At::Fallback(_), Part::Fallback(bytes)) => {
                self.ready.push_back(bytes);
                At::Fallback(Shown::Children)
            }
            (At::Fallback(shown), Part::SlotEnd) => {
                self.end_fallback(shown);
                At::Content
            }
            (At::Skip, Part::SlotEnd) => At::Content,
            (at, _) => at,
        };
        self.frames.push(frame);
        None
    }

    /// Decides a slot as soon as that can be: its content, or what its author put in its place.
    ///
    /// This is where a late slot would be overtaken: its fallback now, its content at the end.
    fn arrive(&mut self, stream: Stream, place: Box<Place>) -> Option<SlotId> {
        match self.arrivals.decide(&place) {
            Decision::Wait(slot) => {
                self.frames.push(Frame {
                    stream,
                    at: At::Place(place),
                });
                return Some(slot);
            }
            Decision::Fresh(slot) => {
                self.counts.fresh += 1;
                self.ready.push_back(start_tag(&place, true));
                self.enter(slot);
                self.frames.push(Frame { stream, at: At::Skip });
                self.frames.push(Frame {
                    stream: Stream::Slot(slot),
                    at: At::Content,
                });
            }
            Decision::Fallback => {
                self.counts.fallback += 1;
                self.ready.push_back(start_tag(&place, false));
                let own = place
                    .offer
                    .map(|offer| offer.fallback(place.context))
                    .unwrap_or_default();
                self.frames.push(Frame {
                    stream,
                    at: At::Fallback(Shown::NothingYet(own)),
                });
            }
        }
        None
    }

    fn enter(&mut self, slot: SlotId) {
        let lifted = self.arrivals.enter(slot);
        for style in &lifted.styles {
            if !self.plan.has_style(&style.href) && self.styles.insert(style.href.clone()) {
                self.ready.push_back(style.tag());
            }
        }
    }

    fn take(&mut self, stream: Stream) -> Option<Part> {
        match stream {
            Stream::Root => self.root.pop_front(),
            Stream::Slot(id) => self.arrivals.take(id),
        }
    }

    /// Ends a stream that has no parts left, or waits for more of them.
    fn run_dry(&mut self, frame: Frame) -> Option<SlotId> {
        let outcome = match frame.stream {
            Stream::Root => Some(Outcome::Complete),
            Stream::Slot(id) => self.arrivals.end(id),
        };
        match (outcome, frame.stream) {
            (None, Stream::Slot(id)) => {
                self.frames.push(frame);
                return Some(id);
            }
            (_, Stream::Root) => {
                if let At::Fallback(shown) = frame.at {
                    self.end_fallback(shown);
                }
            }
            (Some(outcome), Stream::Slot(_)) => {
                if let At::Fallback(shown) = frame.at {
                    self.end_fallback(shown);
                }
                if outcome == Outcome::Cut {
                    self.counts.cut += 1;
                    self.ready.push_back(CUT);
                }
                self.ready.push_back(END_TAG);
            }
        }
        None
    }

    fn end_fallback(&mut self, shown: Shown) {
        if let Shown::NothingYet(own) = shown
            && !own.is_empty()
        {
            self.ready.push_back(own);
        }
        self.ready.push_back(END_TAG);
    }
}

fn start_tag(place: &Place, fresh: bool) -> Bytes {
    let mut tag = String::with_capacity(512);
    tag.push('<');
    tag.push_str(slot::ELEMENT);
    escape::push(&mut tag, slot::SRC, &place.src);
    match &place.offer {
        Some(offer) if fresh => tag.push_str(&offer.fresh_attributes),
        Some(offer) => tag.push_str(&offer.fallback_attributes),
        None => escape::push(&mut tag, slot::DATA_STATE, "fallback"),
    }
    let mut tag = tag.into_bytes();
    tag.extend_from_slice(&place.attributes);
    tag.push(b'>');
    tag.into()
}

#[cfg(test)]
mod tests;
