//! What the commands ask of the admin API, and how they take its answers.

use contract::admin::{
    AnalysisTerms, Audience, CanaryTerms, Finding, NewRelease, NewRollback, ProblemReply, ReleaseReply, Severity,
    WhoAmI,
};
use expect_test::expect;
use tempfile::TempDir;

use crate::{
    api::{Answer, Api, Asked, status},
    support::{Run, TOKEN, command, marquetry},
};

fn released() -> ReleaseReply {
    ReleaseReply {
        release: Some("r59".parse().unwrap()),
        revision: 59,
        live: vec!["checkout@1.3.0".parse().unwrap()],
        findings: vec![],
    }
}

/// Answers acts with `reply`, and shows revision 58 before it, 59 after.
fn releasing() -> Api {
    let acted = std::sync::atomic::AtomicBool::new(false);
    Api::start(move |asked: &Asked| {
        use std::sync::atomic::Ordering::SeqCst;
        if asked.line.starts_with("GET /v1/status") {
            return Answer::json(&status(if acted.load(SeqCst) { 59 } else { 58 }));
        }
        acted.store(true, SeqCst);
        Answer::json(&released())
    })
}

fn failing(status: u16, detail: &'static str) -> Api {
    Api::start(move |_| Answer::problem(status, detail))
}

#[test]
fn a_release_carries_the_revision_that_it_was_decided_on() {
    let api = releasing();
    let run = api.run(&[
        "release",
        "checkout@1.4.2",
        "--steps",
        "5%,25%,100%",
        "--every",
        "10m",
        "--reason",
        "new cart",
    ]);
    expect![[r#"
        released checkout@1.4.2 to 5 % of users as r59
          checkout  1.4.2 for 5 % of users (r57), 1.3.0 for all others
        next: marquetry status checkout --watch, then marquetry promote r59 or marquetry abort r59
    "#]]
    .assert_eq(&run.good());
    let asked = api.asked();
    assert_eq!(asked[1].line, "POST /v1/releases");
    assert_eq!(asked[1].content_type.as_deref(), Some("application/json"));
    assert_eq!(
        asked[1].authorization.as_deref(),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    let sent: NewRelease = serde_json::from_str(&asked[1].body).unwrap();
    let expected = NewRelease {
        apps: vec!["checkout@1.4.2".parse().unwrap()],
        canary: Some(CanaryTerms {
            audience: Audience::Share,
            steps: vec![500, 2500, 10_000],
            every_s: Some(600),
        }),
        analysis: AnalysisTerms::default(),
        origins: [].into(),
        if_revision: Some(58),
        reason: Some("new cart".into()),
    };
    assert_eq!(sent, expected);
}

#[test]
fn a_release_names_its_audience_origins_and_terms() {
    let api = releasing();
    let arguments = [
        "release",
        "checkout@1.4.2",
        "decide@2.0.0",
        "--cohort",
        "beta",
        "--origin",
        "checkout=http://127.0.0.1:4103",
        "--origin",
        "checkout=http://127.0.0.1:4104",
        "--min-sample",
        "7",
        "--max-failures",
        "0.5%",
        "--if-revision",
        "12",
    ];
    api.run(&arguments).good();
    let sent: NewRelease = serde_json::from_str(&api.asked()[0].body).unwrap();
    assert_eq!(sent.canary.unwrap().audience, Audience::Cohort("beta".into()));
    assert_eq!((sent.analysis.min_sample, sent.analysis.max_failures_bp), (7, 50));
    assert_eq!(sent.if_revision, Some(12));
    assert_eq!(sent.origins.values().next().unwrap().len(), 2);
}

#[test]
fn a_release_without_sense_is_not_sent() {
    let api = releasing();
    for arguments in [
        &["release"][..],
        &["release", "checkout"],
        &["release", "checkout@1.0"],
        &["release", "checkout@1.0.0", "checkout@1.1.0"],
        &["release", "checkout@1.0.0", "--canary", "5"],
        &["release", "checkout@1.0.0", "--canary", "0%"],
        &["release", "checkout@1.0.0", "--steps", "25%,5%"],
        &["release", "checkout@1.0.0", "--every", "10m"],
        &["release", "checkout@1.0.0", "--canary", "5%", "--cohort", "beta"],
        &["release", "checkout@1.0.0", "--min-sample", "5"],
        &["release", "checkout@1.0.0", "--origin", "decide=http://127.0.0.1:1"],
        &["rollback", "checkout", "decide", "--to", "1.0.0"],
        &["promote"],
        &["show", "checkout"],
        &["show", "/", "--at", "yesterday"],
        &["token", "issue", "--name", "x", "--actions", "fly"],
        &["token", "revoke", "mq_3f9a12bc_secret"],
    ] {
        api.run(arguments).failed(2);
    }
    assert!(api.asked().is_empty());
}

#[test]
fn a_rollback_says_where_to() {
    let api = releasing();
    let text = api
        .run(&["rollback", "checkout", "--to", "1.3.0", "--reason", "loses items"])
        .good();
    assert!(
        text.starts_with("rolled back checkout\n  checkout  1.4.2 for 5 %"),
        "{text}"
    );
    let sent: NewRollback = serde_json::from_str(&api.asked()[1].body).unwrap();
    assert_eq!(sent.apps[0].to.as_ref().unwrap().as_str(), "1.3.0");
    assert_eq!(
        (sent.if_revision, sent.reason.as_deref()),
        (Some(58), Some("loses items"))
    );
}

#[test]
fn several_apps_go_back_together() {
    let api = releasing();
    api.run(&["rollback", "checkout@1.3.0", "reviews"]).good();
    let sent: NewRollback = serde_json::from_str(&api.asked()[1].body).unwrap();
    let versions: Vec<_> = sent
        .apps
        .iter()
        .map(|each| each.to.as_ref().map(|version| version.as_str()))
        .collect();
    assert_eq!(versions, [Some("1.3.0"), None]);
    api.run(&["rollback", "checkout@1.3.0", "--to", "1.2.0"]).failed(2);
    let error = api.run(&["status", "checkout@1.3.0"]).failed(2);
    assert!(error.contains("give the app alone: `checkout`"), "{error}");
}

#[test]
fn a_canary_is_changed_by_its_id_or_by_its_app() {
    let api = releasing();
    api.run(&["pause", "checkout"]).good();
    api.run(&["promote", "r57", "--reason", "fine"]).good();
    let lines = api.lines();
    assert!(lines.contains(&"POST /v1/releases/r57/pause".to_owned()), "{lines:?}");
    assert!(lines.contains(&"POST /v1/releases/r57/promote".to_owned()), "{lines:?}");
    let error = api.run(&["abort", "reviews"]).failed(1);
    assert!(
        error.contains("no canary of `reviews` is under way; `marquetry status reviews`"),
        "{error}"
    );
}

#[test]
fn a_composer_that_is_away_after_an_act_is_waited_for() {
    let looks = std::sync::atomic::AtomicU64::new(0);
    let api = Api::start(move |asked: &Asked| {
        if asked.line.starts_with("POST") {
            return Answer::json(&released());
        }
        match looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 | 2 => Answer::json(&status(58)),
            1 => Answer::problem(503, "starting"),
            _ => Answer::json(&status(59)),
        }
    });
    api.run(&["release", "checkout@1.4.2"]).good();
    assert_eq!(api.lines().len(), 5, "{:?}", api.lines());
}

#[test]
fn a_token_that_may_not_read_may_still_release() {
    let api = Api::start(|asked| match asked.line.as_str() {
        "GET /v1/status" => Answer::problem(403, "the token lacks `read`"),
        "GET /v1/whoami" => Answer::json(&WhoAmI {
            id: "3f9a12bc".parse().unwrap(),
            name: "ci".into(),
            team: None,
            apps: None,
            actions: vec![],
            expires_at_ms: None,
            revision: 59,
        }),
        _ => Answer::json(&released()),
    });
    let text = api.run(&["release", "checkout@1.3.0"]).good();
    assert!(text.contains("  checkout  1.3.0 for everybody\n"), "{text}");
}

#[test]
fn exit_codes_tell_failures_apart() {
    for (status, code, hint) in [
        (401, 4, "next: ask whoever runs the composer"),
        (403, 4, "next: `marquetry token whoami`"),
        (404, 1, "detail here"),
        (409, 5, "next: `marquetry history` shows what changed; decide anew"),
        (421, 1, "next: add the host of the address to `admin_hosts`"),
        (422, 1, "detail here"),
        (503, 1, "the composer's log knows it as request 0193-ab"),
    ] {
        let error = failing(status, "detail here").run(&["status"]).failed(code);
        assert!(
            error.starts_with("error: detail here") && error.contains(hint),
            "{error}"
        );
    }
}

#[test]
fn without_a_token_the_error_says_where_one_is() {
    let api = failing(401, "a token is needed");
    let run: Run = command(std::path::Path::new("."), &["status", "--admin", &api.url()])
        .output()
        .unwrap()
        .into();
    let error = run.failed(4);
    assert!(error.contains("`platform.token` in its `data_dir`"), "{error}");
    assert_eq!(api.asked()[0].authorization, None);
}

#[test]
fn a_refusal_tells_every_finding_and_json_is_the_problem_itself() {
    let finding = |rule: &str| Finding {
        severity: Severity::Error,
        rule: rule.into(),
        at: "reviews".into(),
        text: format!("text of {rule}"),
    };
    let problem = ProblemReply {
        kind: "about:blank".into(),
        title: "Unprocessable Content".into(),
        status: 422,
        detail: "`reviews@1.0.0` can't be released".into(),
        request_id: None,
        findings: vec![finding("no-instance"), finding("route-conflict")],
        revision: None,
    };
    let told = problem.clone();
    let api = Api::start(move |asked| match asked.line.starts_with("GET") {
        true => Answer::json(&status(58)),
        false => Answer::json_problem(&told),
    });
    let run = api.run(&["release", "reviews@1.0.0", "--json"]);
    let printed: ProblemReply = serde_json::from_str(&run.out).unwrap();
    assert_eq!(printed, problem);
    expect![[r#"
        error: `reviews@1.0.0` can't be released
          error[no-instance]: reviews: text of no-instance
          error[route-conflict]: reviews: text of route-conflict
          next: start the BFF, or say where it runs with `--origin APP=http://HOST:PORT`
    "#]]
    .assert_eq(&run.failed(1));
}

#[test]
fn what_is_no_composer_is_told_apart_from_one_that_refuses() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = Run::from(marquetry(
        ".".as_ref(),
        &["status", "--admin", &format!("http://{silent}")],
    ))
    .failed(3);
    assert!(
        error.contains("no composer answers at") && error.contains("marquetry serve"),
        "{error}"
    );

    let page = Api::start(|_| Answer::text(200, "<!doctype html>\u{1b}[2J"));
    let error = page.run(&["status"]).failed(3);
    assert!(
        error.contains("is not a composer's admin API") && !error.contains('\u{1b}'),
        "{error}"
    );

    let proxy = Api::start(|_| Answer::text(502, "bad gateway"));
    let error = proxy.run(&["status"]).failed(3);
    assert!(error.contains("502"), "{error}");
}

#[test]
fn a_token_is_not_carried_on_to_where_a_redirect_leads() {
    let other = Api::start(|_| Answer::json(&status(1)));
    let there = format!("{}/v1/status", other.url());
    let api = Api::start(move |_| Answer::text(302, "").with("location", &there));
    api.run(&["status"]).failed(3);
    assert!(other.asked().is_empty());
}

#[test]
fn an_answer_without_end_is_cut_off() {
    let api = Api::start(|_| Answer::text(200, &"[".repeat(33 << 20)));
    let error = api.run(&["status"]).failed(3);
    assert!(error.contains("its answer is longer than"), "{error}");
}

#[test]
fn settings_that_make_no_sense_are_usage_errors() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("token"), "hunter2").unwrap();
    for (arguments, told) in [
        (
            &["status", "--admin", "localhost:8081"][..],
            "must begin with `http://`",
        ),
        (
            &["status", "--admin", "http://u:p@localhost"],
            "must not hold a name or password",
        ),
        (
            &["status", "--token-file", "none"],
            "the token file `none` can't be read",
        ),
        (
            &["status", "--token-file", "token"],
            "the token file `token` holds no token",
        ),
    ] {
        let error = Run::from(marquetry(folder.path(), arguments)).failed(2);
        assert!(error.contains(told) && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_token_that_would_travel_in_the_clear_is_warned_of() {
    let run = command(".".as_ref(), &["status", "--admin", "http://192.0.2.1:1", "--json"])
        .env("MARQUETRY_TOKEN", TOKEN)
        .output();
    let error = Run::from(run.unwrap()).failed(3);
    assert!(
        error.contains("warning: the token goes to http://192.0.2.1:1 unencrypted"),
        "{error}"
    );
    assert!(!error.contains(TOKEN));
}
