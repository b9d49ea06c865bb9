//! What the console takes from its environment, beyond what every BFF does.

const ADMIN: &str = "MARQUETRY_ADMIN";

/// Why the environment is not right.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// Without the admin API the console has nothing to show.
    #[error("`{ADMIN}` is not set: it must name the admin API, as `http://127.0.0.1:8081`")]
    NoAdmin,
}

/// The origin of the admin API.
#[expect(clippy::disallowed_methods, reason = "this is the config module")]
pub(crate) fn admin() -> Result<String, ConfigError> {
    let text = std::env::var(ADMIN).ok().filter(|text| !text.is_empty());
    text.ok_or(ConfigError::NoAdmin)
}
