//! Several tabs of one browser.

use anyhow::Result;
use fantoccini::wd::WindowHandle;

use super::Browser;

/// A tab of a browser.
pub struct Tab(WindowHandle);

impl Browser {
    /// The tab that is looked at.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn tab(&self) -> Result<Tab> {
        Ok(Tab(self.client.window().await?))
    }

    /// Opens an empty tab and looks at it.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn new_tab(&self) -> Result<Tab> {
        let tab = Tab(self.client.new_window(true).await?.handle);
        self.look_at(&tab).await?;
        Ok(tab)
    }

    /// Looks at another tab.
    ///
    /// # Errors
    /// When it is closed.
    pub async fn look_at(&self, tab: &Tab) -> Result<()> {
        Ok(self.client.switch_to_window(tab.0.clone()).await?)
    }

    /// Closes the tab that is looked at, and looks at another.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn close_tab(&self, next: &Tab) -> Result<()> {
        self.client.close_window().await?;
        self.look_at(next).await
    }
}
