//! Canaries: who is in, how they grow, how they end.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::{
    refusal::Rule,
    state::{self, Course, bucket},
};

fn user(id: &str) -> state::Audience<'_> {
    state::Audience {
        user_id: Some(id),
        ..state::Audience::default()
    }
}

#[test]
fn a_canary_grows_pauses_and_is_promoted() {
    let mut story = Story::new();
    story.releases("a@1.0.0 b@1.0.0", &[]);
    let id = story.releases("a@2.0.0 b@2.0.0", &[500, 2500, 10_000]);
    let step = |step| Act::CanaryStepped { release: id, step };
    let canary = story.state.canary(id).unwrap();
    assert_eq!((canary.share_bp(), canary.next_step()), (Some(500), Some(1)));
    assert_eq!(canary.due_at_ms(), Some(canary.since_ms + 600_000));
    story.does(step(1));
    assert!(matches!(story.refuses(&step(1)), Refusal::Rule(Rule::Step { .. })));
    assert!(matches!(story.refuses(&step(0)), Refusal::Rule(Rule::Step { .. })));
    assert!(matches!(story.refuses(&step(3)), Refusal::Rule(Rule::Step { .. })));
    let paused = story.does(Act::CanaryPaused { release: id });
    assert_eq!(
        story.state.check(&Act::CanaryPaused { release: id }, None),
        Ok(Checked::Unchanged(paused))
    );
    assert_eq!(story.state.canary(id).unwrap().due_at_ms(), None);
    assert!(matches!(story.refuses(&step(2)), Refusal::Rule(Rule::Paused(_))));
    let resumed = story.does(Act::CanaryResumed { release: id });
    assert_eq!(
        story.state.canary(id).unwrap().since_ms,
        resumed.0 * 1000,
        "a step waits its whole time again"
    );
    story.does(step(2));
    let promoted = story.does(Act::Promoted { release: id });
    assert_eq!(story.stable(), "a@2.0.0 b@2.0.0");
    assert_eq!(story.state.canaries().count(), 0);
    assert_eq!(
        story.state.check(&Act::Promoted { release: id }, None),
        Ok(Checked::Unchanged(promoted))
    );
    assert!(matches!(story.refuses(&step(2)), Refusal::Rule(Rule::NoCanary(_))));
    let take_back = story.state.take_back(id).unwrap();
    story.does(take_back);
    assert_eq!(story.stable(), "a@1.0.0 b@1.0.0");
}

#[test]
fn a_canary_is_withdrawn_as_a_whole_train() {
    let mut story = Story::new();
    story.releases("a@1.0.0", &[]);
    let id = story.releases("a@2.0.0 b@2.0.0", &[500]);
    let act = story.state.rollback_of(&[("b".parse().unwrap(), None)]).unwrap();
    assert_eq!(act, back("", Some(id)));
    assert!(matches!(
        story.refuses(&back("a@1.0.0", Some(id))),
        Refusal::Rule(Rule::VersionsOfCanary(_))
    ));
    let at = story.does(act.clone());
    assert_eq!(story.stable(), "a@1.0.0");
    assert_eq!(story.state.check(&act, None), Ok(Checked::Unchanged(at)));
    assert!(matches!(story.state.release(id).unwrap().course, Course::RolledBack(_)));
    assert!(matches!(
        story.refuses(&Act::Promoted { release: id }),
        Refusal::Rule(Rule::NoCanary(_))
    ));
}

#[test]
fn an_app_has_one_canary_and_nothing_passes_it() {
    let mut story = Story::new();
    story.releases("a@1.0.0", &[]);
    story.releases("a@2.0.0", &[]);
    story.releases("a@3.0.0", &[500]);
    for act in [
        release("a@4.0.0", &[]),
        release("a@4.0.0", &[500]),
        back("a@1.0.0", None),
    ] {
        assert!(
            matches!(story.refuses(&act), Refusal::Rule(Rule::CanaryUnderWay { .. })),
            "{act}"
        );
    }
    let mixed = [("a".parse().unwrap(), None), ("b".parse().unwrap(), None)];
    assert!(matches!(
        story.state.rollback_of(&mixed),
        Err(Refusal::Rule(Rule::CanaryAmongOthers(_)))
    ));
    story.releases("b@1.0.0", &[500]);
    story.releases("c@1.0.0", &[500]);
    story.releases("d@1.0.0", &[500]);
    let fifth = story.refuses(&release("e@1.0.0", &[500]));
    assert!(matches!(fifth, Refusal::Rule(Rule::TooManyCanaries { most: 4 })));
    assert_eq!(story.state.combinations().len(), 16);
}

#[test]
fn terms_of_canaries_keep_to_the_rules() {
    let mut story = Story::new();
    story.releases("a@1.0.0", &[]);
    for steps in [&[0][..], &[500, 500], &[500, 400], &[500, 10_001]] {
        assert!(
            matches!(story.refuses(&release("a@2.0.0", steps)), Refusal::Rule(Rule::Steps(_))),
            "{steps:?}"
        );
    }
    assert!(matches!(
        story.refuses(&release("a@1.0.0", &[500])),
        Refusal::Rule(Rule::AlreadyLive(_))
    ));
    let many: Vec<u16> = (1..=17).collect();
    assert!(matches!(
        story.refuses(&release("a@2.0.0", &many)),
        Refusal::Rule(Rule::TooMany { .. })
    ));
    let cohort = |steps: Vec<u16>, name: &str| Act::Released {
        apps: versions("a@2.0.0"),
        canary: Some(CanaryTerms {
            audience: Audience::Cohort(name.into()),
            steps,
            every_s: None,
        }),
        analysis: AnalysisTerms::default(),
    };
    assert!(matches!(
        story.refuses(&cohort(vec![500], "beta")),
        Refusal::Rule(Rule::StepsWithoutShare)
    ));
    assert!(matches!(
        story.refuses(&cohort(vec![], "")),
        Refusal::Rule(Rule::Empty(_))
    ));
    story.does(cohort(vec![], "beta"));
    assert!(!story.state.asks_for_user());
    let beta = state::Audience {
        cohort: Some("beta"),
        ..state::Audience::default()
    };
    assert_eq!(story.state.choose(&beta), composition("a@2.0.0"));
    assert_eq!(story.state.choose(&user("anybody")), composition("a@1.0.0"));
}

#[test]
fn groups_see_their_canary() {
    let mut story = Story::new();
    story.releases("a@1.0.0", &[]);
    story.does(Act::Released {
        apps: versions("a@2.0.0"),
        canary: Some(CanaryTerms {
            audience: Audience::Group("staff".into()),
            steps: vec![],
            every_s: None,
        }),
        analysis: AnalysisTerms::default(),
    });
    let groups = ["x".to_owned(), "staff".to_owned()];
    let staff = state::Audience {
        groups: &groups,
        ..state::Audience::default()
    };
    assert_eq!(story.state.choose(&staff), composition("a@2.0.0"));
    assert_eq!(story.state.choose(&state::Audience::default()), composition("a@1.0.0"));
}

#[test]
fn a_share_is_right_within_a_point_over_ten_thousand_users() {
    for share in [100, 500, 2500, 5000, 9000] {
        let mut story = Story::new();
        story.releases("a@1.0.0", &[]);
        story.releases("a@2.0.0", &[share]);
        let inside = composition("a@2.0.0");
        let ids: Vec<String> = (0..10_000).map(|number| format!("user-{number}")).collect();
        let count = ids.iter().filter(|id| story.state.choose(&user(id)) == inside).count();
        assert!(
            count.abs_diff(usize::from(share)) <= 100,
            "{count} of 10,000 at {share} basis points"
        );
    }
}

#[test]
fn releases_shuffle_users_anew() {
    let same = (0..10_000)
        .map(|number| format!("user-{number}"))
        .filter(|id| bucket(id, ReleaseId(1)) < 500 && bucket(id, ReleaseId(2)) < 500)
        .count();
    assert!(same < 60, "{same} users are early in both, about 25 would be by chance");
}

#[test]
fn everybody_is_in_at_the_last_step_and_nobody_without_an_id_before() {
    let mut story = Story::new();
    story.releases("a@1.0.0", &[]);
    let id = story.releases("a@2.0.0", &[9_999, 10_000]);
    assert_eq!(story.state.choose(&state::Audience::default()), composition("a@1.0.0"));
    story.does(Act::CanaryStepped { release: id, step: 1 });
    assert_eq!(story.state.choose(&state::Audience::default()), composition("a@2.0.0"));
}

proptest! {
    #[test]
    fn nobody_goes_back_while_a_canary_grows(
        id in "[0-9a-f]{1,32}",
        steps in proptest::collection::btree_set(1_u16..=10_000, 1..16),
    ) {
        let steps: Vec<u16> = steps.into_iter().collect();
        let mut story = Story::new();
        story.releases("a@1.0.0", &[]);
        let release = story.releases("a@2.0.0", &steps);
        let mut was_in = false;
        for step in 0..steps.len() {
            if step > 0 {
                story.does(Act::CanaryStepped { release, step });
            }
            let is_in = story.state.choose(&user(&id)) == composition("a@2.0.0");
            prop_assert!(is_in || !was_in, "out again at step {}", step);
            was_in = is_in;
        }
    }

    #[test]
    fn a_train_is_seen_whole_and_the_choice_is_among_the_combinations(
        ids in proptest::collection::vec("[0-9a-f]{32}", 1..40),
        shares in [1_u16..=10_000, 1_u16..=10_000, 1_u16..=10_000],
    ) {
        let mut story = Story::new();
        story.releases("a@1.0.0 b@1.0.0 c@1.0.0 d@1.0.0", &[]);
        story.releases("a@2.0.0 b@2.0.0", &shares[..1]);
        story.releases("c@2.0.0", &shares[1..2]);
        story.releases("d@2.0.0 e@2.0.0", &shares[2..]);
        let combinations: HashSet<Composition> = story.state.combinations().into_iter().collect();
        prop_assert_eq!(combinations.len(), 8);
        for id in &ids {
            let seen = story.state.choose(&user(id));
            prop_assert_eq!(seen.holds(&version("a@2.0.0")), seen.holds(&version("b@2.0.0")));
            prop_assert_eq!(seen.holds(&version("d@2.0.0")), seen.holds(&version("e@2.0.0")));
            prop_assert!(combinations.contains(&seen));
            prop_assert_eq!(&seen, &story.state.choose(&user(id)));
        }
    }
}
