//! A page with a slot that answers when it is let, and the browsers that look at it.

use std::sync::Arc;

use anyhow::Result;
use tests::{
    bff::{self, Step},
    browser::{Browser, Manner},
    client::Call,
    composer::Config,
    environment,
    site::{self, Site},
};
use tokio::sync::Semaphore;

/// A module without WASM or a framework, which shows that it was called.
const MODULE: &str = "
export function hydrate(slot, { fragment }) {
  const root = slot.querySelector(':scope > [data-root]');
  root.dataset.awake = fragment;
  return root;
}
export const mount = hydrate;
export function unmount() {}
";

/// What comes and what waits for it have one size.
const STYLE: &str =
    "fragment-slot { display: block } [data-root], .waiting { height: 120px; margin: 0; overflow: hidden }";

const FRAGMENTS: &str = r#"
[[fragments]]
name = "slow"
role = "optional"
deadline_ms = 20000
hydrate = "load"
includes = ["app/inner"]

[[fragments]]
name = "quick"
role = "optional"
hydrate = "load"

[[fragments]]
name = "inner"
role = "optional"
hydrate = "load"

[assets]
dir = "assets"
module = "app.js"
styles = ["app.css"]
"#;

const PAGE: &str = "<h1>Page</h1><fragment-slot src=\"app/slow\"><p class=\"waiting\">on its way</p></fragment-slot>\
<p id=\"after\">after the slot</p><fragment-slot src=\"app/quick\"></fragment-slot>";

pub(super) const SLOW: &str =
    "<div data-root id=\"slow\">slow at last <fragment-slot src=\"app/inner\"></fragment-slot></div>";

/// What a browser says when a person opens a page.
const BROWSER: [(&str, &str); 2] = [
    ("sec-fetch-dest", "document"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
    ),
];

/// A site whose slow fragment answers when the gate is opened.
pub(super) struct Late {
    pub(super) site: Site,
    pub(super) gate: Arc<Semaphore>,
}

impl Late {
    pub(super) async fn start() -> Result<Self> {
        Self::with(site::MANIFEST).await
    }

    pub(super) async fn with(manifest: &str) -> Result<Self> {
        let manifest = manifest
            .replace(
                "includes = [\"app/part\"]",
                "includes = [\"app/part\", \"app/slow\", \"app/quick\"]",
            )
            .replace("1500", "30000")
            .replace("deadline_ms = 500", "deadline_ms = 20000");
        let shell = environment::dist()?.join("shell");
        let config = Config::default()
            .line(&format!("static_dir = {:?}", environment::workspace().join("static")))
            .line(&format!("shell_dir = {shell:?}"));
        let files = [("app.js", MODULE), ("app.css", STYLE)];
        let site = Site::with_assets(&(manifest + FRAGMENTS), config, &files).await?;
        let gate = Arc::new(Semaphore::new(0));
        site.bff.on("/fragments/page", bff::html(PAGE));
        for name in ["quick", "inner"] {
            let html = format!("<div data-root id=\"{name}\">the {name} one</div>");
            site.bff.on(&format!("/fragments/{name}"), bff::html(&html));
        }
        let mut slow = vec![Step::Gate(Arc::clone(&gate))];
        slow.append(&mut bff::html(SLOW));
        site.bff.on("/fragments/slow", slow);
        Ok(Self { site, gate })
    }

    pub(super) fn get(&self) -> Call {
        let call = self.site.composer.get("/");
        BROWSER
            .into_iter()
            .fold(call, |call, (name, value)| call.header(name, value))
    }

    pub(super) fn open_gate(&self) {
        self.gate.add_permits(1);
    }
}

pub(super) async fn browser(script: bool, switches: &'static [&'static str]) -> Result<Browser> {
    Browser::start_as(Manner {
        script,
        switches,
        waits: false,
    })
    .await
}

pub(super) fn slow_asked(site: &Site) -> usize {
    let heads = site.bff.heads();
    heads
        .iter()
        .filter(|head| head.starts_with("GET /fragments/slow"))
        .count()
}
