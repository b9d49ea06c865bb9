//! Finds the token behind a request.

use composer_ledger::{State, Token, TokenError};
use contract::admin::Sha256;
use http::{HeaderMap, StatusCode, header};
use sha2::Digest;

use super::{
    access::{Caller, Scope},
    failure::Failure,
};
use crate::clock::now_ms;

/// A token has 55 bytes; what is much longer is none.
const LONGEST_BYTES: usize = 128;

/// The one valid token of a request.
///
/// # Errors
/// 401; to the caller an unknown, an expired and a revoked token differ in words only when the secret was right.
pub(crate) fn caller(headers: &HeaderMap, state: &State) -> Result<Caller, Failure> {
    let text = bearer(headers)?;
    let found = state.token_by_hash(&hash(text), now_ms());
    found.map(|token| known(token, state)).map_err(|error| {
        refused(match error {
            TokenError::Unknown => "the token is not known",
            TokenError::Revoked => "the token was revoked: ask the platform for another",
            TokenError::Expired => "the token has expired: ask the platform for another",
        })
    })
}

/// The SHA-256 of a token's text.
pub(crate) fn hash(text: &str) -> Sha256 {
    let digest = sha2::Sha256::digest(text);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.parse().expect("64 digits are a SHA-256")
}

fn bearer(headers: &HeaderMap) -> Result<&str, Failure> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(refused("this call needs one header `authorization: Bearer mq_…`"));
    };
    let text = value.to_str().unwrap_or_default();
    let bearer = text
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let token = bearer.map(|(_, token)| token.trim_start_matches(' '));
    let token = token.filter(|token| token.starts_with("mq_") && token.len() <= LONGEST_BYTES);
    token.ok_or_else(|| refused("the header `authorization` must be `Bearer mq_…`"))
}

fn refused(detail: &str) -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, detail)
}

fn known(token: &Token, state: &State) -> Caller {
    let record = &token.record;
    let owned = record
        .team
        .as_ref()
        .map(|team| state.team(team).map(|team| team.apps.as_slice()));
    let scope = match (owned, &record.apps) {
        (None, None) => Scope::All,
        (None, Some(listed)) => Scope::Only(listed.iter().cloned().collect()),
        (Some(owned), listed) => {
            let owned = owned.unwrap_or_default().iter();
            let listed = owned.filter(|app| listed.as_ref().is_none_or(|listed| listed.contains(app)));
            Scope::Only(listed.cloned().collect())
        }
    };
    Caller {
        id: record.id.clone(),
        name: record.name.clone(),
        team: record.team.clone(),
        scope,
        actions: record.actions.clone(),
        expires_at_ms: record.expires_at_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(values: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        match bearer(&headers) {
            Ok(token) => token.into(),
            Err(failure) => format!("{failure:?}"),
        }
    }

    #[test]
    fn only_one_bearer_token_counts() {
        assert_eq!(detail(&["Bearer mq_3f9a12bc_x"]), "mq_3f9a12bc_x");
        assert_eq!(detail(&["bearer  mq_3f9a12bc_x"]), "mq_3f9a12bc_x");
        let long = format!("Bearer mq_{}", "a".repeat(200));
        for none in [
            &[][..],
            &["Basic bXE6eA=="],
            &["mq_3f9a12bc_x"],
            &["Bearer"],
            &["Bearer x"],
            &["Bearer mq_a", "Bearer mq_b"],
            &[&long],
        ] {
            assert!(detail(none).contains("401"), "{none:?}");
        }
    }

    #[test]
    fn a_token_is_known_by_its_hash() {
        assert_eq!(
            hash("").as_str(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
