//! The BFF of {{app}}: a handler for each fragment of the manifest, and one for the form.

mod get_list;
{{?page}}mod get_page;
mod post_review;
mod store;

use axum::routing::post;
use bff_kit::{Bff, sqlite::Database};

/// The tables.
pub const SCHEMA: &str = include_str!("../schema.sql");

/// A review is far shorter.
const MAX_BODY_BYTES: usize = 16 << 10;

/// The manifest with its handlers.
///
/// # Errors
/// When the manifest breaks a rule.
pub fn bff() -> Result<Bff<Database>, bff_kit::Error> {
    Ok(Bff::new(include_str!("../../marquetry.toml"))?
        .body_limit(MAX_BODY_BYTES)
        .fragment("list", get_list::get_list)
{{?page}}        .fragment("page", get_page::get_page)
        .fallback("list", include_str!("../../fallbacks/list.html"))
        .route("/reviews", post(post_review::post_review)))
}
