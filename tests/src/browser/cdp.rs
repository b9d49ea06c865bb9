//! Commands beside the standard's: those of one driver, and Chrome's own protocol.

use anyhow::{Context, Result, bail};
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::{Browser, Kind};

#[derive(Debug)]
struct Command {
    method: Method,
    path: &'static str,
    body: Option<String>,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (self.method.clone(), self.body.clone())
    }
}

impl Browser {
    /// Sends a command of Chrome's DevTools protocol, which no other browser takes.
    pub(super) async fn cdp(&self, name: &str, params: Value) -> Result<Value> {
        if self.kind != Kind::Chromium {
            bail!("{name} is Chromium's alone: the test can't run in {:?}", self.kind);
        }
        self.command("goog/cdp/execute", json!({ "cmd": name, "params": params }))
            .await
    }

    /// Sends a command to the driver, `path` below the session.
    pub(super) async fn command(&self, path: &'static str, body: Value) -> Result<Value> {
        self.wire(Method::POST, path, Some(body.to_string())).await
    }

    /// Sends any request to the driver, `path` below the session.
    pub(super) async fn wire(&self, method: Method, path: &'static str, body: Option<String>) -> Result<Value> {
        self.client
            .issue_cmd(Command { method, path, body })
            .await
            .with_context(|| format!("the driver's {path}"))
    }
}
