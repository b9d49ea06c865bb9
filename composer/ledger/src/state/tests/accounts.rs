//! Teams and tokens.

use contract::admin::Action;

use super::*;
use crate::{refusal::Rule, state::TokenError};

#[test]
fn an_app_belongs_to_one_team_and_can_change_hands() {
    let mut story = Story::new();
    let refusal = story.refuses(&team("other", "z a"));
    assert_eq!(
        refusal.to_string(),
        "app `a` belongs to team `shop`; the platform must take it from that team first"
    );
    story.does(team("shop", "b"));
    story.does(team("other", "z a"));
    let owner = |app: &str| {
        story
            .state
            .team_of(&app.parse().unwrap())
            .map(|team| team.name.to_string())
    };
    assert_eq!(owner("a").as_deref(), Some("other"));
    assert_eq!(owner("b").as_deref(), Some("shop"));
    assert_eq!(owner("c"), None);
}

#[test]
fn a_team_set_again_as_it_is_changes_nothing() {
    let story = Story::new();
    let again = story.state.check(&team("shop", "a b c d e f"), Some(Revision::ZERO));
    assert_eq!(again, Ok(Checked::Unchanged(Revision(1))));
    let stale = story.state.check(&team("shop", "a"), Some(Revision::ZERO));
    assert!(matches!(stale, Err(Refusal::Conflict { .. })));
}

#[test]
fn a_token_is_valid_until_it_ends_or_is_revoked() {
    let mut story = Story::new();
    let mut record = token("3f9a12bc", 'a', Some("shop"), &[Action::Publish]);
    record.expires_at_ms = Some(50_000);
    let id = record.id.clone();
    story.does(Act::TokenIssued { token: record });
    let is = |story: &Story, at_ms| {
        story
            .state
            .token_by_hash(&hash('a'), at_ms)
            .map(|token| token.record.id.clone())
    };
    assert_eq!(is(&story, 49_999), Ok(id.clone()));
    assert_eq!(is(&story, 50_000), Err(TokenError::Expired));
    assert_eq!(
        story.state.token_by_hash(&hash('b'), 0).unwrap_err(),
        TokenError::Unknown
    );
    let revoke = Act::TokenRevoked { id: id.clone() };
    let at = story.does(revoke.clone());
    assert_eq!(is(&story, 0), Err(TokenError::Revoked));
    assert_eq!(story.state.check(&revoke, None), Ok(Checked::Unchanged(at)));
    let other = token("3f9a12bd", 'd', Some("shop"), &[Action::Publish]);
    let revoke = Act::TokenRevoked { id: other.id.clone() };
    story.does(Act::TokenIssued { token: other });
    assert_eq!(story.state.check(&revoke, Some(at)), Ok(Checked::New));
    let before = Revision(at.0 - 1);
    assert!(
        matches!(story.state.check(&revoke, Some(before)), Err(Refusal::Conflict { .. })),
        "what one saw before another was revoked counts no more"
    );
    assert!(matches!(
        story.refuses(&Act::TokenRevoked {
            id: "00000000".parse().unwrap()
        }),
        Refusal::NotFound(_)
    ));
}

#[test]
fn a_token_reaches_the_apps_of_its_team_that_are_on_its_list() {
    let mut story = Story::new();
    story.does(team("other", "z"));
    let mut record = token("00000001", 'a', Some("shop"), &[Action::Read]);
    record.apps = Some(names("a b"));
    story.does(Act::TokenIssued { token: record });
    story.does(Act::TokenIssued {
        token: token("00000002", 'b', Some("shop"), &[Action::Read]),
    });
    story.does(Act::TokenIssued {
        token: token("00000003", 'c', None, &[Action::Admin]),
    });
    let reaches = |digit, app: &str| {
        let token = story.state.token_by_hash(&hash(digit), 0).unwrap();
        story.state.token_reaches(token, &app.parse().unwrap())
    };
    assert!(reaches('a', "a") && !reaches('a', "c") && !reaches('a', "z"));
    assert!(reaches('b', "c") && !reaches('b', "z") && !reaches('b', "nobodys"));
    assert!(reaches('c', "c") && reaches('c', "z") && reaches('c', "nobodys"));
    story.does(team("shop", "b"));
    let token = story.state.token(&"00000001".parse().unwrap()).unwrap();
    assert!(
        !story.state.token_reaches(token, &"a".parse().unwrap()),
        "the team has lost the app"
    );
}

#[test]
fn tokens_keep_to_the_rules() {
    let mut story = Story::new();
    story.does(Act::TokenIssued {
        token: token("00000001", 'a', None, &[Action::Admin]),
    });
    let refused = |change: fn(&mut TokenRecord)| {
        let mut record = token("00000002", 'b', Some("shop"), &[Action::Read]);
        change(&mut record);
        match story.refuses(&Act::TokenIssued { token: record }) {
            Refusal::Rule(rule) => rule,
            other => panic!("{other}"),
        }
    };
    assert!(matches!(
        refused(|token| token.id = "00000001".parse().unwrap()),
        Rule::TokenTaken(_)
    ));
    assert!(matches!(refused(|token| token.sha256 = hash('a')), Rule::TokenTaken(_)));
    assert!(matches!(
        refused(|token| token.actions.push(Action::Admin)),
        Rule::AdminOfTeam(_)
    ));
    assert!(matches!(
        refused(|token| token.actions.push(Action::Read)),
        Rule::Twice(_)
    ));
    assert!(matches!(refused(|token| token.actions.clear()), Rule::Empty(_)));
    assert!(matches!(refused(|token| token.apps = Some(vec![])), Rule::Empty(_)));
    assert!(matches!(
        refused(|token| token.apps = Some(names("z"))),
        Rule::NotOfTeam { .. }
    ));
    assert!(matches!(refused(|token| token.name = " ".into()), Rule::Empty(_)));
    assert!(matches!(refused(|token| token.name = "a\nb".into()), Rule::Control(_)));
    assert!(matches!(
        refused(|token| token.name = "x".repeat(300)),
        Rule::TooMany { .. }
    ));
}
