//! Ends a response whose body stands still for too long, and event streams when the composer stops.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use composer_fetch::Exchange;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use crate::drain::Drain;

/// Servers of events send a comment now and then; what is silent for so long is gone.
const LIMIT: Duration = Duration::from_secs(300);

/// The response's body stood still.
#[derive(Debug, thiserror::Error)]
enum IdleError {
    #[error("the response stood still for {LIMIT:?}")]
    Idle,
    #[error("the composer stops")]
    Stopped,
    #[error(transparent)]
    Body(#[from] axum::Error),
}

struct Limited {
    body: Body,
    idle: Option<Pin<Box<Sleep>>>,
    is_events: bool,
    stop: Pin<Box<dyn Future<Output = ()> + Send>>,
    exchange: Exchange,
}

/// Passes `body` of `exchange` on, as long as something comes; a stream of events ends when the composer stops.
pub(super) fn limited(body: Body, is_events: bool, drain: Drain, exchange: Exchange) -> Body {
    if body.is_end_stream() {
        return body;
    }
    Body::new(Limited {
        body,
        idle: None,
        is_events,
        stop: Box::pin(async move {
            // Events have an end wherever they are cut; of anything else the client could not tell that it was.
            if is_events {
                drain.started().await
            } else {
                drain.ended().await
            }
        }),
        exchange,
    })
}

impl HttpBody for Limited {
    type Data = Bytes;
    type Error = IdleErrorBox;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, IdleErrorBox>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            if let Some(idle) = &mut this.idle {
                idle.as_mut().reset(Instant::now() + LIMIT);
            }
            if let Some(Err(error)) = &frame {
                this.exchange.broke(error);
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(|error| IdleError::from(error).into())));
        }
        if this.stop.as_mut().poll(cx).is_ready() {
            let cut = (!this.is_events).then(|| Err(IdleError::Stopped.into()));
            return Poll::Ready(cut);
        }
        let idle = this.idle.get_or_insert_with(|| Box::pin(sleep(LIMIT)));
        idle.as_mut().poll(cx).map(|()| Some(Err(IdleError::Idle.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

type IdleErrorBox = Box<dyn std::error::Error + Send + Sync>;
