//! What another configuration changes, and which of it has to wait for the next start.

use super::Reloaded;
use crate::config::{Config, Limits};

/// The configuration that holds from now on: `new`, but for what can't change while the composer runs.
pub(super) fn lay_over(old: &Config, new: Config) -> (Config, Reloaded) {
    let named = |pairs: &[(&'static str, bool)]| {
        let differing = pairs.iter().filter(|(_, differs)| *differs);
        differing.map(|(key, _)| *key).collect::<Vec<_>>()
    };
    let needs_restart = named(&[
        ("listen", old.listen != new.listen),
        ("admin_listen", old.admin_listen != new.admin_listen),
        ("prefix", old.prefix != new.prefix),
        ("shell_dir", old.shell_dir != new.shell_dir),
        ("threads", old.threads != new.threads),
        ("data_dir", old.data_dir != new.data_dir),
        ("overrides", old.overrides != new.overrides),
        ("inspector", old.inspector != new.inspector),
        ("limits.asset_bytes", old.limits.asset_bytes != new.limits.asset_bytes),
        ("fetch", waits(&old.fetch, &new.fetch)),
        ("cache", old.fetch.cache_bytes != new.fetch.cache_bytes),
    ]);
    let same_kind = old.data_dir.is_some() == new.data_dir.is_some();
    let held = Config {
        listen: old.listen,
        admin_listen: old.admin_listen,
        prefix: old.prefix.clone(),
        shell_dir: old.shell_dir.clone(),
        threads: old.threads,
        data_dir: old.data_dir.clone(),
        overrides: old.overrides,
        inspector: old.inspector,
        limits: Limits {
            asset_bytes: old.limits.asset_bytes,
            ..new.limits
        },
        fetch: old.fetch.clone(),
        apps: if same_kind { new.apps } else { old.apps.clone() },
        ..new
    };
    let changed = named(&[
        ("hosts", old.hosts != held.hosts),
        ("static_dir", old.static_dir != held.static_dir),
        ("log", old.log != held.log),
        ("admin_hosts", old.admin_hosts != held.admin_hosts),
        ("audience", old.audience != held.audience),
        ("instances", old.networks != held.networks),
        ("tls", old.tls != held.tls),
        ("limits", old.limits != held.limits),
        ("pages", old.pages != held.pages),
        ("apps", old.apps != held.apps),
    ]);
    (held, Reloaded { changed, needs_restart })
}

fn waits(old: &composer_fetch::Config, new: &composer_fetch::Config) -> bool {
    let new = composer_fetch::Config {
        cache_bytes: old.cache_bytes,
        ..new.clone()
    };
    *old != new
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn config(text: &str) -> Config {
        Config::parse(Path::new("composer.toml"), text).unwrap()
    }

    #[test]
    fn what_cannot_change_stays_and_is_told() {
        let old = config("hosts = [\"a.example\"]\nlisten = \"127.0.0.1:1\"");
        let text = "hosts = [\"b.example\"]\nlisten = \"127.0.0.1:2\"\nthreads = 77\nlog = \"warn\"\n\
                    [limits]\nrequests = 5\nasset_bytes = 2097152\n[fetch]\nconnect_ms = 77\n[cache]\nbytes = 9";
        let (held, told) = lay_over(&old, config(text));
        assert_eq!(told.changed, ["hosts", "log", "limits"]);
        assert_eq!(
            told.needs_restart,
            ["listen", "threads", "limits.asset_bytes", "fetch", "cache"]
        );
        assert_eq!((held.listen, held.threads), (old.listen, old.threads));
        assert_eq!(held.limits.requests, 5);
        assert_eq!(held.limits.asset_bytes, old.limits.asset_bytes);
        assert_eq!(held.fetch, old.fetch);
        let (_, told) = lay_over(&held, held.clone());
        assert_eq!(told, Reloaded::default());
    }

    #[test]
    fn another_kind_of_apps_waits_for_the_next_start() {
        let old = config("[[apps]]\ndir = \"x\"\norigins = [\"http://127.0.0.1:1\"]");
        let (held, told) = lay_over(&old, config("data_dir = \"data\""));
        assert_eq!((told.changed, told.needs_restart), (vec![], vec!["data_dir"]));
        assert_eq!(held.apps, old.apps);
    }
}
