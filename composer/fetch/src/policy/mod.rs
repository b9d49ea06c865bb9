//! The policies of one fetch, outermost first.

mod deadline;
mod dropped;
mod body;
mod head;
mod retry;

use std::sync::Arc;

use dropped::Unfinished;
use http_body::Body as _;
use tokio::time::Instant;

use crate::{
    Event, FetchError, FragmentRequest, Upstream, Visit,
    events::Sink,
    numbers::Verdict,
    origin::{Lane, Origin, Turn},
    telemetry,
};

/// Fetches one fragment: its events go to `sink`, the last of them says how it ended.
pub(crate) async fn run<K: Copy + PartialEq>(request: FragmentRequest, visit: Arc<Visit>, sink: Sink<K>) {
    let started = Instant::now();
    let mut turn = None;
    let fetched = fetch(&request, &visit, &sink, &mut turn);
    let mut unfinished = Unfinished::new(&request, &sink);
    let result = deadline::within(request.deadline, sink.pauses(), fetched).await;
    unfinished.finish();
    settle(&request.upstream, turn, result.as_ref().copied());
    let outcome = result.as_ref().err().map_or("fresh", FetchError::label);
    telemetry::fetched(&request.fragment, outcome, started.elapsed());
    let last = match result {
        Ok(()) => Event::End,
        Err(error) => Event::Failed(error),
    };
    // A page that stopped this fetch knows that it ends.
    let _ = sink.send(last).await;
}

/// The deadline wraps the retry: both attempts spend the same time.
async fn fetch<K: Copy + PartialEq>(
    request: &FragmentRequest,
    visit: &Visit,
    sink: &Sink<K>,
    turn: &mut Option<Turn>,
) -> Result<(), FetchError> {
    let uri = request.uri()?;
    let turn = turn.insert(request.upstream.pick(Lane::Fetch)?);
    let build = |origin: &Origin| request.build(visit, &uri, origin);
    let (mut connection, response) = retry::send(&request.upstream, turn, build).await?;
    let origin = turn.origin();
    let (head, body) = head::check(response, request.role)?;
    if head.status.is_redirection() {
        // What a redirect says beside its head nobody reads.
        if body.is_end_stream() {
            origin.give_back(connection);
        }
        return sink.send(Event::Head(head)).await;
    }
    body::check(&body, request.max_body_bytes)?;
    sink.send(Event::Head(head)).await?;
    body::pass_on(&mut connection, body, request.max_body_bytes, sink).await?;
    origin.give_back(connection);
    Ok(())
}

/// Notes what `result` says of the instance that was asked, and of its version.
fn settle(upstream: &Upstream, turn: Option<Turn>, result: Result<(), &FetchError>) {
    if let Some(turn) = turn {
        match result.err().filter(|error| error.is_of_instance()) {
            Some(error) => turn.failed(error),
            None => turn.succeeded(),
        }
    }
    if let Some(verdict) = Verdict::of_fetch(result) {
        upstream.count(verdict);
    }
}
