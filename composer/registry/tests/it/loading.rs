//! What loading a version folder accepts.

use std::fs;

use composer_registry::{Encoding, load_app};
use contract::Prefix;
use expect_test::expect;
use http::HeaderValue;

use crate::app::App;

fn problems(app: &App) -> String {
    let error = load_app(&app.path("out"), &Prefix::default()).unwrap_err();
    error.to_string().replace(&app.path("").display().to_string(), "")
}

#[test]
fn a_packed_app_loads_with_addresses_and_integrity() {
    let app = App::new();
    app.pack().unwrap();
    let loaded = load_app(&app.path("out"), &Prefix::default()).unwrap();
    let module = loaded.app.module.as_ref().unwrap();
    assert!(
        module.url.starts_with("/_m/assets/") && module.url.ends_with("/checkout.js"),
        "{}",
        module.url
    );
    assert!(module.integrity.starts_with("sha384-"));
    assert_eq!(
        (
            loaded.app.styles.len(),
            loaded.app.layouts.len(),
            loaded.app.fallbacks.len()
        ),
        (1, 1, 1)
    );
    let script = loaded.assets.iter().find(|asset| asset.file == "checkout.js").unwrap();
    assert_eq!(script.content_type, "text/javascript; charset=utf-8");
    assert_eq!(
        script.choose([&HeaderValue::from_static("gzip")]).0,
        Some(Encoding::Gzip)
    );
}

#[test]
fn changed_and_missing_files_are_all_told() {
    let app = App::new();
    app.pack().unwrap();
    fs::write(app.packed("checkout.css"), "changed").unwrap();
    fs::write(app.packed("checkout.js.gz"), "not gzip").unwrap();
    fs::write(app.packed("checkout.js.br"), "").unwrap();
    fs::remove_file(app.packed("checkout_bg.wasm")).unwrap();
    fs::remove_file(app.packed("cart.html")).unwrap();
    expect![[r#"
        `out` is not a version that can be served:
          `assets/018915ff051a5c4cf58bda6774dd6f78/checkout.css` is not the file that was packed: its hash differs
          `assets/018915ff051a5c4cf58bda6774dd6f78/checkout.css` has 7 bytes, `assets.json` says 13
          `assets/3245b85e38cb98bffcbda44a92a110e2/checkout.js.br` is not a smaller copy that unpacks to `assets/3245b85e38cb98bffcbda44a92a110e2/checkout.js`
          `assets/3245b85e38cb98bffcbda44a92a110e2/checkout.js.gz` is not a smaller copy that unpacks to `assets/3245b85e38cb98bffcbda44a92a110e2/checkout.js`
          `assets/dfc33bad7522bd20ca0310345909bfe9/checkout_bg.wasm` can't be read: No such file or directory (os error 2)
          `fallbacks/cart.html` can't be read: No such file or directory (os error 2)"#]].assert_eq(&problems(&app));
}

#[test]
fn a_list_that_points_elsewhere_is_refused() {
    let app = App::new();
    app.pack().unwrap();
    let list = fs::read_to_string(app.path("out/assets.json")).unwrap();
    fs::write(
        app.path("out/assets.json"),
        list.replacen("\"checkout.css\"", "\"../../../marquetry.toml\"", 1),
    )
    .unwrap();
    expect![[r#"
        `out` is not a version that can be served:
          `assets.json`: asset `../../../marquetry.toml`: `file` must be one path segment of letters, digits, `.`, `-`, `_`
          `checkout.css` is in the manifest's `assets`, but not in `assets.json`"#]].assert_eq(&problems(&app));
}

#[test]
fn what_is_no_version_folder_says_so() {
    let app = App::new();
    expect![[r#"
        `out` is not a version that can be served:
          `assets.json` can't be read: No such file or directory (os error 2)
          `marquetry.toml` can't be read: No such file or directory (os error 2)"#]]
    .assert_eq(&problems(&app));
}
