//! Names every request; what a client claims is dropped.

use axum::{extract::Request, middleware::Next, response::Response};
use contract::header;
use http::{HeaderName, HeaderValue};

use crate::request::RequestId;

const REQUEST_ID: HeaderName = HeaderName::from_static(header::REQUEST_ID);

/// Gives the request its id, and says it in the reply.
pub(crate) async fn request_id(mut request: Request, next: Next) -> Response {
    let id = RequestId::new();
    let value = HeaderValue::try_from(id.as_str()).expect("an id is hexadecimal");
    request.headers_mut().remove(&REQUEST_ID);
    request.extensions_mut().insert(id);
    let mut response = next.run(request).await;
    response.headers_mut().insert(REQUEST_ID, value);
    response
}
