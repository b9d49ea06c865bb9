//! What the page itself tells: its slots, events, reports and timing.

use wasm_bindgen::JsValue;

use crate::js::{flag, list, maybe_text, number, text, texts};

/// The page as it is at a moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) request_id: String,
    /// In the document's order.
    pub(crate) slots: Vec<Slot>,
    /// The oldest first.
    pub(crate) events: Vec<Event>,
    pub(crate) reports: Vec<Report>,
    pub(crate) timing: Timing,
}

/// A slot, its composer's words for it, and the record of its life.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Slot {
    pub(crate) id: u32,
    /// The slot around it.
    pub(crate) inside: Option<u32>,
    pub(crate) fragment: String,
    pub(crate) app: String,
    pub(crate) version: String,
    pub(crate) owner: String,
    pub(crate) src: String,
    pub(crate) state: String,
    /// When it wakes.
    pub(crate) hydrate: String,
    pub(crate) phase: String,
    /// The step that failed.
    pub(crate) failed: String,
    pub(crate) is_live: bool,
    pub(crate) is_dirty: bool,
    /// Where what stands in it came from: `fresh`, `hit`, `stale`, `fallback`.
    pub(crate) source: String,
    pub(crate) took_ms: Option<f64>,
    /// Why it shows its fallback.
    pub(crate) why: String,
    pub(crate) load_ms: Option<f64>,
    pub(crate) hydrate_ms: Option<f64>,
    pub(crate) mount_ms: Option<f64>,
    pub(crate) update_ms: Option<f64>,
    pub(crate) html_bytes: f64,
    /// Its app's module, as it was loaded.
    pub(crate) code_bytes: f64,
    pub(crate) failures: Vec<String>,
    pub(crate) leaks: Vec<String>,
    pub(crate) area: Area,
}

/// Where a slot is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// An event of a topic.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Event {
    pub(crate) at_ms: f64,
    pub(crate) topic: String,
    pub(crate) publisher: String,
    /// From where: another tab, the server.
    pub(crate) from: String,
    pub(crate) value: String,
    /// Names and types of the value.
    pub(crate) shape: String,
}

/// Something that broke.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Report {
    pub(crate) at_ms: Option<f64>,
    pub(crate) app: String,
    pub(crate) version: String,
    pub(crate) fragment: String,
    pub(crate) owner: String,
    pub(crate) phase: String,
    pub(crate) message: String,
    pub(crate) stack: String,
    pub(crate) request_id: String,
}

/// What `Server-Timing` says, and when the document came.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Timing {
    pub(crate) first_ms: Option<f64>,
    pub(crate) done_ms: Option<f64>,
    pub(crate) parts: Vec<(String, f64, String)>,
}

impl Page {
    pub(crate) fn read(value: &JsValue) -> Self {
        let timing = crate::js::field(value, "timing").unwrap_or(JsValue::UNDEFINED);
        Self {
            path: text(value, "path"),
            request_id: text(value, "requestId"),
            slots: list(value, "slots", Slot::read),
            events: list(value, "events", Event::read),
            reports: list(value, "reports", Report::read),
            timing: Timing {
                first_ms: number(&timing, "first"),
                done_ms: number(&timing, "done"),
                parts: list(&timing, "parts", |part| {
                    let took = number(part, "duration").unwrap_or_default();
                    (text(part, "name"), took, text(part, "description"))
                }),
            },
        }
    }

    pub(crate) fn slot(&self, id: u32) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.id == id)
    }

    /// How many slots don't show what they should, or have left something behind, beside what was reported.
    pub(crate) fn troubles(&self) -> usize {
        let slots = self
            .slots
            .iter()
            .filter(|slot| slot.is_broken() || !slot.leaks.is_empty());
        slots.count().max(self.reports.len())
    }
}

impl Slot {
    fn read(value: &JsValue) -> Self {
        let id = |name: &str| number(value, name).map(|id| id as u32).filter(|id| *id > 0);
        let area = |name: &str| number(value, name).unwrap_or_default();
        Self {
            id: id("id").unwrap_or_default(),
            inside: id("inside"),
            fragment: text(value, "fragment"),
            app: text(value, "app"),
            version: text(value, "version"),
            owner: text(value, "owner"),
            src: text(value, "src"),
            state: text(value, "state"),
            hydrate: text(value, "hydrate"),
            phase: text(value, "phase"),
            failed: text(value, "failed"),
            is_live: flag(value, "live"),
            is_dirty: flag(value, "dirty"),
            source: text(value, "source"),
            took_ms: number(value, "took"),
            why: text(value, "why"),
            load_ms: number(value, "load"),
            hydrate_ms: number(value, "hydrated"),
            mount_ms: number(value, "mounted"),
            update_ms: number(value, "updated"),
            html_bytes: area("html"),
            code_bytes: area("code"),
            failures: texts(value, "failures"),
            leaks: texts(value, "leaks"),
            area: Area {
                x: area("x"),
                y: area("y"),
                width: area("width"),
                height: area("height"),
            },
        }
    }

    /// True for one that doesn't show what it should; a fragment that no live app offers is missed by nobody.
    pub(crate) fn is_broken(&self) -> bool {
        let is_missed = self.state == "fallback" && !self.app.is_empty();
        is_missed || !self.failed.is_empty() || !self.failures.is_empty()
    }

    /// What it is, in a word.
    pub(crate) fn condition(&self) -> &'static str {
        match self.state.as_str() {
            _ if !self.failed.is_empty() => "failed",
            "fallback" if self.app.is_empty() => "absent",
            "fallback" => "fallback",
            "pending" => "pending",
            _ if self.is_live => "live",
            _ => "html",
        }
    }

    /// How long its way into the page took in the browser.
    pub(crate) fn wake_ms(&self) -> Option<f64> {
        self.hydrate_ms.or(self.mount_ms)
    }

    /// `checkout@1.4.2`
    pub(crate) fn app_version(&self) -> String {
        format!("{}@{}", self.app, self.version)
    }

    /// Its `src` without values: these may be about a person.
    pub(crate) fn asked(&self) -> String {
        let Some((fragment, query)) = self.src.split_once('?') else {
            return self.src.clone();
        };
        let names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
        format!("{fragment}?{}", names.join("&"))
    }
}

impl Event {
    fn read(value: &JsValue) -> Self {
        Self {
            at_ms: number(value, "at").unwrap_or_default(),
            topic: text(value, "topic"),
            publisher: text(value, "publisher"),
            from: text(value, "from"),
            value: text(value, "value"),
            shape: text(value, "shape"),
        }
    }
}

impl Report {
    fn read(value: &JsValue) -> Self {
        Self {
            at_ms: number(value, "at"),
            app: text(value, "app"),
            version: text(value, "version"),
            fragment: text(value, "fragment"),
            owner: maybe_text(value, "owner").unwrap_or_default(),
            phase: text(value, "phase"),
            message: text(value, "message"),
            stack: text(value, "stack"),
            request_id: text(value, "requestId"),
        }
    }
}
