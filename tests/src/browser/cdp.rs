//! Commands that only ChromeDriver has: its log, and Chrome's own protocol.

use anyhow::{Context, Result};
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::Browser;

#[derive(Debug)]
struct Command {
    path: &'static str,
    body: String,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.clone()))
    }
}

impl Browser {
    /// Sends a command of Chrome's DevTools protocol.
    pub(super) async fn cdp(&self, name: &str, params: Value) -> Result<Value> {
        self.command("goog/cdp/execute", json!({ "cmd": name, "params": params }))
            .await
    }

    /// Sends a command to ChromeDriver, `path` below the session.
    pub(super) async fn command(&self, path: &'static str, body: Value) -> Result<Value> {
        let body = body.to_string();
        self.client
            .issue_cmd(Command { path, body })
            .await
            .with_context(|| format!("ChromeDriver's {path}"))
    }
}
