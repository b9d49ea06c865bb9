//! One attempt: a request to one instance, up to the head of its response.

use http::StatusCode;

use crate::{
    connection::{Connection, SendError},
    origin::Origin,
    wire::Head,
};

/// A response's head, and the connection on which its body comes.
pub(super) type Answer = (Connection, Head);

/// Sends what `build` makes on an idle connection, and if that was closed before any byte came, on a new one: nobody has
/// seen the first, so this is no retry.
pub(super) async fn send(origin: &Origin, build: impl Fn(&Origin) -> Vec<u8>) -> Result<Answer, SendError> {
    if let Some(mut connection) = origin.take_idle() {
        match connection.send(&build(origin)).await {
            // Said by a BFF that is closing an idle connection, not to this request (RFC 9110 §15.5.9).
            Ok(head) if head.status == StatusCode::REQUEST_TIMEOUT => {}
            Ok(head) => return Ok((connection, head)),
            Err(SendError::Untouched(_)) => {}
            Err(error) => return Err(error),
        }
    }
    // Rare and large: in a box it doesn't make all fetches larger.
    Box::pin(send_anew(origin, &build(origin))).await
}

async fn send_anew(origin: &Origin, request: &[u8]) -> Result<Answer, SendError> {
    let mut connection = origin.connect().await.map_err(SendError::Unreached)?;
    let head = connection.send(request).await?;
    Ok((connection, head))
}
