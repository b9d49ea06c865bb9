//! The page of this app's own.

use bff_kit::{Fragment, Problem, Query, RequestContext};
use {{crate}}_ui::{PageProps, PageView, is_product};
use leptos::prelude::*;

/// Renders the heading and the slot of the list.
pub(crate) async fn get_page(
    context: RequestContext,
    Query(props): Query<PageProps>,
) -> Result<Fragment, Problem> {
    if !is_product(&props.product) {
        return Err(Problem::not_found("There is no such product"));
    }
    let title = format!("Reviews of {}", props.product);
    Ok(Fragment::leptos(&context, props, |props| view! { <PageView props/> }).await.title(title))
}
