//! How the window looks: its width, light or dark, and pictures of it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use base64ct::{Base64, Encoding};
use serde_json::json;

use super::{Browser, Kind};
use crate::environment;

/// A colour scheme that people may prefer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark text on light ground.
    Light,
    /// Light text on dark ground.
    Dark,
}

impl Scheme {
    /// The word in CSS.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Browser {
    /// Sets the width of the viewport, narrower than a window could be too.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn width(&self, pixels: u32) -> Result<()> {
        if self.kind == Kind::Firefox {
            return self.viewport(pixels, 900).await;
        }
        let metrics = json!({ "width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await?;
        Ok(())
    }

    /// Sets the coding that the browser asks for from now on, and lets it keep nothing.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn accepts(&self, coding: &str) -> Result<()> {
        self.cdp("Network.enable", json!({})).await?;
        self.cdp("Network.setCacheDisabled", json!({ "cacheDisabled": true }))
            .await?;
        let headers = json!({ "headers": { "accept-encoding": coding } });
        self.cdp("Network.setExtraHTTPHeaders", headers).await?;
        Ok(())
    }

    /// Sets the colour scheme that the person prefers, and that motion is unwanted.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn scheme(&self, scheme: Scheme) -> Result<()> {
        if self.kind == Kind::Firefox {
            let value = i32::from(scheme == Scheme::Light);
            return self
                .preference("layout.css.prefers-color-scheme.content-override", json!(value))
                .await;
        }
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme.as_str() },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.cdp("Emulation.setEmulatedMedia", features).await?;
        Ok(())
    }

    /// Sets whether the person wants motion.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn motion(&self, wanted: bool) -> Result<()> {
        if self.kind == Kind::Firefox {
            return self
                .preference("ui.prefersReducedMotion", json!(i32::from(!wanted)))
                .await;
        }
        let value = if wanted { "no-preference" } else { "reduce" };
        let features = json!({ "features": [{ "name": "prefers-reduced-motion", "value": value }] });
        self.cdp("Emulation.setEmulatedMedia", features).await?;
        Ok(())
    }

    /// Loads the pictures that the page would load later, and waits for all of them.
    ///
    /// # Errors
    /// When one doesn't come in time.
    pub async fn pictures(&self) -> Result<()> {
        let script = "const done = arguments[arguments.length - 1];
            const pictures = [...document.images];
            for (const picture of pictures) picture.loading = 'eager';
            Promise.allSettled(pictures.map(picture => picture.decode())).then(() => done(true))";
        self.run(script).await?;
        Ok(())
    }

    /// Keeps a picture of the whole page as `<name>.png` in the test output.
    ///
    /// # Errors
    /// When the picture can't be taken or written.
    pub async fn keep(&self, name: &str) -> Result<PathBuf> {
        self.picture(name, true).await
    }

    /// Keeps a picture of what its window shows, with what is fixed in it, as `<name>.png` in the test output.
    ///
    /// # Errors
    /// When the picture can't be taken or written.
    pub async fn keep_window(&self, name: &str) -> Result<PathBuf> {
        self.picture(name, false).await
    }

    async fn picture(&self, name: &str, is_whole: bool) -> Result<PathBuf> {
        let data = match self.kind {
            Kind::Chromium => self.chromium_picture(is_whole).await?,
            Kind::Firefox => self.gecko_picture(is_whole).await?,
        };
        let png = Base64::decode_vec(&data).context("the picture isn't base64")?;
        let folder = self.kind.says("screenshots", "screenshots-firefox");
        let file = environment::output(folder)?.join(format!("{name}.png"));
        std::fs::write(&file, png).with_context(|| format!("can't write {}", file.display()))?;
        Ok(file)
    }

    async fn chromium_picture(&self, is_whole: bool) -> Result<String> {
        let wanted = json!({ "format": "png", "captureBeyondViewport": is_whole });
        let reply = self.cdp("Page.captureScreenshot", wanted).await?;
        let data = reply["data"].as_str();
        data.map(str::to_owned).context("the browser took no picture")
    }
}
