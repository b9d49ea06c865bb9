//! What a person does with mouse and keys beside a click, and with the browser's own buttons.

use anyhow::Result;
use fantoccini::actions::{InputSource, KeyAction, KeyActions, MOUSE_BUTTON_MIDDLE, MouseActions, PointerAction};

use super::Browser;

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
}
