//! Takes a review.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bff_kit::{Json, Problem, RequestContext, Sent, redirect, sqlite::Database};
use {{crate}}_ui::NewReview;

use crate::store;

/// Where a visitor without script goes on: the page that shows the product.
{{!page}}const PAGE: &str = "/product";
{{?page}}const PAGE: &str = "/{{app}}";

/// Keeps it. A script gets the new list, a form goes back to the product's page.
pub(crate) async fn post_review(
    context: RequestContext,
    State(database): State<Database>,
    Sent(sent): Sent<NewReview>,
) -> Result<Response, Problem> {
    let review = sent.check().map_err(Problem::invalid)?;
    let product = sent.product;
    let page = format!("{PAGE}/{product}");
    let list = database
        .write(move |db| {
            let added = store::add(db, &product, &review)?;
            Ok(added.then_some(store::list(db, &product)?))
        })
        .await?
        .ok_or_else(|| Problem::conflict("This product has enough reviews"))?;
    Ok(if context.wants_json {
        Json(list).into_response()
    } else {
        redirect(&page)?.into_response()
    })
}
