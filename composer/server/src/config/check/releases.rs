//! The tables about releases: by what users are told apart, where instances may run, whether there are overrides, and who may look behind pages.

use std::{path::PathBuf, str::FromStr};

use composer_fetch::{Network, Networks};
use contract::toml_keys::Keys;
use http::HeaderName;

use super::{
    super::{AudienceConfig, GroupCookie, Inspector, Offer},
    Reader,
};

const COHORT_HEADER: HeaderName = HeaderName::from_static("marquetry-cohort");

impl Reader<'_, '_> {
    pub(super) fn audience(&mut self, keys: &Keys<'_>) -> AudienceConfig {
        let Some(keys) = keys.table(self.source, "audience") else {
            return AudienceConfig::default();
        };
        let cohort_header = self.cohort_header(&keys).unwrap_or(COHORT_HEADER);
        let cookie = self.group_cookie(&keys);
        let key_file = self.group_key_file(&keys);
        for (given, missing) in [("group_cookie", "group_key_file"), ("group_key_file", "group_cookie")] {
            if keys.has(given) && !keys.has(missing) {
                keys.breach(self.source, missing, format!("is required beside `{given}`"));
            }
        }
        let group = cookie.zip(key_file);
        AudienceConfig {
            cohort_header,
            group: group.map(|(cookie, key_file)| GroupCookie { cookie, key_file }),
        }
    }

    fn cohort_header(&mut self, keys: &Keys<'_>) -> Option<HeaderName> {
        let text = keys.string(self.source, "cohort_header")?;
        let name = text.parse::<HeaderName>().ok();
        if name.is_none() {
            let rule = format!("must be the name of a header like `marquetry-cohort`, got `{text}`");
            keys.breach(self.source, "cohort_header", rule);
        }
        name
    }

    fn group_cookie(&mut self, keys: &Keys<'_>) -> Option<String> {
        let text = keys.string(self.source, "group_cookie")?;
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if plain && (1..=64).contains(&text.len()) {
            return Some(text.into());
        }
        let rule = format!("must be the name of a cookie, 1 to 64 letters, digits, `-`, `_` or `.`, got `{text}`");
        keys.breach(self.source, "group_cookie", rule);
        None
    }

    fn group_key_file(&mut self, keys: &Keys<'_>) -> Option<PathBuf> {
        let path = self.path(keys, "group_key_file")?;
        if path.is_file() {
            return Some(path);
        }
        keys.breach(self.source, "group_key_file", "must name a file, there is none");
        None
    }

    pub(super) fn overrides(&mut self, keys: &Keys<'_>) -> bool {
        let table = keys.table(self.source, "overrides");
        table
            .and_then(|keys| keys.boolean(self.source, "enabled"))
            .unwrap_or(false)
    }

    /// Where developers are alone it is there for each of them.
    pub(super) fn inspector(&mut self, keys: &Keys<'_>) -> Inspector {
        let table = keys.table(self.source, "inspector");
        let development = table
            .as_ref()
            .and_then(|keys| keys.boolean(self.source, "development"))
            .unwrap_or(false);
        let offer = table.and_then(|keys| keys.parsed(self.source, "offer"));
        let usual = if development { Offer::On } else { Offer::Overrides };
        Inspector {
            offer: offer.unwrap_or(usual),
            development,
        }
    }

    pub(super) fn networks(&mut self, keys: &Keys<'_>) -> Networks {
        let Some(keys) = keys.table(self.source, "instances").filter(|keys| keys.has("networks")) else {
            return Networks::loopback();
        };
        let known = self.source.breaches.len();
        let networks: Vec<Network> = keys.list(self.source, "networks");
        if networks.is_empty() && self.source.breaches.len() == known {
            keys.breach(
                self.source,
                "networks",
                "must name at least one network like `10.0.0.0/8`",
            );
        }
        networks.into_iter().collect()
    }
}

impl FromStr for Offer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            "overrides" => Ok(Self::Overrides),
            "on" => Ok(Self::On),
            _ => Err(format!("must be `off`, `overrides` or `on`, got `{text}`")),
        }
    }
}

impl Default for AudienceConfig {
    fn default() -> Self {
        Self {
            cohort_header: COHORT_HEADER,
            group: None,
        }
    }
}
