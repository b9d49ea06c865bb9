//! Teams and tokens.

use contract::{
    AppName,
    admin::{Action, TeamView, TokenView, WhoAmI},
};

use crate::output::{
    Output, Tone, clean,
    table::cell,
    time::{ago, until},
};

/// All teams.
pub(crate) fn teams(output: Output, teams: &[TeamView]) -> String {
    if teams.is_empty() {
        return "there is no team yet\nnext: marquetry team set NAME --apps APP,APP\n".into();
    }
    let mut table = output.table(["TEAM", "APPS", "NETWORKS OF ITS BFFS"]);
    for team in teams {
        table.row([team.name.to_string(), apps(&team.apps), networks(team)]);
    }
    table.text("")
}

/// One team in a line.
pub(crate) fn team(team: &TeamView) -> String {
    format!(
        "team {}: it owns {}, its BFFs run in {}\n",
        team.name,
        apps(&team.apps),
        networks(team)
    )
}

/// All tokens.
pub(crate) fn tokens(output: Output, tokens: &[TokenView], now_ms: u64) -> String {
    let mut table = output.table(["TOKEN", "NAME", "OF", "APPS", "MAY", "ISSUED", "BY", "STATE"]);
    for token in tokens {
        table.row([
            token.id.to_string(),
            cell(&token.name),
            of(token),
            token.apps.as_deref().map_or("all".into(), apps),
            actions(&token.actions),
            ago(token.issued_at_ms, now_ms),
            cell(&token.issued_by),
            state(output, token, now_ms),
        ]);
    }
    table.text("")
}

/// What is known of the token that asks.
pub(crate) fn whoami(me: &WhoAmI, now_ms: u64) -> String {
    let of = me
        .team
        .as_ref()
        .map_or("of the platform".into(), |team| format!("of team {team}"));
    let apps = me.apps.as_deref().map_or("all apps".into(), apps);
    let ends = me
        .expires_at_ms
        .map_or("doesn't end".into(), |at_ms| format!("ends {}", until(at_ms, now_ms)));
    format!(
        "token {} \"{}\", {of}\n  may:  {}\n  on:   {apps}\n  it {ends}\n",
        me.id,
        clean(&me.name),
        actions(&me.actions)
    )
}

/// `read, publish`.
pub(crate) fn actions(actions: &[Action]) -> String {
    actions.iter().map(|each| each.as_str()).collect::<Vec<_>>().join(", ")
}

/// `a, b`, or `none`.
pub(crate) fn apps(apps: &[AppName]) -> String {
    match apps {
        [] => "none".into(),
        some => some.iter().map(AppName::as_str).collect::<Vec<_>>().join(", "),
    }
}

fn networks(team: &TeamView) -> String {
    match team.networks.as_slice() {
        [] => "the platform's networks".into(),
        some => clean(&some.join(", ")).into_owned(),
    }
}

fn of(token: &TokenView) -> String {
    token
        .team
        .as_ref()
        .map_or("platform".into(), |team| format!("team {team}"))
}

fn state(output: Output, token: &TokenView, now_ms: u64) -> String {
    match token.expires_at_ms {
        _ if token.revoked => output.tone(Tone::Bad, "revoked"),
        Some(at_ms) if at_ms <= now_ms => output.tone(Tone::Minor, "over"),
        Some(at_ms) => format!("ends {}", until(at_ms, now_ms)),
        None => output.tone(Tone::Good, "good"),
    }
}
