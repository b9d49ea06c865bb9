//! The table `[pages]`.

use std::{str::FromStr, time::Duration};

use contract::{OpenTabs, toml_keys::Keys};

use super::{
    super::{EarlyHints, Pages},
    Reader,
};

impl Reader<'_, '_> {
    pub(super) fn pages(&mut self, keys: &Keys<'_>) -> Pages {
        let usual = Pages::default();
        let early_hints = keys.parsed(self.source, "early_hints");
        let server_timing = keys.boolean(self.source, "server_timing");
        let open_tabs = keys.parsed(self.source, "open_tabs");
        Pages {
            early_hints: early_hints.unwrap_or(usual.early_hints),
            server_timing: server_timing.unwrap_or(usual.server_timing),
            patience: self.time(keys, "patience_ms", 0..=10_000, usual.patience),
            compress: keys.boolean(self.source, "compress").unwrap_or(usual.compress),
            open_tabs: open_tabs.unwrap_or(usual.open_tabs),
        }
    }
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            early_hints: EarlyHints::Http2,
            server_timing: true,
            patience: Duration::from_millis(25),
            compress: true,
            open_tabs: OpenTabs::default(),
        }
    }
}

impl FromStr for EarlyHints {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            "http2" => Ok(Self::Http2),
            "all" => Ok(Self::All),
            _ => Err(format!("must be `off`, `http2` or `all`, got `{text}`")),
        }
    }
}
