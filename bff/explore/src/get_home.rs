//! The home page.

use axum::extract::State;
use bff_kit::{Fragment, Problem, RequestContext, sqlite::Database};
use fragments_explore::home::{Home, HomeData};
use leptos::prelude::*;

use crate::{KEPT_FOR, data};

const FEATURED: usize = 8;

/// Renders the home page.
pub(crate) async fn get_home(context: RequestContext, State(database): State<Database>) -> Result<Fragment, Problem> {
    let read = |database: &rusqlite::Connection| Ok((data::categories(database)?, data::popular(database, FEATURED)?));
    let (categories, featured) = database.read(read).await?;
    let data = HomeData {
        teasers: categories.into_iter().map(Into::into).collect(),
        featured,
    };
    let fragment = Fragment::leptos(&context, (), |()| view! { <Home data/> }).await;
    let fragment = fragment.kept_for(KEPT_FOR).tag("products");
    Ok(fragment
        .title("Marquetry Tractors: good tractors, fitted to your fields")
        .meta(
            "description",
            "Classic and autonomous tractors in many colours, to be picked up at a store near you.",
        ))
}
