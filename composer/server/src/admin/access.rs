//! Whether a token may do an act on an app: one pure rule for every call.

use std::collections::BTreeSet;

use contract::{
    AppName,
    admin::{Action, TeamName, TokenId},
};

/// The token behind a request, at the moment of the request. A request extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) id: TokenId,
    pub(crate) name: String,
    /// `None` for the platform's own tokens.
    pub(crate) team: Option<TeamName>,
    pub(crate) scope: Scope,
    pub(crate) actions: Vec<Action>,
    pub(crate) expires_at_ms: Option<u64>,
}

/// The apps that a token may act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    All,
    Only(BTreeSet<AppName>),
}

/// What a token lacks. Says nothing of things that the token may not see.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Denied {
    /// None of the actions that the call needs.
    #[error(
        "token {token} may not `{action}`: ask the platform for a token with that action",
        action = .actions.iter().map(|action| action.as_str()).collect::<Vec<_>>().join("` or `")
    )]
    Action { token: TokenId, actions: Vec<Action> },
    /// An app that isn't its own.
    #[error("token {token} may not `{action}` for app `{app}`: it is for {scope}")]
    App {
        token: TokenId,
        action: Action,
        app: AppName,
        scope: String,
    },
    /// Something that is the platform's.
    #[error("token {token} is of a team, and this is for tokens of the platform")]
    Platform { token: TokenId },
}

/// Tells whether `token` may do `action` on each of `apps`.
///
/// # Errors
/// What it lacks: the action first, then the first app.
pub(crate) fn allows(token: &Caller, action: Action, apps: &[AppName]) -> Result<(), Denied> {
    if !token.actions.contains(&action) {
        return Err(Denied::Action {
            token: token.id.clone(),
            actions: vec![action],
        });
    }
    if action == Action::Admin && token.team.is_some() {
        return Err(Denied::Platform {
            token: token.id.clone(),
        });
    }
    match apps.iter().find(|app| !token.covers(app)) {
        None => Ok(()),
        Some(app) => Err(Denied::App {
            token: token.id.clone(),
            action,
            app: app.clone(),
            scope: token.scope.to_string(),
        }),
    }
}

/// The same for calls that any of several actions allows, and that touch no app.
///
/// # Errors
/// When the token has none of them.
pub(crate) fn allows_one_of(token: &Caller, actions: &[Action]) -> Result<(), Denied> {
    let mut denied = None;
    for action in actions {
        match allows(token, *action, &[]) {
            Ok(()) => return Ok(()),
            Err(Denied::Action { .. }) => {}
            Err(other) => denied = Some(other),
        }
    }
    Err(denied.unwrap_or_else(|| Denied::Action {
        token: token.id.clone(),
        actions: actions.to_vec(),
    }))
}

impl Caller {
    /// Tells whether `app` is one that it may act on.
    pub(crate) fn covers(&self, app: &AppName) -> bool {
        match &self.scope {
            Scope::All => true,
            Scope::Only(apps) => apps.contains(app),
        }
    }

    /// True for tokens that see the platform's own things.
    pub(crate) fn is_platform(&self) -> bool {
        self.team.is_none() && self.scope == Scope::All
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str("all apps"),
            Self::Only(apps) if apps.is_empty() => f.write_str("no app"),
            Self::Only(apps) => {
                let apps: Vec<&str> = apps.iter().map(AppName::as_str).collect();
                write!(f, "`{}`", apps.join("`, `"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "reviews";
    const OTHER: &str = "checkout";

    /// The roles that are handed out, by what they hold.
    const ROLES: [(&str, Option<&str>, &[Action]); 9] = [
        ("platform", None, &Action::ALL),
        ("platform reader", None, &[Action::Read]),
        ("platform admin only", None, &[Action::Admin]),
        (
            "team",
            Some("reviews-team"),
            &[
                Action::Read,
                Action::Publish,
                Action::Release,
                Action::Announce,
                Action::Dev,
            ],
        ),
        ("team with a forged admin", Some("reviews-team"), &Action::ALL),
        ("team reader", Some("reviews-team"), &[Action::Read]),
        ("team publisher", Some("reviews-team"), &[Action::Publish]),
        ("team bff", Some("reviews-team"), &[Action::Announce]),
        ("team developer", Some("reviews-team"), &[Action::Dev]),
    ];

    /// `o`: on its own app. `x`: on another team's. `b`: on both at once. `-`: without an app.
    const MATRIX: &str = "
        role                      read  publish  release  announce  dev   admin
        platform                  oxb-  oxb-     oxb-     oxb-      oxb-  oxb-
        platform reader           oxb-  .        .        .         .     .
        platform admin only       .     .        .        .         .     oxb-
        team                      o-    o-       o-       o-        o-    .
        team with a forged admin  o-    o-       o-       o-        o-    .
        team reader               o-    .        .        .         .     .
        team publisher            .     o-       .        .         .     .
        team bff                  .     .        .        o-        .     .
        team developer            .     .        .        .         o-    .
    ";

    fn app(name: &str) -> AppName {
        name.parse().unwrap()
    }

    fn token(team: Option<&str>, actions: &[Action]) -> Caller {
        Caller {
            id: "3f9a12bc".parse().unwrap(),
            name: "ci".into(),
            team: team.map(|team| team.parse().unwrap()),
            scope: match team {
                None => Scope::All,
                Some(_) => Scope::Only([app(OWN)].into()),
            },
            actions: actions.to_vec(),
            expires_at_ms: None,
        }
    }

    #[test]
    fn a_token_does_what_its_role_allows_and_nothing_else() {
        let rows: Vec<&str> = MATRIX
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .skip(1)
            .collect();
        assert_eq!(rows.len(), ROLES.len());
        for ((role, team, actions), row) in ROLES.iter().zip(rows) {
            let cells: Vec<&str> = row.strip_prefix(role).unwrap().split_whitespace().collect();
            assert_eq!(cells.len(), Action::ALL.len(), "{row}");
            for (action, cell) in Action::ALL.into_iter().zip(cells) {
                let targets = [
                    ('o', vec![app(OWN)]),
                    ('x', vec![app(OTHER)]),
                    ('b', vec![app(OWN), app(OTHER)]),
                    ('-', vec![]),
                ];
                for (letter, apps) in targets {
                    let allowed = allows(&token(*team, actions), action, &apps).is_ok();
                    assert_eq!(allowed, cell.contains(letter), "{role}: {action} on {apps:?}");
                }
            }
        }
    }

    #[test]
    fn a_shorter_list_leaves_the_rest_of_the_team_out() {
        let mut narrow = token(Some("reviews-team"), &[Action::Release]);
        narrow.scope = Scope::Only([].into());
        assert!(allows(&narrow, Action::Release, &[app(OWN)]).is_err());
    }

    #[test]
    fn a_refusal_says_what_the_token_lacks() {
        let caller = token(Some("reviews-team"), &[Action::Read]);
        let denied = allows(&caller, Action::Publish, &[app(OWN)]).unwrap_err();
        assert!(
            denied.to_string().starts_with("token 3f9a12bc may not `publish`"),
            "{denied}"
        );
        let denied = allows(&caller, Action::Read, &[app(OTHER)]).unwrap_err();
        assert_eq!(
            denied.to_string(),
            "token 3f9a12bc may not `read` for app `checkout`: it is for `reviews`"
        );
        let denied = allows_one_of(&caller, &[Action::Publish, Action::Dev]).unwrap_err();
        assert!(denied.to_string().contains("`publish` or `dev`"), "{denied}");
        assert!(allows_one_of(&caller, &[Action::Dev, Action::Read]).is_ok());
    }
}
