//! How many pieces are left, for a page that may have missed a change.

use axum::extract::State;
use bff_kit::{Json, Problem, Query, sqlite::Database};
use fragments_checkout::StockChanged;
use serde::Deserialize;

use crate::store::items;

#[derive(Debug, Deserialize)]
pub(crate) struct Params {
    sku: String,
}

/// Says what the last event about it said, or would have said.
pub(crate) async fn get_stock(
    State(database): State<Database>,
    Query(Params { sku }): Query<Params>,
) -> Result<Json<StockChanged>, Problem> {
    let wanted = sku.clone();
    let offer = database.read(move |db| items::offer(db, &wanted)).await?;
    let offer = offer.ok_or_else(|| Problem::not_found("Not for sale"))?;
    let stock = offer.stock;
    Ok(Json(StockChanged { sku, stock }))
}
