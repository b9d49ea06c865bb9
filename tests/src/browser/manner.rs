//! What a browser is like, and how its driver is told.

use std::time::Duration;

use anyhow::{Result, bail};
use fantoccini::wd::Capabilities;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Kind, gecko};
use crate::environment;

/// What a browser is like.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Whether it runs JavaScript.
    pub script: bool,
    /// Command line switches of Chromium beside the usual ones; they take away what Firefox doesn't have.
    pub switches: &'static [&'static str],
    /// Whether [`Browser::go`](super::Browser::go) waits until all of a page is there.
    pub waits: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            script: true,
            switches: &[],
            waits: true,
        }
    }
}

/// How long a page may take to load, before the driver gives up.
const PAGE_LOAD: Duration = Duration::from_secs(15);

pub(super) fn capabilities(kind: Kind, profile: &TempDir, manner: Manner) -> Result<Capabilities> {
    let mut wanted = match kind {
        Kind::Chromium => chromium(profile, manner)?,
        Kind::Firefox => firefox(profile, manner)?,
    };
    wanted["pageLoadStrategy"] = json!(if manner.waits { "normal" } else { "none" });
    wanted["timeouts"] = json!({ "pageLoad": PAGE_LOAD.as_millis(), "script": 20_000 });
    match wanted {
        Value::Object(map) => Ok(map),
        _ => bail!("capabilities are an object"),
    }
}

fn firefox(profile: &TempDir, manner: Manner) -> Result<Value> {
    let profile = profile.path().display().to_string();
    Ok(json!({
        "browserName": "firefox",
        "webSocketUrl": true,
        // Else what a page asks is answered before the test can do so.
        "unhandledPromptBehavior": { "default": "ignore", "beforeUnload": "accept" },
        "moz:firefoxOptions": {
            "binary": environment::firefox()?,
            "args": ["-headless", "-profile", profile, "-width", "1280", "-height", "900"],
            "prefs": gecko::preferences(manner.script, &profile),
        },
    }))
}

fn chromium(profile: &TempDir, manner: Manner) -> Result<Value> {
    let mut prefs = json!({});
    if !manner.script {
        prefs["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    let mut wanted = json!({
        "browserName": "chrome",
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": {
            "binary": environment::chromium()?,
            "prefs": prefs,
            "args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--force-prefers-reduced-motion",
                "--disable-smooth-scrolling",
                "--window-size=1280,900",
                format!("--user-data-dir={}", profile.path().display()),
            ],
        },
    });
    if let Some(arguments) = wanted["goog:chromeOptions"]["args"].as_array_mut() {
        arguments.extend(manner.switches.iter().map(|each| json!(each)));
    }
    Ok(wanted)
}
