//! `GET /v1/tokens`, `POST /v1/tokens`, `DELETE /v1/tokens/{id}`: who may ask for what.

use axum::{Json, extract::State};
use composer_ledger::{Act, State as Facts, Token, TokenRecord};
use composer_registry::Secret;
use contract::admin::{Action, IssuedToken, NewToken, TokenId, TokenView};
use http::StatusCode;

use crate::{
    admin::{
        access::{Caller, allows},
        extract::{Named, Sent},
        failure::Failure,
    },
    app::App,
    clock::now_ms,
};

/// Ten years.
const LONGEST_S: u64 = 315_360_000;
/// So often a token is revoked anew when others are at the same time.
const ATTEMPTS: usize = 16;

/// Lists all tokens, those that are over included.
pub(crate) async fn get_tokens(State(app): State<App>, caller: Caller) -> Result<Json<Vec<TokenView>>, Failure> {
    allows(&caller, Action::Admin, &[])?;
    let facts = app.state()?;
    Ok(Json(facts.tokens().map(|token| view(token)).collect()))
}

/// Issues a token. Its text is told in this reply, and nowhere ever after.
pub(crate) async fn post_token(
    State(app): State<App>,
    caller: Caller,
    Sent(new): Sent<NewToken>,
) -> Result<(StatusCode, Json<IssuedToken>), Failure> {
    allows(&caller, Action::Admin, &[])?;
    if let Some(seconds) = new.expires_in_s.filter(|seconds| !(1..=LONGEST_S).contains(seconds)) {
        let detail = format!("`expires_in_s` in the body must be 1 to {LONGEST_S}, got {seconds}");
        return Err(Failure::broken(detail));
    }
    if new.team.is_none() && new.apps.is_some() {
        let detail = "`apps` in the body is for tokens of a team: name the `team`, or leave `apps` out";
        return Err(Failure::broken(detail));
    }
    let Ok(secret) = Secret::new() else {
        return Err(Failure::unavailable(
            "the operating system has no randomness at the moment",
        ));
    };
    let id = secret.id.clone();
    let token = TokenRecord {
        id: id.clone(),
        name: new.name,
        sha256: secret.sha256,
        team: new.team,
        apps: new.apps,
        actions: new.actions,
        expires_at_ms: new.expires_in_s.map(|seconds| now_ms().saturating_add(seconds * 1_000)),
    };
    app.act(&caller, Act::TokenIssued { token }, None, None).await?;
    let token = known(&app, &id)?;
    let issued = IssuedToken {
        secret: secret.text,
        token,
    };
    Ok((StatusCode::CREATED, Json(issued)))
}

/// Revokes a token, at once.
pub(crate) async fn delete_token(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<TokenId>,
) -> Result<Json<TokenView>, Failure> {
    allows(&caller, Action::Admin, &[])?;
    for left in (0..ATTEMPTS).rev() {
        let facts = app.newest_state().await?;
        if is_last(&facts, &id, now_ms()) {
            let detail = format!(
                "token `{id}` is the last that can issue others, without it nobody could: issue another with `admin` first"
            );
            return Err(Failure::rule(detail));
        }
        let act = Act::TokenRevoked { id: id.clone() };
        match app.act(&caller, act, Some(facts.revision().0), None).await {
            // Another was revoked meanwhile, and this may be the last now.
            Err(failure) if failure.status == StatusCode::CONFLICT && left > 0 => {}
            done => {
                done?;
                break;
            }
        }
    }
    known(&app, &id).map(Json)
}

/// True for the one token of the platform that is left to issue others.
fn is_last(facts: &Facts, id: &TokenId, now: u64) -> bool {
    let administers = |token: &Token| {
        let record = &token.record;
        let ended = record.expires_at_ms.is_some_and(|end| end <= now);
        let everywhere = record.team.is_none() && record.apps.is_none();
        everywhere && token.allows(Action::Admin) && token.revoked.is_none() && !ended
    };
    let mut left = facts.tokens().filter(|token| administers(token));
    left.next().is_some_and(|token| token.record.id == *id) && left.next().is_none()
}

fn known(app: &App, id: &TokenId) -> Result<TokenView, Failure> {
    let facts = app.state()?;
    let token = facts.token(id).map(|token| view(token));
    token.ok_or_else(|| Failure::not_found(format!("token `{id}` is not known")))
}

fn view(token: &Token) -> TokenView {
    let record = &token.record;
    TokenView {
        id: record.id.clone(),
        name: record.name.clone(),
        team: record.team.clone(),
        apps: record.apps.clone(),
        actions: record.actions.clone(),
        issued_at_ms: token.issued_at_ms,
        issued_by: token.issued_by.to_string(),
        expires_at_ms: record.expires_at_ms,
        revoked: token.revoked.is_some(),
    }
}
