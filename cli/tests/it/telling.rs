//! What people and machines read.

use contract::{
    Role,
    admin::{
        Doctor, Finding, GcReply, Health, HistoryEntry, HistoryPage, PageView, Severity, SlotView, StoreHealth,
        TeamView, TokenView, WhoAmI,
    },
};
use expect_test::expect;

use crate::api::{Answer, Api, status};

fn showing() -> Api {
    Api::start(|_| Answer::json(&status(58)))
}

#[test]
fn status_is_a_table_and_the_canaries_below_it() {
    expect![[r#"
        APP       TEAM           LIVE      CANARY                        INSTANCES       PUBLISHED
        checkout  checkout-team  1.3.0     1.4.2 for 5 % of users (r57)  2 of 3 healthy  1.4.2 5 min ago
        reviews   -              not live  -                             none            1.0.0 just now

        canary r57: checkout@1.4.2 for 5 % of users
          released 2 min ago by ci (token 3f9a12bc): new cart
          step 1 of 3 (5 %, 25 %, 100 %), 25 % in 8 min
                  REQUESTS  FAILED     LATE       PAGE VIEWS  REPORTED
          canary  31        1 (3.2 %)  0          12          0
          stable  590       0          2 (0.3 %)  230         1 (0.4 %)
          taken back by itself when failures are 5 % or reports 5 % above stable's, in 20 requests or page views at least
        revision 58
    "#]].assert_eq(&showing().run(&["status"]).good());
}

#[test]
fn the_status_of_an_app_shows_versions_and_instances() {
    expect![[r#"
        checkout, of team checkout-team, owner Team Checkout
        VERSION  LIVE    PUBLISHED   BY                   INSTANCES       NOTE
        1.4.2    canary  5 min ago   ci (token 3f9a12bc)  1 of 2 healthy  commit 4f2a�[2J
        1.3.0    stable  2 days ago  ci (token 3f9a12bc)  1 healthy       -

        VERSION  INSTANCE                       STATE    KNOWN BY   UNDER WAY  LAST ERROR
        1.4.2    http://127.0.0.1:4103          healthy  announced  2          -
        1.4.2    http://127.0.0.1:4104          ejected  announced  0          connection refused
        1.3.0    http://checkout.internal:4103  healthy  given      0          -

        canary r57: checkout@1.4.2 for 5 % of users
          released 2 min ago by ci (token 3f9a12bc): new cart
          step 1 of 3 (5 %, 25 %, 100 %), 25 % in 8 min
                  REQUESTS  FAILED     LATE       PAGE VIEWS  REPORTED
          canary  31        1 (3.2 %)  0          12          0
          stable  590       0          2 (0.3 %)  230         1 (0.4 %)
          taken back by itself when failures are 5 % or reports 5 % above stable's, in 20 requests or page views at least
    "#]].assert_eq(&showing().run(&["status", "checkout"]).good());
    let error = showing().run(&["status", "chekout"]).failed(1);
    assert!(
        error.contains("there is no app `chekout` to see; there are checkout, reviews"),
        "{error}"
    );
}

#[test]
fn json_is_what_the_api_said_to_the_byte() {
    let odd = "{\"revision\":58,  \"at_ms\":1,\"store\":{\"health\":\"good\",\"text\":\"\"},\"apps\":[],\"canaries\":[],\"later\":true}";
    let api = Api::start(move |_| Answer::text(200, odd));
    assert_eq!(api.run(&["status", "--json"]).good(), format!("{odd}\n"));
}

#[test]
fn history_says_who_what_when_and_why() {
    let entry = |revision, text: &str, reason: Option<&str>| HistoryEntry {
        revision,
        at_ms: 1_577_836_800_000,
        by: "ci (token 3f9a12bc)".into(),
        act: "released".into(),
        text: text.into(),
        reason: reason.map(str::to_owned),
        apps: vec![],
        release: None,
    };
    let page = HistoryPage {
        entries: vec![
            entry(58, "rolled back checkout@1.4.2", Some("failed 24 of 31\nrequests")),
            entry(57, "released checkout@1.4.2 to 5 % of users", None),
        ],
        before: Some(57),
    };
    let api = Api::start(move |_| Answer::json(&page));
    expect![[r#"
        REVISION  WHEN              WHO                  WHAT                                     WHY
        58        2020-01-01 00:00  ci (token 3f9a12bc)  rolled back checkout@1.4.2               failed 24 of 31 requests
        57        2020-01-01 00:00  ci (token 3f9a12bc)  released checkout@1.4.2 to 5 % of users  -
        older: marquetry history checkout --limit 2 --before 57
    "#]].assert_eq(&api.run(&["history", "checkout", "--limit", "2", "--before", "59"]).good());
    assert_eq!(api.lines(), ["GET /v1/history?limit=2&app=checkout&before=59"]);
}

fn page() -> PageView {
    let slot = |fragment: &str, version: Option<&str>, role, included_by: Option<&str>, depth| SlotView {
        fragment: fragment.parse().unwrap(),
        version: version.map(|version| version.parse().unwrap()),
        owner: "Team Checkout".into(),
        team: Some("checkout-team".parse().unwrap()),
        role,
        included_by: included_by.map(str::to_owned),
        depth,
    };
    PageView {
        path: "/checkout/cart".into(),
        at_ms: 1_577_836_800_000,
        revision: 12,
        route: Some("/checkout/{page}".into()),
        layout: Some("explore/shop".parse().unwrap()),
        composition: "checkout@1.4.2".into(),
        slots: vec![
            slot("checkout/cart", Some("1.4.2"), Role::Primary, None, 0),
            slot("reviews/list", None, Role::Optional, Some("checkout/cart"), 1),
        ],
        lock: Some("locked".into()),
    }
}

#[test]
fn show_names_each_slot_its_app_version_and_owner() {
    let api = Api::start(|_| Answer::json(&page()));
    let text = api
        .run(&["show", "/checkout/cart?x=1&y", "--at", "2020-01-01T00:00Z"])
        .good();
    expect![[r#"
        /checkout/cart: route /checkout/{page}, layout explore/shop
        as of 2020-01-01 00:00, revision 12
        FRAGMENT        VERSION   OWNER          TEAM           ROLE      INCLUDED BY
        checkout/cart   1.4.2     Team Checkout  checkout-team  primary   -
          reviews/list  not live  Team Checkout  checkout-team  optional  checkout/cart
    "#]]
    .assert_eq(&text);
    assert_eq!(
        api.lines(),
        ["GET /v1/page?path=%2Fcheckout%2Fcart%3Fx%3D1%26y&at_ms=1577836800000"]
    );
}

#[test]
fn a_page_of_the_past_is_fetched_with_its_versions() {
    let api = Api::start(|asked| match asked.line.as_str() {
        "GET /checkout/cart" => Answer::text(200, "<!doctype html><p>cart"),
        _ => Answer::json(&page()),
    });
    let html = api
        .run(&[
            "show",
            "/checkout/cart",
            "--at",
            "2h ago",
            "--html",
            "--public",
            &api.url(),
        ])
        .good();
    assert_eq!(html, "<!doctype html><p>cart\n");
    assert_eq!(api.asked()[1].authorization, None, "the public listener gets no token");
}

#[test]
fn doctor_is_plain_about_what_is_wrong() {
    let report = Doctor {
        store: StoreHealth {
            health: Health::Unavailable,
            text: "the disk is full; make room".into(),
        },
        composer: "0.1.0".into(),
        findings: vec![Finding {
            severity: Severity::Warning,
            rule: "no-instance".into(),
            at: "reviews@1.0.0".into(),
            text: "it has no instance".into(),
        }],
    };
    let api = Api::start(move |asked| match asked.line.as_str() {
        "GET /v1/doctor" => Answer::json(&report),
        _ => Answer::json(&me()),
    });
    let run = api.run(&["doctor"]);
    expect![[r#"
        good: the composer at ADMIN answers, version 0.1.0
        good: token 3f9a12bc "ci of reviews", of team reviews-team
               may:  read, publish
               on:   reviews
               it doesn't end
        bad:  the ledger takes no acts, pages are served: the disk is full; make room
        found:
          warning[no-instance]: reviews@1.0.0: it has no instance
    "#]]
    .assert_eq(&run.out.replace(&api.url(), "ADMIN"));
    run.failed(1);
}

fn me() -> WhoAmI {
    WhoAmI {
        id: "3f9a12bc".parse().unwrap(),
        name: "ci of reviews".into(),
        team: Some("reviews-team".parse().unwrap()),
        apps: Some(vec!["reviews".parse().unwrap()]),
        actions: vec!["read".parse().unwrap(), "publish".parse().unwrap()],
        expires_at_ms: None,
        revision: 58,
    }
}

#[test]
fn whoami_says_what_the_token_may_do() {
    let api = Api::start(|_| Answer::json(&me()));
    expect![[r#"
        token 3f9a12bc "ci of reviews", of team reviews-team
          may:  read, publish
          on:   reviews
          it doesn't end
    "#]]
    .assert_eq(&api.run(&["token", "whoami"]).good());
}

#[test]
fn teams_and_tokens_are_tables() {
    let team = TeamView {
        name: "reviews-team".parse().unwrap(),
        apps: vec!["reviews".parse().unwrap(), "ratings".parse().unwrap()],
        networks: vec![],
    };
    let teams = Api::start(move |asked| match asked.line.starts_with("PUT") {
        true => Answer::json(&team),
        false => Answer::json(&vec![team.clone()]),
    });
    expect![[r#"
        TEAM          APPS              NETWORKS OF ITS BFFS
        reviews-team  reviews, ratings  the platform's networks
    "#]]
    .assert_eq(&teams.run(&["team", "list"]).good());
    expect![[r#"
        set team reviews-team: it owns reviews, ratings, its BFFs run in the platform's networks
        next: marquetry token issue --name "ci of reviews-team" --team reviews-team --actions read,publish,release
    "#]]
    .assert_eq(
        &teams
            .run(&["team", "set", "reviews-team", "--apps", "reviews,ratings"])
            .good(),
    );
    assert_eq!(teams.asked()[1].body, r#"{"apps":["reviews","ratings"],"networks":[]}"#);

    let token = |revoked| TokenView {
        id: "3f9a12bc".parse().unwrap(),
        name: "ci of reviews".into(),
        team: Some("reviews-team".parse().unwrap()),
        apps: None,
        actions: vec!["publish".parse().unwrap()],
        issued_at_ms: 1_577_836_800_000,
        issued_by: "platform (token 00000000)".into(),
        expires_at_ms: None,
        revoked,
    };
    let tokens = Api::start(move |_| Answer::json(&vec![token(false), token(true)]));
    expect![[r#"
        TOKEN     NAME           OF                 APPS  MAY      ISSUED            BY                         STATE
        3f9a12bc  ci of reviews  team reviews-team  all   publish  2020-01-01 00:00  platform (token 00000000)  good
        3f9a12bc  ci of reviews  team reviews-team  all   publish  2020-01-01 00:00  platform (token 00000000)  revoked
    "#]]
    .assert_eq(&tokens.run(&["token", "list"]).good());
}

#[test]
fn gc_tells_what_it_removed() {
    let reply = GcReply {
        versions: vec!["checkout@1.0.0".into()],
        files: 12,
        bytes: 3_500,
        kept: 4,
    };
    let api = Api::start(move |_| Answer::json(&reply));
    expect![[r#"
        would remove 1 version and 12 files (3.4 KiB); 4 stay
          checkout@1.0.0
    "#]]
    .assert_eq(&api.run(&["gc", "--dry-run"]).good());
    assert_eq!(api.asked()[0].body, r#"{"dry_run":true,"unused_days":30}"#);
    assert_eq!(api.run(&["gc", "--quiet"]).good(), "");
}
