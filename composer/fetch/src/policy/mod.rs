//! The policies of one fetch, outermost first.

mod breaker;
mod outcome;
mod deadline;
mod bulkhead;
mod hedge;
mod retry;
mod attempt;
mod head;
mod body;

use std::{pin::pin, sync::Arc, time::Duration};

use hedge::Turns;
use outcome::Outcome;
use tokio::time::Instant;

use crate::{Event, FetchError, FragmentRequest, Visit, events::Sink, origin::Origin};

/// Fetches one fragment: its events go to `sink`, the last of them says how it ended.
pub(crate) async fn run<K: Copy + PartialEq>(request: FragmentRequest, visit: Arc<Visit>, sink: Sink<K>) {
    let last = match within_policies(&request, &visit, &sink).await {
        Ok(()) => Event::End,
        Err(error) => Event::Failed(error),
    };
    // A page that stopped this fetch knows that it ends.
    let _ = sink.send(last).await;
}

/// The breaker stands before all attempts: it looks at the version as a whole, and one instance of it may answer.
async fn within_policies<K: Copy + PartialEq>(
    request: &FragmentRequest,
    visit: &Visit,
    sink: &Sink<K>,
) -> Result<(), FetchError> {
    let started = Instant::now();
    let pass =
        breaker::enter(request, started).inspect_err(|error| outcome::count(request, Err(error), Duration::ZERO))?;
    let outcome = Outcome::new(request, sink, started, pass);
    let mut turns = Turns::default();
    let result = {
        let fetched = pin!(fetch(request, visit, sink, &mut turns));
        deadline::within(started, request.deadline, sink.pauses(), fetched).await
    };
    for turn in turns.iter() {
        match result.as_ref().err().filter(|error| error.is_of_instance()) {
            Some(error) => turn.failed(error),
            None => turn.succeeded(),
        }
    }
    outcome.settle(result.as_ref().copied());
    result
}

/// The deadline wraps all of this: every wait and every attempt spend the same time.
async fn fetch<K: Copy + PartialEq>(
    request: &FragmentRequest,
    visit: &Visit,
    sink: &Sink<K>,
    turns: &mut Turns,
) -> Result<(), FetchError> {
    let target = request.target()?;
    let _place = bulkhead::enter(&request.upstream).await?;
    request.upstream.allowance().shared.budget.add();
    let build = |origin: &Origin| request.write(visit, &target, origin);
    let (mut connection, head) = hedge::send(request, turns, build).await?;
    let (head, body) = head::check(head, request.role, visit)?;
    if head.status.is_redirection() {
        // What a redirect says beside its head nobody reads.
        if body.is_over() {
            turns.give_back(connection);
        }
        return sink.send(Event::Head(head)).await;
    }
    body::check(&body, request.max_body_bytes)?;
    sink.send(Event::Head(head)).await?;
    body::pass_on(&mut connection, request.max_body_bytes, sink).await?;
    turns.give_back(connection);
    Ok(())
}
