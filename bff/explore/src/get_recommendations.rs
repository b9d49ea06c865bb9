//! Products in colours like those of given variants.

use axum::extract::State;
use bff_kit::{Fragment, Problem, Query, RequestContext, sqlite::Database};
use fragments_explore::{
    card::CardData,
    recommendations::{Recommendations, RecommendationsData},
};
use leptos::prelude::*;
use rusqlite::Connection;
use serde::Deserialize;

use crate::{KEPT_FOR, data, nearest::nearest};

const COUNT: usize = 4;
/// More skus than this are not looked at: a cart that long has said enough about colours.
const MAX_SKUS: usize = 32;

/// The params: skus, separated by commas. Those that aren't known count for nothing.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    skus: Option<String>,
}

/// Renders the recommendations.
pub(crate) async fn get_recommendations(
    context: RequestContext,
    State(database): State<Database>,
    Query(params): Query<Params>,
) -> Result<Fragment, Problem> {
    let skus = params.skus.unwrap_or_default();
    let data = database.read(move |database| recommend(database, &skus)).await?;
    let fragment = Fragment::leptos(&context, (), |()| view! { <Recommendations data/> }).await;
    Ok(fragment.kept_for(KEPT_FOR).tag("products"))
}

fn recommend(database: &Connection, skus: &str) -> rusqlite::Result<RecommendationsData> {
    let skus: Vec<&str> = skus
        .split(',')
        .map(str::trim)
        .filter(|sku| !sku.is_empty())
        .take(MAX_SKUS)
        .collect();
    let variants = data::variants(database)?;
    let cards: Vec<CardData> = nearest(&variants, &skus, COUNT).into_iter().map(Into::into).collect();
    if cards.is_empty() {
        return Ok(RecommendationsData {
            title: "Much loved by others".into(),
            cards: data::popular(database, COUNT)?,
        });
    }
    Ok(RecommendationsData {
        title: "In kindred colours".into(),
        cards,
    })
}
