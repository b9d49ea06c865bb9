//! Tells a composer that this instance is there, again and again, and that it leaves: `POST` and `DELETE /v1/instances`.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use contract::{
    AppVersion,
    admin::{Announcement, Lease},
};
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use crate::config::{EnvironmentError, Registry};

const CALL_LIMIT: Duration = Duration::from_secs(2);
const MAX_REPLY_BYTES: usize = 64 << 10;
/// How soon a composer that is away is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// A lease is never renewed more often.
const SHORTEST_RENEWAL: Duration = Duration::from_millis(100);

/// One instance, as its composer is to know it.
pub(crate) struct Announcer {
    registry: Registry,
    body: Bytes,
    client: Client<HttpConnector, Full<Bytes>>,
    lease: Option<Lease>,
}

/// Why the composer gave no lease.
#[derive(Debug, thiserror::Error)]
enum AnnounceError {
    #[error("no answer within {CALL_LIMIT:?}")]
    Late,
    #[error("it could not be reached")]
    Connect(#[source] hyper_util::client::legacy::Error),
    #[error("it answered {status}: {text}")]
    Refused { status: StatusCode, text: String },
    #[error("its answer is no lease")]
    Reply(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Announcer {
    /// For an instance of `version` that listens at `listening`, and is reached there unless the environment says where else.
    pub(crate) fn new(
        registry: Registry,
        version: AppVersion,
        listening: SocketAddr,
    ) -> Result<Self, EnvironmentError> {
        let origin = match &registry.origin {
            Some(origin) => origin.clone(),
            None if listening.ip().is_unspecified() => return Err(EnvironmentError::no_origin(listening)),
            None => format!("http://{}", reachable(listening)),
        };
        let body = serde_json::to_vec(&Announcement { version, origin }).expect("plain structs are JSON");
        Ok(Self {
            registry,
            body: body.into(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            lease: None,
        })
    }

    /// Announces the instance until it is dropped; what goes wrong is told once, and tried again.
    pub(crate) async fn keep(&mut self) {
        let mut told = false;
        loop {
            let pause = match self.announce().await {
                Ok(lease) => {
                    if self.lease.is_none() || told {
                        info!(composer = %self.registry.admin, instance = lease.id, "announced");
                    }
                    told = false;
                    let pause = Duration::from_millis(lease.renew_ms);
                    self.lease = Some(lease);
                    pause.max(SHORTEST_RENEWAL)
                }
                Err(error) => {
                    if !told {
                        let error = chain(&error);
                        warn!(composer = %self.registry.admin, error, "not announced: no requests will come; trying on");
                    }
                    told = true;
                    RETRY
                }
            };
            sleep(pause).await;
        }
    }

    /// Takes the instance out, so that no request is sent to it any more.
    pub(crate) async fn leave(self) {
        let Some(lease) = &self.lease else { return };
        let path = format!("/v1/instances/{}", lease.id);
        match self.call(Method::DELETE, &path, Bytes::new()).await {
            Ok(_) => info!(instance = lease.id, "left"),
            Err(error) => warn!(
                instance = lease.id,
                error = chain(&error),
                "could not leave: the lease will end"
            ),
        }
    }

    async fn announce(&self) -> Result<Lease, AnnounceError> {
        let reply = self.call(Method::POST, "/v1/instances", self.body.clone()).await?;
        serde_json::from_slice(&reply).map_err(|error| AnnounceError::Reply(error.into()))
    }

    async fn call(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, AnnounceError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.registry.admin))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json");
        if let Some(token) = &self.registry.token {
            let mut value =
                HeaderValue::try_from(format!("Bearer {token}")).expect("the configuration takes plain ASCII only");
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        let request = request
            .body(Full::new(body))
            .map_err(|error| AnnounceError::Reply(error.into()))?;
        timeout(CALL_LIMIT, self.exchange(request))
            .await
            .map_err(|_| AnnounceError::Late)?
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Bytes, AnnounceError> {
        let response = self.client.request(request).await.map_err(AnnounceError::Connect)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_REPLY_BYTES).collect().await;
        let body = body.map_err(AnnounceError::Reply)?.to_bytes();
        if status.is_success() {
            return Ok(body);
        }
        let problem: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
        let detail = problem.as_ref().and_then(|problem| problem["detail"].as_str());
        Err(AnnounceError::Refused {
            status,
            text: detail.unwrap_or("no reason given").into(),
        })
    }
}

/// The address by which others reach a socket: IPv6 in brackets, a mapped IPv4 as what it is.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4),
        ip @ IpAddr::V4(_) => ip,
    };
    SocketAddr::new(ip, listening.port())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::{
        Json, Router,
        extract::{Path, State},
        http::HeaderMap,
        routing::{delete, post},
    };
    use tokio::sync::Notify;

    use super::*;

    #[derive(Default)]
    struct Heard {
        lines: Mutex<Vec<String>>,
        some: Notify,
    }

    impl Heard {
        fn hear(&self, headers: &HeaderMap, line: String) {
            let token = headers[header::AUTHORIZATION].to_str().unwrap();
            self.lines.lock().unwrap().push(format!("{token} {line}"));
            self.some.notify_one();
        }

        async fn at_least(&self, count: usize) -> Vec<String> {
            loop {
                let lines = self.lines.lock().unwrap().clone();
                if lines.len() >= count {
                    return lines;
                }
                timeout(Duration::from_secs(10), self.some.notified()).await.unwrap();
            }
        }
    }

    async fn composer(refuse_first: bool) -> (String, Arc<Heard>) {
        let heard = Arc::new(Heard::default());
        let announce =
            async move |State(heard): State<Arc<Heard>>, headers: HeaderMap, Json(body): Json<Announcement>| {
                heard.hear(&headers, format!("{} at {}", body.version, body.origin));
                if refuse_first && heard.lines.lock().unwrap().len() == 1 {
                    return Err((StatusCode::FORBIDDEN, "no"));
                }
                let id = "i1".into();
                Ok(Json(Lease {
                    id,
                    lease_ms: 300,
                    renew_ms: 100,
                }))
            };
        let leave = async |State(heard): State<Arc<Heard>>, headers: HeaderMap, Path(id): Path<String>| {
            heard.hear(&headers, format!("leave {id}"));
        };
        let router = Router::new()
            .route("/v1/instances", post(announce))
            .route("/v1/instances/{id}", delete(leave))
            .with_state(heard.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        (format!("http://{address}"), heard)
    }

    fn announcer(admin: String, listening: &str) -> Result<Announcer, EnvironmentError> {
        let registry = Registry {
            admin,
            origin: None,
            token: Some("mq_a".into()),
        };
        Announcer::new(registry, "reviews@1.0.0".parse().unwrap(), listening.parse().unwrap())
    }

    #[tokio::test]
    async fn an_instance_is_announced_again_and_again_and_leaves() {
        let (admin, heard) = composer(true).await;
        let mut announcer = announcer(admin, "127.0.0.1:4101").unwrap();
        tokio::select! {
            () = announcer.keep() => {}
            lines = heard.at_least(3) => {
                assert!(lines.iter().all(|line| line == "Bearer mq_a reviews@1.0.0 at http://127.0.0.1:4101"), "{lines:?}");
            }
        }
        announcer.leave().await;
        let lines = heard.at_least(4).await;
        assert_eq!(lines.last().unwrap(), "Bearer mq_a leave i1");
    }

    #[test]
    fn an_instance_at_every_address_has_to_say_which() {
        let error = announcer("http://127.0.0.1:1".into(), "0.0.0.0:4101").err().unwrap();
        assert!(
            error.to_string().contains("`MARQUETRY_ORIGIN` must say where"),
            "{error}"
        );
        assert_eq!(
            reachable("[::ffff:10.0.0.1]:80".parse().unwrap()).to_string(),
            "10.0.0.1:80"
        );
    }
}
