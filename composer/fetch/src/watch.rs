//! Asks every instance again and again whether it is well.

use std::{future::Future, pin::pin, sync::Arc};

use futures_util::stream::{self, StreamExt};
use http::{HeaderValue, Request, Uri, header};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::{FetchError, HealthConfig, connection::NoBody, origin::Origin, text::chain};

/// Checks under way at once.
const MAX_CHECKS: usize = 64;

/// What a check asks.
const PATH: &str = "/healthz";

/// Checks what `origins` gives, every so often, until `stop` ends.
pub(crate) async fn run(
    origins: impl Fn() -> Vec<Arc<Vec<Arc<Origin>>>>,
    terms: &HealthConfig,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let mut beat = interval(terms.check_every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let round = async {
            beat.tick().await;
            let all = origins().into_iter().flat_map(|each| each.as_ref().clone());
            stream::iter(all).for_each_concurrent(MAX_CHECKS, check).await;
        };
        tokio::select! {
            biased;
            () = &mut stop => return,
            () = round => {}
        }
    }
}

async fn check(origin: Arc<Origin>) {
    let limit = origin.config().health.check_limit;
    let asked = timeout(limit, ask(&origin)).await;
    let late = |_| Err(format!("GET {PATH}: no answer within {limit:?}"));
    origin.checked(asked.unwrap_or_else(late));
}

/// Asks on a new connection: that one which is open already still works says nothing of the next.
async fn ask(origin: &Origin) -> Result<(), String> {
    let failed = |error: FetchError| format!("GET {PATH}: {}", chain(&error));
    let mut connection = origin.connect().await.map_err(failed)?;
    let mut request = Request::new(NoBody::new());
    *request.uri_mut() = Uri::from_static(PATH);
    let headers = request.headers_mut();
    headers.insert(header::HOST, origin.authority().clone());
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    let sent = connection.send(request).await;
    let response = sent.map_err(|error| failed(error.into()))?;
    if response.status().is_server_error() {
        return Err(format!("GET {PATH} was answered with {}", response.status().as_u16()));
    }
    Ok(())
}
