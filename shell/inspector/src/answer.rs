//! What the composer tells: the versions of the tab, the releases behind them, and the page by its manifests.

use wasm_bindgen::JsValue;

use crate::js::{field, flag, list, maybe_text, number, text, texts};

/// The composer's answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) composer: String,
    pub(crate) composition: String,
    /// `current` or `behind`.
    pub(crate) state: String,
    /// `none`, `token` or `free`.
    pub(crate) switching: String,
    pub(crate) caller: Option<String>,
    pub(crate) chosen: Vec<String>,
    pub(crate) problem: Option<String>,
    /// A developer's own version, and when it ends.
    pub(crate) shown: Option<(String, f64)>,
    pub(crate) canaries: Vec<Canary>,
    pub(crate) apps: Vec<App>,
    pub(crate) route: String,
    pub(crate) layout: String,
    pub(crate) planned: Vec<Planned>,
}

/// A canary under way.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Canary {
    pub(crate) release: String,
    pub(crate) apps: Vec<String>,
    pub(crate) audience: String,
    pub(crate) share_bp: Option<f64>,
    pub(crate) bucket: Option<f64>,
    pub(crate) admits: bool,
    pub(crate) is_paused: bool,
    pub(crate) at_ms: Option<f64>,
    pub(crate) by: String,
}

/// An app at its version in this tab.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct App {
    pub(crate) app: String,
    pub(crate) version: String,
    pub(crate) owner: String,
    /// Why it is this version.
    pub(crate) why: String,
    pub(crate) is_reachable: bool,
    pub(crate) release: Option<Release>,
    pub(crate) published_by: Option<String>,
    /// What there is to choose from.
    pub(crate) versions: Vec<Version>,
}

/// A release.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Release {
    pub(crate) id: String,
    pub(crate) at_ms: f64,
    pub(crate) by: String,
    pub(crate) reason: Option<String>,
    pub(crate) course: String,
    pub(crate) since_ms: Option<f64>,
}

/// A published version.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Version {
    pub(crate) version: String,
    pub(crate) live: String,
    pub(crate) is_reachable: bool,
}

/// A fragment of the page by its manifest.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Planned {
    pub(crate) fragment: String,
    pub(crate) owner: String,
    pub(crate) role: String,
    pub(crate) included_by: Option<String>,
    pub(crate) deadline_ms: Option<f64>,
}

impl Answer {
    pub(crate) fn read(value: &JsValue) -> Self {
        let page = field(value, "page").unwrap_or(JsValue::UNDEFINED);
        let shown = field(value, "override");
        Self {
            composer: text(value, "composer"),
            composition: text(value, "composition"),
            state: text(value, "state"),
            switching: text(value, "switching"),
            caller: maybe_text(value, "caller"),
            chosen: texts(value, "chosen"),
            problem: maybe_text(value, "problem"),
            shown: shown.map(|shown| {
                (
                    text(&shown, "version"),
                    number(&shown, "expires_at_ms").unwrap_or_default(),
                )
            }),
            canaries: list(value, "canaries", Canary::read),
            apps: list(value, "apps", App::read),
            route: text(&page, "route"),
            layout: text(&page, "layout"),
            planned: list(&page, "slots", Planned::read),
        }
    }

    pub(crate) fn app(&self, name: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.app == name)
    }

    /// Whose a part of `app` is: `own`, or whom the app's manifest names.
    pub(crate) fn owner_of(&self, app: &str, own: &str) -> String {
        let found = self.app(app).map(|app| app.owner.clone()).unwrap_or_default();
        if own.is_empty() { found } else { own.to_owned() }
    }

    /// What the manifests say of a fragment; of the page's own first.
    pub(crate) fn planned(&self, fragment: &str) -> Option<&Planned> {
        self.planned.iter().find(|planned| planned.fragment == fragment)
    }
}

impl Canary {
    fn read(value: &JsValue) -> Self {
        Self {
            release: text(value, "release"),
            apps: texts(value, "apps"),
            audience: text(value, "audience"),
            share_bp: number(value, "share_bp"),
            bucket: number(value, "bucket"),
            admits: flag(value, "admits"),
            is_paused: flag(value, "paused"),
            at_ms: number(value, "at_ms"),
            by: text(value, "by"),
        }
    }
}

impl App {
    fn read(value: &JsValue) -> Self {
        Self {
            app: text(value, "app"),
            version: text(value, "version"),
            owner: text(value, "owner"),
            why: text(value, "why"),
            is_reachable: flag(value, "reachable"),
            release: field(value, "release").map(|release| Release::read(&release)),
            published_by: maybe_text(value, "published_by"),
            versions: list(value, "versions", |version| Version {
                version: text(version, "version"),
                live: text(version, "live"),
                is_reachable: flag(version, "reachable"),
            }),
        }
    }

    /// Why it is this version, in words.
    pub(crate) fn reason(&self) -> &'static str {
        match self.why.as_str() {
            "stable" => "live for everybody",
            "canary" => "a canary",
            "override" => "a developer's override",
            "chosen" => "chosen for this browser",
            "older" => "older than what is live",
            _ => "fixed by the configuration",
        }
    }
}

impl Release {
    fn read(value: &JsValue) -> Self {
        Self {
            id: text(value, "id"),
            at_ms: number(value, "at_ms").unwrap_or_default(),
            by: text(value, "by"),
            reason: maybe_text(value, "reason"),
            course: text(value, "course"),
            since_ms: number(value, "since_ms"),
        }
    }
}

impl Planned {
    fn read(value: &JsValue) -> Self {
        Self {
            fragment: text(value, "fragment"),
            owner: text(value, "owner"),
            role: text(value, "role"),
            included_by: maybe_text(value, "included_by"),
            deadline_ms: number(value, "deadline_ms"),
        }
    }
}
