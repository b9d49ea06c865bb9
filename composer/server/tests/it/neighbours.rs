//! Calls that decide by what another composer on the same ledger did a moment ago.

use std::sync::Arc;

use composer_ledger::{Act, Actor, AppendError, Ledger, SqliteStore};
use serde_json::json;

use crate::admin_platform::{Platform, manifest};

/// Another process on the platform's ledger.
struct Neighbour(Ledger);

impl Neighbour {
    async fn of(platform: &Platform) -> Self {
        let folder = platform.folder.path().join("data");
        let store = Arc::new(SqliteStore::new(folder.join("ledger.db")));
        Self(Ledger::open(store, &folder).await.unwrap())
    }

    async fn does(&self, act: Act) {
        loop {
            self.0.refresh().await;
            let seen = self.0.state().revision();
            match self.0.append(seen, Actor::new("neighbour"), act.clone(), None).await {
                Ok(_) => return,
                Err(AppendError::Conflict { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    async fn sets_team(&self, networks: &[&str]) {
        let networks = networks.iter().map(|network| (*network).to_owned()).collect();
        let act = Act::TeamSet {
            team: "shop-team".parse().unwrap(),
            apps: vec!["shop".parse().unwrap()],
            networks,
        };
        self.does(act).await;
    }
}

#[tokio::test]
async fn the_last_token_stays_when_another_was_revoked_elsewhere() {
    let platform = Platform::start().await;
    let neighbour = Neighbour::of(&platform).await;
    let own = platform.get("/v1/whoami").await.expect(200)["id"].clone();
    let body = json!({ "name": "ops", "actions": ["admin"] });
    let issued = platform.post("/v1/tokens", body).await.expect(201);
    let id = issued["token"]["id"].as_str().unwrap().parse().unwrap();
    neighbour.does(Act::TokenRevoked { id }).await;
    let path = format!("/v1/tokens/{}", own.as_str().unwrap());
    let detail = platform.delete(&path).await.problem(422);
    assert!(detail.contains("the last that can issue others"), "{detail}");
}

#[tokio::test]
async fn of_two_last_tokens_that_revoke_each_other_one_stays() {
    let platform = Platform::start().await;
    for _ in 0..4 {
        let body = json!({ "name": "ops", "actions": ["admin"] });
        let issued = platform.post("/v1/tokens", body).await.expect(201);
        let (other, secret) = (issued["token"]["id"].clone(), issued["secret"].clone());
        let own = platform.get("/v1/whoami").await.expect(200)["id"].clone();
        let paths = [other, own].map(|id| format!("/v1/tokens/{}", id.as_str().unwrap()));
        let (one, two) = tokio::join!(
            platform.delete(&paths[0]),
            platform.call(secret.as_str().unwrap(), "DELETE", &paths[1], None),
        );
        let revoked = [&one, &two].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(revoked, 1, "{one:?} {two:?}");
        if two.status == 200 {
            // The one that is left is the other's.
            return;
        }
    }
}

#[tokio::test]
async fn a_team_that_was_made_elsewhere_has_its_app_at_once() {
    let platform = Platform::start().await;
    let neighbour = Neighbour::of(&platform).await;
    let purge = json!({ "app": "shop" });
    platform.post("/v1/purge", purge.clone()).await.problem(404);
    neighbour.sets_team(&[]).await;
    platform.post("/v1/purge", purge).await.expect(200);
}

#[tokio::test]
async fn origins_go_by_the_networks_that_were_set_elsewhere() {
    let platform = Platform::start().await;
    let neighbour = Neighbour::of(&platform).await;
    platform.team("shop-team", &["shop"]).await;
    platform.publish(&manifest("shop", "1.0.0")).await;
    let path = "/v1/apps/shop/versions/1.0.0/origins";
    neighbour.sets_team(&["10.1.0.0/16"]).await;
    let refused = platform
        .put(path, json!({ "origins": ["http://127.0.0.1:9"] }))
        .await
        .expect(422);
    assert_eq!(refused["findings"][0]["rule"], "origin", "{refused:#}");
    neighbour.sets_team(&["10.2.0.0/16"]).await;
    platform
        .put(path, json!({ "origins": ["http://10.2.0.1:9"] }))
        .await
        .expect(200);
}
