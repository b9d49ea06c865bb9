//! From page to page within one document: what a link, a form, an error, a slow page and a newer click come to.

mod intent;
mod manners;
mod typed;

use std::sync::Arc;

use anyhow::{Result, ensure};
use tests::{
    bff::{self, Step},
    browser::{Browser, Manner},
    composer::Config,
    environment,
    site::{self, Site},
};
use tokio::sync::Semaphore;

const PAGES: &str = r#"
[[pages]]
path = "/other"
fragment = "other"
layout = "app/plain"

[[pages]]
path = "/slow"
fragment = "slow"
layout = "app/plain"
deadline_ms = 30_000

[[pages]]
path = "/gated"
fragment = "gated"
layout = "app/plain"
deadline_ms = 30_000

[[pages]]
path = "/moved"
fragment = "moved"
layout = "app/plain"

[[pages]]
path = "/missing"
fragment = "missing"
layout = "app/plain"

[[pages]]
path = "/broken"
fragment = "broken"
layout = "app/plain"

[[pages]]
path = "/bare"
fragment = "other"
layout = "app/bare"

[[pages]]
path = "/bare/home"
fragment = "page"
layout = "app/bare"

[[fragments]]
name = "other"

[[fragments]]
name = "slow"
includes = ["app/late"]

[[fragments]]
name = "late"
role = "optional"
deadline_ms = 20_000

[[fragments]]
name = "gated"
deadline_ms = 20_000

[[fragments]]
name = "moved"

[[fragments]]
name = "missing"

[[fragments]]
name = "broken"

[[layouts]]
name = "bare"
template = "layouts/bare.html"
"#;

const HOME: &str = "<head><title>Home</title><meta name=\"description\" content=\"home\"></head><h1>Home</h1>\
<p><a id=\"other\" href=\"/other\">other</a> <a id=\"slow\" href=\"/slow\">slow</a> <a id=\"gated\" href=\"/gated\">gated</a> \
<a id=\"moved\" href=\"/moved\">moved</a> <a id=\"missing\" href=\"/missing\">missing</a> <a id=\"bare\" href=\"/bare\">bare</a> \
<a id=\"nowhere\" href=\"/nowhere\">nowhere</a> <a id=\"anchor\" href=\"#end\">end</a> \
<a id=\"far\" href=\"/other#end\">far</a> <a id=\"external\" rel=\"external\" href=\"/other\">external</a> \
<a id=\"blank\" target=\"_blank\" href=\"/other\">new tab</a> \
<a id=\"broken\" href=\"/broken\">broken</a> <a id=\"attached\" href=\"/_m/app/app@1.0.0/attached\">attached</a> \
<a id=\"file\" download=\"a.txt\" href=\"/static/favicon.svg\">file</a></p>\
<form method=\"post\" action=\"/_m/app/app@1.0.0/send\"><input name=\"word\" value=\"a&amp;b c\"><button id=\"send\">send</button></form>\
<form method=\"get\" action=\"/\"><input name=\"q\" value=\"x y\"><button id=\"ask\">ask</button></form>\
<form method=\"post\" enctype=\"multipart/form-data\" action=\"/_m/app/app@1.0.0/send\"><input type=\"file\" name=\"scan\">\
<button id=\"upload\">upload</button></form>\
<p><textarea id=\"note\"></textarea> <input type=\"checkbox\" id=\"box\"> <select id=\"pick\"><option>a<option>b</select> \
<input type=\"password\" id=\"secret\"> <input id=\"once\" autocomplete=\"off\"></p>\
<div class=\"tall\"></div><p id=\"end\">end <a id=\"seen\" data-prefetch=\"visible\" href=\"/other?seen\">seen</a> <a id=\"low\" href=\"/other\">low</a></p>";

const OTHER: &str = "<head><title>Other &amp; more</title><meta name=\"description\" content=\"other\">\
<link rel=\"stylesheet\" href=\"/_m/assets/none/other.css\"></head><h1>Other</h1><p><a id=\"home\" href=\"/\">home</a></p>\
<script>window.ran = true</script><div class=\"tall\"></div><p id=\"end\">end</p>";

const STYLE: &str = ".tall { block-size: 3000px }";

const SHELL: &str = "!!document.getElementById('marquetry-announcer')";

/// A site with pages of all sorts, a browser on its first one, and the gate of what is slow.
struct Soft {
    site: Site,
    browser: Browser,
    gate: Arc<Semaphore>,
}

impl Soft {
    async fn start() -> Result<Self> {
        let soft = Self::start_with("").await?;
        soft.browser.holds("the shell has started", SHELL).await?;
        Ok(soft)
    }

    /// The same in a browser that runs `script` before each page's own.
    async fn start_with(script: &str) -> Result<Self> {
        let shell = environment::dist()?.join("shell");
        let config = Config::default()
            .line(&format!("static_dir = {:?}", environment::workspace().join("static")))
            .line(&format!("shell_dir = {shell:?}"));
        let assets = "\n[assets]\ndir = \"assets\"\nstyles = [\"app.css\"]\n";
        let site = Site::with_assets(&[site::MANIFEST, PAGES, assets].concat(), config, &[("app.css", STYLE)]).await?;
        let gate = Arc::new(Semaphore::new(0));
        let gated = |html: &str| {
            let mut steps = vec![Step::Gate(Arc::clone(&gate))];
            steps.append(&mut bff::html(html));
            steps
        };
        site.bff.on("/fragments/page", bff::html(HOME));
        site.bff.on("/fragments/other", bff::html(OTHER));
        let slow = "<head><title>Slow</title></head><h1>Slow</h1><fragment-slot src=\"app/late\"><p id=\"wait\">on its way</p>\
            </fragment-slot><p id=\"after\">after</p>";
        site.bff.on("/fragments/slow", bff::html(slow));
        site.bff.on("/fragments/late", gated("<b id=\"late\">late at last</b>"));
        site.bff.on("/fragments/gated", gated("<h1>Gated</h1>"));
        site.bff.on(
            "/fragments/moved",
            bff::reply("303 See Other", "location: /other#end\r\n", ""),
        );
        let missing = bff::reply("404 Not Found", "content-type: text/html\r\n", "<h1>Not here</h1>");
        site.bff.on("/fragments/missing", missing);
        site.bff
            .on("/fragments/broken", bff::reply("500 Internal Server Error", "", "no"));
        let attached = "content-type: text/csv\r\ncontent-disposition: attachment; filename=\"a.csv\"\r\n";
        site.bff.on("/attached", bff::reply("200 OK", attached, "a,b"));
        site.bff
            .on("/send", bff::reply("303 See Other", "location: /other\r\n", ""));
        let browser = Browser::start_as(Manner {
            waits: false,
            ..Manner::default()
        })
        .await?;
        browser.before_pages(script).await?;
        browser.go(&site.composer.url("/")).await?;
        browser.reads("h1", "Home").await?;
        let soft = Self { site, browser, gate };
        soft.mark().await?;
        Ok(soft)
    }

    async fn mark(&self) -> Result<()> {
        self.browser.ask::<bool>("window.marked = true").await?;
        Ok(())
    }

    async fn is_marked(&self) -> Result<bool> {
        self.browser.ask("!!window.marked").await
    }

    /// How often the other page's fragment was asked for.
    fn asked(&self) -> usize {
        let heads = self.site.bff.heads();
        heads
            .iter()
            .filter(|head| head.starts_with("GET /fragments/other"))
            .count()
    }

    async fn is_asked(&self, times: usize) -> Result<()> {
        self.browser
            .wait("the page is asked for", async || {
                Ok((self.asked() == times).then_some(()))
            })
            .await
    }

    /// Follows a link to a page with that heading, softly.
    async fn follow(&self, css: &str, heading: &str) -> Result<()> {
        self.browser.click(css).await?;
        self.browser.reads("h1", heading).await?;
        ensure!(self.is_marked().await?, "{css} loaded the page anew");
        Ok(())
    }

    /// Follows a link that the browser itself follows.
    async fn leave(&self, css: &str, found: &str) -> Result<()> {
        self.browser.click(css).await?;
        self.browser.holds("another document", "!window.marked").await?;
        self.browser.reads("body", found).await
    }
}

#[tokio::test]
async fn a_link_changes_page_head_address_focus_and_says_so() -> Result<()> {
    let soft = Soft::start().await?;
    let browser = &soft.browser;
    browser.ask::<bool>("(scrollTo(0, 500), true)").await?;
    browser
        .ask::<bool>("document.querySelector('#top').mine = true")
        .await?;
    soft.follow("#other", "Other").await?;
    browser.at("/other").await?;
    for (what, expression) in [
        ("title", "document.title === 'Other & more'"),
        (
            "one description, the new one",
            "[...document.querySelectorAll('meta[name=description]')].map((meta) => meta.content).join() === 'other'",
        ),
        (
            "the layout's own metas",
            "document.querySelectorAll('meta[charset]').length === 1",
        ),
        ("the frame", "document.querySelector('#top').mine === true"),
        ("the scroll position", "scrollY === 0"),
        (
            "a word to screen readers",
            "document.getElementById('marquetry-announcer').textContent === document.title",
        ),
        ("no script of a fragment", "!('ran' in window)"),
        ("one slot", "document.querySelectorAll('fragment-slot').length === 1"),
        (
            "a style sheet",
            "!!document.querySelector('head > link[href=\"/_m/assets/none/other.css\"]')",
        ),
    ] {
        browser.holds(what, expression).await?;
    }
    soft.follow("#home", "Home").await?;
    browser
        .holds(
            "its style sheet is gone",
            "!document.querySelector('link[href$=\"other.css\"]')",
        )
        .await?;
    let reports: Vec<String> = soft.site.bff.heads();
    let whole = reports
        .iter()
        .filter(|head| head.starts_with("GET /fragments/page"))
        .count();
    ensure!(whole == 2, "{reports:?}");
    Ok(())
}

#[tokio::test]
async fn back_forward_reload_and_anchors_do_what_they_always_do() -> Result<()> {
    let soft = Soft::start().await?;
    let browser = &soft.browser;
    browser.click("#anchor").await?;
    browser.at("/#end").await?;
    browser.holds("the anchor is in view", "scrollY > 1000").await?;
    browser.back().await?;
    browser.at("/").await?;
    let note = "(navigation.addEventListener('navigate', () => window.left ??= scrollY), true)";
    browser.ask::<bool>(note).await?;
    soft.follow("#low", "Other").await?;
    browser.holds("the top", "scrollY === 0").await?;
    browser.back().await?;
    browser.reads("h1", "Home").await?;
    browser
        .holds("the old position", "left > 1000 && scrollY === left")
        .await?;
    ensure!(soft.is_marked().await?, "back loaded the page anew");
    browser.forward().await?;
    browser.reads("h1", "Other").await?;
    ensure!(soft.is_marked().await?, "forward loaded the page anew");
    browser.reload().await?;
    browser.holds("another document", "!window.marked").await?;
    browser.reads("h1", "Other").await?;
    browser.back().await?;
    browser.reads("h1", "Home").await?;
    browser.holds("the shell has started", SHELL).await?;
    soft.mark().await?;
    soft.follow("#far", "Other").await?;
    browser.at("/other#end").await?;
    browser
        .holds("the anchor of the new page is in view", "scrollY > 1000")
        .await
}

#[tokio::test]
async fn what_is_not_a_pages_business_stays_the_browsers() -> Result<()> {
    let soft = Soft::start().await?;
    let browser = &soft.browser;
    browser.click("#file").await?;
    browser.middle_click("#other").await?;
    browser
        .wait("a new tab", async || Ok((browser.windows().await? == 2).then_some(())))
        .await?;
    browser.click("#blank").await?;
    browser
        .wait(
            "another tab",
            async || Ok((browser.windows().await? == 3).then_some(())),
        )
        .await?;
    browser.reads("h1", "Home").await?;
    browser.at("/").await?;
    ensure!(soft.is_marked().await?, "the page was left");
    soft.leave("#external", "Other").await
}

#[tokio::test]
async fn forms_are_soft_and_a_redirect_is_followed() -> Result<()> {
    let soft = Soft::start().await?;
    let browser = &soft.browser;
    soft.follow("#ask", "Home").await?;
    browser.at("/?q=x+y").await?;
    browser
        .wait("the fragment is asked with it", async || {
            let heads = soft.site.bff.heads();
            Ok(heads
                .iter()
                .any(|head| head.starts_with("GET /fragments/page?q=x+y"))
                .then_some(()))
        })
        .await?;
    soft.follow("#send", "Other").await?;
    browser.at("/other").await?;
    let heads = soft.site.bff.heads();
    let posts: Vec<_> = heads.iter().filter(|head| head.starts_with("POST /send")).collect();
    ensure!(
        posts.len() == 1 && posts[0].contains("application/x-www-form-urlencoded"),
        "{posts:?}"
    );
    ensure!(!posts[0].contains("marquetry-redirect"), "{posts:?}");
    let pages = heads
        .iter()
        .filter(|head| head.starts_with("GET /fragments/other"))
        .count();
    ensure!(pages == 1, "the page was fetched {pages} times");
    browser.back().await?;
    browser.reads("h1", "Home").await?;
    soft.follow("#moved", "Other").await?;
    browser.at("/other#end").await?;
    browser.back().await?;
    browser.reads("h1", "Home").await
}

#[tokio::test]
async fn an_error_page_in_the_layout_is_soft_and_all_else_is_loaded_as_a_whole() -> Result<()> {
    let soft = Soft::start().await?;
    let browser = &soft.browser;
    soft.follow("#missing", "Not here").await?;
    browser.back().await?;
    browser.reads("h1", "Home").await?;
    soft.leave("#nowhere", "Nothing is here").await?;
    browser.back().await?;
    browser.reads("h1", "Home").await?;
    browser.holds("the shell has started", SHELL).await?;
    soft.mark().await?;
    soft.leave("#bare", "Other").await?;
    browser
        .holds("the other layout", "!!document.querySelector('main#bare')")
        .await
}

#[tokio::test]
async fn a_page_shows_what_is_there_and_a_bar_while_the_rest_is_waited_for() -> Result<()> {
    let soft = Soft::start().await?;
    let browser = &soft.browser;
    soft.follow("#slow", "Slow").await?;
    browser.reads("#wait", "on its way").await?;
    browser.reads("#after", "after").await?;
    browser
        .holds("a bar", "!!document.getElementById('marquetry-progress')")
        .await?;
    soft.gate.add_permits(1);
    browser.reads("fragment-slot > #late", "late at last").await?;
    browser
        .holds("no bar", "!document.getElementById('marquetry-progress')")
        .await?;
    browser
        .holds(
            "the slot is fresh",
            "document.querySelector('[data-fragment=\"app/late\"]').dataset.state === 'fresh'",
        )
        .await?;
    browser.holds("no fallback", "!document.getElementById('wait')").await
}

#[tokio::test]
async fn a_newer_click_ends_an_older_one() -> Result<()> {
    let soft = Soft::start().await?;
    let browser = &soft.browser;
    browser.click("#gated").await?;
    browser.at("/gated").await?;
    browser
        .holds("a bar", "!!document.getElementById('marquetry-progress')")
        .await?;
    soft.follow("#other", "Other").await?;
    browser.at("/other").await?;
    browser
        .holds("no bar", "!document.getElementById('marquetry-progress')")
        .await?;
    soft.gate.add_permits(9);
    soft.follow("#home", "Home").await?;
    browser.at("/").await
}
