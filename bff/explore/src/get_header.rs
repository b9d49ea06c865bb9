//! The header of every page.

use bff_kit::{Fragment, Query, RequestContext};
use fragments_explore::header::{Header, HeaderData, Section};
use leptos::prelude::*;
use serde::Deserialize;

use crate::KEPT_FOR;

/// The params: the section of the page, if the layout says it. One that isn't known counts as none.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    current: Option<String>,
}

/// Renders the header.
pub(crate) async fn get_header(context: RequestContext, Query(params): Query<Params>) -> Fragment {
    let data = HeaderData {
        current: params.current.as_deref().and_then(Section::from_key),
    };
    Fragment::leptos(&context, (), |()| view! { <Header data/> })
        .await
        .kept_for(KEPT_FOR)
}
