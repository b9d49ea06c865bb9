//! Asks once more when an idle connection turns out to be closed, so that a restarted BFF shows no error.

use http::{Request, Response};
use hyper::body::Incoming;

use crate::{
    FetchError,
    connection::{Connection, NoBody, SendError},
    upstream::Origin,
};

/// Sends what `build` makes: on an idle connection, and if that was closed before any byte came, on a new one.
pub(super) async fn send(
    origin: &Origin,
    build: impl Fn() -> Request<NoBody>,
) -> Result<(Connection, Response<Incoming>), FetchError> {
    if let Some(mut connection) = origin.take_idle() {
        match connection.send(build()).await {
            Ok(response) => return Ok((connection, response)),
            Err(SendError::Spent(error)) => return Err(error),
            Err(SendError::Untouched(_)) => {}
        }
    }
    let mut connection = origin.connect().await?;
    match connection.send(build()).await {
        Ok(response) => Ok((connection, response)),
        Err(SendError::Spent(error) | SendError::Untouched(error)) => Err(error),
    }
}
