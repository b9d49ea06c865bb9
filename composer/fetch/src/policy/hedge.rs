//! Asks another instance too when one takes longer than nearly always, and takes the head that comes first.

use std::{pin::pin, time::Duration};

use metrics::counter;
use tokio::time::{Instant, sleep};

use super::{
    attempt::{self, Answer},
    retry,
};
use crate::{
    FetchError, FragmentRequest, Upstream,
    allowance::{Bulkhead, Place},
    connection::Connection,
    origin::{Lane, Origin, Turn},
};

/// The instances that are asked: one, and where it is slow another.
#[derive(Debug, Default)]
pub(super) struct Turns {
    first: Option<Turn>,
    second: Option<(Turn, Place)>,
}

impl Turns {
    /// All that are still asked.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Turn> {
        self.first.iter().chain(self.second.iter().map(|(turn, _)| turn))
    }

    /// Keeps the connection of the instance that answered, whose response was read to its end.
    pub(super) fn give_back(&self, connection: Connection) {
        if let Some(turn) = self.iter().next() {
            turn.origin().give_back(connection);
        }
    }
}

/// Sends what `build` makes. When this returns, `turns` has the instance that answered, or those that failed.
pub(super) async fn send(
    request: &FragmentRequest,
    turns: &mut Turns,
    build: impl Fn(&Origin) -> Vec<u8>,
) -> Result<Answer, FetchError> {
    let upstream = &*request.upstream;
    let first = turns.first.insert(upstream.pick(Lane::Fetch)?);
    let Some(latency) = &upstream.known(&request.fragment.fragment).latency else {
        return retry::send(upstream, first, build).await;
    };
    let started = Instant::now();
    let sent = match latency.percentile() {
        Some(patience) => Box::pin(race(upstream, turns, patience, build)).await,
        None => retry::send(upstream, first, build).await,
    };
    if sent.is_ok() {
        latency.note(started.elapsed());
    }
    sent
}

/// Who gave the head.
enum Winner {
    First(Result<Answer, FetchError>),
    /// The other one failed, or is too slow.
    Second(Answer, Option<FetchError>),
}

async fn race(
    upstream: &Upstream,
    turns: &mut Turns,
    patience: Duration,
    build: impl Fn(&Origin) -> Vec<u8>,
) -> Result<Answer, FetchError> {
    let Turns {
        first: Some(first),
        second,
    } = turns
    else {
        return Err(FetchError::NoInstance);
    };
    let asked = std::sync::Arc::clone(first.origin());
    let winner = {
        let mut one = pin!(retry::send(upstream, first, &build));
        tokio::select! {
            biased;
            sent = &mut one => return sent,
            () = sleep(patience) => {}
        }
        let Some(other) = other(upstream, &asked) else {
            return one.await;
        };
        let (turn, _) = second.insert(other);
        let mut two = pin!(attempt::send(turn.origin(), &build));
        tokio::select! {
            biased;
            sent = &mut one => match sent {
                Err(error) => match two.await {
                    Ok(answer) => Winner::Second(answer, Some(error)),
                    Err(_) => Winner::First(Err(error)),
                },
                sent => Winner::First(sent),
            },
            sent = &mut two => match sent {
                Ok(answer) if !answer.1.status.is_server_error() => Winner::Second(answer, None),
                Ok(_) => Winner::First(one.await),
                Err(error) => {
                    turn.failed(&FetchError::from(error));
                    Winner::First(one.await)
                }
            },
        }
    };
    // The connection of the slower one was dropped with its future: nothing more comes of it.
    let (sent, won) = match winner {
        Winner::First(sent) => {
            turns.second = None;
            (sent, "no")
        }
        Winner::Second(answer, failure) => {
            if let (Some(turn), Some(error)) = (turns.first.take(), failure) {
                turn.failed(&error);
            }
            (Ok(answer), "yes")
        }
    };
    let app = upstream.app().app.to_string();
    counter!("composer_fetch_hedges_total", "app" => app, "won" => won).increment(1);
    sent
}

/// Another instance, if there is one, and room and budget for asking it.
fn other(upstream: &Upstream, than: &Origin) -> Option<(Turn, Place)> {
    let shared = &upstream.allowance().shared;
    let turn = upstream.pick_another(Lane::Fetch, than).ok()?;
    let place = Bulkhead::try_enter(shared)?;
    shared.budget.take(Instant::now()).then_some((turn, place))
}
