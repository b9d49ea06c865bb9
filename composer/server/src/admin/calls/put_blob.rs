//! `PUT /v1/blobs/{sha256}`: a file of a version that is to be published.

use axum::extract::State;
use contract::admin::Sha256;
use http::StatusCode;

use crate::{
    admin::{
        extract::{Blob, Named},
        failure::Failure,
    },
    app::App,
};

/// Stores the bytes under their hash.
pub(crate) async fn put_blob(
    State(app): State<App>,
    Named(sha256): Named<Sha256>,
    Blob(bytes, _place): Blob,
) -> Result<StatusCode, Failure> {
    app.registry.put_blob(&sha256, bytes).await?;
    Ok(StatusCode::NO_CONTENT)
}
