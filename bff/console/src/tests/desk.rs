//! A console, the admin API behind it, and a person with a browser.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::admin::{
    Action, Arm, Audience, BreakerState, BreakerView, CanaryState, CanaryTerms, Health, HistoryEntry, HistoryPage,
    InstanceState, InstanceView, LiveAs, OriginSource, PolicyView, ProblemReply, ReleaseId, ReleaseReply, ReleaseView,
    Sample, Status, StoreHealth, VersionView, WhoAmI,
};
use http_body_util::BodyExt;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::{Console, admin::Admin, bff, sessions::Sessions};

pub(super) const TOKEN: &str = "mq_3f9a12bc_secretsecretsecretsecretsecretsecretsecret00";
pub(super) const BASE: &str = "/_m/app/console@1.0.0";
pub(super) const NOW_MS: u64 = 1_795_426_865_000;

/// What the admin API says: by method and path, status and body.
type Replies = BTreeMap<String, (u16, Value)>;

/// What was asked of it: method, path with query, token, body.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) what: String,
    pub(super) token: String,
    pub(super) body: Value,
}

#[derive(Clone, Default)]
struct Api {
    replies: Arc<Mutex<Replies>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

/// The console with all around it.
pub(super) struct Desk {
    router: Router,
    api: Api,
    cookie: Mutex<Option<String>>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Desk {
    /// One with a status, and a token that may do everything.
    pub(super) async fn open() -> Self {
        Self::with(Sessions::default()).await
    }

    pub(super) async fn with(sessions: Sessions) -> Self {
        let api = Api::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(api.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let desk = Self::before(&origin, api, sessions);
        desk.says("GET /v1/whoami", 200, &who(&[Action::Read, Action::Release], None));
        desk.says("GET /v1/status", 200, &status(true));
        desk.says("GET /v1/history", 200, &history());
        desk
    }

    /// One whose admin API is not there.
    pub(super) fn alone() -> Self {
        Self::before("http://127.0.0.1:9", Api::default(), Sessions::default())
    }

    fn before(origin: &str, api: Api, sessions: Sessions) -> Self {
        let admin = Admin::new(origin).unwrap();
        Self {
            router: bff().unwrap().with_state(Console { admin, sessions }).router().unwrap(),
            api,
            cookie: Mutex::new(None),
        }
    }

    /// From now on the admin API answers so to `what`: `POST /v1/rollbacks`.
    pub(super) fn says(&self, what: &str, status: u16, body: &impl Serialize) {
        let body = serde_json::to_value(body).unwrap();
        self.api.replies.lock().unwrap().insert(what.into(), (status, body));
    }

    /// The same, with a problem.
    pub(super) fn refuses(&self, what: &str, status: u16, detail: &str) {
        let problem = ProblemReply {
            kind: "about:blank".into(),
            title: "Refused".into(),
            status,
            detail: detail.into(),
            request_id: None,
            findings: vec![],
            revision: None,
        };
        self.says(what, status, &problem);
    }

    /// What was asked of the admin API, by `what`.
    pub(super) fn calls(&self, what: &str) -> Vec<Call> {
        let calls = self.api.calls.lock().unwrap();
        calls
            .iter()
            .filter(|call| call.what.starts_with(what))
            .cloned()
            .collect()
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, "text/html", None).await
    }

    pub(super) async fn json(&self, path: &str) -> Reply {
        self.send(Method::GET, path, "application/json", None).await
    }

    pub(super) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let body = ("application/x-www-form-urlencoded", body);
        self.send(Method::POST, path, "text/html", Some(body)).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Reply {
        let body = ("application/json", body.to_string());
        self.send(Method::POST, path, "application/json", Some(body)).await
    }

    /// Signs in, which has to work.
    pub(super) async fn sign_in(&self) {
        let reply = self.form("/sign-in", &[("token", TOKEN)]).await;
        assert_eq!((reply.status, reply.location()), (StatusCode::SEE_OTHER, "/_m/console"));
    }

    pub(super) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    async fn send(&self, method: Method, path: &str, accept: &str, body: Option<(&str, String)>) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("marquetry-base", BASE);
        request = request.header(header::ACCEPT, accept);
        if let Some(cookie) = self.cookie() {
            request = request.header(header::COOKIE, cookie);
        }
        let (kind, body) = body.unwrap_or_default();
        let request = request
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        let limit = Duration::from_secs(20);
        let response = tokio::time::timeout(limit, self.router.clone().oneshot(request)).await;
        let (parts, body) = response.unwrap().unwrap().into_parts();
        if let Some(set) = parts.headers.get(header::SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            *self.cookie.lock().unwrap() = Some(pair.to_owned()).filter(|pair| !pair.ends_with('='));
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        Reply {
            status: parts.status,
            headers: parts.headers,
            // What is told of shares is not torn apart at the end of a line.
            text: String::from_utf8(bytes.to_vec()).unwrap().replace('\u{a0}', " "),
        }
    }
}

impl Reply {
    pub(super) fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |location| location.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// What stands in the page, without the props that wake it.
    pub(super) fn view(&self) -> &str {
        self.text.split("<script").next().unwrap()
    }

    pub(super) fn shows(&self, words: &str) {
        assert!(self.view().contains(words), "`{words}` is missing in {}", self.view());
    }

    pub(super) fn hides(&self, words: &str) {
        assert!(!self.text.contains(words), "`{words}` stands in {}", self.text);
    }
}

async fn answer(State(api): State<Api>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let bytes = body.collect().await.unwrap().to_bytes();
    let call = Call {
        what: format!("{} {path}", parts.method),
        token: parts.headers[header::AUTHORIZATION].to_str().unwrap().into(),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    let replies = api.replies.lock().unwrap();
    let plain = format!("{} {}", parts.method, parts.uri.path());
    let known = replies.get(&call.what).or_else(|| replies.get(&plain));
    let (status, body) = known.cloned().unwrap_or((500, json!("no such call")));
    api.calls.lock().unwrap().push(call);
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

pub(super) fn who(actions: &[Action], apps: Option<&[&str]>) -> WhoAmI {
    WhoAmI {
        id: "3f9a12bc".parse().unwrap(),
        name: "ida <b>".into(),
        team: None,
        apps: apps.map(|apps| apps.iter().map(|app| app.parse().unwrap()).collect()),
        actions: actions.to_vec(),
        expires_at_ms: None,
        revision: 57,
    }
}

/// Two apps, `checkout` with a canary if wanted, `decide` without instances.
pub(super) fn status(with_canary: bool) -> Status {
    let instance = |state, error: Option<&str>| InstanceView {
        id: Some("i1".into()),
        origin: "http://10.1.2.3:4101".into(),
        source: OriginSource::Lease,
        state,
        in_flight: 2,
        last_error: error.map(str::to_owned),
    };
    let version = |version: &str, live, minutes: u64, instances| VersionView {
        version: version.parse().unwrap(),
        published_at_ms: Some(NOW_MS - minutes * 60_000),
        published_by: Some("ci".into()),
        note: None,
        live,
        instances,
        policy: Some(policy(live)),
    };
    let canary_live = if with_canary { LiveAs::Canary } else { LiveAs::No };
    let checkout = vec![
        version("1.5.0", canary_live, 40, vec![instance(InstanceState::Healthy, None)]),
        version(
            "1.4.2",
            LiveAs::Stable,
            90,
            vec![
                instance(InstanceState::Healthy, None),
                instance(InstanceState::Unhealthy, Some("refused")),
            ],
        ),
        version("1.4.1", LiveAs::No, 900, vec![]),
    ];
    Status {
        revision: 57,
        at_ms: NOW_MS,
        store: StoreHealth {
            health: Health::Good,
            text: String::new(),
        },
        apps: vec![
            app("checkout", "1.4.2", with_canary.then_some(ReleaseId(57)), checkout),
            app(
                "decide",
                "2.0.0",
                None,
                vec![version("2.0.0", LiveAs::Stable, 9, vec![])],
            ),
        ],
        canaries: if with_canary { vec![canary()] } else { vec![] },
        cache: contract::admin::CacheView::default(),
    }
}

/// A canary that is left alone, and others that are not.
fn policy(live: LiveAs) -> PolicyView {
    let is_open = live == LiveAs::Canary;
    PolicyView {
        breaker: BreakerView {
            state: if is_open {
                BreakerState::Open
            } else {
                BreakerState::Closed
            },
            open_since_ms: is_open.then_some(NOW_MS - 65_000),
            next_try_at_ms: is_open.then_some(NOW_MS + 1_400),
            failed: if is_open { 17 } else { 0 },
            of: 20,
            last_error: is_open.then(|| "its server answered 500 <b>".into()),
        },
        in_flight: 2,
        in_flight_limit: 512,
        waiting: 0,
        retries_left: 10,
    }
}

fn app(name: &str, stable: &str, canary: Option<ReleaseId>, versions: Vec<VersionView>) -> contract::admin::AppView {
    contract::admin::AppView {
        app: name.parse().unwrap(),
        team: Some("shop-team".parse().unwrap()),
        owner: format!("Team {name} & Co"),
        revision: 57,
        stable: Some(stable.parse().unwrap()),
        canary,
        versions,
    }
}

pub(crate) fn canary() -> ReleaseView {
    let arm = |requests, errors| Arm {
        requests,
        errors,
        page_views: requests,
        ..Arm::default()
    };
    ReleaseView {
        id: ReleaseId(57),
        apps: vec!["checkout@1.5.0".parse().unwrap()],
        stable: vec!["checkout@1.4.2".parse().unwrap()],
        canary: CanaryTerms {
            audience: Audience::Share,
            steps: vec![500, 2_500, 10_000],
            every_s: Some(600),
        },
        analysis: Default::default(),
        state: CanaryState::Running,
        by: "ida".into(),
        at_ms: NOW_MS - 120_000,
        reason: Some("faster form".into()),
        step: 0,
        share_bp: Some(500),
        next_step_at_ms: Some(NOW_MS + 480_000),
        ours: arm(200, 8),
        theirs: arm(2_000, 20),
        samples: vec![Sample {
            at_ms: NOW_MS,
            share_bp: 500,
            ours: arm(200, 8),
            theirs: arm(2_000, 20),
        }],
    }
}

pub(super) fn entry(revision: u64, act: &str, text: &str) -> HistoryEntry {
    HistoryEntry {
        revision,
        at_ms: NOW_MS - 3_600_000,
        by: "ida (token 3f9a12bc)".into(),
        act: act.into(),
        text: text.into(),
        reason: Some("<script>alert(1)</script>".into()),
        apps: vec!["checkout".parse().unwrap()],
        release: None,
    }
}

pub(super) fn history() -> HistoryPage {
    HistoryPage {
        entries: vec![
            entry(57, "released", "released checkout@1.5.0 to 5 % of users"),
            entry(41, "released", "released checkout@1.4.2"),
            entry(40, "released", "released checkout@1.4.1"),
        ],
        before: None,
    }
}

pub(super) fn done() -> ReleaseReply {
    ReleaseReply {
        release: Some(ReleaseId(58)),
        revision: 58,
        live: vec![],
        findings: vec![],
    }
}
