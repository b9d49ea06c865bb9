//! One attempt: a request to one instance, up to the head of its response.

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::{
    connection::{Connection, NoBody, SendError},
    origin::Origin,
};

/// A response's head, and the connection on which its body comes.
pub(super) type Answer = (Connection, Response<Incoming>);

/// Sends what `build` makes on an idle connection, and if that was closed before any byte came, on a new one: nobody has
/// seen the first, so this is no retry.
pub(super) async fn send(origin: &Origin, build: impl Fn(&Origin) -> Request<NoBody>) -> Result<Answer, SendError> {
    if let Some(mut connection) = origin.take_idle() {
        match connection.send(build(origin)).await {
            // Said by a BFF that is closing an idle connection, not to this request (RFC 9110 §15.5.9).
            Ok(response) if response.status() == StatusCode::REQUEST_TIMEOUT => {}
            Ok(response) => return Ok((connection, response)),
            Err(SendError::Untouched(_)) => {}
            Err(error) => return Err(error),
        }
    }
    // Rare and large: in a box it doesn't make all fetches larger.
    Box::pin(send_anew(origin, build(origin))).await
}

async fn send_anew(origin: &Origin, request: Request<NoBody>) -> Result<Answer, SendError> {
    let mut connection = origin.connect().await.map_err(SendError::Unreached)?;
    let response = connection.send(request).await?;
    Ok((connection, response))
}
