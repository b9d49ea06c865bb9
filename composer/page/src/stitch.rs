//! Puts layout and fragments into one stream, in document order but for slots that are overtaken.

mod walk;
mod late;
mod early;

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use composer_coding::Piece;

use self::{
    late::Late,
    walk::{At, Frame, Stream},
};
use crate::{
    arrival::Arrivals,
    context::{Order, PageContext},
    error::StitchError,
    head::HeadText,
    kept::Kept,
    part::{Part, Placed, Script},
    plan::Plan,
    slot::{Fetch, Outcome, SlotId},
};

/// Where the layout's head ends, in a part of a page.
const PART_BODY: Bytes = Bytes::from_static(b"</head><body>");

/// What comes next.
#[derive(Debug, Clone)]
pub enum Step {
    /// These bytes go out.
    Emit(Bytes),
    /// The same for a text that is kept, with its compressed copies.
    Keep(Arc<Piece>),
    /// Nothing goes out before something arrives for this slot, or, at the end of an out-of-order page, for another one.
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
    /// Their content, behind what comes after them; these are among the fresh ones.
    pub late: usize,
}

/// Takes bytes in the order of their arrival, gives them in the order of the document.
///
/// Its caller reads [`Stitcher::next`] dry after each [`Stitcher::fill`], [`Stitcher::keep`], [`Stitcher::close`] and
/// [`Stitcher::overtake`].
#[derive(Debug)]
pub struct Stitcher {
    plan: Plan,
    context: PageContext,
    arrivals: Arrivals,
    root: Script,
    /// Where the stream stands: the layout, a slot in it, a slot in that one.
    frames: Vec<Frame>,
    ready: VecDeque<Bytes>,
    /// What comes behind all that is ready.
    piece: Option<Arc<Piece>>,
    head_is_out: bool,
    head: Option<HeadText>,
    /// True when the head went out before that of the page's own fragment was there, whose title is still to come.
    title_is_late: bool,
    /// Style sheets that the page has beside those of its static closure.
    styles: HashSet<String>,
    late: Late,
    counts: Counts,
    /// What is told of slots where the inspector is offered, by their numbers.
    told: Vec<Bytes>,
}

impl Stitcher {
    /// Begins a response; the fetches are those that need no byte of HTML to be known, the response's own fragment first.
    pub fn new(plan: Plan, context: PageContext) -> (Self, Vec<Fetch>) {
        let mut arrivals = Arrivals::new(&plan.site, context.held_bytes);
        let mut fetches = Vec::with_capacity(8);
        let root = root(&plan, &mut arrivals, &mut fetches);
        let mut frames = Vec::with_capacity(4);
        frames.push(Frame {
            stream: Stream::Root,
            at: At::Content,
            end: Bytes::new(),
        });
        let end = plan.page.as_ref().map_or(usize::MAX, |page| page.layout.end);
        let stitcher = Self {
            head_is_out: plan.page.is_none(),
            head: None,
            title_is_late: false,
            late: Late::new(end, context.badge.clone(), plan.is_part()),
            plan,
            context,
            arrivals,
            root,
            frames,
            ready: VecDeque::with_capacity(8),
            piece: None,
            styles: HashSet::new(),
            counts: Counts::default(),
            told: vec![],
        };
        (stitcher, fetches)
    }

    /// Takes bytes that have arrived for `slot`; gives the fetches for the slots found in them.
    ///
    /// # Errors
    /// The slot has failed, or is wanted no more: stop its fetch and close it with [`Outcome::Cut`].
    pub fn fill(&mut self, slot: SlotId, bytes: Bytes) -> Result<Vec<Fetch>, StitchError> {
        let current = self.frames.last().and_then(|frame| match (frame.stream, &frame.at) {
            (_, At::Place(placed)) => placed.slot,
            (Stream::Root, _) => None,
            (Stream::Slot(id), _) => Some(id),
        });
        self.arrivals.fill(slot, bytes, current)
    }

    /// Takes the whole of `slot` at once; the same as [`Stitcher::fill`] and [`Stitcher::close`], but its body is read once
    /// for all the pages that it stands on.
    ///
    /// # Errors
    /// Bytes have arrived for the slot, it is wanted no more, or breaks a limit: close it with [`Outcome::Failed`].
    pub fn keep(&mut self, slot: SlotId, kept: &Arc<Kept>) -> Result<Vec<Fetch>, StitchError> {
        self.arrivals.keep(slot, kept)
    }

    /// Ends `slot`; the second end of a slot counts for nothing.
    pub fn close(&mut self, slot: SlotId, outcome: Outcome) -> Vec<Fetch> {
        self.arrivals.close(slot, outcome)
    }

    /// Has the start tag of `slot` say this, attributes with a space before each, unless it has gone out.
    pub fn tell(&mut self, slot: SlotId, attributes: Bytes) {
        let at = slot.index();
        if at < contract::slot::MAX_PER_PAGE {
            self.told.resize(self.told.len().max(at + 1), Bytes::new());
            self.told[at] = attributes;
        }
    }

    /// Lets the page go on where [`Step::Need`] has it wait for `slot`: what its author put in its place goes out now, its
    /// content later. False where that can't be: then there is nothing but to wait.
    pub fn overtake(&mut self, slot: SlotId) -> bool {
        let here = |frame: &Frame| matches!(&frame.at, At::Place(placed) if placed.slot == Some(slot));
        if !self.may_overtake() || !self.frames.last().is_some_and(here) {
            return false;
        }
        let Some(Frame {
            stream,
            at: At::Place(placed),
            end,
        }) = self.frames.pop()
        else {
            return false;
        };
        self.put_off(stream, placed, end, slot);
        true
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
            if let Some(piece) = self.piece.take() {
                return Step::Keep(piece);
            }
            let Some(frame) = self.frames.pop() else {
                return Step::Done;
            };
            if let Some(need) = self.advance(frame) {
                return Step::Need(need);
            }
        }
    }

    fn may_overtake(&self) -> bool {
        self.plan.page.is_some() && matches!(self.context.order, Order::OutOfOrder { .. })
    }

    fn write_head(&mut self) {
        self.head_is_out = true;
        self.title_is_late = !self.arrivals.primary_head_is_over();
        let Some(page) = &self.plan.page else { return };
        for (_, lifted) in self.arrivals.lifted() {
            self.styles
                .extend(lifted.new_styles(&page.head.styles).map(str::to_owned));
        }
        let head = page.head.write(&page.layout, self.arrivals.lifted(), &self.context);
        self.ready.push_back(head.bytes.clone());
        if self.plan.is_part() {
            self.ready.push_back(PART_BODY);
        }
        self.head = Some(head);
    }
}

/// What the response is made of, and the fetches that need no byte of HTML to be known.
fn root(plan: &Plan, arrivals: &mut Arrivals, fetches: &mut Vec<Fetch>) -> Script {
    let layout = plan.page.as_ref().map(|page| &page.layout);
    let context = layout.map(|layout| layout.page_context()).unwrap_or_default();
    let primary = arrivals.open_root(plan.source.clone(), context, fetches);
    let Some(layout) = layout else {
        let own = plan.placed(Bytes::new(), context, primary);
        let parts = [Part::Slot(Arc::clone(&own.place)), Part::SlotEnd];
        return Script::new(parts.into(), vec![own]);
    };
    let mut placed = layout.placed(|place| plan.placed(place.attributes.clone(), place.context, primary));
    for each in placed.iter_mut().filter(|each| !plan.keeps(each)) {
        let Placed { place, slot, .. } = each;
        if let (None, Some(source)) = (&slot, &place.source) {
            *slot = arrivals.open_root(source.clone(), place.context, fetches);
        }
    }
    arrivals.open_learned(fetches);
    Script::new(Arc::clone(&layout.body), placed)
}

#[cfg(test)]
mod tests;
