//! Reads JSON into a type, and tells field and rule where it doesn't fit.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::failure::Failure;

/// Reads the whole of `body`.
///
/// # Errors
/// The first rule that it breaks, and where.
pub(super) fn read<T: DeserializeOwned + Serialize>(body: &[u8]) -> Result<T, Failure> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let parsed = serde_path_to_error::deserialize(&mut json);
    let parsed: T = parsed.map_err(|error| {
        let field = error.path().to_string();
        broken(&field, &error.into_inner().to_string())
    })?;
    json.end().map_err(|error| broken(".", &error.to_string()))?;
    // Serde takes lists for objects, by the order of fields, which no caller should build on.
    let written = serde_json::to_value(&parsed).unwrap_or_default();
    let said = serde_json::from_slice(body).unwrap_or_default();
    match list_for_object(&said, &written, "") {
        Some(field) => Err(broken(&field, "must be an object with named fields")),
        None => Ok(parsed),
    }
}

fn broken(field: &str, rule: &str) -> Failure {
    match field.trim_start_matches('.') {
        "" | "?" => Failure::broken(format!("the body: {rule}")),
        field => Failure::broken(format!("`{field}` in the body: {rule}")),
    }
}

/// Where the caller `said` a list, and an object was understood.
fn list_for_object(said: &Value, written: &Value, at: &str) -> Option<String> {
    match (said, written) {
        (Value::Array(_), Value::Object(_)) => Some(at.to_owned()),
        (Value::Array(said), Value::Array(written)) => {
            let mut pairs = said.iter().zip(written).enumerate();
            pairs.find_map(|(n, (said, written))| list_for_object(said, written, &format!("{at}[{n}]")))
        }
        (Value::Object(said), Value::Object(written)) => said.iter().find_map(|(name, said)| {
            let written = written.get(name)?;
            list_for_object(said, written, &format!("{at}.{name}"))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use contract::admin::{GcTerms, NewRelease, NewToken, NewVersion};

    use super::*;

    fn detail<T: DeserializeOwned + Serialize>(body: &str) -> String {
        let failure = read::<T>(body.as_bytes()).err();
        failure.map(|failure| format!("{failure:?}")).unwrap_or_default()
    }

    #[test]
    fn a_broken_body_is_told_with_field_and_rule() {
        let found = detail::<NewRelease>(r#"{"apps":["checkout@1.4.2","Checkout@1"]}"#);
        assert!(found.contains("`apps[1]` in the body"), "{found}");
        assert!(found.contains("`Checkout@1` must be an app at a version"), "{found}");
        let found = detail::<NewToken>(r#"{"name":"x","actions":[],"secret":"y"}"#);
        assert!(found.contains("unknown field `secret`"), "{found}");
        let found = detail::<NewToken>(r#"{"name":"x","name":"y","actions":[]}"#);
        assert!(found.contains("duplicate field `name`"), "{found}");
        for broken in ["", "{", "[]", "{\"apps\":[]} {}", "null"] {
            assert!(detail::<NewRelease>(broken).contains("the body: "), "{broken}");
        }
    }

    #[test]
    fn fields_have_names() {
        assert!(detail::<GcTerms>("[]").contains("the body: must be an object"));
        let hash = "0".repeat(64);
        let found = detail::<NewVersion>(&format!(r#"{{"files":[["marquetry.toml","{hash}",1]]}}"#));
        assert!(found.contains("`files[0]` in the body: must be an object"), "{found}");
        let good = format!(r#"{{"files":[{{"path":"marquetry.toml","sha256":"{hash}","bytes":1}}]}}"#);
        assert_eq!(detail::<NewVersion>(&good), "");
        let canary =
            r#"{"apps":["a@1.0.0"],"canary":{"audience":{"cohort":"x"},"steps":[]},"origins":{"a":["http://x"]}}"#;
        assert_eq!(detail::<NewRelease>(canary), "");
    }
}
