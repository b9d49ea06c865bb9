//! Names every request, and the trace that it belongs to; an id that a client claims is dropped.

use axum::{extract::Request, response::Response};
use contract::header;
use http::HeaderName;

use crate::{
    request::RequestId,
    trace::{self, TRACEPARENT},
};

const REQUEST_ID: HeaderName = HeaderName::from_static(header::REQUEST_ID);

/// Gives the request its id and its trace, and says the id in the reply.
pub(crate) async fn request_id<F: Future<Output = Response>>(
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let id = RequestId::new();
    let value = id.value().clone();
    request.headers_mut().remove(&REQUEST_ID);
    let trace = trace::outgoing(request.headers());
    request.headers_mut().insert(TRACEPARENT, trace);
    request.extensions_mut().insert(id);
    let mut response = next(request).await;
    response.headers_mut().insert(REQUEST_ID, value);
    response
}
