//! Each way in which a fragment breaks in the browser: only its slot changes, and the composer hears whose it is.

use anyhow::{Context, Result, ensure};
use tests::{
    tamper::Spoil,
    wait::{PATIENCE, until},
};

use super::apps::Wild;

/// How Chromium and Firefox tell of a module, and of another file, that can't be had.
const MODULE: &str = "a module that can't be had";
const FILE: &str = "a file that can't be had";

/// What breaks at the fragment, in which phase, and what is told of it.
const BY_ITSELF: [(&str, &str, &str); 7] = [
    ("wild/hydrate", "hydrate", "broke at hydrate"),
    ("wild/hang", "hydrate", "not done within 3 s"),
    ("wild/empty", "mount", "broke at mount"),
    ("missing/part", "load", MODULE),
    ("corrupt/part", "load", MODULE),
    ("throws/part", "load", "broke at load"),
    ("spoilt/part", "load", FILE),
];

/// What breaks when its button is pressed.
const ON_CLICK: [(&str, &str); 6] = [
    ("wild/event", "broke at event"),
    ("wild/listen", "broke at listen"),
    ("wild/timer", "broke at timer"),
    ("wild/interval", "broke at interval"),
    ("wild/promise", "broke at promise"),
    ("wild/foreign", "nobody knows"),
];

fn slot(fragment: &str) -> String {
    format!("[data-fragment='{fragment}']")
}

/// Waits until the composer has counted a report of the fragment, and written into its log whose it is.
async fn is_told(wild: &Wild, fragment: &str, phase: &str, words: &str) -> Result<()> {
    let kind = wild.browser.kind();
    let words = match words {
        MODULE => kind.says(
            "Failed to fetch dynamically imported module",
            "error loading dynamically imported module",
        ),
        FILE => kind.says("Failed to fetch", "NetworkError when attempting to fetch"),
        words => words,
    };
    let app = fragment.split('/').next().unwrap_or_default();
    let owner = format!("Team {app}");
    wild.counted(app, phase).await?;
    let fields = [
        ("fragment", fragment),
        ("phase", phase),
        ("owner", &owner),
        ("app", app),
        ("version", "1.0.0"),
    ];
    let fields = fields.map(|(name, value)| format!("\"{name}\":\"{value}\""));
    until(PATIENCE, &format!("a line of {fragment} with {words}"), async || {
        let lines = wild.log()?;
        let is_it = |line: &String| line.contains(words) && fields.iter().all(|field| line.contains(field));
        Ok(lines.iter().any(is_it).then_some(()))
    })
    .await
    .with_context(|| format!("{:#?}", wild.log()))
}

#[tokio::test]
async fn whatever_breaks_in_a_fragment_breaks_alone_and_is_told_with_its_app() -> Result<()> {
    let wild = Wild::start().await?;
    wild.tamper.spoil("/missing.js", Spoil::Missing);
    wild.tamper
        .spoil("/corrupt.js", Spoil::Longer("\nwindow.corrupted = true;"));
    wild.tamper.spoil("/spoilt.wasm", Spoil::Longer("\0"));
    let browser = &wild.browser;
    browser.go(&wild.tamper.url("/")).await?;
    for (fragment, phase, _) in BY_ITSELF {
        browser
            .element(&format!("{}[data-failed={phase}]", slot(fragment)))
            .await
            .with_context(|| fragment.to_owned())?;
        if fragment != "wild/empty" {
            browser
                .reads(&slot(fragment), &format!("{} as sent", fragment.replace('/', " ")))
                .await?;
        }
    }
    browser.reads(&slot("wild/empty"), "Try again").await?;
    browser
        .holds("what is corrupt doesn't run", "!window.corrupted")
        .await?;
    for (fragment, _) in ON_CLICK {
        browser.click(&format!("{}[data-live] button", slot(fragment))).await?;
    }
    let late = ON_CLICK.map(|(fragment, words)| (fragment, "run", words));
    for (fragment, phase, words) in BY_ITSELF.into_iter().chain(late) {
        is_told(&wild, fragment, phase, words).await?;
    }
    // The neighbours live.
    let good = format!("{} button", slot("wild/good"));
    for count in ["good 1", "good 2"] {
        browser.click(&good).await?;
        browser.reads(&good, count).await?;
    }
    for (fragment, _) in ON_CLICK {
        browser
            .element(&format!("{}[data-live]:not([data-failed])", slot(fragment)))
            .await?;
    }
    for fragment in ["trap/one", "trap/two"] {
        browser.element(&format!("{}[data-live]", slot(fragment))).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_module_that_panics_is_used_no_more_and_its_fragments_begin_again_in_a_fresh_one() -> Result<()> {
    let wild = Wild::start().await?;
    let browser = &wild.browser;
    browser.go(&wild.composer.url("/")).await?;
    let [one, two] = ["trap/one", "trap/two"].map(slot);
    browser.reads(&format!("{one}[data-live]"), "one of module 0").await?;
    browser.reads(&format!("{two}[data-live]"), "two of module 0").await?;
    browser
        .holds(
            "the shell has started",
            "!!document.getElementById('marquetry-announcer')",
        )
        .await?;
    browser.click(&format!("{one} > [data-root] > button")).await?;
    browser.reads(&format!("{two}[data-live]"), "two of module 1").await?;
    browser
        .reads(&format!("{one}[data-failed=run]"), "This part has stopped. Try again")
        .await?;
    browser.click(&format!("{one} > button")).await?;
    browser.reads(&format!("{one}[data-live]"), "one of module 1").await?;
    wild.counted("trap", "run").await?;
    let lines = wild.log()?;
    ensure!(
        lines
            .iter()
            .any(|line| line.contains("\"fragment\":\"trap/one\"") && line.contains("no tractor")),
        "{lines:#?}"
    );
    // It gives up after the third time.
    for _ in 0..2 {
        browser
            .click(&format!("{one}[data-live] > [data-root] > button"))
            .await?;
        browser.element(&format!("{one}[data-failed=run]")).await?;
        if browser.count(&format!("{one} > button")).await? == 1 {
            browser.click(&format!("{one} > button")).await?;
        }
    }
    browser.gone(&format!("{one} > button")).await?;
    browser.reads(&one, "one of module").await?;
    browser.click("[data-fragment='wild/good'] button").await?;
    browser.reads("[data-fragment='wild/good'] button", "good 1").await
}

#[tokio::test]
async fn a_module_that_could_not_be_had_is_asked_for_again() -> Result<()> {
    let wild = Wild::start().await?;
    wild.tamper.spoil("/missing.js", Spoil::Missing);
    wild.bff.on("/missing/part", tests::bff::html("<div data-root></div>"));
    let browser = &wild.browser;
    browser.go(&wild.tamper.url("/")).await?;
    let missing = slot("missing/part");
    browser
        .reads(&format!("{missing}[data-failed=load]"), "Try again")
        .await?;
    browser
        .holds(
            "the shell has started",
            "!!document.getElementById('marquetry-announcer')",
        )
        .await?;
    wild.tamper.heal();
    wild.bff.on(
        "/missing/part",
        tests::bff::html("<div data-root><button>as sent later</button></div>"),
    );
    browser.click(&format!("{missing} > button")).await?;
    browser.reads(&format!("{missing}[data-live]"), "awake").await
}
