//! A real browser, Chromium or Firefox, driven as a person would use it.

pub mod axe;
mod bidi;
mod cdp;
mod driver;
mod gecko;
mod kind;
mod manner;
pub mod memory;
mod pace;
mod press;
mod tabs;
pub mod view;

use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::wait::{PATIENCE, until, within};
use bidi::Bidi;
use driver::{Driver, Main};
pub use kind::Kind;
pub use manner::Manner;
use manner::capabilities;
pub use tabs::Tab;

/// One browser window with an empty profile.
///
/// It ends with the value, whatever the test came to.
pub struct Browser {
    client: Client,
    kind: Kind,
    bidi: Option<Bidi>,
    _main: Main,
    _driver: Driver,
    _profile: TempDir,
}

/// A line of the browser's console.
#[derive(Debug, Clone, Deserialize)]
pub struct ConsoleEntry {
    /// `SEVERE` for errors, breaches of the content security policy among them.
    pub level: String,
    /// What it says.
    pub message: String,
}

impl Browser {
    /// A browser as people have it.
    ///
    /// # Errors
    /// When the browser or its driver is missing or doesn't start.
    pub async fn start() -> Result<Self> {
        Self::start_as(Manner::default()).await
    }

    /// A browser with JavaScript switched off.
    ///
    /// # Errors
    /// When the browser or its driver is missing or doesn't start.
    pub async fn start_without_script() -> Result<Self> {
        let manner = Manner {
            script: false,
            ..Manner::default()
        };
        Self::start_as(manner).await
    }

    /// A browser of any manner.
    ///
    /// # Errors
    /// When the browser or its driver is missing or doesn't start.
    pub async fn start_as(manner: Manner) -> Result<Self> {
        let kind = Kind::chosen()?;
        let profile = tempfile::tempdir()?;
        let wanted = capabilities(kind, &profile, manner)?;
        let driver = Driver::start(kind).await?;
        let connect = async {
            ClientBuilder::new(HttpConnector::new())
                .capabilities(wanted)
                .connect(&driver.address())
                .await
        };
        let client = within(PATIENCE * 3, "a browser session", connect).await??;
        let main = Main::of(client.capabilities())?;
        let bidi = client.capabilities().and_then(|all| all.get("webSocketUrl"));
        let bidi = match bidi.and_then(Value::as_str) {
            Some(address) => Some(Bidi::join(address).await?),
            None => None,
        };
        Ok(Self {
            client,
            kind,
            bidi,
            _main: main,
            _driver: driver,
            _profile: profile,
        })
    }

    /// Whose browser it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    fn bidi(&self) -> Result<&Bidi> {
        self.bidi.as_ref().context("the browser speaks no WebDriver BiDi")
    }

    /// Opens an address.
    ///
    /// # Errors
    /// When it doesn't load.
    pub async fn go(&self, url: &str) -> Result<()> {
        within(PATIENCE, url, self.client.goto(url))
            .await?
            .with_context(|| format!("can't open {url}"))
    }

    /// Runs JavaScript in every page that is opened from now on, before its own.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn before_pages(&self, script: &str) -> Result<()> {
        if self.kind == Kind::Firefox {
            return self.bidi()?.before_pages(script).await;
        }
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }))
            .await?;
        Ok(())
    }

    /// Passes for a Chromium of that version; Firefox goes by its own name.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn pass_for(&self, version: &str) -> Result<()> {
        if self.kind == Kind::Firefox {
            return Ok(());
        }
        let agent = format!("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{version}.0.0.0 Safari/537.36");
        self.cdp("Emulation.setUserAgentOverride", json!({ "userAgent": agent }))
            .await?;
        Ok(())
    }

    /// Goes one step back in the history.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn back(&self) -> Result<()> {
        Ok(self.client.back().await?)
    }

    /// The path and query of the address.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn path(&self) -> Result<String> {
        let url = self.client.current_url().await?;
        Ok(url[url::Position::BeforePath..].to_owned())
    }

    /// Waits until the address has that path and query.
    ///
    /// # Errors
    /// When it doesn't in time.
    pub async fn at(&self, path: &str) -> Result<()> {
        self.wait(&format!("the address is {path}"), async || {
            Ok((self.path().await? == path).then_some(()))
        })
        .await
    }

    /// Waits until the address begins so.
    ///
    /// # Errors
    /// When it doesn't in time.
    pub async fn at_some(&self, start: &str) -> Result<String> {
        self.wait(&format!("the address begins with {start}"), async || {
            Ok(Some(self.path().await?).filter(|path| path.starts_with(start)))
        })
        .await
    }

    /// Clicks what `css` finds first, as soon as it is visible and enabled.
    ///
    /// # Errors
    /// When that doesn't happen in time.
    pub async fn click(&self, css: &str) -> Result<()> {
        let mut refused = String::from("nothing that is visible");
        let clicked = self
            .wait(&format!("a click on `{css}`"), async || {
                let Some(element) = self.visible(css).await? else {
                    return Ok(None);
                };
                let outcome = element.click().await;
                Ok(outcome.map_err(|error| refused = error.to_string()).ok())
            })
            .await;
        clicked.with_context(|| format!("the last try met {refused}"))
    }

    /// Types into a field, in place of what stood there.
    ///
    /// # Errors
    /// When the field doesn't come in time.
    pub async fn fill(&self, css: &str, text: &str) -> Result<()> {
        let field = self.element(css).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// The visible text of what `css` finds first.
    ///
    /// # Errors
    /// When nothing comes in time.
    pub async fn text(&self, css: &str) -> Result<String> {
        Ok(self.element(css).await?.text().await?)
    }

    /// An attribute of what `css` finds first.
    ///
    /// # Errors
    /// When nothing comes in time, or it has no such attribute.
    pub async fn attribute(&self, css: &str, name: &str) -> Result<String> {
        let value = self.element(css).await?.attr(name).await?;
        value.with_context(|| format!("`{css}` has no `{name}`"))
    }

    /// Waits until the visible text of what `css` finds first holds `text`.
    ///
    /// # Errors
    /// When it doesn't in time; says what stands there.
    pub async fn reads(&self, css: &str, text: &str) -> Result<()> {
        self.wait(&format!("`{css}` reads `{text}`"), async || {
            Ok(self
                .texts(css)
                .await?
                .first()
                .filter(|found| found.contains(text))
                .map(drop))
        })
        .await
        .with_context(|| format!("waiting for `{text}`"))
    }

    /// The visible text of all that `css` finds now.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn texts(&self, css: &str) -> Result<Vec<String>> {
        let mut texts = Vec::new();
        for element in self.client.find_all(Locator::Css(css)).await? {
            match element.text().await {
                Ok(text) => texts.push(text),
                Err(error) if error.is_stale_element_reference() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(texts)
    }

    /// How many elements `css` finds now.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn count(&self, css: &str) -> Result<usize> {
        Ok(self.client.find_all(Locator::Css(css)).await?.len())
    }

    /// Waits for what `css` finds.
    ///
    /// # Errors
    /// When nothing comes in time.
    pub async fn element(&self, css: &str) -> Result<Element> {
        self.wait(&format!("an element `{css}`"), async || self.visible(css).await)
            .await
    }

    /// Waits until `css` finds nothing.
    ///
    /// # Errors
    /// When something stays.
    pub async fn gone(&self, css: &str) -> Result<()> {
        self.wait(&format!("no element `{css}`"), async || {
            Ok((self.count(css).await? == 0).then_some(()))
        })
        .await
    }

    /// Waits until the JavaScript expression is true.
    ///
    /// # Errors
    /// When it isn't in time.
    pub async fn holds(&self, what: &str, expression: &str) -> Result<()> {
        self.wait(what, async || Ok(self.ask::<bool>(expression).await?.then_some(())))
            .await
    }

    /// The value of a JavaScript expression.
    ///
    /// # Errors
    /// When it throws or has another type.
    pub async fn ask<T: DeserializeOwned>(&self, expression: &str) -> Result<T> {
        let script = format!("return ({expression})");
        let end = Instant::now() + PATIENCE;
        loop {
            let value = self.client.execute(&script, Vec::new()).await?;
            let is_gone = self.kind == Kind::Firefox && value.is_null() && Instant::now() < end;
            match serde_json::from_value(value) {
                // Firefox says so when the page goes away under the question: the next one is asked.
                Err(_) if is_gone => {}
                read => return read.with_context(|| format!("the value of {expression}")),
            }
        }
    }

    /// Runs JavaScript that calls the last of its arguments with its result.
    ///
    /// # Errors
    /// When it throws or doesn't call back.
    pub async fn run(&self, script: &str) -> Result<Value> {
        within(PATIENCE * 3, "a script", self.client.execute_async(script, Vec::new()))
            .await?
            .context("a script")
    }

    /// What the console says since the last time it was asked.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn console(&self) -> Result<Vec<ConsoleEntry>> {
        if let Some(bidi) = &self.bidi {
            return Ok(bidi.console());
        }
        let entries = self.command("se/log", json!({ "type": "browser" })).await?;
        Ok(serde_json::from_value(entries)?)
    }

    /// Fails when the console holds an error.
    ///
    /// # Errors
    /// Lists the errors.
    pub async fn quiet(&self) -> Result<()> {
        let path = self.path().await?;
        let errors: Vec<_> = self
            .console()
            .await?
            .into_iter()
            .filter(|entry| entry.level == "SEVERE")
            .collect();
        if !errors.is_empty() {
            let lines: Vec<_> = errors.into_iter().map(|error| error.message).collect();
            bail!("the console of {path} has errors:\n{}", lines.join("\n"));
        }
        Ok(())
    }

    /// Waits until `condition` says something; a failure says what the page looked like.
    ///
    /// # Errors
    /// When time is up.
    pub async fn wait<T>(&self, what: &str, condition: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
        match until(PATIENCE, what, condition).await {
            Ok(found) => Ok(found),
            Err(error) => Err(error.context(self.describe().await)),
        }
    }

    async fn visible(&self, css: &str) -> Result<Option<Element>> {
        for element in self.client.find_all(Locator::Css(css)).await? {
            if element.is_displayed().await.unwrap_or_default() {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }

    async fn describe(&self) -> String {
        let path = self.path().await.unwrap_or_default();
        let text = self.texts("body").await.unwrap_or_default().join("\n");
        let text: String = text.chars().take(3_000).collect();
        let console = self.console().await.unwrap_or_default();
        let console: Vec<_> = console.into_iter().map(|entry| entry.message).collect();
        let shot = self.keep("failed").await;
        let shot = shot.map_or_else(|error| error.to_string(), |path| path.display().to_string());
        format!("on {path} ({shot}), whose console says {console:?} and whose text is\n{text}\n")
    }
}
