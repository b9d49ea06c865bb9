//! What a person does with mouse and keys beside a click, and what the browser holds in memory.

use anyhow::{Context, Result};
use fantoccini::actions::{InputSource, KeyAction, KeyActions, MOUSE_BUTTON_MIDDLE, MouseActions, PointerAction};
use serde::Deserialize;
use serde_json::json;

use super::Browser;

const MOST_COLLECTIONS: usize = 40;
const COLLECTIONS_IN_VAIN: usize = 4;

/// Ends after some frames, and when the page has nothing better to do.
const TURNS: &str = "
const done = arguments[arguments.length - 1];
requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(() => done(), { timeout: 200 })));
";

/// What the browser holds for the page, after it has collected its garbage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// DOM nodes, those that only scripts know among them.
    pub nodes: i64,
    /// Listeners of events.
    #[serde(rename = "jsEventListeners")]
    pub listeners: i64,
}

impl Browser {
    /// Clicks with the middle button, which opens a link in a new tab.
    ///
    /// # Errors
    /// When nothing comes in time.
    pub async fn middle_click(&self, css: &str) -> Result<()> {
        let element = self.element(css).await?;
        let mouse = MouseActions::new("mouse".into())
            .then(PointerAction::MoveToElement {
                element,
                duration: None,
                x: 0.,
                y: 0.,
            })
            .then(PointerAction::Down {
                button: MOUSE_BUTTON_MIDDLE,
            })
            .then(PointerAction::Up {
                button: MOUSE_BUTTON_MIDDLE,
            });
        Ok(self.client.perform_actions(mouse).await?)
    }

    /// Moves the pointer over what `css` finds.
    ///
    /// # Errors
    /// When nothing comes in time.
    pub async fn hover(&self, css: &str) -> Result<()> {
        let element = self.element(css).await?;
        let mouse = MouseActions::new("mouse".into()).then(PointerAction::MoveToElement {
            element,
            duration: None,
            x: 0.,
            y: 0.,
        });
        Ok(self.client.perform_actions(mouse).await?)
    }

    /// Presses a key.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn press(&self, key: char) -> Result<()> {
        let keys = KeyActions::new("keys".into())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        Ok(self.client.perform_actions(keys).await?)
    }

    /// How many tabs and windows there are.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn windows(&self) -> Result<usize> {
        Ok(self.client.windows().await?.len())
    }

    /// Goes one step forward in the history.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn forward(&self) -> Result<()> {
        Ok(self.client.forward().await?)
    }

    /// Loads the page anew.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn reload(&self) -> Result<()> {
        Ok(self.client.refresh().await?)
    }

    /// What the browser holds, without its garbage.
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
            same = if held.nodes < least.nodes || held.listeners < least.listeners {
                least = held;
                0
            } else {
                same + 1
            };
            if same == COLLECTIONS_IN_VAIN {
                break;
            }
        }
        Ok(least)
    }

    async fn counted(&self) -> Result<Held> {
        self.cdp("HeapProfiler.collectGarbage", json!({})).await?;
        let held = self.cdp("Memory.getDOMCounters", json!({})).await?;
        serde_json::from_value(held).context("what the browser holds")
    }
}
