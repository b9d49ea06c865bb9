//! Asks once more where nothing has come back: an idle connection that was closed, or an instance that is gone.

use http::{Request, Response};
use hyper::body::Incoming;

use crate::{
    FetchError, Upstream,
    connection::{Connection, NoBody, SendError},
    origin::{Lane, Origin, Turn},
};

/// Sends what `build` makes to the instance of `turn`. When it can't be connected to, or closes a new connection without a
/// word, `turn` goes over to another instance, once: fragments are asked for with GET, which may be repeated.
pub(super) async fn send(
    upstream: &Upstream,
    turn: &mut Turn,
    build: impl Fn(&Origin) -> Request<NoBody>,
) -> Result<(Connection, Response<Incoming>), FetchError> {
    let error = match attempt(turn.origin(), &build).await {
        Ok(answered) => return Ok(answered),
        Err(SendError::Spent(error)) => return Err(error),
        Err(SendError::Untouched(error)) => error,
    };
    let Ok(other) = upstream.pick_another(Lane::Fetch, turn.origin()) else {
        return Err(error);
    };
    turn.failed(&error);
    *turn = other;
    attempt(turn.origin(), &build).await.map_err(FetchError::from)
}

/// Sends on an idle connection, and if that was closed before any byte came, on a new one.
async fn attempt(
    origin: &Origin,
    build: impl Fn(&Origin) -> Request<NoBody>,
) -> Result<(Connection, Response<Incoming>), SendError> {
    if let Some(mut connection) = origin.take_idle() {
        match connection.send(build(origin)).await {
            Ok(response) => return Ok((connection, response)),
            Err(SendError::Spent(error)) => return Err(SendError::Spent(error)),
            Err(SendError::Untouched(_)) => {}
        }
    }
    let mut connection = origin.connect().await.map_err(SendError::Untouched)?;
    let response = connection.send(build(origin)).await?;
    Ok((connection, response))
}
