//! Asks once more where nothing has come back, or only that an instance can't: within the same deadline, and a budget.

use http::StatusCode;
use metrics::counter;
use tokio::time::Instant;

use super::attempt::{self, Answer};
use crate::{
    FetchError, Upstream,
    connection::SendError,
    origin::{Lane, Origin, Turn},
};

/// Attempts beyond the first.
const MOST: usize = 2;

/// Sends what `build` makes to the instance of `turn`, which goes over to another instance where that one can't be connected
/// to, closes a new connection without a word, or says that it can't answer now: fragments are asked for with GET.
pub(super) async fn send(
    upstream: &Upstream,
    turn: &mut Turn,
    build: impl Fn(&Origin) -> Vec<u8>,
) -> Result<Answer, FetchError> {
    let mut left = MOST;
    loop {
        let sent = attempt::send(turn.origin(), &build).await;
        let Some(why) = Why::of(&sent) else {
            return sent.map_err(FetchError::from);
        };
        let Some(next) = next(upstream, turn, why, &mut left) else {
            return sent.map_err(FetchError::from);
        };
        match sent {
            Ok((_, head)) => turn.failed(&FetchError::Status(head.status)),
            Err(error) => turn.failed(&FetchError::from(error)),
        }
        *turn = next;
    }
}

/// Why another attempt may do better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Connect,
    Reset,
    Status,
}

impl Why {
    fn of(sent: &Result<Answer, SendError>) -> Option<Self> {
        match sent {
            Ok((_, head)) => can_not_now(head.status).then_some(Self::Status),
            Err(SendError::Unreached(_)) => Some(Self::Connect),
            Err(SendError::Untouched(_)) => Some(Self::Reset),
            Err(SendError::Spent(_)) => None,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Reset => "reset",
            Self::Status => "status",
        }
    }
}

/// Statuses of an instance that is starting, stopping or overloaded, whatever is asked; 500 is of what was asked.
fn can_not_now(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}

/// A turn of the instance to ask next, if there is one and the app's budget has something left.
fn next(upstream: &Upstream, turn: &Turn, why: Why, left: &mut usize) -> Option<Turn> {
    *left = left.checked_sub(1)?;
    let next = match upstream.pick_another(Lane::Fetch, turn.origin()) {
        Ok(other) => other,
        // One that can't be connected to, or says no, does so again; one that broke off may be another process by now.
        Err(FetchError::NoInstance) if why == Why::Reset => upstream.pick(Lane::Fetch).ok()?,
        Err(_) => return None,
    };
    if !upstream.allowance().shared.budget.take(Instant::now()) {
        return None;
    }
    let app = upstream.app().app.to_string();
    counter!("composer_fetch_retries_total", "app" => app, "why" => why.label()).increment(1);
    Some(next)
}
