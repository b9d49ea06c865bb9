//! Hundreds of pages later the browser holds no more than it did in the beginning.

use anyhow::{Result, ensure};
use tests::{
    browser::{Kind, Manner, memory::Held},
    visit::Visit,
};

const SHELL: &str = "!!document.getElementById('marquetry-announcer')";

/// Goes around by itself: a driver would hold on to every element that it has looked at.
const ROUNDS: &str = "
const done = arguments[arguments.length - 1];
const frames = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
const isAwake = () => !navigation.transition && [...document.querySelectorAll('fragment-slot[data-state=fresh]')]
  .every((slot) => !['load', 'idle'].includes(slot.dataset.hydrate) || 'live' in slot.dataset);
const visit = async (css, heading) => {
  // Chromium follows no more than 200 links in 10 s.
  const pace = new Promise((next) => setTimeout(next, 60));
  document.querySelector(css).click();
  while (!document.querySelector('h1')?.textContent.includes(heading) || !isAwake()) await frames();
  await pace;
};
(async () => {
  for (let round = 0; round < 5; round += 1) {
    await visit('.ex-nav a[href=\"/products\"]', 'All tractors');
    await visit('.ex-card a[href^=\"/product/CL-01\"]', 'Old Barnaby');
    await visit('.ch-mini', 'Your cart');
    await visit('.ex-nav a[href=\"/stores\"]', 'Our stores');
  }
  done(window.marked === true);
})();
";
/// What runs often is compiled anew, time and again, and counts as JavaScript's memory: not here.
const UNTUNED: &str = "--js-flags=--no-opt --no-maglev --no-sparkplug --no-lazy-feedback-allocation";

/// Two pages of WASM's memory.
const FIREFOX_WASM: i64 = 2 * 65_536;

/// In [`ROUNDS`].
const PAGES: usize = 20;

#[tokio::test]
async fn five_hundred_pages_later_the_browser_holds_no_more_than_after_twenty() -> Result<()> {
    let visit = Visit::start_as(Manner {
        switches: &[UNTUNED],
        ..Manner::default()
    })
    .await?;
    let browser = &visit.browser;
    browser.watch_wasm().await?;
    visit.open("/").await?;
    browser.holds("the shell has started", SHELL).await?;
    visit.mark().await?;
    let before = walk(&visit, PAGES).await?;
    let after = walk(&visit, 500).await?;
    println!("after {PAGES} pages: {before:#?}\nafter 500 more: {after:#?}");
    ensure!(after.wasm.len() >= 4, "not all modules were seen: {:?}", after.wasm);
    for (what, before, after) in compared(&before, &after, browser.kind()) {
        ensure!(
            after * 20 <= before * 21,
            "{what}: {before} after {PAGES} pages, {after} after 500 more"
        );
    }
    ensure!(after.detached_slots == 0, "{} slots are held", after.detached_slots);
    browser.quiet().await
}

/// Goes through that many pages; tells what is held behind the last.
async fn walk(visit: &Visit, pages: usize) -> Result<Held> {
    for _ in 0..pages / PAGES {
        ensure!(visit.browser.run(ROUNDS).await? == true, "a page was loaded anew");
    }
    visit.browser.held().await
}

fn compared(before: &Held, after: &Held, kind: Kind) -> Vec<(String, i64, i64)> {
    let mut all = vec![
        ("bytes of JavaScript".to_owned(), before.heap, after.heap),
        ("nodes".to_owned(), before.nodes, after.nodes),
        ("listeners".to_owned(), before.listeners, after.listeners),
        ("documents".to_owned(), before.documents, after.documents),
        (
            "detached contexts".to_owned(),
            before.detached_contexts,
            after.detached_contexts,
        ),
    ];
    for (file, bytes) in &after.wasm {
        let mut before = before.wasm.get(file).copied().unwrap_or_default();
        // WASM's memory never shrinks, and Firefox throws away later what garbage holds in it: some 500 pages later it is as
        // large as it gets.
        if kind == Kind::Firefox {
            before += FIREFOX_WASM;
        }
        all.push((format!("bytes of {file}"), before, *bytes));
    }
    all
}
