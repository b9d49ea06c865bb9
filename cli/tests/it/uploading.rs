//! Publishing: only what is missing goes over the wire, and passing failures pass.

use std::{
    collections::HashMap,
    os::unix::fs::PermissionsExt,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use contract::admin::{IssuedToken, NewVersion, PublishReply, Sha256, TokenView};
use expect_test::expect;
use tempfile::TempDir;

use crate::{
    api::{Answer, Api},
    support::{TOKEN, shop},
};

fn reply(missing: Vec<Sha256>, changed: bool) -> PublishReply {
    PublishReply {
        version: "shop@1.0.0".parse().unwrap(),
        published: missing.is_empty(),
        missing,
        changed,
        findings: vec![],
        revision: 7,
    }
}

/// Keeps blobs; each is refused `refusals` times first.
fn keeping(refusals: usize) -> Api {
    let blobs: Mutex<HashMap<String, usize>> = Mutex::default();
    Api::start(move |asked| {
        let mut blobs = blobs.lock().unwrap();
        if let Some(sha256) = asked.line.strip_prefix("PUT /v1/blobs/") {
            let tries = blobs.entry(sha256.into()).or_default();
            *tries += 1;
            return if *tries <= refusals {
                Answer::problem(503, "later")
            } else {
                Answer::nothing()
            };
        }
        let new: NewVersion = serde_json::from_str(&asked.body).unwrap();
        let there = |sha256: &Sha256| blobs.get(sha256.as_str()).is_some_and(|tries| *tries > refusals);
        let mut missing: Vec<Sha256> = new.files.into_iter().map(|file| file.sha256).collect();
        missing.retain(|sha256| !there(sha256));
        let mut reply = reply(missing, true);
        reply.published &= !asked.line.ends_with("?dry_run=true");
        Answer::json(&reply)
    })
}

const PUBLISH: [&str; 4] = ["publish", "shop", "--assets", "build"];

#[test]
fn a_version_is_packed_uploaded_and_published() {
    let folder = shop();
    let api = keeping(0);
    expect![[r#"
        published shop@1.0.0 (7 files, 2.4 KiB; 7 uploaded, 2.4 KiB)
        next: marquetry release shop@1.0.0 --canary 5%
    "#]]
    .assert_eq(&api.run_in(folder.path(), &PUBLISH).good());
    let lines = api.lines();
    assert_eq!(lines[0], "PUT /v1/apps/shop/versions/1.0.0");
    assert_eq!(lines.last().unwrap(), "PUT /v1/apps/shop/versions/1.0.0");
    let blobs: Vec<_> = api
        .asked()
        .into_iter()
        .filter(|asked| asked.line.starts_with("PUT /v1/blobs"))
        .collect();
    assert!(
        blobs
            .iter()
            .all(|asked| asked.content_type.as_deref() == Some("application/octet-stream"))
    );
    assert!(
        blobs
            .iter()
            .any(|asked| asked.body.starts_with("[app]\nname = \"shop\"")),
        "the manifest is a blob"
    );

    let again = api.run_in(folder.path(), &PUBLISH).good();
    assert!(again.contains("nothing to upload"), "{again}");
}

#[test]
fn an_upload_that_fails_in_passing_is_tried_again() {
    let folder = shop();
    let api = keeping(2);
    api.run_in(folder.path(), &PUBLISH).good();
    let blobs = api
        .lines()
        .iter()
        .filter(|line| line.starts_with("PUT /v1/blobs"))
        .count();
    assert_eq!(blobs % 3, 0, "each blob is tried three times");
}

#[test]
fn an_upload_that_is_refused_ends_it() {
    let tries = AtomicUsize::new(0);
    let folder = shop();
    let api = Api::start(move |asked| {
        if asked.line.starts_with("PUT /v1/blobs") {
            tries.fetch_add(1, SeqCst);
            return Answer::problem(413, "a blob has at most 64 MiB");
        }
        let new: NewVersion = serde_json::from_str(&asked.body).unwrap();
        Answer::json(&reply(new.files.into_iter().map(|file| file.sha256).collect(), true))
    });
    let error = api.run_in(folder.path(), &PUBLISH).failed(1);
    assert!(error.contains("a blob has at most 64 MiB"), "{error}");
    let blobs = api
        .lines()
        .iter()
        .filter(|line| line.starts_with("PUT /v1/blobs"))
        .count();
    assert!(blobs <= 4, "at most those under way: {blobs}");
}

#[test]
fn a_composer_that_always_misses_something_is_given_up() {
    let folder = shop();
    let api = Api::start(|asked| match asked.line.starts_with("PUT /v1/blobs") {
        true => Answer::nothing(),
        false => {
            let new: NewVersion = serde_json::from_str(&asked.body).unwrap();
            Answer::json(&reply(vec![new.files[0].sha256.clone()], true))
        }
    });
    let error = api.run_in(folder.path(), &PUBLISH).failed(1);
    assert!(error.contains("still misses 1 file after 3 uploads"), "{error}");
}

#[test]
fn files_that_the_version_lacks_are_not_sent() {
    let folder = shop();
    let api = Api::start(|_| Answer::json(&reply(vec!["a".repeat(64).parse().unwrap()], true)));
    let error = api.run_in(folder.path(), &PUBLISH).failed(1);
    assert!(
        error.contains("asks for a file that `shop@1.0.0` does not have"),
        "{error}"
    );
}

#[test]
fn a_packed_folder_is_published_if_it_is_whole() {
    let folder = shop();
    let api = keeping(0);
    api.run_in(folder.path(), &["pack", "shop", "--assets", "build", "--out", "out"])
        .good();
    api.run_in(folder.path(), &["publish", "--packed", "out", "--note", "commit 4f2a"])
        .good();
    assert!(api.asked()[0].body.ends_with(r#""note":"commit 4f2a"}"#));

    std::fs::remove_file(folder.path().join("out/layouts/all.html")).unwrap();
    let error = api.run_in(folder.path(), &["publish", "--packed", "out"]).failed(1);
    assert!(error.contains("is not a version that can be served"), "{error}");
}

#[test]
fn what_is_not_built_or_not_there_is_told_with_the_next_step() {
    let folder = shop();
    let api = keeping(0);
    let error = api.run_in(folder.path(), &["publish", "shop"]).failed(1);
    assert!(
        error.contains("`shop/dist` is not there") && error.contains("marquetry build"),
        "{error}"
    );
    let error = api.run_in(folder.path(), &["publish"]).failed(1);
    assert!(
        error.contains("`./marquetry.toml` is not there") && error.contains("marquetry new"),
        "{error}"
    );
    assert!(api.asked().is_empty());
}

#[test]
fn a_check_against_a_composer_publishes_nothing() {
    let folder = shop();
    let api = keeping(0);
    let text = api
        .run_in(
            folder.path(),
            &["check", "shop", "--assets", "build", "--against", &api.url()],
        )
        .good();
    expect![[r#"
        shop@1.0.0: 1 page, 1 fragment, 1 layout, all rules kept
        shop@1.0.0 against what is live: nothing found
    "#]]
    .assert_eq(&text);
    let acts = api.lines().into_iter().filter(|line| line.starts_with("PUT /v1/apps"));
    assert!(acts.into_iter().all(|line| line.ends_with("?dry_run=true")));
}

fn issuing() -> Api {
    Api::start(|_| {
        Answer::json(&IssuedToken {
            secret: TOKEN.into(),
            token: TokenView {
                id: "3f9a12bc".parse().unwrap(),
                name: "ci".into(),
                team: None,
                apps: None,
                actions: vec![],
                issued_at_ms: 0,
                issued_by: "platform".into(),
                expires_at_ms: None,
                revoked: false,
            },
        })
    })
}

const ISSUE: [&str; 6] = ["token", "issue", "--name", "ci", "--actions", "read,publish"];

#[test]
fn a_secret_goes_to_stdout_alone_or_into_a_file_of_its_owner() {
    let folder = TempDir::new().unwrap();
    let api = issuing();
    let run = api.run_in(folder.path(), &ISSUE);
    assert!(run.err.contains("3f9a12bc") && !run.err.contains(TOKEN), "{}", run.err);
    assert_eq!(run.good(), format!("{TOKEN}\n"));

    let to_file = [&ISSUE[..], &["--out", "ci.token", "--expires", "90d"]].concat();
    let text = api.run_in(folder.path(), &to_file).good();
    assert!(
        text.starts_with("issued 3f9a12bc into ci.token\nnext: ") && !text.contains(TOKEN),
        "{text}"
    );
    let path = folder.path().join("ci.token");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{TOKEN}\n"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(api.asked()[1].body.ends_with(r#""expires_in_s":7776000}"#));

    let error = api.run_in(folder.path(), &to_file).failed(1);
    assert!(error.contains("`ci.token` can't be written"), "{error}");
    assert_eq!(api.asked().len(), 2, "no token is made that can't be kept");
}

#[test]
fn a_file_for_a_token_that_was_refused_does_not_stay() {
    let folder = TempDir::new().unwrap();
    let api = Api::start(|_| Answer::problem(403, "only the platform issues tokens"));
    api.run_in(folder.path(), &[&ISSUE[..], &["--out", "ci.token"]].concat())
        .failed(4);
    assert!(!folder.path().join("ci.token").exists());
}
