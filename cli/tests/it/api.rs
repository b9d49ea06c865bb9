//! Stands in for a composer's admin API: notes what it is asked, and answers what a test says.

use std::{
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::admin::{ProblemReply, Status};
use serde::Serialize;

use crate::support::{Run, TOKEN, command};

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `GET /v1/status`, with the query.
    pub(crate) line: String,
    pub(crate) authorization: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: String,
}

/// A reply: status, headers, body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

type Answers = dyn Fn(&Asked) -> Answer + Send + Sync;

struct Shared {
    answers: Box<Answers>,
    asked: Mutex<Vec<Asked>>,
}

/// A stand-in that runs until it is dropped.
pub(crate) struct Api {
    address: SocketAddr,
    shared: Arc<Shared>,
    _runtime: tokio::runtime::Runtime,
}

impl Api {
    pub(crate) fn start(answers: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let shared = Arc::new(Shared {
            answers: Box::new(answers),
            asked: Mutex::new(vec![]),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            address,
            shared,
            _runtime: runtime,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The binary, asking this stand-in with a token.
    pub(crate) fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = command(folder, arguments);
        command.env("MARQUETRY_ADMIN", self.url()).env("MARQUETRY_TOKEN", TOKEN);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_in(Path::new("."), arguments)
    }

    pub(crate) fn run_in(&self, folder: &Path, arguments: &[&str]) -> Run {
        self.command(folder, arguments).output().unwrap().into()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// The request lines, in order.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let header = |name| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let body = to_bytes(body, 64 << 20).await.unwrap();
    let asked = Asked {
        line: format!("{} {}", head.method, head.uri),
        authorization: header(header::AUTHORIZATION),
        content_type: header(header::CONTENT_TYPE),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let answer = (shared.answers)(&asked);
    shared.asked.lock().unwrap().push(asked);
    let mut reply = (StatusCode::from_u16(answer.status).unwrap(), answer.body).into_response();
    reply.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in answer.headers {
        reply.headers_mut().insert(name, value.parse().unwrap());
    }
    reply
}

impl Answer {
    pub(crate) fn json(value: &impl Serialize) -> Self {
        Self::text(200, &serde_json::to_string(value).unwrap()).with("content-type", "application/json")
    }

    pub(crate) fn nothing() -> Self {
        Self::text(204, "")
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: vec![],
            body: body.into(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn problem(status: u16, detail: &str) -> Self {
        let problem = ProblemReply {
            kind: "about:blank".into(),
            title: StatusCode::from_u16(status).unwrap().to_string(),
            status,
            detail: detail.into(),
            request_id: Some("0193-ab".into()),
            findings: vec![],
            revision: (status == 409).then_some(61),
        };
        Self::json_problem(&problem)
    }

    pub(crate) fn json_problem(problem: &ProblemReply) -> Self {
        Self {
            status: problem.status,
            ..Self::json(problem)
        }
        .with("content-type", "application/problem+json")
    }
}

/// `GET /v1/status` of a shop with a canary under way.
pub(crate) fn status(revision: u64) -> Status {
    let text = include_str!("status.json");
    let mut status: Status = serde_json::from_str(text).unwrap();
    status.revision = revision;
    status
}
