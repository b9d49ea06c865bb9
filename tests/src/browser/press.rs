//! What a person does with mouse and keys beside a click, and with the browser's own buttons.

use anyhow::Result;
use fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MOUSE_BUTTON_MIDDLE, MouseActions, PointerAction,
};
use fantoccini::key::Key;
use serde_json::json;

use super::{Browser, Kind};

impl Browser {
    /// Clicks with the middle button, which opens a link in a new tab.
    ///
    /// # Errors
    /// When nothing comes in time.
    pub async fn middle_click(&self, css: &str) -> Result<()> {
        self.click_with_button(css, MOUSE_BUTTON_MIDDLE).await
    }

    async fn click_with_button(&self, css: &str, button: u64) -> Result<()> {
        let element = self.element(css).await?;
        let mouse = MouseActions::new("mouse".into())
            .then(PointerAction::MoveToElement {
                element,
                duration: None,
                x: 0.,
                y: 0.,
            })
            .then(PointerAction::Down { button })
            .then(PointerAction::Up { button });
        Ok(self.client.perform_actions(mouse).await?)
    }

    /// Clicks with the control key held down, which opens a link in a new tab.
    ///
    /// # Errors
    /// When nothing comes in time.
    pub async fn click_with_control(&self, css: &str) -> Result<()> {
        let key = Key::Control.into();
        let down = KeyActions::new("keys".into()).then(KeyAction::Down { value: key });
        self.client.perform_actions(down).await?;
        // Firefox's own click knows of no keys.
        let clicked = self.click_with_button(css, MOUSE_BUTTON_LEFT).await;
        let up = KeyActions::new("keys".into()).then(KeyAction::Up { value: key });
        self.client.perform_actions(up).await?;
        clicked
    }

    /// Lays a finger on what `css` finds, and leaves it there.
    ///
    /// # Errors
    /// When nothing comes in time.
    pub async fn touch(&self, css: &str) -> Result<()> {
        let (x, y, width, height) = self.element(css).await?.rectangle().await?;
        let middle = json!({ "type": "pointerMove", "x": (x + width / 2.).round(), "y": (y + height / 2.).round() });
        let acts = json!([middle, { "type": "pointerDown", "button": 0 }]);
        let finger =
            json!({ "type": "pointer", "id": "finger", "parameters": { "pointerType": "touch" }, "actions": acts });
        self.command("actions", json!({ "actions": [finger] })).await?;
        Ok(())
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

    /// Presses a key while others are held down.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn press_with(&self, held: &[char], key: char) -> Result<()> {
        let down = |keys: KeyActions, value: &char| keys.then(KeyAction::Down { value: *value });
        let up = |keys: KeyActions, value: &char| keys.then(KeyAction::Up { value: *value });
        let keys = held.iter().fold(KeyActions::new("keys".into()), down);
        let keys = up(down(keys, &key), &key);
        Ok(self.client.perform_actions(held.iter().rev().fold(keys, up)).await?)
    }

    /// How many tabs and windows there are.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn windows(&self) -> Result<usize> {
        Ok(self.client.windows().await?.len())
    }

    /// Says no to the question that the page asks.
    ///
    /// # Errors
    /// When it asks none.
    pub async fn refuse(&self) -> Result<()> {
        self.question().await?;
        Ok(self.client.dismiss_alert().await?)
    }

    /// Says yes to the question that the page asks.
    ///
    /// # Errors
    /// When it asks none.
    pub async fn accept(&self) -> Result<()> {
        self.question().await?;
        Ok(self.client.accept_alert().await?)
    }

    async fn question(&self) -> Result<String> {
        self.wait("a question", async || Ok(self.client.get_alert_text().await.ok()))
            .await
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

    /// Lets pages read and write the clipboard without asking.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn allow_clipboard(&self) -> Result<()> {
        if self.kind == Kind::Firefox {
            return self.preference("dom.events.testing.asyncClipboard", json!(true)).await;
        }
        let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        self.cdp("Browser.grantPermissions", permissions).await?;
        Ok(())
    }
}
