//! Versions, their origins, and what is forgotten.

use super::*;
use crate::refusal::Rule;

#[test]
fn a_version_published_again_with_the_same_files_changes_nothing() {
    let mut story = Story::new();
    let at = story.does(publish("a@9.0.0"));
    let again = Act::VersionPublished {
        version: version("a@9.0.0"),
        files: vec![file("assets/x.js", 'b'), file("marquetry.toml", 'a')],
        note: Some("another build".into()),
    };
    assert_eq!(story.state.check(&again, None), Ok(Checked::Unchanged(at)));
    let other = Act::VersionPublished {
        version: version("a@9.0.0"),
        files: vec![file("assets/x.js", 'c'), file("marquetry.toml", 'a')],
        note: None,
    };
    assert_eq!(
        story.refuses(&other).to_string(),
        format!("`a@9.0.0` is published with other files (revision {at}); a version never changes: publish a new one")
    );
}

#[test]
fn a_forgotten_version_may_come_back_as_it_was_only() {
    let mut story = Story::new();
    story.does(Act::VersionsForgotten {
        versions: versions("a@2.0.0"),
    });
    assert!(story.state.version(&version("a@2.0.0")).is_none());
    assert!(matches!(story.refuses(&release("a@2.0.0", &[])), Refusal::NotFound(_)));
    let other = Act::VersionPublished {
        version: version("a@2.0.0"),
        files: vec![file("marquetry.toml", 'f')],
        note: None,
    };
    assert!(matches!(story.refuses(&other), Refusal::Rule(Rule::Immutable { .. })));
    story.does(publish("a@2.0.0"));
    story.releases("a@2.0.0", &[]);
}

#[test]
fn live_versions_are_not_forgotten_and_idle_ones_know_since_when() {
    let mut story = Story::new();
    story.releases("a@1.0.0", &[]);
    let canary = story.releases("a@2.0.0", &[500]);
    for live in ["a@1.0.0", "a@2.0.0"] {
        let forget = Act::VersionsForgotten {
            versions: versions(live),
        };
        assert!(
            matches!(story.refuses(&forget), Refusal::Rule(Rule::StillLive(_))),
            "{live}"
        );
        assert_eq!(story.state.version(&version(live)).unwrap().idle_since_ms, None);
    }
    let at = story.does(Act::Promoted { release: canary });
    let idle = |story: &Story, text: &str| story.state.version(&version(text)).unwrap().idle_since_ms;
    assert_eq!(idle(&story, "a@1.0.0"), Some(at.0 * 1000));
    assert_eq!(idle(&story, "a@2.0.0"), None);
    story.does(Act::VersionsForgotten {
        versions: versions("a@1.0.0"),
    });
    let app = story.state.app(&"a".parse().unwrap()).unwrap();
    assert!(app.previous.is_empty(), "nothing goes back to what is gone");
}

#[test]
fn origins_are_of_published_versions() {
    let mut story = Story::new();
    let set = |text: &str, origins: &[&str]| Act::OriginsSet {
        version: version(text),
        origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
    };
    let first = story.does(set("a@1.0.0", &["http://127.0.0.1:1"]));
    let again = set("a@1.0.0", &["http://127.0.0.1:1"]);
    assert_eq!(story.state.check(&again, None), Ok(Checked::Unchanged(first)));
    let stale = story.state.check(&set("a@1.0.0", &[]), Some(Revision(first.0 - 1)));
    assert!(matches!(stale, Err(Refusal::Conflict { .. })));
    story.does(set("a@1.0.0", &[]));
    assert!(matches!(story.refuses(&set("a@7.0.0", &[])), Refusal::NotFound(_)));
    assert!(matches!(
        story.refuses(&set("a@1.0.0", &["http://x/y"])),
        Refusal::Rule(Rule::Origin(_))
    ));
}

#[test]
fn what_nobody_owns_is_not_published() {
    let story = Story::new();
    assert!(matches!(
        story.refuses(&publish("z@1.0.0")),
        Refusal::Rule(Rule::Unowned(_))
    ));
    let files = |files: Vec<VersionFile>| Act::VersionPublished {
        version: version("a@9.0.0"),
        files,
        note: None,
    };
    assert!(matches!(story.refuses(&files(vec![])), Refusal::Rule(Rule::Empty(_))));
    let twice = vec![file("x", 'a'), file("x", 'b')];
    assert!(matches!(story.refuses(&files(twice)), Refusal::Rule(Rule::Twice(_))));
    let outside = vec![file("../x", 'a')];
    assert!(matches!(story.refuses(&files(outside)), Refusal::Rule(Rule::Path(_))));
    let many = (0..5000).map(|number| file(&format!("f{number}"), 'a')).collect();
    assert!(matches!(
        story.refuses(&files(many)),
        Refusal::Rule(Rule::TooMany { .. })
    ));
}
