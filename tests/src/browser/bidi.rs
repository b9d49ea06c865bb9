//! Firefox's WebDriver BiDi: scripts before pages, the size of the viewport, and what the console says, as it says it.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};
use url::Url;

use super::ConsoleEntry;
use crate::wait::{PATIENCE, within};

/// More lines than any page writes: what comes after is lost.
const MOST_LINES: usize = 1_000;

/// A breach of the content security policy is an error, whatever the log takes it for.
const BREACHES: &str = "addEventListener('securitypolicyviolation', ({ blockedURI, violatedDirective }) => \
    console.error(`content security policy: ${violatedDirective} blocked ${blockedURI}`))";

type Lines = Arc<Mutex<Vec<ConsoleEntry>>>;

/// A command and who waits for its answer.
type Asked = (Value, oneshot::Sender<Value>);

/// A connection to a browser, as long as it lives.
pub(super) struct Bidi {
    commands: mpsc::Sender<Asked>,
    lines: Lines,
}

impl Bidi {
    /// Joins the session that the driver has begun.
    pub(super) async fn join(address: &str) -> Result<Self> {
        let url = Url::parse(address).context("the address of WebDriver BiDi")?;
        let host = url.host_str().unwrap_or("127.0.0.1");
        let stream = TcpStream::connect((host, url.port().unwrap_or(80))).await?;
        let joined = within(PATIENCE, "WebDriver BiDi", client_async(address, stream)).await?;
        let (socket, _) = joined.context("WebDriver BiDi")?;
        let (commands, asked) = mpsc::channel(8);
        let lines = Lines::default();
        // It ends when the browser closes its end, or when nobody is left to ask.
        tokio::spawn(serve(socket, asked, Arc::clone(&lines)));
        let bidi = Self { commands, lines };
        bidi.ask("session.subscribe", json!({ "events": ["log.entryAdded"] }))
            .await?;
        bidi.before_pages(BREACHES).await?;
        Ok(bidi)
    }

    pub(super) async fn ask(&self, method: &str, params: Value) -> Result<Value> {
        let (answer, answered) = oneshot::channel();
        let command = json!({ "method": method, "params": params });
        self.commands
            .send((command, answer))
            .await
            .context("the browser is gone")?;
        let mut answer = within(PATIENCE, method, answered)
            .await?
            .context("the browser is gone")?;
        if answer["type"] == "error" {
            bail!("{method}: {}", answer["message"]);
        }
        Ok(answer["result"].take())
    }

    pub(super) async fn before_pages(&self, script: &str) -> Result<()> {
        let function = format!("() => {{ {script} }}");
        self.ask("script.addPreloadScript", json!({ "functionDeclaration": function }))
            .await?;
        Ok(())
    }

    /// What the console has said since the last time.
    pub(super) fn console(&self) -> Vec<ConsoleEntry> {
        mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn serve(mut socket: WebSocketStream<TcpStream>, mut asked: mpsc::Receiver<Asked>, lines: Lines) {
    let mut waiting = BTreeMap::new();
    let mut last = 0_u64;
    loop {
        tokio::select! {
            command = asked.recv() => {
                let Some((mut command, answer)) = command else { break };
                last += 1;
                command["id"] = last.into();
                waiting.insert(last, answer);
                if socket.send(Message::text(command.to_string())).await.is_err() {
                    break;
                }
            }
            message = socket.next() => {
                let Some(Ok(message)) = message else { break };
                let Ok(said) = serde_json::from_slice::<Value>(&message.into_data()) else { continue };
                if said["method"] == "log.entryAdded" {
                    note(&lines, &said["params"]);
                } else if let Some(answer) = said["id"].as_u64().and_then(|id| waiting.remove(&id)) {
                    // Who has stopped waiting needs no answer.
                    let _ = answer.send(said);
                }
            }
        }
    }
}

/// Writes a line down in the words of Chromium's log.
fn note(lines: &Lines, said: &Value) {
    let level = match said["level"].as_str() {
        Some("error") => "SEVERE",
        Some("warn") => "WARNING",
        _ => "INFO",
    };
    let at = said["stackTrace"]["callFrames"][0]["url"].as_str().unwrap_or_default();
    let message = format!("{at} {}", said["text"].as_str().unwrap_or_default());
    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    if lines.len() < MOST_LINES {
        lines.push(ConsoleEntry {
            level: level.to_owned(),
            message,
        });
    }
}
