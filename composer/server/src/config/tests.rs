//! What a configuration may say, and how its breaches are told.

use std::path::Path;

use super::*;

fn parse(text: &str) -> Result<Config, Vec<String>> {
    Config::parse(Path::new("composer.toml"), text)
        .map_err(|breaches| breaches.iter().map(ToString::to_string).collect())
}

#[test]
fn an_empty_file_is_a_whole_configuration() {
    let config = parse("").unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.prefix.as_str(), "/_m");
    assert_eq!(config.limits, Limits::default());
}

#[test]
fn every_breach_is_told_in_one_go() {
    let text = r#"
listen = "nowhere"
prefix = "/a/b"
hosts = ["shop.example", "a,b"]
static_dir = "no/such/folder"
colour = "red"
log = "info,=,"
[limits]
head_ms = 1
idle_ms = "long"
[[apps]]
origins = ["ftp://x", "http://127.0.0.1:1/path"]
[[apps]]
dir = "dist/apps/explore"
"#;
    let expected = [
        "composer.toml:2: `listen`: must be an address and a port like `127.0.0.1:8080`, got `nowhere`",
        "composer.toml:3: `prefix`: must be one path segment, `/` and then letters, digits, `-` or `_`, got `/a/b`",
        "composer.toml:4: `hosts[1]`: must be a host like `shop.example` or `127.0.0.1:8080`, got `a,b`",
        "composer.toml:5: `static_dir`: must name a folder, there is none at `no/such/folder`",
        "composer.toml:6: `colour`: unknown key; known here: listen, admin_listen, prefix, hosts, static_dir, \
         shell_dir, threads, log, tls, limits, fetch, cache, pages, apps, data_dir, admin_hosts, audience, overrides, inspector, instances",
        "composer.toml:7: `log`: must be a level or a filter like `info,composer_fetch=debug`, got `info,=,`",
        "composer.toml:9: `limits.head_ms`: must be 50 to 60000, got 1",
        "composer.toml:10: `limits.idle_ms`: must be a whole number, got string",
        "composer.toml:12: `apps[0].dir`: is required",
        "composer.toml:12: `apps[0].origins[0]`: `ftp://x` must be an origin like `http://127.0.0.1:4103`: `http`, a \
         host, optionally a port, and no path",
        "composer.toml:12: `apps[0].origins[1]`: `http://127.0.0.1:1/path` must be an origin like \
         `http://127.0.0.1:4103`: `http`, a host, optionally a port, and no path",
        "composer.toml:14: `apps[1].origins`: is required: where the app's BFF listens, one or more",
    ];
    assert_eq!(parse(text).unwrap_err(), expected);
}

#[test]
fn what_is_told_of_pages_is_checked() {
    let config = parse("[pages]\nearly_hints = \"all\"\nserver_timing = false").unwrap();
    assert_eq!(
        config.pages,
        Pages {
            early_hints: EarlyHints::All,
            server_timing: false,
            ..Pages::default()
        }
    );
    let breaches = parse("[pages]\nearly_hints = \"on\"").unwrap_err();
    let expected = "composer.toml:2: `pages.early_hints`: must be `off`, `http2` or `all`, got `on`";
    assert_eq!(breaches, [expected]);
}

#[test]
fn the_tables_about_releases_are_checked() {
    let text = r#"
data_dir = "data"
admin_hosts = ["a,b"]
[audience]
cohort_header = "no header"
group_cookie = "a;b"
[overrides]
enabled = "yes"
[instances]
networks = ["10.0.0.1/8"]
[[apps]]
dir = "x"
origins = ["http://127.0.0.1:1"]
"#;
    let expected = [
        "composer.toml:3: `admin_hosts[0]`: must be a host like `shop.example` or `127.0.0.1:8080`, got `a,b`",
        "composer.toml:4: `audience.group_key_file`: is required beside `group_cookie`",
        "composer.toml:5: `audience.cohort_header`: must be the name of a header like `marquetry-cohort`, got `no header`",
        "composer.toml:6: `audience.group_cookie`: must be the name of a cookie, 1 to 64 letters, digits, `-`, `_` or \
         `.`, got `a;b`",
        "composer.toml:8: `overrides.enabled`: must be `true` or `false`, got string",
        "composer.toml:10: `instances.networks[0]`: `10.0.0.1/8` has bits set beyond its prefix: write `10.0.0.0/8`",
        "composer.toml:11: `apps`: must not stand beside `data_dir`: apps are fixed, or published and released",
    ];
    assert_eq!(parse(text).unwrap_err(), expected);
}

#[test]
fn releases_need_a_data_dir_only() {
    let config = parse("data_dir = \"data\"").unwrap();
    assert_eq!(config.data_dir.as_deref(), Some(Path::new("data")));
    assert_eq!(config.audience, AudienceConfig::default());
    assert_eq!(config.networks, Networks::loopback());
    assert!(!config.overrides);
    for host in ["localhost", "127.0.0.1:8081", "[::1]:9"] {
        assert!(config.is_admin_host(host), "{host}");
    }
    assert!(!config.is_admin_host("shop.example"));
    let config = parse("data_dir = \"data\"\nadmin_hosts = [\"admin.example\"]").unwrap();
    assert!(config.is_admin_host("admin.example:8081") && !config.is_admin_host("localhost"));
}

#[test]
fn the_inspector_is_for_overrides_unless_developers_are_alone() {
    let inspector = |text: &str| parse(text).unwrap().inspector;
    let usual = inspector("");
    assert_eq!((usual.offer, usual.development), (Offer::Overrides, false));
    assert_eq!(inspector("[inspector]\ndevelopment = true").offer, Offer::On);
    assert_eq!(
        inspector("[inspector]\ndevelopment = true\noffer = \"off\"").offer,
        Offer::Off
    );
    let breaches = parse("[inspector]\noffer = \"yes\"").unwrap_err();
    let expected = "composer.toml:2: `inspector.offer`: must be `off`, `overrides` or `on`, got `yes`";
    assert_eq!(breaches, [expected]);
}

#[test]
fn a_host_without_port_covers_every_port() {
    let host: Host = "Shop.Example".parse().unwrap();
    assert!(host.covers("shop.example") && host.covers("shop.example:8443"));
    assert!(!host.covers("www.shop.example"));
    let exact: Host = "[::1]:8080".parse().unwrap();
    assert!(exact.covers("[::1]:8080") && !exact.covers("[::1]:9090") && !exact.covers("[::1]"));
}

#[test]
fn every_key_is_documented() {
    let docs = include_str!("../../../../docs/configuration.md");
    for (table, keys) in KEYS {
        let heading = match *table {
            "" => "## At the top",
            "apps" => "## `[[apps]]`",
            name => &format!("## `[{name}]`"),
        };
        let (_, section) = docs
            .split_once(heading)
            .unwrap_or_else(|| panic!("docs/configuration.md has no `{heading}`"));
        let section = section.split("\n## ").next().unwrap_or_default();
        let tables = KEYS.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        for key in keys.iter().filter(|key| !(table.is_empty() && tables.contains(*key))) {
            assert!(
                section.contains(&format!("| `{key}` |")),
                "docs/configuration.md, `{heading}`, has no `{key}`"
            );
        }
    }
}
