//! How long a page waits for a slot before it goes on without it.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    task::coop::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// The time from a page's head on in which it waits for slots in their places.
#[derive(Debug)]
pub(super) enum Patience {
    /// The head isn't out.
    Before(Duration),
    /// Until then; the timer is made when something is waited for.
    Until(Instant, Option<Pin<Box<Sleep>>>),
    /// It is over.
    Over,
    /// It never ends.
    Endless,
}

impl Patience {
    /// The head is out.
    pub(super) fn begin(&mut self) {
        if let Self::Before(limit) = self {
            *self = Self::Until(Instant::now() + *limit, None);
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// Ready once, when it is over.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Self::Until(at, sleep) = self else {
            return Poll::Pending;
        };
        let sleep = sleep.get_or_insert_with(|| Box::pin(sleep_until(*at)));
        // Fragments that never stop sending take up the task's budget, without which a timer never is over.
        let over = pin!(unconstrained(sleep.as_mut())).poll(cx);
        over.map(|()| *self = Self::Over)
    }
}
