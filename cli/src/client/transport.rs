//! One request to the admin API, within limits.

use std::{io::Read, ops::Deref, sync::Arc, time::Duration};

use contract::admin::ProblemReply;
use serde::{Serialize, de::DeserializeOwned};
use ureq::{
    Agent, AsSendBody, Body, SendBody,
    http::{Request, Response, request::Builder},
    tls::{Certificate, RootCerts, TlsConfig},
};

use super::{ClientError, address::Address, error::Refused};
use crate::settings::{Server, Token};

const CONNECT: Duration = Duration::from_secs(5);
/// A release renders fragments and builds pages before it answers.
const ANSWER: Duration = Duration::from_secs(60);
/// For the 64 MiB of the largest file, at 4 Mbit/s.
const UPLOAD: Duration = Duration::from_secs(150);
const MAX_HEAD_BYTES: usize = 32 << 10;
const MAX_REPLY_BYTES: u64 = 32 << 20;
/// What is kept of an answer that makes no sense.
const MAX_TOLD_CHARS: usize = 200;

/// The admin API of one composer. Clones share their connections.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    agent: Agent,
    address: Address,
    token: Option<Token>,
}

/// What the API answered: read, and as it came.
#[derive(Debug)]
pub(crate) struct Reply<T> {
    value: T,
    /// The JSON.
    pub(crate) text: String,
}

impl<T> Deref for Reply<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Reply<T> {
    /// What was read.
    pub(crate) fn into_value(self) -> T {
        self.value
    }
}

impl Client {
    /// Nothing is sent before the first call.
    pub(crate) fn new(server: &Server) -> Result<Self, ClientError> {
        let address = Address::parse(&server.admin)?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A token goes to nobody but the address that was given.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_send_body(Some(UPLOAD))
            .timeout_recv_response(Some(ANSWER))
            .timeout_recv_body(Some(ANSWER))
            .max_response_header_size(MAX_HEAD_BYTES)
            .user_agent(concat!("marquetry/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls(&address)?);
        Ok(Self {
            agent: config.build().new_agent(),
            address,
            token: server.token.clone(),
        })
    }

    /// Where it asks.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// True when it has a token to show.
    pub(crate) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Reply<T>, ClientError> {
        self.read(self.send(self.request("GET", path), ())?)
    }

    /// A text that is no JSON, with headers of its own.
    pub(super) fn get_text(&self, path: &str, headers: &[(&str, &str)]) -> Result<String, ClientError> {
        let mut request = Request::builder().uri(self.address.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.read_text(self.send(request, ())?)
    }

    pub(super) fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<Reply<T>, ClientError> {
        self.with_body("POST", path, body)
    }

    pub(super) fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<Reply<T>, ClientError> {
        self.with_body("PUT", path, body)
    }

    /// For calls that answer with JSON.
    pub(super) fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<Reply<T>, ClientError> {
        self.read(self.send(self.request("DELETE", path), ())?)
    }

    /// For calls that answer with nothing.
    pub(super) fn delete_silently(&self, path: &str) -> Result<(), ClientError> {
        let response = self.send(self.request("DELETE", path), ())?;
        self.read_text(response).map(drop)
    }

    /// Sends bytes as they are, for calls that answer with nothing.
    pub(super) fn put_bytes(&self, path: &str, content: &mut impl Read, bytes: u64) -> Result<(), ClientError> {
        let request = self
            .request("PUT", path)
            .header("content-type", "application/octet-stream")
            .header("content-length", bytes);
        self.read_text(self.send(request, SendBody::from_reader(content))?)
            .map(drop)
    }

    fn with_body<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Reply<T>, ClientError> {
        let body = serde_json::to_vec(body).expect("the API's types are JSON");
        let request = self.request(method, path).header("content-type", "application/json");
        self.read(self.send(request, body)?)
    }

    fn request(&self, method: &str, path: &str) -> Builder {
        let request = Request::builder().method(method).uri(self.address.url(path));
        let request = request.header("accept", "application/json, application/problem+json");
        match &self.token {
            Some(token) => request.header("authorization", token.authorization()),
            None => request,
        }
    }

    fn send(&self, request: Builder, body: impl AsSendBody) -> Result<Response<Body>, ClientError> {
        let request = request.body(body).map_err(|error| self.stranger(error.to_string()))?;
        self.agent.run(request).map_err(|error| self.failed(error))
    }

    fn read<T: DeserializeOwned>(&self, response: Response<Body>) -> Result<Reply<T>, ClientError> {
        let text = self.read_text(response)?;
        match serde_json::from_str(&text) {
            Ok(value) => Ok(Reply { value, text }),
            Err(error) => Err(self.stranger(format!(
                "its answer can't be read: {error}; it begins with `{}`",
                start(&text)
            ))),
        }
    }

    fn read_text(&self, mut response: Response<Body>) -> Result<String, ClientError> {
        let status = response.status();
        let limited = response.body_mut().with_config().limit(MAX_REPLY_BYTES);
        let text = limited.read_to_string().map_err(|error| self.failed(error))?;
        if status.is_success() {
            return Ok(text);
        }
        let problem: ProblemReply = serde_json::from_str(&text)
            .map_err(|_| self.stranger(format!("it says {status} and `{}`", start(&text))))?;
        Err(ClientError::Refused(Box::new(Refused {
            problem,
            text,
            had_token: self.has_token(),
        })))
    }

    fn stranger(&self, why: String) -> ClientError {
        ClientError::Stranger {
            admin: self.address.as_str().to_owned(),
            why,
        }
    }

    fn failed(&self, error: ureq::Error) -> ClientError {
        let admin = self.address.as_str().to_owned();
        match error {
            ureq::Error::Tls(why) => ClientError::Tls { admin, why: why.into() },
            ureq::Error::Rustls(why) => ClientError::Tls {
                admin,
                why: why.to_string(),
            },
            ureq::Error::BodyExceedsLimit(bytes) => self.stranger(format!("its answer is longer than {bytes} bytes")),
            ureq::Error::Protocol(why) => self.stranger(why.to_string()),
            ureq::Error::Http(why) => self.stranger(why.to_string()),
            ureq::Error::HostNotFound => ClientError::Unreachable {
                admin,
                why: "its host name is not known".into(),
            },
            ureq::Error::Io(why) if why.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
                ClientError::Tls {
                    admin,
                    why: why.to_string(),
                }
            }
            ureq::Error::Io(why) => ClientError::Unreachable {
                admin,
                why: why.to_string(),
            },
            ureq::Error::Timeout(step) => ClientError::Unreachable {
                admin,
                why: format!("it took too long ({step})"),
            },
            other => ClientError::Unreachable {
                admin,
                why: other.to_string(),
            },
        }
    }
}

/// The system's certificates, read only where they are needed.
fn tls(address: &Address) -> Result<TlsConfig, ClientError> {
    let builder =
        TlsConfig::builder().unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
    if !address.is_tls() {
        return Ok(builder.root_certs(RootCerts::new_with_certs(&[])).build());
    }
    let loaded = rustls_native_certs::load_native_certs();
    if loaded.certs.is_empty() {
        let why = loaded.errors.first().map(ToString::to_string);
        return Err(ClientError::Tls {
            admin: address.as_str().to_owned(),
            why: format!(
                "this system has no certificates to trust ({})",
                why.unwrap_or_else(|| "none are installed".into())
            ),
        });
    }
    let certificates: Vec<_> = loaded
        .certs
        .iter()
        .map(|each| Certificate::from_der(each).to_owned())
        .collect();
    Ok(builder.root_certs(RootCerts::new_with_certs(&certificates)).build())
}

/// The beginning of an answer, safe for a terminal.
fn start(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(MAX_TOLD_CHARS).flat_map(char::escape_debug).collect()
}
