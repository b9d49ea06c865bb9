//! Renders a fragment: its HTML, and the props script that the browser wakes it with.

use std::{pin::Pin, sync::Arc};

use contract::FragmentId;
use futures_util::{Stream, StreamExt};
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::{
    prelude::*,
    reactive::owner::{Owner, Sandboxed},
};
use serde::Serialize;

use crate::{base, envelope::Envelope};

/// For whom a fragment is rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FragmentContext {
    /// The fragment.
    pub id: FragmentId,
    /// Where the browser reaches this version's BFF: `/_m/app/checkout@1.4.2`.
    pub base: String,
}

/// Props that have no JSON form, for instance a map whose keys are no strings.
#[derive(Debug)]
pub struct PropsError {
    fragment: FragmentId,
    source: serde_json::Error,
}

impl std::fmt::Display for PropsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the props of fragment `{}` have no JSON form", self.fragment)
    }
}

impl std::error::Error for PropsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Renders `view` with `props`, waiting for every `Suspense`.
///
/// # Errors
/// When the props have no JSON form.
///
/// # Cancel safety
/// Dropping the future ends the rendering and frees what it held.
pub async fn render<P, V>(context: &FragmentContext, props: P, view: impl FnOnce(P) -> V) -> Result<String, PropsError>
where
    P: Serialize + Clone,
    V: IntoView + 'static,
{
    let (rendering, mut html) = Rendering::start(&context.base, props.clone(), view);
    let mut out = format!("<div data-root data-boundary=\"{}\">", context.id);
    while let Some(chunk) = html.next().await {
        out.push_str(&chunk);
    }
    let envelope = rendering.envelope(context, props).await;
    let json = serde_json::to_string(&envelope).map_err(|source| PropsError {
        fragment: context.id.clone(),
        source,
    })?;
    out.push_str("</div><script type=\"application/json\" data-props>");
    escape_json(&json, &mut out);
    out.push_str("</script>");
    Ok(out)
}

type Chunks = Pin<Box<dyn Stream<Item = String> + Send>>;

/// One rendering under way; dropping it runs the cleanups of its views.
struct Rendering {
    shared: Arc<SsrSharedContext>,
    owner: Owner,
}

impl Rendering {
    fn start<P, V: IntoView + 'static>(base: &str, props: P, view: impl FnOnce(P) -> V) -> (Self, Chunks) {
        // A second start of the executor is refused, which is as good.
        let _ = any_spawner::Executor::init_tokio();
        let shared = Arc::new(SsrSharedContext::new());
        let context: Arc<dyn SharedContext + Send + Sync> = shared.clone();
        // `new_root` stays behind as the thread's current owner; within another owner's `with` it does not.
        let owner = Owner::new().with(|| Owner::new_root(Some(context)));
        let html: Chunks = owner.with(|| {
            base::provide(base);
            Box::pin(Sandboxed::new(view(props).into_view().to_html_stream_in_order())) as _
        });
        (Self { shared, owner }, html)
    }

    async fn envelope<P>(&self, context: &FragmentContext, props: P) -> Envelope<P> {
        let shared = self.shared.clone();
        let buffers = self
            .owner
            .with(|| Sandboxed::new(Box::pin(async move { shared.consume_buffers().await })))
            .await;
        let errors = self.shared.take_errors().into_iter().map(|(boundary, id, error)| {
            let id = id.to_string().parse().unwrap_or_default();
            (boundary.into_inner(), id, error.to_string())
        });
        Envelope {
            p: props,
            b: context.base.clone(),
            r: resources(buffers.into_iter().map(|(id, data)| (id.into_inner(), data))),
            e: errors.collect(),
        }
    }
}

impl Drop for Rendering {
    fn drop(&mut self) {
        // Effects and streams may hold clones of the owner, so its end is forced.
        self.owner.clone().unset_with_forced_cleanup();
    }
}

/// Resources by id. Ids that Leptos gives outside hydration count down from the top and are left out.
fn resources(buffers: impl Iterator<Item = (usize, String)>) -> Vec<Option<String>> {
    const MAX_RESOURCES: usize = 4096;
    let mut all = Vec::new();
    for (id, data) in buffers.filter(|(id, _)| *id < MAX_RESOURCES) {
        if all.len() <= id {
            all.resize(id + 1, None);
        }
        all[id] = Some(data);
    }
    all
}

/// Writes JSON so that it can stand in a `script` element: nothing in it can end the element or open a comment.
fn escape_json(json: &str, out: &mut String) {
    out.reserve(json.len());
    for character in json.chars() {
        match character {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
}
