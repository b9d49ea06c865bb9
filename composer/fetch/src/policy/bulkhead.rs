//! Keeps one app from taking everything: it has so many fetches at once, and a few more wait.

use metrics::counter;

use crate::{
    FetchError, Upstream,
    allowance::{Bulkhead, Place},
};

/// Waits for one of the app's places.
pub(super) async fn enter(upstream: &Upstream) -> Result<Place, FetchError> {
    let entered = Bulkhead::enter(&upstream.allowance().shared).await;
    if entered.is_err() {
        let app = upstream.app().app.to_string();
        counter!("composer_fetch_bulkhead_refused_total", "app" => app).increment(1);
    }
    entered
}
