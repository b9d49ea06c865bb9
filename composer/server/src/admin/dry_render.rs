//! Asks a version for each of its fragments before anybody sees it.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use composer_fetch::{
    Cache, Event, FetchError, Fleet, Forwarded, FragmentRequest, OriginTerms, PageFetches, Upstream, Visit,
};
use contract::{
    FragmentId, Params, Role,
    admin::{Finding, Severity},
    manifest::{Fragment, Manifest},
};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::time::{sleep, timeout};

use crate::{app::App, request::RequestId, trace};

/// Fragments that are asked for at once.
const AT_ONCE: usize = 8;
/// The longest that a release waits for its fragments.
const LONGEST: Duration = Duration::from_secs(60);
/// Before whoever couldn't be reached is tried once more.
const PAUSE: Duration = Duration::from_millis(300);
/// The rule that a version breaks which can't be reached.
const UNREACHED: &str = "no-instance";

/// Tells which fragments of the version don't answer as they should at `origins`.
pub(super) async fn dry_render(
    app: &App,
    manifest: &Manifest,
    origins: &[OriginTerms],
    id: Option<&RequestId>,
) -> Vec<Finding> {
    let version = manifest.app_version();
    if origins.is_empty() {
        let text = "has no instance: start its BFF and let it announce itself, or give `origins` with the release";
        return vec![error(UNREACHED, version.to_string(), text.into())];
    }
    let fleet = Fleet::new(
        app.config().fetch.clone(),
        Arc::clone(app.fleet.guard()),
        app.prefix().clone(),
    );
    if let Err(refused) = fleet.set_origins(&version, origins) {
        return vec![error("origin", version.to_string(), refused.to_string())];
    }
    let upstream = fleet.ensure(manifest);
    let asked = async {
        let mut findings = Vec::new();
        for some in manifest.fragments.chunks(AT_ONCE) {
            let mut found = ask(&upstream, manifest, some.iter().collect(), visit(app, id)).await;
            let unreached = found.extract_if(.., |found| found.rule == UNREACHED);
            let again: Vec<&Fragment> = unreached.map(|found| found.terms).collect();
            if !again.is_empty() {
                // A server that starts, or that many ask at once, refuses for a moment.
                sleep(PAUSE).await;
                found.extend(ask(&upstream, manifest, again, visit(app, id)).await);
            }
            findings.extend(found.into_iter().map(|found| found.told(manifest)));
        }
        findings
    };
    timeout(LONGEST, asked).await.unwrap_or_else(|_| {
        let text = format!("its fragments took longer than {LONGEST:?} together");
        vec![error("fragment-late", version.to_string(), text)]
    })
}

fn visit(app: &App, id: Option<&RequestId>) -> Visit {
    let config = app.config();
    let host = config.hosts.first().map_or("localhost", |host| host.as_str());
    let from = Forwarded {
        client: IpAddr::V4(Ipv4Addr::LOCALHOST),
        host: HeaderValue::from_str(host).unwrap_or(HeaderValue::from_static("localhost")),
        proto: if config.tls.is_some() { "https" } else { "http" },
    };
    let id = id.and_then(|id| HeaderValue::from_str(id.as_str()).ok());
    let headers = HeaderMap::new();
    let trace = trace::outgoing(&headers);
    Visit::new(headers, &from, trace, id.unwrap_or(HeaderValue::from_static("")))
}

/// What is wrong with one fragment.
struct Found<'m> {
    terms: &'m Fragment,
    severity: Severity,
    rule: &'static str,
    text: String,
}

impl Found<'_> {
    fn told(self, manifest: &Manifest) -> Finding {
        Finding {
            severity: self.severity,
            rule: self.rule.into(),
            at: format!("{} {}", manifest.app_version(), self.terms.name),
            text: self.text,
        }
    }
}

async fn ask<'m>(
    upstream: &Arc<Upstream>,
    manifest: &Manifest,
    fragments: Vec<&'m Fragment>,
    visit: Visit,
) -> Vec<Found<'m>> {
    let mut fetches = PageFetches::new(visit, Arc::new(Cache::new(0)));
    for (at, terms) in fragments.iter().enumerate() {
        fetches.start(at, request(upstream, manifest, terms));
    }
    let mut all = Vec::new();
    while let Some((at, event)) = fetches.next().await {
        let terms = fragments[at];
        let found = match &event {
            Event::Head(head) => judge(manifest, terms, head.status),
            Event::Failed(FetchError::Stopped) | Event::Chunk(_) | Event::End | Event::Kept(_) => None,
            Event::Failed(FetchError::Status(status)) => judge(manifest, terms, *status),
            Event::Failed(failure) => Some(failed(failure)),
        };
        all.extend(found.map(|(severity, rule, text)| Found {
            terms,
            severity,
            rule,
            text,
        }));
    }
    all
}

fn request(upstream: &Arc<Upstream>, manifest: &Manifest, terms: &Fragment) -> FragmentRequest {
    FragmentRequest {
        upstream: Arc::clone(upstream),
        fragment: FragmentId {
            app: manifest.app.name.clone(),
            fragment: terms.name.clone(),
        },
        path: terms.path.clone(),
        params: Params::default(),
        role: Role::Primary,
        deadline: terms.deadline,
        max_body_bytes: terms.max_body_bytes,
    }
}

/// What a status says: pages may lead elsewhere, and a fragment that needs params may miss them.
fn judge(manifest: &Manifest, terms: &Fragment, status: StatusCode) -> Option<(Severity, &'static str, String)> {
    let path = &terms.path;
    let page = manifest.pages.iter().find(|page| page.fragment == terms.name);
    if status.is_redirection() && page.is_none() {
        let text = format!("`{path}` answered {status}: only the fragment of a page may lead elsewhere");
        return Some((Severity::Error, "fragment-redirects", text));
    }
    let takes_params = !terms.params.is_empty() || page.is_some_and(|page| page.path.as_str().contains('{'));
    if status.is_client_error() && !takes_params {
        let text = format!("`{path}` answered {status}, although it takes no params: does the BFF serve it?");
        return Some((Severity::Warning, "fragment-missing", text));
    }
    if status.is_server_error() || status.is_informational() {
        let text = format!("`{path}` answered {status}: mend the BFF, its log says why");
        return Some((Severity::Error, "fragment-fails", text));
    }
    None
}

fn failed(failure: &FetchError) -> (Severity, &'static str, String) {
    let rule = match failure {
        FetchError::Deadline { .. } => "fragment-late",
        FetchError::Connect(_) | FetchError::NoInstance | FetchError::Busy { .. } | FetchError::Forbidden(_) => {
            UNREACHED
        }
        _ => "fragment-fails",
    };
    let mut text = failure.to_string();
    let mut source = std::error::Error::source(failure);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    (Severity::Error, rule, text)
}

fn error(rule: &str, at: String, text: String) -> Finding {
    Finding {
        severity: Severity::Error,
        rule: rule.into(),
        at,
        text,
    }
}
