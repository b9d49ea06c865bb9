//! What the browser holds in memory for a page, without its garbage.

mod chromium;
mod firefox;

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;

use super::{Browser, Kind};

const MOST_COLLECTIONS: usize = 40;
const COLLECTIONS_IN_VAIN: usize = 4;

/// Ends after some frames, and when the page has nothing better to do.
const TURNS: &str = "
const done = arguments[arguments.length - 1];
requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(() => done(), { timeout: 200 })));
";

/// Notes each WASM memory under the name of its file.
const WATCH: &str = "
globalThis.wasmMemories = {};
for (const name of ['instantiate', 'instantiateStreaming']) {
  const real = WebAssembly[name];
  WebAssembly[name] = async (source, imports) => {
    const response = await source;
    const made = await real.call(WebAssembly, response, imports);
    const { memory } = (made.instance ?? made).exports;
    const file = (response.url ?? '').split('/').pop() || 'unnamed';
    if (memory) (wasmMemories[file] ??= []).push(memory);
    return made;
  };
}";

const WASM: &str = "Object.fromEntries(Object.entries(wasmMemories).map(([file, all]) => \
    [file, all.reduce((sum, memory) => sum + memory.buffer.byteLength, 0)]))";

/// What a page holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Bytes of JavaScript's objects.
    pub heap: i64,
    /// DOM nodes, those that only scripts know among them. Firefox tells their bytes: as many as would weigh so.
    pub nodes: i64,
    /// Listeners of events.
    pub listeners: i64,
    /// Documents, those that are only written to among them.
    pub documents: i64,
    /// Contexts of scripts whose documents are gone.
    pub detached_contexts: i64,
    /// Slots that are on no page any more.
    pub detached_slots: i64,
    /// Bytes of each WASM module, by its file.
    pub wasm: BTreeMap<String, i64>,
}

impl Held {
    /// By what a later count is told from an earlier one.
    fn size(&self) -> i64 {
        self.nodes + self.listeners + self.documents + self.detached_slots
    }
}

impl Browser {
    /// Has the memory of WASM modules noted in every page that is opened from now on.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn watch_wasm(&self) -> Result<()> {
        match self.kind {
            Kind::Chromium => drop(self.cdp("Performance.enable", json!({})).await?),
            Kind::Firefox => self.before_pages(firefox::WATCH).await?,
        }
        self.before_pages(WATCH).await
    }

    /// What the page holds, of one that was opened behind [`Self::watch_wasm`].
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn held(&self) -> Result<Held> {
        let mut least = self.counted().await?;
        let mut same = 0;
        // What a page has let go of is garbage only after some turns of its own.
        for _ in 0..MOST_COLLECTIONS {
            self.run(TURNS).await?;
            let held = self.counted().await?;
            same = if held.size() < least.size() { 0 } else { same + 1 };
            if held.size() <= least.size() {
                least = held;
            }
            if same == COLLECTIONS_IN_VAIN {
                break;
            }
        }
        Ok(least)
    }

    async fn counted(&self) -> Result<Held> {
        match self.kind {
            Kind::Chromium => self.chromium_counted().await,
            Kind::Firefox => self.firefox_counted().await,
        }
    }
}
