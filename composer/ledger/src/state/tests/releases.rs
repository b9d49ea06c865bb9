//! Releases, rollbacks, and who was faster.

use contract::AppName;

use super::*;
use crate::{
    refusal::{Missing, Rule},
    state::Course,
};

#[test]
fn a_release_sets_all_its_apps_at_once() {
    let mut story = Story::new();
    story.releases("a@1.0.0 b@1.0.0", &[]);
    story.releases("b@2.0.0 c@1.0.0", &[]);
    assert_eq!(story.stable(), "a@1.0.0 b@2.0.0 c@1.0.0");
    let before = story.state.revision();
    assert!(matches!(
        story.state.check(&release("a@1.0.0 c@1.0.0", &[]), None),
        Ok(Checked::Unchanged(_))
    ));
    assert!(matches!(
        story.refuses(&release("a@1.0.0 a@2.0.0", &[])),
        Refusal::Rule(Rule::Twice(_))
    ));
    assert!(matches!(
        story.refuses(&release("", &[])),
        Refusal::Rule(Rule::Empty(_))
    ));
    assert!(matches!(
        story.refuses(&release("a@8.0.0", &[])),
        Refusal::NotFound(Missing::Version(_))
    ));
    assert_eq!(story.state.revision(), before);
}

#[test]
fn rollbacks_go_back_step_by_step_and_to_any_version() {
    let mut story = Story::new();
    let app: AppName = "a".parse().unwrap();
    for text in ["a@1.0.0", "a@2.0.0", "a@3.0.0"] {
        story.releases(text, &[]);
    }
    let by_name = [(app.clone(), None)];
    let act = story.state.rollback_of(&by_name).unwrap();
    assert_eq!(act.to_string(), "rolled back to a@2.0.0");
    story.does(act);
    let act = story.state.rollback_of(&by_name).unwrap();
    story.does(act);
    assert_eq!(story.stable(), "a@1.0.0");
    let nothing = story.state.rollback_of(&by_name).unwrap_err();
    assert!(matches!(nothing, Refusal::Rule(Rule::NothingBefore(_))));
    let act = story
        .state
        .rollback_of(&[(app, Some("4.0.0".parse().unwrap()))])
        .unwrap();
    story.does(act);
    assert_eq!(story.stable(), "a@4.0.0");
    let act = story.state.rollback_of(&by_name).unwrap();
    story.does(act);
    assert_eq!(story.stable(), "a@1.0.0", "what was live before the jump");
    assert!(matches!(
        story.refuses(&back("b@1.0.0", None)),
        Refusal::NotFound(Missing::App(_))
    ));
    assert!(matches!(
        story.state.check(&back("a@1.0.0", None), None),
        Ok(Checked::Unchanged(_))
    ));
}

#[test]
fn a_train_is_taken_back_as_a_whole() {
    let mut story = Story::new();
    story.releases("a@1.0.0 b@1.0.0", &[]);
    let train = story.releases("a@2.0.0 b@2.0.0", &[]);
    let act = story.state.take_back(train).unwrap();
    assert!(matches!(
        story.refuses(&back("a@1.0.0", Some(train))),
        Refusal::Rule(Rule::OthersThanBefore(_))
    ));
    let at = story.does(act.clone());
    assert_eq!(story.stable(), "a@1.0.0 b@1.0.0");
    assert_eq!(story.state.check(&act, None), Ok(Checked::Unchanged(at)));
    assert!(matches!(
        story.state.release(train).unwrap().course,
        Course::RolledBack(_)
    ));
}

#[test]
fn a_train_that_was_overtaken_is_not_taken_back() {
    let mut story = Story::new();
    story.releases("a@1.0.0 b@1.0.0", &[]);
    let train = story.releases("a@2.0.0 b@2.0.0", &[]);
    story.releases("a@3.0.0", &[]);
    let act = story.state.take_back(train).unwrap();
    assert!(matches!(story.refuses(&act), Refusal::Rule(Rule::MovedOn { .. })));
    let first = story.releases("c@1.0.0", &[]);
    let act = story.state.take_back(first).unwrap();
    assert!(matches!(story.refuses(&act), Refusal::Rule(Rule::NothingBefore(_))));
    assert!(story.state.take_back(ReleaseId(999)).is_err());
}

#[test]
fn the_slower_of_two_learns_who_did_what() {
    let mut story = Story::new();
    story.releases("a@1.0.0 b@1.0.0", &[]);
    let seen = story.state.revision();
    story.releases("b@2.0.0", &[]);
    let stale = story
        .state
        .check(&release("a@2.0.0 b@3.0.0", &[]), Some(seen))
        .unwrap_err();
    assert_eq!(
        stale.to_string(),
        "app `b` has changed since revision 26: ci released b@2.0.0 at 1970-01-01 00:00:27 UTC (revision 27); look at what is live now and ask again with `if_revision` 27"
    );
    assert_eq!(
        story.state.check(&release("a@2.0.0", &[]), Some(seen)),
        Ok(Checked::New)
    );
    let same = story.state.check(&release("b@2.0.0", &[]), Some(seen));
    assert!(
        matches!(same, Ok(Checked::Unchanged(_))),
        "a repeated request is no conflict"
    );
}

#[test]
fn what_says_nothing_of_what_is_there_is_left_out() {
    let mut state = State::default();
    for (number, act) in [
        Act::Promoted { release: ReleaseId(7) },
        Act::CanaryStepped {
            release: ReleaseId(7),
            step: usize::MAX,
        },
        Act::CanaryPaused { release: ReleaseId(7) },
        back("a@1.0.0", Some(ReleaseId(7))),
        Act::VersionsForgotten {
            versions: versions("z@1.0.0"),
        },
        Act::TokenRevoked {
            id: "00000000".parse().unwrap(),
        },
        Act::OriginsSet {
            version: version("z@1.0.0"),
            origins: vec![],
        },
    ]
    .into_iter()
    .enumerate()
    {
        state.apply(&entry(Revision(number as u64 + 1), act));
    }
    assert_eq!(state.revision(), Revision(7));
}

#[test]
fn acts_know_their_apps() {
    let mut story = Story::new();
    let canary = story.releases("a@1.0.0 b@1.0.0", &[500]);
    let apps = |act: &Act| story.state.apps_of(act);
    assert_eq!(apps(&Act::Promoted { release: canary }), names("a b"));
    assert_eq!(apps(&back("c@1.0.0", None)), names("c"));
    assert_eq!(apps(&team("x", "q p")), names("p q"));
    assert_eq!(apps(&publish("e@1.0.0")), names("e"));
}
