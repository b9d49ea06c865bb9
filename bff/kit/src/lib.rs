//! What a team needs to run a BFF: fragments, API, problems, context, SQLite, telemetry.
//!
//! ```no_run
//! use bff_kit::{Bff, Form, Fragment, Problem, Redirect, RequestContext, redirect, sqlite::Database};
//! use axum::{extract::State, routing::post};
//! use leptos::prelude::*;
//!
//! const MANIFEST: &str = r#"
//!     [app]
//!     name = "guestbook"
//!     version = "1.0.0"
//!     owner = "Team Guests"
//!     [[fragments]]
//!     name = "entries"
//! "#;
//! const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS entries (text TEXT NOT NULL) STRICT";
//!
//! #[tokio::main]
//! async fn main() -> Result<(), bff_kit::Error> {
//!     let database = Database::open("guestbook", SCHEMA, "")?;
//!     Bff::new(MANIFEST)?
//!         .fragment("entries", get_entries)
//!         .route("/entries", post(post_entry))
//!         .with_state(database)
//!         .serve()
//!         .await
//! }
//!
//! async fn get_entries(context: RequestContext, State(database): State<Database>) -> Result<Fragment, Problem> {
//!     let entries = database
//!         .read(|db| db.prepare("SELECT text FROM entries")?.query_map([], |row| row.get(0))?.collect())
//!         .await?;
//!     let view = |entries: Vec<String>| entries.into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
//!     Ok(Fragment::leptos(&context, entries, view).await.title("Guestbook"))
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Entry { text: String }
//!
//! async fn post_entry(State(database): State<Database>, Form(entry): Form<Entry>) -> Result<Redirect, Problem> {
//!     if entry.text.is_empty() {
//!         return Err(Problem::invalid([("text", "must not be empty")]));
//!     }
//!     database.write(move |db| db.execute("INSERT INTO entries VALUES (?1)", [entry.text])).await?;
//!     redirect("/guestbook")
//! }
//! ```
//!
//! `docs/bff-kit.md` is the guide.

mod bff;
mod announce;
mod serve;
mod telemetry;
mod middleware;
mod fragment;
mod session;
mod extract;
mod redirect;
mod purge;
pub mod events;
mod error;
mod problem;
pub mod upstream;
mod context;
mod cookies;
mod locale;
mod trace;
mod markup;
pub mod sqlite;
mod config;

pub use bff::Bff;
pub use config::EnvironmentError;
pub use context::{RequestContext, wants_json};
pub use cookies::{Cookies, SetCookie};
pub use error::Error;
pub use extract::{Form, Json, Path, Query, Sent};
pub use fragment::Fragment;
pub use locale::Locale;
pub use problem::Problem;
pub use purge::Purge;
pub use redirect::{Redirect, redirect};
pub use session::Session;
pub use trace::Trace;

/// What [`SetCookie`] is made of.
pub use cookie;
