//! What fragments do in the course of their lives: come and go, are updated, grow slots of their own, leave things behind.

use anyhow::{Context, Result, ensure};
use tests::{
    bff::{self, Bff},
    browser::Browser,
    client::get,
    composer::Config,
    environment,
    site::{self, Site},
    wait::{PATIENCE, until},
};

const SHELL: &str = "!!document.getElementById('marquetry-announcer')";
const PART: &str = "[data-fragment='app/part']";

/// `part` counts its lives; what it says of itself in `q` makes it leave things behind, or refuse to be updated.
const MODULE: &str = "
window.lives = { hydrate: 0, update: 0, unmount: 0, ticks: 0 };
export function hydrate(slot, context) {
  lives.hydrate += 1;
  const { q } = context.params;
  if (context.fragment === 'part') {
    context.setInterval(() => (lives.ticks += 1), 5);
    context.listen(document, 'ping', () => (slot.dataset.pinged = ''));
  }
  if (q === 'leaky') {
    addEventListener('resize', () => {});
    document.addEventListener('ping', () => (window.leaked = true));
    setInterval(() => (window.leaked = true), 5);
    document.body.append(Object.assign(document.createElement('dialog'), { className: 'left' }));
  }
  slot.dataset.awake = q ?? '';
  return { slot };
}
export const mount = hydrate;
export function update({ slot }, { params, fresh }) {
  if (params.q === 'thrown') throw new Error('broke at update');
  if (params.q !== 'two') return false;
  lives.update += 1;
  slot.dataset.awake = params.q;
  slot.querySelector('p').textContent = fresh.querySelector('p').textContent;
}
export function unmount({ slot }) { lives.unmount += 1; delete slot.dataset.awake; }
";

const MORE: &str = r#"
[[fragments]]
name = "nest"
hydrate = "load"
includes = ["app/nest", "app/leaf"]
params = ["q"]

[[fragments]]
name = "leaf"
params = ["q"]

[assets]
dir = "assets"
module = "app.js"
"#;

/// A page of `app/part`, which is woken at once, and of `app/nest`, which includes itself.
async fn start() -> Result<(Site, Browser)> {
    let manifest = site::MANIFEST
        .replace("includes = [\"app/part\"]", "includes = [\"app/part\", \"app/nest\"]")
        .replace("role = \"optional\"", "role = \"optional\"\nhydrate = \"load\"")
        // A machine with much else to do is no reason to show a fallback.
        .replace("deadline_ms = 500", "deadline_ms = 15000")
        .replace("deadline_ms = 1500\n", "deadline_ms = 20000\n");
    let shell = environment::dist()?.join("shell");
    let config = Config::default()
        .line(&format!("shell_dir = {shell:?}"))
        .line("log = \"error\"");
    let site = Site::with_assets(&(manifest + MORE), config, &[("app.js", MODULE)]).await?;
    let page = "<h1>Page</h1><fragment-slot src=\"app/part?q=one\"></fragment-slot>\
        <fragment-slot src=\"app/nest\"></fragment-slot>";
    site.bff.on("/fragments/page", bff::html(page));
    says(&site.bff, "as sent");
    let text = "<fragment-slot src=\"app/part\">left as text</fragment-slot>";
    site.bff.on(
        "/fragments/nest",
        bff::html(&format!("<div data-root>nest{text}</div>")),
    );
    site.bff.on("/fragments/leaf", bff::html("<b>leaf</b>"));
    let browser = Browser::start().await?;
    browser.watch_wasm().await?;
    browser.go(&site.composer.url("/")).await?;
    browser.holds("the shell has started", SHELL).await?;
    browser.element(&format!("{PART}[data-awake=one]")).await?;
    browser.element("[data-fragment='app/nest'][data-live]").await?;
    Ok((site, browser))
}

fn says(bff: &Bff, words: &str) {
    bff.on(
        "/fragments/part",
        bff::html(&format!("<div data-root><p>{words}</p></div>")),
    );
}

async fn act(browser: &Browser, script: &str) -> Result<()> {
    browser
        .ask::<bool>(&format!("(() => {{ {script}; return true; }})()"))
        .await?;
    Ok(())
}

fn turn_to(q: &str) -> String {
    format!("document.querySelector(\"{PART}\").setAttribute('src', 'app/part?q={q}')")
}

#[tokio::test]
async fn new_params_reach_a_fragment_that_lives_on() -> Result<()> {
    let (site, browser) = start().await?;
    says(&site.bff, "another text");
    act(
        &browser,
        "window.root = document.querySelector('[data-awake] > [data-root]')",
    )
    .await?;
    act(&browser, &turn_to("two")).await?;
    browser
        .reads(&format!("{PART}[data-awake=two][data-live]"), "another text")
        .await?;
    let same = "root.isConnected && lives.update === 1 && lives.unmount === 0 && lives.ticks > 0";
    browser.holds("it is the same life", same).await?;
    let record = format!("document.querySelector(\"{PART}\").marquetry");
    browser
        .holds(
            "its record knows",
            &format!("{record}.times.update >= 0 && {record}.phase === 'live'"),
        )
        .await?;

    // What it can't take, and what breaks it, begins anew.
    says(&site.bff, "refused text");
    act(&browser, &turn_to("refused")).await?;
    browser
        .reads(&format!("{PART}[data-awake=refused][data-live]"), "refused text")
        .await?;
    browser
        .holds(
            "its life is another",
            "!root.isConnected && lives.unmount === 1 && lives.update === 1",
        )
        .await?;
    act(&browser, &turn_to("thrown")).await?;
    browser
        .element(&format!("{PART}[data-awake=thrown][data-live]"))
        .await?;
    browser
        .holds(
            "it is told",
            &format!(
                "{record}.failures.some(({{ phase, message }}) => phase === 'update' && message === 'broke at update')"
            ),
        )
        .await
}

#[tokio::test]
async fn nothing_is_left_of_fifty_lives() -> Result<()> {
    let (_site, browser) = start().await?;
    let rounds = |count: usize, name: &str| {
        format!(
            "const done = arguments[arguments.length - 1];
             const slot = () => document.querySelector(\"{PART}\");
             const until = async (is) => {{ while (!is()) await new Promise((next) => setTimeout(next, 2)); }};
             (async () => {{
               for (let round = 0; round < {count}; round += 1) {{
                 const before = lives.hydrate;
                 // What refuses an update is unmounted and hydrated.
                 slot().setAttribute('src', 'app/part?q=refused&{name}=' + round);
                 await until(() => lives.hydrate > before && 'live' in slot().dataset);
               }}
               done(lives.unmount);
             }})();"
        )
    };
    browser.run(&rounds(5, "a")).await?;
    let before = browser.held().await?;
    let ended = browser.run(&rounds(50, "b")).await?;
    ensure!(ended == 55, "{ended} lives have ended");
    let after = browser.held().await?;
    println!("before {before:#?}, after {after:#?}");
    ensure!(after.listeners <= before.listeners, "{before:?}, then {after:?}");
    ensure!(after.nodes <= before.nodes + 20, "{before:?}, then {after:?}");
    ensure!(after.detached_slots == 0, "{} slots are held", after.detached_slots);
    Ok(())
}

#[tokio::test]
async fn what_a_fragment_leaves_behind_is_taken_away_and_counted() -> Result<()> {
    let (site, browser) = start().await?;
    act(&browser, &turn_to("leaky")).await?;
    browser.element(&format!("{PART}[data-awake=leaky][data-live]")).await?;
    act(&browser, &turn_to("clean")).await?;
    browser.element(&format!("{PART}[data-awake=clean][data-live]")).await?;
    let found = format!("document.querySelector(\"{PART}\").marquetry.leaks.join()");
    browser
        .holds(
            "what it left is counted",
            &format!("{found} === 'resize listener,ping listener,interval,DIALOG in the body'"),
        )
        .await
        .context(browser.ask::<String>(&found).await?)?;
    act(
        &browser,
        "window.leaked = false; lives.ticks = 0; document.dispatchEvent(new Event('ping'))",
    )
    .await?;
    browser.holds("time passes", "lives.ticks > 5").await?;
    browser
        .holds("all of it is gone", "!leaked && !document.querySelector('dialog.left')")
        .await?;
    let wanted = "composer_browser_reports_total{app=\"app\",phase=\"leak\"} 1";
    until(PATIENCE, wanted, async || {
        let numbers = get(site.composer.admin(), "/metrics").send().await?.text();
        Ok(numbers.contains(wanted).then_some(()))
    })
    .await
}

#[tokio::test]
async fn slots_that_a_live_fragment_adds_are_filled_as_deep_as_may_be() -> Result<()> {
    let (_site, browser) = start().await?;
    let nest = "document.querySelectorAll(\"[data-fragment='app/nest'][data-live]\")";
    let count = |count: usize| format!("{nest}.length === {count}");
    let add = |src: &str| {
        format!(
            "const slot = document.createElement('fragment-slot'); slot.setAttribute('src', '{src}'); \
             [...{nest}].at(-1).querySelector('[data-root]').append(slot)"
        )
    };
    // The page's own is the first level, the one in it the second.
    for depth in 3..=5 {
        act(&browser, &add(&format!("app/nest?q={depth}"))).await?;
        browser
            .holds(&format!("{depth} levels live"), &count(depth - 1))
            .await?;
    }
    act(&browser, &add("app/nest?q=6")).await?;
    browser
        .holds(
            "the sixth is refused, and told",
            &format!("{nest}.length === 4 && [...{nest}].at(-1).marquetry.failures.some(({{ message }}) => message.includes('more than 5 deep'))"),
        )
        .await?;
    // What it doesn't include it doesn't get; what came as text stays as it came.
    act(&browser, &add("app/part?q=no").replace(".at(-1)", "[0]")).await?;
    browser
        .reads("[src='app/part?q=no'][data-failed=load]", "did not load")
        .await
        .context("a slot that isn't included")?;
    browser
        .reads(
            "[data-fragment='app/nest'] fragment-slot[src='app/part']",
            "left as text",
        )
        .await
}

#[tokio::test]
async fn a_fragment_that_adds_slots_without_end_gets_what_a_page_may_have() -> Result<()> {
    let (_site, browser) = start().await?;
    let add = "const root = document.querySelector(\"[data-fragment='app/nest'][data-live] > [data-root]\");
        for (let at = 0; at < 80; at += 1) {
          const slot = document.createElement('fragment-slot');
          slot.setAttribute('src', `app/leaf?q=${at}`);
          root.append(slot);
        }";
    act(&browser, add).await?;
    let all = "document.querySelectorAll('fragment-slot').length";
    let refused = "document.querySelectorAll(\"[src^='app/leaf']:not([data-fragment])\").length";
    browser
        .holds("64 on the page are filled", &format!("{all} - {refused} === 64"))
        .await?;
    let told = "document.querySelector(\"[data-fragment='app/nest']\").marquetry.failures";
    browser
        .holds(
            "the others are refused, and told",
            &format!("{refused} > 0 && {told}.some(({{ message }}) => message.includes('more than 64 on the page'))"),
        )
        .await
}
