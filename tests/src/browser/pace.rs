//! Slow processors and slow networks.

use anyhow::Result;
use serde_json::json;

use super::Browser;

impl Browser {
    /// Makes the processor `times` slower for pages.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn slow_processor(&self, times: u32) -> Result<()> {
        self.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": times }))
            .await?;
        Ok(())
    }

    /// Makes the network that of a phone in a train: 150 ms there and back, 200 kB/s down, 90 kB/s up.
    ///
    /// # Errors
    /// When the browser doesn't answer.
    pub async fn slow_network(&self) -> Result<()> {
        self.cdp("Network.enable", json!({})).await?;
        let network = json!({
            "offline": false,
            "latency": 150,
            "downloadThroughput": 200_000,
            "uploadThroughput": 90_000,
        });
        self.cdp("Network.emulateNetworkConditions", network).await?;
        Ok(())
    }
}
