//! What Firefox tells of a page's memory, in the words of `about:memory`.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;

use super::{Browser, Held, WASM};

/// What an element without attributes weighs, beside its script object.
const NODE_BYTES: i64 = 144;

/// Notes each slot that is ever on the page, without holding on to it.
pub(super) const WATCH: &str = "
globalThis.slotsSeen = [];
new MutationObserver((records) => {
  for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) {
    if (!node.matches) continue;
    const slots = [...node.querySelectorAll('fragment-slot'), ...(node.matches('fragment-slot') ? [node] : [])];
    for (const slot of slots) if (!slot.seen) slotsSeen.push(new WeakRef(slot)), (slot.seen = true);
  }
}).observe(document, { childList: true, subtree: true });";

/// How many of them are still somewhere, and on no page; those that are gone are forgotten.
const DETACHED_SLOTS: &str =
    "(slotsSeen = slotsSeen.filter((slot) => slot.deref())).filter((slot) => !slot.deref().isConnected).length";

/// Throws garbage away in all processes, then sums up what is reported of the origin.
const COUNT: &str = "
const [origin, done] = arguments;
const top = `/top(${origin.replaceAll('/', '\\\\')}`;
const sums = { heap: 0, nodes: 0, listeners: 0, documents: 0, detached: 0 };
const count = (process, path, kind, units, amount) => {
  if (!path.includes(top)) return;
  if (path.endsWith('/dom/event-listeners')) sums.listeners += amount;
  else if (/\\/dom\\/[a-z-]*nodes$/.test(path)) sums.nodes += amount;
  else if (path.includes('/js-realm(') && path.includes('/objects/')) sums.heap += amount;
  if (!path.endsWith('/dom/element-nodes')) return;
  sums.documents += 1;
  if (path.includes('/detached/')) sums.detached += 1;
};
const manager = Cc['@mozilla.org/memory-reporter-manager;1'].getService(Ci.nsIMemoryReporterManager);
manager.minimizeMemoryUsage(() => manager.getReports(count, null, () => done(sums), null, false));";

#[derive(Deserialize)]
struct Sums {
    heap: i64,
    nodes: i64,
    listeners: i64,
    documents: i64,
    detached: i64,
}

impl Browser {
    pub(super) async fn firefox_counted(&self) -> Result<Held> {
        let origin: String = self.ask("location.origin").await?;
        let count = json!({ "script": COUNT, "args": [origin] });
        let sums = self.as_firefox("execute/async", count).await?;
        let sums: Sums = serde_json::from_value(sums).context("the browser's memory")?;
        Ok(Held {
            heap: sums.heap,
            nodes: sums.nodes / NODE_BYTES,
            listeners: sums.listeners,
            documents: sums.documents,
            detached_contexts: sums.detached,
            detached_slots: self.ask(DETACHED_SLOTS).await?,
            wasm: self.ask(WASM).await?,
        })
    }
}
