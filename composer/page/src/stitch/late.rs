//! Slots that are overtaken: what their authors put in their places goes out first, their content before the body ends.
//!
//! The children of the slot element are what is replaced, by the platform's declarative partial updates:
//!
//! ```html
//! <fragment-slot src="a/b" data-state="pending"><?start name="s3-RANDOM">fallback<?end></fragment-slot> …
//! <template for="s3-RANDOM">content<!--marquetry:fresh--></template><!---->
//! ```
//!
//! The element itself stays: the fragment around it may have woken meanwhile, and holds on to it. A slot whose content
//! doesn't come keeps what it shows. Nobody but this response knows its names: no BFF sees them before all of its
//! bytes are written, and a fragment's own `<?…>` and `<template for>` are dropped by the scanner.

use std::fmt::Write;

use bytes::Bytes;

use super::{
    Stitcher,
    walk::{Frame, State, Stream},
};
use crate::{arrival::Decision, context::Order, escape, part::Placed, slot::SlotId};

const PENDING_END: Bytes = Bytes::from_static(b"<?end></fragment-slot>");
/// The mark says that all is there; the comment behind it shows scripts that the template is whole.
const TEMPLATE_END: Bytes = Bytes::from_static(b"<!--marquetry:fresh--></template><!---->");
/// Does what the templates ask for in browsers that don't.
pub(super) const SCRIPT: &str = include_str!("late.js");

/// What comes before the end of the body.
#[derive(Debug)]
pub(super) struct Late {
    /// How many parts of the layout come before it.
    end: usize,
    badge: Option<Bytes>,
    /// The slots that were overtaken and have not gone out.
    pending: Vec<Placed>,
    script_is_out: bool,
    way_out_is_out: bool,
}

impl Late {
    /// Nothing yet; the shell of a tab that gets a part needs no script.
    pub(super) fn new(end: usize, badge: Option<Bytes>, is_part: bool) -> Self {
        Self {
            end,
            badge,
            pending: vec![],
            script_is_out: is_part,
            way_out_is_out: false,
        }
    }

    pub(super) fn is_due(&self, at: usize) -> bool {
        at == self.end
    }
}

impl Stitcher {
    /// Shows what the author of `placed` put in its place, for `slot` comes later.
    pub(super) fn put_off(&mut self, stream: Stream, placed: Placed, end: Bytes, slot: SlotId) {
        self.begin_element(&placed, State::Pending);
        let mut mark = String::new();
        if let Order::OutOfOrder { names, in_order } = &self.context.order {
            let _ = write!(mark, "<?start name=\"{}\">", name(names, slot));
            if let Some(url) = in_order.as_ref().filter(|_| !self.late.way_out_is_out) {
                self.late.way_out_is_out = true;
                mark.push_str("<noscript><meta http-equiv=\"refresh\"");
                escape::push(&mut mark, "content", &format!("0;url={url}"));
                mark.push_str("></noscript>");
            }
        }
        self.ready.push_back(mark.into());
        self.show_fallback(stream, &placed, end, PENDING_END);
        self.late.pending.push(placed);
    }

    /// Before the end of the body: everything that is still to come.
    pub(super) fn end_body(&mut self, frame: Frame) -> Option<SlotId> {
        self.frames.push(frame);
        if let Some(badge) = self.late.badge.take() {
            self.ready.push_back(badge);
            return None;
        }
        self.forget_failed();
        // The last one may go out as it arrives, for it keeps nothing waiting.
        let alone = self.late.pending.len() == 1;
        let mut ready = self.late.pending.iter().enumerate();
        let ready = ready.find_map(|(at, placed)| match self.arrivals.decide(placed, !alone) {
            Decision::Fresh(slot) => Some((at, slot)),
            Decision::Wait(_) | Decision::Fallback => None,
        });
        if let Some((at, slot)) = ready {
            self.late.pending.remove(at);
            self.bring(slot);
            return None;
        }
        match self.late.pending.first() {
            Some(first) => first.slot,
            None => {
                self.late.end = usize::MAX;
                None
            }
        }
    }

    /// What won't come is no longer waited for: its fallback stays.
    fn forget_failed(&mut self) {
        let before = self.late.pending.len();
        let arrivals = &self.arrivals;
        self.late
            .pending
            .retain(|placed| arrivals.decide(placed, true) != Decision::Fallback);
        self.counts.fallback += before - self.late.pending.len();
    }

    fn bring(&mut self, slot: SlotId) {
        self.counts.fresh += 1;
        self.counts.late += 1;
        self.tell_title(slot);
        let mut tags = String::new();
        if !self.late.script_is_out {
            self.late.script_is_out = true;
            tags = self.script(SCRIPT.trim_ascii_end());
        }
        if let Order::OutOfOrder { names, .. } = &self.context.order {
            let _ = write!(tags, "<template for=\"{}\">", name(names, slot));
        }
        if let Some(told) = self.told.get(slot.index()).filter(|told| !told.is_empty()) {
            // The slot's start tag went out long ago.
            tags.push_str("<!--marquetry:told");
            tags.push_str(&String::from_utf8_lossy(told));
            tags.push_str("-->");
        }
        self.ready.push_back(tags.into());
        self.enter(slot, TEMPLATE_END);
    }
}

/// The name of a slot that is overtaken, plain in an attribute as long as `random` is.
fn name(random: &str, slot: SlotId) -> String {
    format!("s{}-{random}", slot.index())
}
