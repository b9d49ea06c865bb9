//! Manifests, good and bad, as their authors would write them.

use expect_test::{Expect, expect};

use super::*;

const GOOD: &str = r#"
[app]
name = "checkout"
version = "1.0.0"
owner = "Team Checkout"
cookies = ["cart"]

[[pages]]
path = "/checkout/cart"
fragment = "cart"
layout = "explore/shop"

[[fragments]]
name = "cart"
includes = ["explore/recommendations"]
eager = ["explore/recommendations?skus={skus}&count=4"]
params = ["skus"]

[[fragments]]
name = "mini-cart"
deadline_ms = 300
hydrate = "load"
fallback = "fallbacks/mini-cart.html"

[assets]
dir = "dist"
module = "checkout.js"
wasm = "checkout_bg.wasm"
styles = ["checkout.css"]

[events]
publishes = ["checkout:cart-changed"]
"#;

fn check(text: &str, want: Expect) {
    let got = match Manifest::parse("marquetry.toml", text) {
        Ok(_) => "good\n".to_owned(),
        Err(breaches) => breaches.iter().map(|breach| format!("{breach}\n")).collect(),
    };
    want.assert_eq(&got);
}

#[test]
fn a_good_manifest_has_defaults() {
    let manifest = Manifest::parse("marquetry.toml", GOOD).unwrap();
    let mini = manifest.fragment(&"mini-cart".parse().unwrap()).unwrap();
    assert_eq!(mini.path, "/fragments/mini-cart");
    assert_eq!(mini.role, Role::Optional);
    assert_eq!(mini.deadline, Duration::from_millis(300));
    assert_eq!(manifest.pages[0].deadline, Duration::from_secs(5));
    assert!(manifest.pages[0].compress);
    assert_eq!(manifest.app_version().to_string(), "checkout@1.0.0");
    assert_eq!(manifest.release.open_tabs, None);
    let text = [GOOD, "\n[release]\nopen_tabs = \"block\"\n"].concat();
    let manifest = Manifest::parse("marquetry.toml", &text).unwrap();
    assert_eq!(manifest.release.open_tabs, Some(OpenTabs::Block));
}

#[test]
fn a_page_may_be_left_uncompressed() {
    let with = |value: &str| {
        let page = format!("layout = \"explore/shop\"\ncompress = {value}");
        GOOD.replace("layout = \"explore/shop\"", &page)
    };
    let manifest = Manifest::parse("marquetry.toml", &with("false")).unwrap();
    assert!(!manifest.pages[0].compress);
    check(
        &with("\"no\""),
        expect![[r#"
            marquetry.toml:12: `pages[0].compress`: must be `true` or `false`, got string
        "#]],
    );
}

#[test]
fn developers_say_how_their_repository_is_built() {
    let build = "\n[build]\nui = \"checkout-ui\"\nbff = \"cargo run --quiet --package checkout-bff\"\n";
    let manifest = Manifest::parse("marquetry.toml", &format!("{GOOD}{build}")).unwrap();
    assert_eq!(manifest.build.ui.as_deref(), Some("checkout-ui"));
    assert_eq!(
        manifest.build.bff.as_deref(),
        Some("cargo run --quiet --package checkout-bff")
    );
    check(
        &format!("{GOOD}\n[build]\nui = \"--config=evil\"\nbff = \" \"\nrun = 1\n"),
        expect![[r#"
            marquetry.toml:35: `build.ui`: must be the name of a package of letters, digits, `-`, `_`, starting with a letter, got `--config=evil`
            marquetry.toml:36: `build.bff`: must be a command of 1 to 400 characters without line breaks, words separated by spaces, got ` `
            marquetry.toml:37: `build.run`: unknown key; known here: ui, bff
        "#]],
    );
}

#[test]
fn an_eager_slot_is_filled_from_params_or_left_out() {
    let manifest = Manifest::parse("marquetry.toml", GOOD).unwrap();
    let eager = &manifest.fragments[0].eager[0];
    let source = eager.with(&Params::parse("skus=A,B")).unwrap();
    assert_eq!(source.to_string(), "explore/recommendations?count=4&skus=A%2CB");
    assert_eq!(eager.with(&Params::default()), None);
}

#[test]
fn every_breach_is_told_in_one_go() {
    check(
        r#"
[app]
name = "Checkout"
version = "1"
colour = "red"

[[pages]]
path = "/a//b"
fragment = "cart"
layout = "shop"

[[fragments]]
name = "cart"
role = "primary"
deadline_ms = 0
includes = ["mini", 3]

[[fragments]]
hydrate = "soon"
path = "/../x"
params = ["A"]
fallback = "/etc/passwd"

[assets]
module = "a.js"

[nonsense]
"#,
        expect![[r#"
            marquetry.toml:2: `app.owner`: is required
            marquetry.toml:3: `app.name`: `Checkout` must be 1 to 48 of `a-z`, `0-9` and single `-`, starting with a letter and not ending in `-`
            marquetry.toml:4: `app.version`: `1` must be a version like `1.4.2` or `1.4.2-rc.1`: three numbers, then optionally `-` and letters, digits, `.`, `-`
            marquetry.toml:5: `app.colour`: unknown key; known here: name, version, owner, cookies, headers
            marquetry.toml:8: `pages[0].path`: must have segments of letters, digits, `-`, `_`, `.`, `~`, or `{param}`, none empty
            marquetry.toml:10: `pages[0].layout`: `shop` must be a layout like `explore/shop`: an app name, `/`, and a layout name
            marquetry.toml:14: `fragments[0].role`: must be one of essential, optional, got `primary`
            marquetry.toml:15: `fragments[0].deadline_ms`: must be 10 to 60000, got 0
            marquetry.toml:16: `fragments[0].includes[0]`: `mini` must be a fragment like `checkout/mini-cart`: an app name, `/`, and a fragment name
            marquetry.toml:16: `fragments[0].includes[1]`: must be a string, got integer
            marquetry.toml:19: `fragments[1].hydrate`: must be one of load, idle, visible, interaction, none, got `soon`
            marquetry.toml:19: `fragments[1].name`: is required
            marquetry.toml:20: `fragments[1].path`: must be a path like `/fragments/mini-cart`, without query, got `/../x`
            marquetry.toml:21: `fragments[1].params[0]`: must be a param name of `a-z`, `0-9`, `_`, starting with a letter, got `A`
            marquetry.toml:22: `fragments[1].fallback`: must be a file beside the manifest, like `dist/app.css`, without `..`, got `/etc/passwd`
            marquetry.toml:24: `assets.dir`: is required where `module`, `wasm` or `styles` name files in it
            marquetry.toml:27: `nonsense`: unknown key; known here: app, pages, fragments, layouts, assets, events, release, build
        "#]],
    );
}

#[test]
fn rules_between_keys_are_checked_too() {
    check(
        r#"
[app]
name = "checkout"
version = "1.0.0"
owner = "Us"
headers = ["authorization", "cookie"]
cookies = ["cart", "marquetry-user"]

[[pages]]
path = "/p/{id}"
fragment = "cart"
layout = "explore/shop"

[[pages]]
path = "/_m/console"
fragment = "cart"
layout = "explore/shop"

[[pages]]
path = "/q"
fragment = "nowhere"
layout = "explore/shop"

[[fragments]]
name = "cart"
eager = ["explore/header"]

[[fragments]]
name = "cart"

[events]
publishes = ["decide:variant"]
"#,
        expect![[r#"
            marquetry.toml:6: `app.headers[1]`: must be a lower-case header that may be handed on (not `cookie`, `host`, hop-by-hop or `marquetry-…`), got `cookie`
            marquetry.toml:7: `app.cookies[1]`: must be a cookie name of letters, digits, `-`, `_`, and none of the composer's own, `marquetry-…`, got `marquetry-user`
            marquetry.toml:10: `pages[0].path`: `{id}` must be in `params` of fragment `cart`
            marquetry.toml:15: `pages[1].path`: must not begin with `/_m`, where the composer's own addresses are
            marquetry.toml:20: `pages[2].fragment`: must name a fragment of this manifest, there is no `nowhere`
            marquetry.toml:25: `fragments[0].eager`: `explore/header` must be in `includes` too
            marquetry.toml:29: `fragments[1].name`: must be unique, `cart` is already there
            marquetry.toml:32: `events.publishes`: `decide:variant` must begin with the app's own name, `checkout:`
        "#]],
    );
}

#[test]
fn the_console_s_cookies_are_its_own() {
    let app = |name: &str| {
        format!(
            "[app]\nname = \"{name}\"\nversion = \"1.0.0\"\nowner = \"Us\"\ncookies = [\"cart\", \"console-session\"]\n"
        )
    };
    Manifest::parse("marquetry.toml", &app("console")).unwrap();
    check(
        &app("reviews"),
        expect![[r#"
            marquetry.toml:5: `app.cookies`: must have none of the console's own, `console-…`, got `console-session`
        "#]],
    );
}

#[test]
fn what_is_not_toml_names_its_line() {
    check(
        "[app]\nname = \n",
        expect![[r#"
        marquetry.toml:2: not TOML: string values must be quoted, expected literal string
    "#]],
    );
}

#[test]
fn apps_side_by_side_are_checked() {
    let parse = |file: &str, text: &str| Manifest::parse(file, text).unwrap();
    let page = |app: &str, path: &str, layout: &str| {
        format!(
            "[app]\nname = \"{app}\"\nversion = \"1.0.0\"\nowner = \"o\"\n\n[[pages]]\npath = \"{path}\"\nfragment = \"page\"\n\
             layout = \"{layout}\"\n\n[[fragments]]\nname = \"page\"\nparams = [\"c\"]\nincludes = [\"explore/away\", \"gone/away\"]\n"
        )
    };
    let a = parse("a.toml", &page("explore", "/products/{c?}", "explore/shop"));
    let b = parse("b.toml", &page("decide", "/products", "explore/shop"));
    let c = parse("c.toml", &page("decide", "/x", "explore/shop"));
    let breaches = check_together(&[&a, &b, &c]).unwrap_err();
    let text: String = breaches.iter().map(|breach| format!("{breach}\n")).collect();
    expect![[r#"
        a.toml:7: `pages[0].layout`: layout `explore/shop` must be offered by an app that is live
        a.toml:12: `fragments[0].includes`: fragment `explore/away` must be offered by an app that is live
        b.toml:7: `pages[0].layout`: layout `explore/shop` must be offered by an app that is live
        b.toml:7: `pages[0].path`: `/products` is in conflict with `/products/{c?}` (a.toml:7): both match `/products`
        b.toml:12: `fragments[0].includes`: fragment `explore/away` must be offered by an app that is live
        c.toml:2: `app.name`: app `decide` must be given once, it is in b.toml already
        c.toml:7: `pages[0].layout`: layout `explore/shop` must be offered by an app that is live
        c.toml:12: `fragments[0].includes`: fragment `explore/away` must be offered by an app that is live
    "#]]
    .assert_eq(&text);
}

#[test]
fn schemas_belong_to_published_topics() {
    let with = |topic: &str| format!("{GOOD}\n[events.schemas]\n\"{topic}\" = \"schemas/cart-changed.json\"\n");
    let manifest = Manifest::parse("marquetry.toml", &with("checkout:cart-changed")).unwrap();
    let topic = "checkout:cart-changed".parse().unwrap();
    assert_eq!(manifest.events.schemas[&topic], "schemas/cart-changed.json");
    check(
        &with("checkout:paid"),
        expect![[r#"
            marquetry.toml:35: `events.schemas.checkout:paid`: `checkout:paid` must be in `publishes`
        "#]],
    );
}

#[test]
fn a_fragment_sees_no_more_than_its_app() {
    let with = |keys: &str| {
        let app = "[app]\nname = \"shop\"\nversion = \"1.0.0\"\nowner = \"team\"\ncookies = [\"cart\"]\nheaders = [\"user-agent\"]\n";
        format!("{app}\n[[fragments]]\nname = \"tile\"\n{keys}\n")
    };
    check(
        &with("cookies = []\nheaders = [\"user-agent\", \"accept-language\", \"x-forwarded-for\"]"),
        expect![[r#"
            good
        "#]],
    );
    check(
        &with("cookies = [\"cart\", \"session\"]\nheaders = [\"authorization\", \"x-forwarded-host\"]"),
        expect![[r#"
            marquetry.toml:9: `fragments[0].cookies`: `session` must be in `cookies` of `[app]` too
            marquetry.toml:9: `fragments[0].headers`: `authorization` must be in `headers` of `[app]` too, or be one of accept-language, x-forwarded-for
            marquetry.toml:9: `fragments[0].headers`: `x-forwarded-host` must be in `headers` of `[app]` too, or be one of accept-language, x-forwarded-for
        "#]],
    );
    let manifest = Manifest::parse("marquetry.toml", &with("headers = []")).unwrap();
    let fragment = &manifest.fragments[0];
    assert_eq!((&fragment.cookies, &fragment.headers), (&None, &Some(vec![])));
}

#[test]
fn topics_say_who_publishes_them_and_who_hears_them() {
    let events = |text: &str| GOOD.replace("[events]\npublishes = [\"checkout:cart-changed\"]\n", text);
    let good = events(
        r#"
[events]
publishes = ["checkout:cart-changed", "checkout:stock-changed", "checkout:order-sent"]
feed = "/events"
audiences = "/events/audiences"
[events.topics]
"checkout:cart-changed" = { across_tabs = true }
"checkout:stock-changed" = { server = true }
"checkout:order-sent" = { server = true, restricted = true }
"#,
    );
    let manifest = Manifest::parse("marquetry.toml", &good).unwrap();
    let from_server: Vec<&str> = manifest.events.from_server().map(Topic::as_str).collect();
    assert_eq!(from_server, ["checkout:order-sent", "checkout:stock-changed"]);
    assert!(
        manifest
            .events
            .terms(&"checkout:cart-changed".parse().unwrap())
            .across_tabs
    );
    assert!(manifest.events.is_internal("/Events/") && !manifest.events.is_internal("/events/more"));
    check(
        &events(
            r#"
[events]
publishes = ["checkout:a", "checkout:b"]
feed = "/e%76ents"
audiences = "/a//b"
[events.topics]
"checkout:a" = { server = true, restricted = "yes", loud = true }
"checkout:b" = { restricted = true }
"checkout:c" = {}
"#,
        ),
        expect![[r#"
            marquetry.toml:34: `events.feed`: must be a path like `/events`, of letters, digits, `-`, `_`, `.` and single `/`, got `/e%76ents`
            marquetry.toml:35: `events.audiences`: must be a path like `/events`, of letters, digits, `-`, `_`, `.` and single `/`, got `/a//b`
            marquetry.toml:37: `events.topics.checkout:a.loud`: unknown key; known here: server, restricted, across_tabs
            marquetry.toml:37: `events.topics.checkout:a.restricted`: must be `true` or `false`, got string
            marquetry.toml:37: `events.topics.checkout:a.server`: needs a `feed` in `[events]`
            marquetry.toml:38: `events.topics.checkout:b.restricted`: needs `server = true`, and `audiences` in `[events]`
            marquetry.toml:39: `events.topics.checkout:c`: `checkout:c` must be in `publishes`
        "#]],
    );
}
