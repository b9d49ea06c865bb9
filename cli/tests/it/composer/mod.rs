//! The commands against the program's own composer, with a ledger in a folder.

mod running;

use contract::admin::{HistoryPage, IssuedToken, PageView, ReleaseReply, Status, WhoAmI};
use expect_test::expect;
use tempfile::TempDir;

use self::running::{Composer, PLATFORM, check, serving, stop};
use crate::{
    api::Answer,
    support::{Run, command, marquetry},
};

#[test]
fn a_newcomer_is_led_from_an_empty_composer_to_a_live_version() {
    let composer = Composer::start();
    let error = Run::from(
        command(composer.folder.path(), &["status", "--admin", &composer.admin])
            .output()
            .unwrap(),
    )
    .failed(4);
    assert!(error.contains("`platform.token` in its `data_dir`"), "{error}");
    check(
        &composer.run_as(PLATFORM, &["status"]).good(),
        expect![[r#"
        nothing is published yet
        next: marquetry publish FOLDER
    "#]],
    );
    let error = composer
        .run_as(PLATFORM, &["publish", "1.0.0", "--assets", "build"])
        .failed(1);
    assert!(error.contains("marquetry team set TEAM --app"), "{error}");

    let composer = composer.with_team();
    check(
        &composer.run_as(PLATFORM, &["team", "list"]).good(),
        expect![[r#"
        TEAM APPS NETWORKS OF ITS BFFS
        shop-team shop the platform's networks
    "#]],
    );
    composer.says(
        &["publish", "1.0.0", "--assets", "build", "--note", "commit 4f2a"],
        expect![[r#"
            published shop@1.0.0 (7 files, 2.4 KiB; 7 uploaded, 2.4 KiB)
            next: marquetry release shop@1.0.0 --canary 5%
        "#]],
    );
}

#[test]
fn a_first_release_is_seen_by_everybody_and_in_status() {
    let composer = Composer::start().with_team();
    composer
        .run(&["publish", "1.0.0", "--assets", "build", "--note", "commit 4f2a"])
        .good();
    let error = composer.run(&["release", "shop@1.0.0"]).failed(1);
    assert!(error.contains("--origin APP=http://HOST:PORT"), "{error}");
    let origin = format!("shop=http://{}", composer.bff("1.0.0"));
    composer.says(
        &["release", "shop@1.0.0", "--origin", &origin],
        expect![[r#"
            released shop@1.0.0 to everybody as r6
            shop 1.0.0 for everybody
            next: marquetry status shop; marquetry rollback shop takes it back
        "#]],
    );
    composer.when_healthy();
    composer.says(
        &["status"],
        expect![[r#"
        APP TEAM LIVE CANARY INSTANCES PUBLISHED
        shop shop-team 1.0.0 - 1 healthy 1.0.0 AGO
        revision 6
    "#]],
    );
    composer.says(
        &["status", "shop"],
        expect![[r#"
            shop, of team shop-team, owner shop team
            VERSION LIVE PUBLISHED BY INSTANCES NOTE
            1.0.0 stable AGO ci (token ID) 1 healthy commit 4f2a

            VERSION INSTANCE STATE KNOWN BY UNDER WAY LAST ERROR
            1.0.0 ORIGIN healthy given 0 -
        "#]],
    );
    check(
        &composer.run(&["doctor"]).good().replace(&composer.admin, "ADMIN"),
        expect![[r#"
            good: the composer at ADMIN answers, version 0.1.0
            good: token ID "ci", of team shop-team
            may: read, publish, release
            on: shop
            it doesn't end
            good: the ledger takes acts
            good: nothing else was found
        "#]],
    );
}

#[test]
fn a_canary_is_watched_paused_resumed_and_promoted() {
    let composer = Composer::start().with_canary(&["--steps", "5%,50%,100%", "--every", "10m", "--reason", "new cart"]);
    composer.when_healthy();
    composer.says(&["status"], expect![[r#"
            APP TEAM LIVE CANARY INSTANCES PUBLISHED
            shop shop-team 1.0.0 1.1.0 for 5 % of users (r9) 2 healthy 1.1.0 AGO

            canary r9: shop@1.1.0 for 5 % of users
            released AGO by ci (token ID): new cart
            step 1 of 3 (5 %, 50 %, 100 %), 50 % in SOME min
            REQUESTS FAILED LATE PAGE VIEWS REPORTED
            canary 0 0 0 0 0
            stable 0 0 0 0 0
            taken back by itself when failures are 5 % or reports 5 % above stable's, in 20 requests or page views at least
            revision 9
        "#]]);
    composer.says(
        &["pause", "shop"],
        expect![[r#"
        paused r9
        shop 1.1.0 for 5 % of users (r9), 1.0.0 for all others
        next: marquetry resume r9
    "#]],
    );
    let status: Status = composer.json(&["status"]);
    let id = status.canaries[0].id.to_string();
    composer.says(
        &["resume", &id],
        expect![[r#"
        resumed r9
        shop 1.1.0 for 5 % of users (r9), 1.0.0 for all others
    "#]],
    );
    let error = composer.run(&["release", "shop@1.1.0"]).failed(1);
    assert!(error.contains(&format!("marquetry promote {id}")), "{error}");
    let promoted: ReleaseReply = composer.json(&["promote", &id]);
    assert_eq!(promoted.live[0].to_string(), "shop@1.1.0");
    assert_eq!(composer.stable().as_deref(), Some("1.1.0"));
}

#[test]
fn a_rollback_goes_back_and_the_history_tells_all() {
    let composer = Composer::start().with_canary(&["--canary", "5%", "--reason", "new cart"]);
    composer.run(&["promote", "shop"]).good();
    composer.says(
        &["rollback", "shop", "--reason", "loses items"],
        expect![[r#"
            rolled back shop
            shop 1.0.0 for everybody
        "#]],
    );
    composer.run(&["rollback", "shop", "--to", "1.1.0"]).good();
    assert_eq!(composer.stable().as_deref(), Some("1.1.0"));
    composer.says(
        &["release", "shop@1.1.0"],
        expect![[r#"
        shop@1.1.0 was live already: nothing has changed
        shop 1.1.0 for everybody
    "#]],
    );
    composer.says(
        &["history"],
        expect![[r#"
            REVISION WHEN WHO WHAT WHY
            12 AGO ci (token ID) rolled back to shop@1.1.0 -
            11 AGO ci (token ID) rolled back to shop@1.0.0 loses items
            10 AGO ci (token ID) promoted r9 -
            9 AGO ci (token ID) released shop@1.1.0 to 5 % of users new cart
            8 AGO ci (token ID) set the origins of shop@1.1.0: ORIGIN -
            7 AGO ci (token ID) published shop@1.1.0 -
            6 AGO ci (token ID) released shop@1.0.0 first
            5 AGO ci (token ID) set the origins of shop@1.0.0: ORIGIN -
            4 AGO ci (token ID) published shop@1.0.0 -
            3 AGO first token of the platform (token ID) issued token ID (ci) -
            2 AGO first token of the platform (token ID) set team shop-team, which owns shop -
        "#]],
    );
    let page: HistoryPage = composer.json(&["history", "shop", "--limit", "1"]);
    assert_eq!((page.entries.len(), page.before), (1, Some(page.entries[0].revision)));
}

#[test]
fn a_rollback_withdraws_a_canary_and_so_does_abort() {
    let composer = Composer::start().with_canary(&["--cohort", "beta"]);
    let text = composer.run(&["status"]).good();
    assert!(text.contains("1.1.0 for cohort beta"), "{text}");
    composer.run(&["abort", "shop", "--reason", "no"]).good();
    composer.run(&["release", "shop@1.1.0", "--group", "staff"]).good();
    assert_eq!(
        composer.run(&["rollback", "shop"]).good(),
        "rolled back shop\n  shop  1.0.0 for everybody\n"
    );
    let status: Status = composer.json(&["status"]);
    assert!(status.canaries.is_empty());
}

#[test]
fn the_loser_of_two_deployers_gets_exit_code_five() {
    let composer = Composer::start().with_canary(&["--canary", "5%"]);
    let seen: Status = composer.json(&["status"]);
    let before = (seen.revision - 1).to_string();
    composer.run(&["abort", "shop"]).good();
    let error = composer
        .run(&["release", "shop@1.1.0", "--if-revision", &before])
        .failed(5);
    assert!(
        error.contains("has changed since revision") && error.contains("decide anew"),
        "{error}"
    );
    let run = composer.run(&["rollback", "shop", "--to", "1.1.0", "--if-revision", &before, "--json"]);
    let problem: contract::admin::ProblemReply = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, problem.status), (5, 409));
    assert!(problem.revision.is_some());
}

#[test]
fn a_page_is_shown_as_it_is_and_as_it_was() {
    let composer = Composer::start().with_shop();
    let shown = composer.run(&["show", "/"]).good();
    let (head, slots) = shown.split_once("FRAGMENT").unwrap();
    assert!(head.starts_with("/: route /, layout shop/all\nas of "), "{head}");
    check(
        slots,
        expect![[r#"
        VERSION OWNER TEAM ROLE INCLUDED BY
        shop/home 1.0.0 shop team shop-team primary -
    "#]],
    );
    let long_ago = composer.run(&["show", "/", "--at", "2020-01-01T00:00Z"]).good();
    assert!(
        long_ago.starts_with("no page has the address / at 2020-01-01 00:00"),
        "{long_ago}"
    );
    let page: PageView = composer.json(&["show", "/"]);
    assert_eq!(page.composition, "shop@1.0.0");
    let html = composer
        .run(&["show", "/", "--html", "--public", &composer.public])
        .good();
    assert!(html.contains("<p>shop 1.0.0</p>"), "{html}");
}

#[test]
fn a_check_sees_what_the_composer_would_say() {
    let composer = Composer::start().with_shop();
    let admin = composer.admin.clone();
    let against = |folder: &str| composer.run(&["check", folder, "--assets", "build", "--against", &admin]);
    check(
        &against("1.1.0").good(),
        expect![[r#"
        shop@1.1.0: 1 page, 1 fragment, 1 layout, all rules kept
        shop@1.1.0 against what is live: nothing found
    "#]],
    );
    check(
        &against("1.0.0").good(),
        expect![[r#"
        shop@1.0.0: 1 page, 1 fragment, 1 layout, all rules kept
        shop@1.0.0 against what is live: nothing found
    "#]],
    );
    assert_eq!(
        composer.json::<Status>(&["status"]).apps[0].versions.len(),
        1,
        "nothing is published"
    );
    composer.says(
        &["publish", "1.1.0", "--assets", "build", "--dry-run"],
        expect![[r#"
            shop@1.1.0 could be published (7 files, 2.4 KiB; nothing to upload); nothing is published
        "#]],
    );

    let changed = composer.folder.path().join("1.0.0/layouts/all.html");
    let text = std::fs::read_to_string(&changed).unwrap();
    std::fs::write(&changed, text.replace("<body>", "<body class=\"new\">")).unwrap();
    let error = composer.run(&["publish", "1.0.0", "--assets", "build"]).failed(5);
    assert!(error.contains("shop@1.0.0"), "{error}");
}

#[test]
fn tokens_are_issued_listed_and_revoked_at_once() {
    let composer = Composer::start().with_team();
    let me: WhoAmI = composer.json(&["token", "whoami"]);
    check(
        &composer.run(&["token", "whoami"]).good().replace(me.id.as_str(), "ID"),
        expect![[r#"
            token ID "ci", of team shop-team
            may: read, publish, release
            on: shop
            it doesn't end
        "#]],
    );
    let list = composer.run_as(PLATFORM, &["token", "list"]).good();
    assert!(
        list.contains(me.id.as_str()) && list.contains("read, publish, release"),
        "{list}"
    );
    let error = composer.run(&["token", "list"]).failed(4);
    assert!(error.contains("may not `admin`"), "{error}");

    let issue = [
        "token",
        "issue",
        "--name",
        "short",
        "--actions",
        "read",
        "--expires",
        "1h",
        "--json",
    ];
    let issued: IssuedToken = serde_json::from_str(&composer.run_as(PLATFORM, &issue).good()).unwrap();
    assert!(issued.token.expires_at_ms.is_some());
    composer.run_as(PLATFORM, &["token", "revoke", me.id.as_str()]).good();
    let error = composer.run(&["status"]).failed(4);
    assert!(error.contains("ask whoever runs the composer"), "{error}");
    let list = composer.run_as(PLATFORM, &["token", "list"]).good();
    assert!(list.contains("revoked"), "{list}");
}

#[test]
fn garbage_is_told_before_it_goes() {
    let composer = Composer::start().with_shop();
    composer.run(&["publish", "1.1.0", "--assets", "build"]).good();
    let would = composer
        .run_as(PLATFORM, &["gc", "--dry-run", "--unused-days", "0"])
        .good();
    let did = composer.run_as(PLATFORM, &["gc", "--unused-days", "0"]).good();
    assert_eq!(would.replace("would remove", "removed"), did);
    check(
        &did,
        expect![[r#"
        removed 1 version and 0 files (0 B); 1 stay
        shop@1.1.0
    "#]],
    );
}

#[test]
fn a_composer_with_fixed_apps_says_so() {
    let folder = TempDir::new().unwrap();
    let (composer, admin) = serving(folder.path(), "", "admin");
    let status = ["status", "--admin", &format!("http://{admin}")];
    let error = Run::from(marquetry(folder.path(), &status)).failed(1);
    stop(composer);
    assert!(error.contains("fixed apps"), "{error}");
}

#[test]
fn tls_is_spoken_only_with_those_whom_the_system_trusts() {
    let folder = TempDir::new().unwrap();
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.path().join("own.pem"), own.cert.pem()).unwrap();
    std::fs::write(folder.path().join("own.key"), own.signing_key.serialize_pem()).unwrap();
    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.path().join("other.pem"), other.cert.pem()).unwrap();
    let config = "[tls]\ncertificate = \"own.pem\"\nkey = \"own.key\"\n";
    let (composer, public) = serving(folder.path(), config, "listening");
    let ask = |trusted: &str| {
        let mut command = command(folder.path(), &["status", "--admin", &format!("https://{public}")]);
        Run::from(command.env("SSL_CERT_FILE", trusted).output().unwrap()).failed(3)
    };
    let (trusted, untrusted) = (ask("own.pem"), ask("other.pem"));
    stop(composer);
    assert!(trusted.contains("is not a composer's admin API"), "{trusted}");
    assert!(
        untrusted.contains("no TLS connection") && untrusted.contains("SSL_CERT_FILE"),
        "{untrusted}"
    );
}

#[test]
fn a_page_whose_version_has_gone_is_not_a_conflict() {
    let composer = Composer::start().with_shop();
    let api = crate::api::Api::start(|_| {
        Answer::text(
            409,
            r#"{"type":"/_m/problems/version-gone","title":"Conflict","status":409,"detail":"load the page anew"}"#,
        )
    });
    let error = composer.run(&["show", "/", "--html", "--public", &api.url()]).failed(1);
    assert!(
        error.contains("it was made of shop@1.0.0, and not all of these have an instance now"),
        "{error}"
    );
    assert!(!error.contains("anew"), "{error}");
}
