//! What packing makes, and refuses.

use std::fs;

use composer_registry::{PackError, pack_platform};
use expect_test::expect;

use crate::app::{App, MANIFEST};

#[test]
fn a_version_folder_holds_everything_under_its_digest() {
    let app = App::new();
    let packed = app.pack().unwrap();
    assert_eq!(packed.app.unwrap().to_string(), "checkout@1.0.0");
    assert!(packed.changed);
    expect![[r#"
        out/assets.json
        out/assets/018915ff051a5c4cf58bda6774dd6f78/checkout.css
        out/assets/3245b85e38cb98bffcbda44a92a110e2/checkout.js
        out/assets/3245b85e38cb98bffcbda44a92a110e2/checkout.js.br
        out/assets/3245b85e38cb98bffcbda44a92a110e2/checkout.js.gz
        out/assets/3245b85e38cb98bffcbda44a92a110e2/checkout.js.zst
        out/assets/dfc33bad7522bd20ca0310345909bfe9/checkout_bg.wasm
        out/assets/dfc33bad7522bd20ca0310345909bfe9/checkout_bg.wasm.br
        out/assets/dfc33bad7522bd20ca0310345909bfe9/checkout_bg.wasm.gz
        out/assets/dfc33bad7522bd20ca0310345909bfe9/checkout_bg.wasm.zst
        out/fallbacks/cart.html
        out/layouts/plain.html
        out/marquetry.toml
    "#]]
    .assert_eq(&app.listing());
    let sizes: Vec<_> = packed
        .files
        .iter()
        .map(|file| (file.file.as_str(), file.raw_bytes, file.br_bytes.is_some()))
        .collect();
    assert_eq!(
        sizes,
        [
            ("checkout.css", 13, false),
            ("checkout.js", 850, true),
            ("checkout_bg.wasm", 200, true)
        ]
    );
}

#[test]
fn the_list_says_what_each_asset_is() {
    let app = App::new();
    app.pack().unwrap();
    expect![[r#"
        [
          {
            "file": "checkout.css",
            "digest": "018915ff051a5c4cf58bda6774dd6f78",
            "integrity": "sha384-Ns8gfQWv/GndJuXxcPflbtuqTb6u+IL/4HxggPS8IWo87xRzbw1nCLKPaYPIg6Z+",
            "content_type": "text/css; charset=utf-8",
            "bytes": 13,
            "encodings": []
          },
          {
            "file": "checkout.js",
            "digest": "3245b85e38cb98bffcbda44a92a110e2",
            "integrity": "sha384-wIDKlujhVAM+LLaMy+8o2iclicVEVYQbuXy/9auOStj/YK2yAudsONBDy7x9w987",
            "content_type": "text/javascript; charset=utf-8",
            "bytes": 850,
            "encodings": [
              "br",
              "zstd",
              "gzip"
            ]
          },
          {
            "file": "checkout_bg.wasm",
            "digest": "dfc33bad7522bd20ca0310345909bfe9",
            "integrity": "sha384-bCaZSqyepijeQWZj8PV4FyhnW6DBIx66AO4hKn0JPM9qpc4E5JsO/dFt51tnc4rH",
            "content_type": "application/wasm",
            "bytes": 200,
            "encodings": [
              "br",
              "zstd",
              "gzip"
            ]
          }
        ]
    "#]]
    .assert_eq(&fs::read_to_string(app.path("out/assets.json")).unwrap());
}

#[test]
fn the_same_input_gives_the_same_bytes_and_is_not_written_again() {
    let (one, two) = (App::new(), App::new());
    one.pack().unwrap();
    two.pack().unwrap();
    assert_eq!(one.contents(), two.contents());
    let written = fs::metadata(one.path("out")).unwrap().modified().unwrap();
    assert!(!one.pack().unwrap().changed);
    assert_eq!(fs::metadata(one.path("out")).unwrap().modified().unwrap(), written);
}

#[test]
fn other_bytes_replace_the_folder_and_nothing_stays_of_the_old_one() {
    let app = App::new();
    app.pack().unwrap();
    app.write("built/checkout.css", ".b{color:blue}");
    assert!(app.pack().unwrap().changed);
    let beside: Vec<_> = fs::read_dir(app.path("."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(beside.len(), 3, "{beside:?}");
    assert_eq!(app.listing().matches("checkout.css").count(), 1);
}

#[test]
fn all_that_is_missing_is_told_in_one_go() {
    let app = App::new();
    for file in [
        "source/layouts/plain.html",
        "source/fallbacks/cart.html",
        "built/checkout.js",
        "built/checkout.css",
    ] {
        fs::remove_file(app.path(file)).unwrap();
    }
    let error = app
        .pack()
        .unwrap_err()
        .to_string()
        .replace(&app.path("").display().to_string(), "");
    expect![[r#"
        source/marquetry.toml:14: `layouts[0].template`: `layouts/plain.html` must be a file beside the manifest
        source/marquetry.toml:18: `fragments[0].fallback`: `fallbacks/cart.html` must be a file beside the manifest
        source/marquetry.toml:23: `assets.module`: `checkout.js` must be in the assets folder
        source/marquetry.toml:25: `assets.styles`: `checkout.css` must be in the assets folder"#]]
    .assert_eq(&error);
    assert!(!app.path("out").exists());
}

#[test]
fn a_layout_that_pages_cannot_use_is_refused() {
    let app = App::new();
    app.write(
        "source/layouts/plain.html",
        "<!doctype html><html><head></head><body><fragment-slot src=\"explore/header\"></fragment-slot></body></html>",
    );
    let error = app
        .pack()
        .unwrap_err()
        .to_string()
        .replace(&app.path("").display().to_string(), "");
    expect![[r#"
        source/marquetry.toml:14: `layouts[0].template`: `layouts/plain.html`: must have exactly one `<fragment-slot src="page">`, got 0
        source/marquetry.toml:14: `layouts[0].template`: `layouts/plain.html`: slot `explore/header` must be in the layout's `includes`"#]].assert_eq(&error);
}

#[test]
fn a_module_beyond_its_budget_is_refused() {
    let app = App::new();
    app.write(
        "source/marquetry.toml",
        &MANIFEST.replace("budget_bytes = 2000", "budget_bytes = 20"),
    );
    let error = app.pack().unwrap_err().to_string();
    assert!(
        error.contains("`assets.budget_bytes`: module and WASM must have at most 20 bytes with brotli, they have "),
        "{error}"
    );
}

#[test]
fn names_that_are_no_address_and_folders_of_somebody_else_are_refused() {
    let app = App::new();
    app.write("built/snippets/a.js", "");
    assert!(matches!(app.pack(), Err(PackError::Name { .. })));
    fs::remove_dir_all(app.path("built/snippets")).unwrap();
    app.write("out/thesis.txt", "ten years of work");
    assert!(matches!(app.pack(), Err(PackError::Foreign { .. })));
    assert!(app.path("out/thesis.txt").exists());
}

#[test]
fn the_platform_is_packed_without_a_manifest() {
    let app = App::new();
    app.write("shell/loader.js", "export {}");
    let packed = pack_platform(&app.path("shell"), &app.path("out")).unwrap();
    assert_eq!((packed.app, packed.files.len()), (None, 1));
    assert!(app.path("out/assets.json").exists() && !app.path("out/marquetry.toml").exists());
}
