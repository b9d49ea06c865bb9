//! Apps that stamp their version into everything they send, so that a test sees who answered.

use std::{
    convert::Infallible,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use anyhow::Result;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    composer::pack,
    site::{LAYOUT, write},
};

/// A BFF of one version: every fragment, form and call is answered with its stamp, `[app@1.0.0]`.
pub struct Stamped {
    origin: String,
    version: String,
    state: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    stamp: String,
    slots: String,
    fails: AtomicBool,
    requests: AtomicU64,
    posts: AtomicU64,
}

impl Stamped {
    /// Starts one; `slots` is what each of its fragments called `page` includes.
    ///
    /// # Errors
    /// When loopback has no free port.
    pub async fn start(version: &str, slots: &[&str]) -> Result<Self> {
        let slot = |src: &&str| format!("<fragment-slot src=\"{src}\">[none]</fragment-slot>");
        let state = Arc::new(Shared {
            stamp: format!("[{version}]"),
            slots: slots.iter().map(slot).collect(),
            fails: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            posts: AtomicU64::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let router = Router::new().fallback(answer).with_state(Arc::clone(&state));
        let task = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            origin,
            version: version.into(),
            state,
            task,
        })
    }

    /// Where it listens.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Its version: `app@1.0.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether it answers 500 to everything but health checks from now on.
    pub fn fail(&self, fails: bool) {
        self.state.fails.store(fails, SeqCst);
    }

    /// How much it was asked, health checks apart.
    pub fn requests(&self) -> u64 {
        self.state.requests.load(SeqCst)
    }

    /// How many forms it was sent.
    pub fn posts(&self) -> u64 {
        self.state.posts.load(SeqCst)
    }
}

impl Drop for Stamped {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(state): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/healthz" {
        return "ok".into_response();
    }
    state.requests.fetch_add(1, SeqCst);
    if state.fails.load(SeqCst) {
        return (StatusCode::INTERNAL_SERVER_ERROR, "broken").into_response();
    }
    if request.method() == Method::POST {
        state.posts.fetch_add(1, SeqCst);
        return (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response();
    }
    match path {
        "/events" => events(&state.stamp),
        "/fragments/page" => html(format!("<p>{}</p>{}{}", state.stamp, form(&request), state.slots)),
        path if path.starts_with("/fragments/") => html(format!("<p>{}</p>{NOTE}", state.stamp)),
        _ => state.stamp.clone().into_response(),
    }
}

/// Something to type into.
const NOTE: &str = "<form><input name=\"note\" aria-label=\"Note\"></form>";

fn html(body: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html")], body).into_response()
}

fn form(request: &Request) -> String {
    let base = request.headers().get("marquetry-base");
    let base = base.and_then(|base| base.to_str().ok()).unwrap_or_default();
    format!(
        "<form method=\"post\" action=\"{base}/form\"><input name=\"word\" aria-label=\"Word\">\
         <button id=\"send\">Send</button></form>"
    )
}

/// A stream that tells the stamp at once, and again every 100 ms.
fn events(stamp: &str) -> Response {
    let event = format!("data: {stamp}\n\n");
    let tick = tokio::time::interval(Duration::from_millis(100));
    let events = futures_util::stream::unfold((tick, event), async |(mut tick, event)| {
        tick.tick().await;
        Some((Ok::<_, Infallible>(event.clone()), (tick, event)))
    });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(events)).into_response()
}

/// Packs `app` at `version` with the page `path`, the fragments `page` and `part`, and these includes of its page.
///
/// # Errors
/// When it can't be packed.
pub async fn packed(version: &str, path: &str, includes: &[&str], out: &Path) -> Result<()> {
    packed_with(version, path, includes, &[], out).await
}

/// The same with files for browsers; one called `module.js` is the app's module.
///
/// # Errors
/// When it can't be packed.
pub async fn packed_with(
    version: &str,
    path: &str,
    includes: &[&str],
    files: &[(&str, &str)],
    out: &Path,
) -> Result<()> {
    packed_as(version, (path, ""), includes, files, out).await
}

/// The same with `more` at the end of its manifest, given beside its path.
///
/// # Errors
/// When it can't be packed.
pub async fn packed_as(
    version: &str,
    (path, more): (&str, &str),
    includes: &[&str],
    files: &[(&str, &str)],
    out: &Path,
) -> Result<()> {
    let module = files.iter().any(|(name, _)| *name == "module.js");
    let manifest = manifest(version, path, includes, module) + more;
    packed_from(&manifest, &[], files, out).await
}

/// Packs an app with this manifest, files beside it, and files for browsers.
///
/// # Errors
/// When it can't be packed.
pub async fn packed_from(manifest: &str, beside: &[(&str, &str)], files: &[(&str, &str)], out: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let [source, assets] = ["source", "assets"].map(|name| folder.path().join(name));
    std::fs::create_dir_all(&assets)?;
    for (name, text) in files {
        write(&assets, name, text)?;
    }
    let own = [("marquetry.toml", manifest), ("layouts/plain.html", LAYOUT)];
    for (name, text) in own.iter().chain(beside) {
        write(&source, name, text)?;
    }
    pack(&source, Some(&assets), out).await
}

/// The manifest of such an app.
pub fn manifest(version: &str, path: &str, includes: &[&str], module: bool) -> String {
    let (app, number) = version.split_once('@').unwrap_or((version, "1.0.0"));
    let assets = if module {
        "[assets]\ndir = \"assets\"\nmodule = \"module.js\"\n"
    } else {
        ""
    };
    let [hydrate, lazily] = if module { ["load", "interaction"] } else { ["none"; 2] };
    format!(
        r#"
[app]
name = "{app}"
version = "{number}"
owner = "Team {app}"

[[pages]]
path = "{path}"
fragment = "page"
layout = "{app}/plain"

[[fragments]]
name = "page"
role = "essential"
deadline_ms = 2000
hydrate = "{hydrate}"
includes = {includes:?}

[[fragments]]
name = "part"
role = "optional"
deadline_ms = 2000
hydrate = "{lazily}"

[[layouts]]
name = "plain"
template = "layouts/plain.html"

{assets}"#
    )
}

/// All stamps of a page, in their order: `app@1.0.0`.
pub fn stamps(html: &str) -> Vec<String> {
    let parts = html.split("<p>[").skip(1);
    parts
        .filter_map(|part| Some(part.split_once("]</p>")?.0.to_owned()))
        .collect()
}
