//! The BFF: a manifest, a handler for each of its fragments, and the app's own routes.

use std::{collections::BTreeSet, io::Write, time::Duration};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Query, State},
    handler::Handler,
    middleware::{from_fn, from_fn_with_state},
    response::Html,
    routing::{MethodRouter, get},
};
use contract::{FragmentId, manifest::Manifest};
use http::{HeaderMap, StatusCode, header};
use tokio::{net::TcpListener, sync::watch};
use tracing::{error, info};

use crate::{
    Error, Problem, RequestContext,
    announce::Announcer,
    config::Config,
    context::FragmentOfRoute,
    events::{
        EventLog,
        feed::{self, Asked, Feed},
    },
    middleware::{
        access_log::access_log,
        deadline::deadline,
        internal::internal,
        panic::catch_panic,
        problem_page::{Shape, problem_page},
    },
    serve::{DRAIN_TIMEOUT, serve, told_to_stop},
    telemetry,
};

const BODY_LIMIT_BYTES: usize = 256 << 10;

/// An app's server, made of its manifest and handlers. `S` is what handlers share, as in axum.
#[must_use]
pub struct Bff<S = ()> {
    manifest: Manifest,
    router: Router<S>,
    /// Paths in use, so that a second handler for one is an error and not a panic.
    paths: BTreeSet<String>,
    /// Fragments that have a handler.
    handled: BTreeSet<String>,
    breaches: Vec<String>,
    body_limit_bytes: usize,
    stopping: watch::Sender<bool>,
}

impl<S: Clone + Send + Sync + 'static> Bff<S> {
    /// Begins with the text of `marquetry.toml`.
    ///
    /// # Errors
    /// Every breach of the manifest.
    pub fn new(manifest: &str) -> Result<Self, Error> {
        Ok(Self {
            manifest: Manifest::parse(contract::manifest::FILE, manifest).map_err(Error::Manifest)?,
            router: Router::new(),
            paths: BTreeSet::new(),
            handled: BTreeSet::new(),
            breaches: vec![],
            body_limit_bytes: BODY_LIMIT_BYTES,
            stopping: watch::Sender::new(false),
        })
    }

    /// Serves the manifest's fragment `name`, at the manifest's path.
    ///
    /// The handler is cancelled when the caller's deadline is over, or the manifest's when the caller tells none.
    pub fn fragment<H, T>(mut self, name: &str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let fragment = name.parse().ok().and_then(|name| self.manifest.fragment(&name));
        let Some(fragment) = fragment.cloned() else {
            self.breaches.push(format!("`{name}` is no fragment of the manifest"));
            return self;
        };
        self.handled.insert(name.to_owned());
        let id = FragmentId {
            app: self.manifest.app.name.clone(),
            fragment: fragment.name,
        };
        let handler =
            within(get(handler), Some(fragment.deadline), Shape::Fragment).layer(Extension(FragmentOfRoute(id)));
        self.add(&fragment.path, handler)
    }

    /// Serves anything else, which browsers reach at `{base}{path}`.
    pub fn route(self, path: &str, handler: MethodRouter<S>) -> Self {
        self.add(path, within(handler, None, Shape::Document))
    }

    /// Serves the fallback of the fragment `name` at `/fallbacks/<name>`; `html` is the file that the manifest names.
    pub fn fallback(mut self, name: &str, html: &'static str) -> Self {
        let fragment = name.parse().ok().and_then(|name| self.manifest.fragment(&name));
        if fragment.is_none_or(|fragment| fragment.fallback.is_none()) {
            self.breaches
                .push(format!("the manifest names no fallback of a fragment `{name}`"));
            return self;
        }
        self.add(&format!("/fallbacks/{name}"), get(async move || Html(html)))
    }

    /// Serves the events of `log` to composers, at the manifest's `[events] feed`.
    pub fn events(mut self, log: &EventLog) -> Self {
        let Some(path) = self.manifest.events.feed.clone() else {
            self.breaches.push("the manifest names no `feed` in `[events]`".into());
            return self;
        };
        let feed = Feed::new(log.clone(), self.stopping.subscribe());
        let handler = move |headers: HeaderMap, Query(asked): Query<Asked>| feed.get(headers, asked);
        self.add(&path, get(handler).layer(from_fn(internal)))
    }

    /// Says by `who` which audiences a visitor belongs to, at the manifest's `[events] audiences`.
    ///
    /// It is asked with the visitor's cookies and headers, as every handler is: who isn't known is in none.
    pub fn audiences<F, R>(mut self, who: F) -> Self
    where
        F: Fn(RequestContext, S) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<Vec<String>, Problem>> + Send,
    {
        let Some(path) = self.manifest.events.audiences.clone() else {
            self.breaches
                .push("the manifest names no `audiences` in `[events]`".into());
            return self;
        };
        let handler = move |context: RequestContext, State(state): State<S>| {
            let asked = who(context, state);
            async move { asked.await.map(feed::audiences) }
        };
        self.add(&path, get(handler).layer(from_fn(internal)))
    }

    /// Takes request bodies up to this size; 256 KiB otherwise.
    pub fn body_limit(self, bytes: usize) -> Self {
        Self {
            body_limit_bytes: bytes,
            ..self
        }
    }

    /// Gives handlers what they share.
    pub fn with_state(self, state: S) -> Bff {
        Bff {
            manifest: self.manifest,
            router: self.router.with_state(state),
            paths: self.paths,
            handled: self.handled,
            breaches: self.breaches,
            body_limit_bytes: self.body_limit_bytes,
            stopping: self.stopping,
        }
    }

    fn add(mut self, path: &str, handler: MethodRouter<S>) -> Self {
        if !path.starts_with('/') {
            self.breaches.push(format!("the path `{path}` must begin with `/`"));
        } else if self.paths.insert(path.to_owned()) {
            self.router = self.router.route(path, handler);
        } else {
            self.breaches.push(format!("the path `{path}` has two handlers"));
        }
        self
    }
}

impl Bff {
    /// All routes with their middleware, for tests that need no socket.
    ///
    /// # Errors
    /// When a fragment of the manifest has no handler, or a handler no fragment.
    pub fn router(mut self) -> Result<Router, Error> {
        let fragments = self.manifest.fragments.iter().map(|fragment| fragment.name.as_str());
        let missing = fragments.filter(|name| !self.handled.contains(*name));
        let missing = missing.map(|name| format!("the manifest's fragment `{name}` has no handler"));
        self.breaches.extend(missing.collect::<Vec<_>>());
        let events = &self.manifest.events;
        let missing = [("feed", &events.feed), ("audiences", &events.audiences)].into_iter();
        let missing = missing.filter(|(_, path)| path.as_ref().is_some_and(|path| !self.paths.contains(path)));
        let missing = missing.map(|(key, _)| format!("the manifest's `{key}` in `[events]` has no handler"));
        self.breaches.extend(missing.collect::<Vec<_>>());
        let own = ["/healthz", "/metrics"]
            .into_iter()
            .filter(|path| self.paths.contains(*path));
        let taken = own.map(|path| format!("the path `{path}` belongs to the kit"));
        self.breaches.extend(taken.collect::<Vec<_>>());
        if !self.breaches.is_empty() {
            return Err(Error::Routes {
                app: self.manifest.app_version().to_string(),
                breaches: self.breaches,
            });
        }
        let metrics = async || {
            let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
            (kind, telemetry::metrics_text())
        };
        Ok(self
            .router
            .route("/healthz", get("ok\n").layer(from_fn(internal)))
            .route("/metrics", get(metrics).layer(from_fn(internal)))
            .fallback(async || Problem::not_found("There is nothing here"))
            .method_not_allowed_fallback(async || Problem::new(StatusCode::METHOD_NOT_ALLOWED))
            .layer(DefaultBodyLimit::max(self.body_limit_bytes))
            .layer(from_fn(catch_panic))
            .layer(from_fn(access_log)))
    }

    /// Serves at `MARQUETRY_LISTEN` until SIGTERM or SIGINT, then lets requests under way end.
    ///
    /// Prints one line to stdout when it listens; logs go to stderr. Where `MARQUETRY_ADMIN` names a composer, the instance
    /// announces itself there, and leaves before it stops.
    ///
    /// # Errors
    /// When the environment, the routes or the address are not right.
    pub async fn serve(self) -> Result<(), Error> {
        let config = Config::from_environment()?;
        telemetry::start(&config.log);
        let version = self.manifest.app_version();
        let app = version.to_string();
        let stopping = self.stopping.clone();
        let router = self.router()?;
        let failed = |source| Error::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let listening = listener.local_addr().map_err(failed)?;
        let address = listening.to_string();
        let announcer = config
            .registry
            .map(|registry| Announcer::new(registry, version, listening))
            .transpose()?;
        // Neither has a character that JSON escapes. A closed stdout means that nobody waits for the line.
        let _ = writeln!(std::io::stdout(), r#"{{"listening":"{address}","app":"{app}"}}"#);
        info!(address, app, "listening");
        let stop = async {
            stopped(announcer).await;
            // A feed would go on for ever.
            stopping.send_replace(true);
        };
        serve(listener, router, DRAIN_TIMEOUT, stop).await;
        Ok(())
    }
}

/// Done when the process is told to stop and has told its composer so: while the socket still takes connections, so that
/// no request is lost in between.
async fn stopped(announcer: Option<Announcer>) {
    let told = async {
        if let Err(error) = told_to_stop().await {
            error!(%error, "no signals: only a kill ends this process");
            std::future::pending().await
        }
    };
    let Some(mut announcer) = announcer else {
        return told.await;
    };
    tokio::select! {
        () = told => {}
        () = announcer.keep() => {}
    }
    announcer.leave().await;
}

/// A handler with its deadline, `own` where the caller tells none, and its problems as HTML for those who want that.
fn within<S>(handler: MethodRouter<S>, own: Option<Duration>, problems: Shape) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    handler
        .layer(from_fn_with_state(own, deadline))
        .layer(from_fn_with_state(problems, problem_page))
}
