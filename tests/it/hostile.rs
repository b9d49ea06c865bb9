//! Markup of one slot stays in that slot, and fragments that break cost a bounded memory. All faults are in `faulty`.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests::{
    bff::{self, Behaviour, Step},
    composer::Config,
    html::Page,
    site::{self, Site},
    wait,
};

/// How far a reply comes that breaks off in its body.
const HALF: &str = "<h1>Page</h1><p id=\"half\">half a <b>sentence";

struct Fault {
    name: &'static str,
    behaviour: Behaviour,
}

fn faults() -> Vec<Fault> {
    let mut all = silent();
    all.append(&mut broken());
    all.append(&mut too_much());
    all
}

fn fault(name: &'static str, behaviour: Behaviour) -> Fault {
    Fault { name, behaviour }
}

/// It says nothing more, or hardly anything.
fn silent() -> Vec<Fault> {
    let begun = |then: Step| vec![bff::head(), bff::send(HALF), then];
    vec![
        fault("hangs before its head", vec![Step::Hang]),
        fault(
            "hangs within its head",
            vec![bff::send("HTTP/1.1 200 OK\r\ncontent-"), Step::Hang],
        ),
        fault("hangs after its head", vec![bff::head(), Step::Hang]),
        fault("hangs mid-body", begun(Step::Hang)),
        fault(
            "drips a byte a second",
            begun(Step::Repeat("y".into(), 60, Duration::from_secs(1))),
        ),
        fault(
            "drips without a pause to notice",
            begun(Step::Repeat("y".into(), 60_000, Duration::from_millis(1))),
        ),
    ]
}

/// What it says is no reply, or half of one.
fn broken() -> Vec<Fault> {
    let noise: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(64 << 10).collect();
    let html = "content-type: text/html\r\n";
    vec![
        fault("cuts the connection before its head", vec![]),
        fault(
            "cuts the connection mid-body",
            vec![bff::head_of(10_000), bff::send(HALF)],
        ),
        fault("sends garbage", vec![Step::Send(noise.clone().into())]),
        fault(
            "sends garbage as its body",
            vec![bff::head(), bff::send(HALF), Step::Send(noise.into())],
        ),
        fault("sends status 500", bff::reply("500 Internal Server Error", html, "oh")),
        fault(
            "sends no HTML",
            bff::reply("200 OK", "content-type: image/png\r\n", "oh"),
        ),
    ]
}

/// It says more than anyone can hold.
fn too_much() -> Vec<Fault> {
    let filler = Step::Repeat(vec![b'x'; 64 << 10].into(), 160, Duration::ZERO);
    let endless = Step::Repeat(
        "<p>more <i>and</i> more</p>\n".repeat(2_000).into(),
        usize::MAX,
        Duration::ZERO,
    );
    vec![
        fault(
            "sends a header of 10 MB",
            vec![bff::send("HTTP/1.1 200 OK\r\nx-long: "), filler],
        ),
        fault("sends an endless body", vec![bff::head(), endless]),
    ]
}

#[tokio::test]
async fn markup_that_is_left_open_or_closes_too_much_stays_in_its_slot() -> Result<()> {
    let site = Site::start().await?;
    let ends = [
        "</main></body></html>",
        "</fragment-slot></fragment-slot>",
        "<!--",
        "<!-- -- >",
        "<script>",
        "<style>",
        "<title>",
        "<textarea>",
        "<plaintext>",
        "<noscript>",
        "<iframe>",
        "<xmp>",
        "<select><option>",
        "<table><tr><td>",
        "<svg><style>",
        "<math><mtext><style>",
        "<template>",
        "<form><form>",
        "<a href=\"",
        "<a href='x",
        "<p",
        "<",
        "<b><i><u><em>",
        "<frameset>",
        "<button><button>",
        "<![CDATA[",
        "<?xml ",
        "<!doctype html>",
        "&lt",
        "\u{0}",
    ];
    for end in ends {
        let markup = format!("<p>part</p><div>{end}");
        site.bff.on("/fragments/part", bff::html(&markup));
        let reply = site.composer.get("/").send().await?;
        let page = Page::parse(&reply.text());
        let whole = page
            .whole(&site::LANDMARKS)
            .and_then(|()| page.text("main > fragment-slot > #after"));
        let after = whole.with_context(|| format!("a fragment that ends with {end:?}"))?;
        ensure!(after == "after the slot", "after {end:?} comes {after:?}");
    }
    Ok(())
}

#[tokio::test]
async fn hostile_fragments_cost_the_composer_little_memory() -> Result<()> {
    const AT_ONCE: usize = 16;
    // All of them share two cores with their client and their BFF.
    const ENDS: Duration = Duration::from_secs(10);
    let site = Site::with(site::MANIFEST, Config::default().line("log = \"error\"")).await?;
    ensure!(site.composer.get("/").send().await?.status == 200, "the page works");
    let before = site.composer.process.memory()?.resident;
    for fault in faults() {
        for path in ["/fragments/part", "/fragments/page"] {
            site.bff.on("/fragments/page", bff::html(site::PAGE));
            site.bff.on(path, fault.behaviour.clone());
            let (address, mut pages) = (site.composer.address(), tokio::task::JoinSet::new());
            for _ in 0..AT_ONCE {
                pages.spawn(tests::client::get(address, "/").send());
            }
            for reply in pages.join_all().await {
                let took = reply?.took;
                ensure!(
                    took < ENDS,
                    "{AT_ONCE} pages at once, one {} at {path}: {took:?}",
                    fault.name
                );
            }
        }
    }
    let peak = site.composer.process.memory()?.peak;
    let grown = peak.saturating_sub(before) >> 20;
    ensure!(
        grown < 96,
        "the composer grew by {grown} MB for {AT_ONCE} pages at once"
    );
    site.bff.on("/fragments/page", bff::html(site::PAGE));
    site.bff.on("/fragments/part", bff::html("<i id=\"part\">the part</i>"));
    // A version that failed so often is left alone for a moment.
    wait::until(Duration::from_secs(2), "it recovers", async || {
        let reply = site.composer.get("/").send().await?;
        let page = Page::parse(&reply.text());
        let is_fresh = page.slot("app/part").is_ok_and(|slot| slot.state() == "fresh");
        Ok(is_fresh.then_some(()))
    })
    .await
}
