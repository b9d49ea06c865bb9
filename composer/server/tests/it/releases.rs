//! Releases under requests, and tabs that stay on what they were made of.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
};

use serde_json::json;

use crate::{
    admin_platform::Platform,
    support::{PATIENCE, config},
    visits::{ask, get, lock, publish, stamp, stamped},
};

#[tokio::test(flavor = "multi_thread")]
async fn releases_are_seen_at_once_and_no_page_mixes_versions() {
    let platform = Platform::start().await;
    platform.team("shop-team", &["shop"]).await;
    let mut bffs = vec![];
    for version in 0..12 {
        bffs.push(publish(&platform, "shop", &format!("1.{version}.0")).await);
    }
    platform.release(&["shop@1.0.0"]).await;
    let (stop, pages) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let visitors = (0..4).map(|_| {
        let (public, stop, pages) = (platform.running.public, Arc::clone(&stop), Arc::clone(&pages));
        tokio::spawn(async move {
            while !stop.load(Relaxed) {
                stamp(&ask(public, "GET /shop", &[], "").await);
                pages.fetch_add(1, Relaxed);
            }
        })
    });
    let visitors: Vec<_> = visitors.collect();
    for version in 1..12 {
        let name = format!("shop@1.{version}.0");
        platform.release(&[&name]).await;
        assert_eq!(stamp(&get(&platform, "/shop", &[]).await), name);
    }
    let enough = pages.load(Relaxed) + 40;
    let waited = tokio::time::timeout(PATIENCE, async {
        while pages.load(Relaxed) < enough && visitors.iter().all(|visitor| !visitor.is_finished()) {
            tokio::task::yield_now().await;
        }
    });
    waited.await.unwrap();
    stop.store(true, Relaxed);
    for visitor in visitors {
        visitor.await.expect("every page is whole and of one version");
    }
}

#[tokio::test]
async fn a_tab_stays_on_its_versions_as_long_as_they_have_instances() {
    let platform = Platform::start().await;
    platform.team("shop-team", &["shop"]).await;
    let (_one, lease) = publish(&platform, "shop", "1.0.0").await;
    platform.release(&["shop@1.0.0"]).await;
    let tab = [lock(&platform, "/shop").await];
    let first = get(&platform, "/shop", &tab).await;
    assert_eq!(
        (stamp(&first).as_str(), first.header("marquetry-composition-state")),
        ("shop@1.0.0", Some("current"))
    );
    assert_eq!(
        get(&platform, "/shop", &[]).await.header("marquetry-composition-state"),
        None
    );
    let (_two, new_lease) = publish(&platform, "shop", "2.0.0").await;
    platform.release(&["shop@2.0.0"]).await;
    let later = get(&platform, "/shop", &tab).await;
    assert_eq!(
        (stamp(&later).as_str(), later.header("marquetry-composition-state")),
        ("shop@1.0.0", Some("behind"))
    );
    let fragment = get(&platform, "/_m/fragment/shop/part", &tab).await;
    assert!(fragment.body.contains("stamp:shop@1.0.0"), "{fragment:?}");
    assert_eq!(fragment.header("marquetry-composition-state"), Some("behind"));
    assert_eq!(stamp(&get(&platform, "/shop", &[]).await), "shop@2.0.0");
    let made_up = ["marquetry-composition: made-up".to_owned()];
    assert_eq!(stamp(&get(&platform, "/shop", &made_up).await), "shop@2.0.0");
    for version in ["1.0.0", "2.0.0"] {
        let api = get(&platform, &format!("/_m/app/shop@{version}/api"), &[]).await;
        assert!(api.body.ends_with(&format!("shop@{version}")), "{api:?}");
    }
    platform.delete(&format!("/v1/instances/{lease}")).await.expect(204);
    let gone = get(&platform, "/shop", &tab).await;
    assert_eq!(
        (gone.status, gone.header("marquetry-gone")),
        (409, Some("shop@1.0.0")),
        "{gone:?}"
    );
    assert!(gone.body.contains("/_m/problems/version-gone"), "{gone:?}");
    assert_eq!(get(&platform, "/_m/fragment/shop/part", &tab).await.status, 409);
    platform.delete(&format!("/v1/instances/{new_lease}")).await.expect(204);
    let live = get(&platform, "/_m/app/shop@2.0.0/api", &[]).await;
    assert_eq!(
        (live.status, live.header("marquetry-gone")),
        (503, None),
        "it is live, so it may come back"
    );
}

#[tokio::test]
async fn a_version_that_ended_says_so_to_scripts_and_to_people() {
    let platform = Platform::start().await;
    platform.team("shop-team", &["shop"]).await;
    let (_one, lease) = publish(&platform, "shop", "1.0.0").await;
    let (_two, _) = publish(&platform, "shop", "2.0.0").await;
    platform.release(&["shop@2.0.0"]).await;
    platform.delete(&format!("/v1/instances/{lease}")).await.expect(204);
    let path = "/_m/app/shop@1.0.0/cart";
    let script = ask(platform.running.public, &format!("HEAD {path}"), &[], "").await;
    assert_eq!(
        (script.status, script.header("marquetry-gone")),
        (410, Some("shop@1.0.0"))
    );
    let form = [
        "accept: text/html,*/*".to_owned(),
        "sec-fetch-mode: navigate".to_owned(),
        "sec-fetch-site: same-origin".to_owned(),
        "referer: http://localhost/shop?a=1&b=2".to_owned(),
    ];
    let person = ask(platform.running.public, &format!("POST {path}"), &form, "a=1").await;
    assert_eq!(
        (person.status, person.header("marquetry-gone")),
        (410, Some("shop@1.0.0"))
    );
    assert!(
        person.body.contains("<h1>A new version is here</h1>")
            && person
                .body
                .contains("<a href=\"/shop?a=1&amp;b=2\">Load the page anew</a>"),
        "{}",
        person.body
    );
    for (path, status) in [
        ("/_m/app/shop@3.0.0/", 404),
        ("/_m/app/cart@1.0.0/", 404),
        ("/_m/app/shop/", 404),
    ] {
        assert_eq!(get(&platform, path, &[]).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn a_given_origin_that_is_dead_ends_a_version_that_is_not_live() {
    let platform = Platform::start().await;
    platform.team("shop-team", &["shop"]).await;
    let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", dead.local_addr().unwrap());
    drop(dead);
    platform
        .publish(&crate::admin_platform::manifest("shop", "1.0.0"))
        .await;
    platform
        .put("/v1/apps/shop/versions/1.0.0/origins", json!({ "origins": [origin] }))
        .await
        .expect(200);
    let (_two, _) = publish(&platform, "shop", "2.0.0").await;
    platform.release(&["shop@2.0.0"]).await;
    let tab = [lock(&platform, "/shop").await];
    let gone = get(&platform, "/_m/app/shop@1.0.0/api", &[]).await;
    assert_eq!((gone.status, gone.header("marquetry-gone")), (410, Some("shop@1.0.0")));
    assert_eq!(get(&platform, "/_m/app/shop@2.0.0/api", &tab).await.status, 200);
}

#[tokio::test]
async fn what_is_announced_before_it_is_published_is_reached_once_it_is() {
    let platform = Platform::start().await;
    platform.team("shop-team", &["shop"]).await;
    let bff = stamped("shop", "1.0.0").await;
    platform.announce("shop@1.0.0", &bff.origin()).await;
    assert_eq!(get(&platform, "/_m/app/shop@1.0.0/api", &[]).await.status, 404);
    platform
        .publish(&crate::admin_platform::manifest("shop", "1.0.0"))
        .await;
    assert_eq!(get(&platform, "/_m/app/shop@1.0.0/api", &[]).await.status, 200);
}

#[tokio::test]
async fn a_restart_knows_instances_and_tabs_of_before() {
    let mut platform = Platform::start().await;
    platform.team("shop-team", &["shop"]).await;
    let (_one, _) = publish(&platform, "shop", "1.0.0").await;
    platform.release(&["shop@1.0.0"]).await;
    let tab = [lock(&platform, "/shop").await];
    let data = platform.folder.path().join("data");
    let known = tokio::time::timeout(PATIENCE, async {
        while std::fs::read_to_string(data.join("instances.json")).is_err() {
            tokio::task::yield_now().await;
        }
    });
    known.await.unwrap();
    let again = composer_server::start(config(platform.folder.path(), "data_dir = \"data\"\n"))
        .await
        .unwrap();
    std::mem::replace(&mut platform.running, again).drain().await;
    let page = get(&platform, "/shop", &tab).await;
    assert_eq!(
        (stamp(&page).as_str(), page.header("marquetry-composition-state")),
        ("shop@1.0.0", Some("current"))
    );
}

#[tokio::test]
async fn the_console_is_served_where_no_other_app_is() {
    let platform = Platform::start().await;
    platform.team("platform-team", &["console"]).await;
    let text = crate::admin_platform::manifest("console", "1.0.0");
    let text = text.replace("path = \"/console\"", "path = \"/_m/console/{view?}\"");
    let text = text.replace("name = \"main\"\n", "name = \"main\"\nparams = [\"view\"]\n");
    platform.publish(&text).await;
    let console = stamped("console", "1.0.0").await;
    platform.announce("console@1.0.0", &console.origin()).await;
    for path in ["/_m/console", "/_m/console/apps"] {
        assert_eq!(
            get(&platform, path, &[]).await.status,
            404,
            "{path} before there is a console"
        );
    }
    platform.release(&["console@1.0.0"]).await;
    for path in ["/_m/console", "/_m/console/apps"] {
        assert_eq!(stamp(&get(&platform, path, &[]).await), "console@1.0.0", "{path}");
    }
    assert_eq!(get(&platform, "/_m/consoles", &[]).await.status, 404);
    assert_eq!(get(&platform, "/_m/other", &[]).await.status, 404);
}

#[tokio::test]
async fn a_page_carries_its_composition() {
    let folder = tempfile::TempDir::new().unwrap();
    let source = folder.path().join("source");
    std::fs::create_dir(&source).unwrap();
    std::fs::write(source.join("loader.js"), "1;").unwrap();
    let out = folder.path().join("out");
    composer_registry::pack_platform(&source, &out).unwrap();
    let platform = Platform::with(&format!("shell_dir = {out:?}\n")).await;
    platform.team("shop-team", &["shop"]).await;
    let (_one, _) = publish(&platform, "shop", "1.0.0").await;
    platform.release(&["shop@1.0.0"]).await;
    let page = get(&platform, "/shop", &[]).await;
    let carried = |body: &str| {
        let rest = body
            .split("data-composition=\"")
            .nth(1)
            .expect("the loader's tag carries it")
            .to_owned();
        rest.split('"').next().unwrap().to_owned()
    };
    let tab = [format!("marquetry-composition: {}", carried(&page.body))];
    let again = get(&platform, "/shop", &tab).await;
    assert_eq!(again.header("marquetry-composition-state"), Some("current"));
    assert_eq!(carried(&again.body), carried(&page.body), "one text an hour");
    let status = platform.get("/v1/status").await.expect(200);
    assert_eq!(status["apps"][0]["stable"], json!("1.0.0"));
}
