//! What geckodriver has beside the standard: Firefox's own preferences, and pictures of whole pages.

use anyhow::{Context, Result};
use http::Method;
use serde_json::{Value, json};

use super::Browser;

impl Browser {
    /// Sets one of Firefox's preferences, a number or a boolean.
    pub(super) async fn preference(&self, name: &str, value: Value) -> Result<()> {
        let kind = if value.is_boolean() { "Bool" } else { "Int" };
        let script = format!("Services.prefs.set{kind}Pref(arguments[0], arguments[1])");
        self.as_firefox("execute/sync", json!({ "script": script, "args": [name, value] }))
            .await
            .map(drop)
    }

    /// Runs a script with the rights of Firefox's own.
    pub(super) async fn as_firefox(&self, how: &'static str, script: Value) -> Result<Value> {
        self.command("moz/context", json!({ "context": "chrome" })).await?;
        let result = self.command(how, script).await;
        self.command("moz/context", json!({ "context": "content" })).await?;
        result
    }

    /// A picture of the page, in base64.
    pub(super) async fn gecko_picture(&self, is_whole: bool) -> Result<String> {
        let path = if is_whole { "moz/screenshot/full" } else { "screenshot" };
        let data = self.wire(Method::GET, path, None).await?;
        data.as_str().map(str::to_owned).context("the browser took no picture")
    }

    /// Sets the size of the viewport, smaller than a window could be too.
    pub(super) async fn viewport(&self, width: u32, height: u32) -> Result<()> {
        let context: String = self.client.window().await?.into();
        let viewport = json!({ "context": context, "viewport": { "width": width, "height": height } });
        self.bidi()?
            .ask("browsingContext.setViewport", viewport)
            .await
            .map(drop)
    }
}

/// Preferences of a Firefox that minds its own business: nothing is fetched, nothing is asked.
pub(super) fn preferences(script: bool, downloads: &str) -> Value {
    json!({
        "javascript.enabled": script,
        "ui.prefersReducedMotion": 1,
        "ui.useOverlayScrollbars": 1,
        "general.smoothScroll": false,
        // A finger is one to a machine without a touch screen too.
        "dom.w3c_touch_events.enabled": 1,
        "browser.download.dir": downloads,
        "browser.download.folderList": 2,
        "browser.download.alwaysOpenPanel": false,
        "browser.download.always_ask_before_handling_new_types": false,
        "network.http.http3.enable": false,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "signon.rememberSignons": false,
        // Notices of which browser should be the usual one take the focus.
        "browser.shell.checkDefaultBrowser": false,
        "datareporting.policy.dataSubmissionEnabled": false,
    })
}
