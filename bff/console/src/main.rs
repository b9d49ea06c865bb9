//! The console's BFF: shows what the admin API says, and acts there in its user's name.

#[cfg(test)]
mod tests;
mod get_overview;
mod get_app;
mod get_history;
mod get_page;
mod get_confirm;
mod get_sign_in;
mod post_sign_in;
mod post_sign_out;
mod post_act;
mod ask;
mod act;
mod shape;
mod visit;
mod trouble;
mod words;
mod moment;
mod sessions;
mod admin;
mod config;

use axum::routing::{get, post};
use bff_kit::Bff;

use admin::{Admin, AdminError};
use sessions::Sessions;

/// A filled-in form is far shorter.
const MAX_BODY_BYTES: usize = 16 << 10;

/// What all handlers share.
#[derive(Debug, Clone)]
struct Console {
    admin: Admin,
    sessions: Sessions,
}

/// Why the console does not start. Its `Debug` form is meant for people, as `main` prints that one.
#[derive(thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Kit(#[from] bff_kit::Error),
    #[error(transparent)]
    Admin(#[from] AdminError),
    #[error(transparent)]
    Config(#[from] config::ConfigError),
}

impl std::fmt::Debug for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kit(error) => std::fmt::Debug::fmt(error, f),
            other => std::fmt::Display::fmt(other, f),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), StartError> {
    let console = Console {
        admin: Admin::new(&config::admin()?)?,
        sessions: Sessions::default(),
    };
    Ok(bff()?.with_state(console).serve().await?)
}

fn bff() -> Result<Bff<Console>, bff_kit::Error> {
    let bff = Bff::new(include_str!("../marquetry.toml"))?
        .body_limit(MAX_BODY_BYTES)
        .fragment("overview", get_overview::get_overview)
        .fragment("app", get_app::get_app)
        .fragment("history", get_history::get_history)
        .fragment("page", get_page::get_page)
        .fragment("confirm", get_confirm::get_confirm)
        .fragment("sign-in", get_sign_in::get_sign_in)
        .route("/api/overview", get(get_overview::get_overview_numbers))
        .route("/api/apps/{app}", get(get_app::get_app_numbers))
        .route("/api/ask", get(get_confirm::get_ask))
        .route("/sign-in", post(post_sign_in::post_sign_in))
        .route("/sign-out", post(post_sign_out::post_sign_out))
        .route("/act", post(post_act::post_act));
    Ok(bff)
}
