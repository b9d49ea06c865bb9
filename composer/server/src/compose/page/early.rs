//! Pages whose head goes out before their own fragment has answered.

use std::{
    future::poll_fn,
    task::{Context, Poll},
};

use composer_fetch::ResponseHead;
use composer_page::{Outcome, SlotId};
use contract::Role;
use http::{HeaderMap, StatusCode, header};
use tracing::warn;

use super::Page;
use crate::compose::{PageError, same_site};

/// What is known of a page's head that waits for nothing.
#[derive(Debug)]
pub(super) struct Early {
    host: String,
    is_out: bool,
}

impl Early {
    pub(super) fn new(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            is_out: false,
        }
    }
}

impl Page {
    /// The head of a page that waits for nothing; `None` when the page's own fragment has answered, as from a cache.
    pub(super) async fn early_head(&mut self) -> Result<Option<ResponseHead>, PageError> {
        let arrived = poll_fn(|cx| Poll::Ready(self.take_arrived(cx))).await;
        arrived?;
        if self.primary.is_some() {
            return Ok(None);
        }
        if let Some(early) = &mut self.early {
            early.is_out = true;
        }
        // What follows is told by scripts, which belong to this response only.
        self.kept = None;
        self.stitcher.begin();
        self.patience.begin();
        Ok(Some(ResponseHead {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
        }))
    }

    fn take_arrived(&mut self, cx: &mut Context<'_>) -> Result<(), PageError> {
        while let Poll::Ready(Some((slot, event))) = self.fetches.poll_next(cx) {
            match self.take(slot, event) {
                Some(failure) if failure.role != Role::Optional => return Err(failure.into()),
                Some(failure) => self.note(&failure),
                None => {}
            }
        }
        Ok(())
    }

    /// Takes the head of the page's own fragment: it decides the page's, or, where that is out, does what still can be done.
    pub(super) fn take_head(&mut self, head: ResponseHead) {
        let Some(early) = self.early.as_ref().filter(|early| early.is_out) else {
            self.primary = Some(head);
            return;
        };
        if head.headers.contains_key(header::SET_COOKIE) {
            warn!(
                request.id = self.request_id,
                "cookies of a page that flushes early can't be set: its head is out"
            );
        }
        if !head.status.is_redirection() {
            return;
        }
        let location = head.headers.get(header::LOCATION);
        let path = location.and_then(|location| same_site(location, &early.host));
        if let Some(path) = path.as_ref().and_then(|path| path.to_str().ok()) {
            self.stitcher.lead(path);
            return;
        }
        warn!(
            request.id = self.request_id,
            "the page's own fragment redirects to where it may not"
        );
        let found = self.stitcher.close(SlotId::PRIMARY, Outcome::Failed);
        self.fetch(found);
    }
}
