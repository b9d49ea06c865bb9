//! The page of the stores.

use axum::extract::State;
use bff_kit::{Fragment, Problem, RequestContext, sqlite::Database};
use fragments_explore::stores::{Stores, StoresData};
use leptos::prelude::*;

use crate::{KEPT_FOR, data};

/// Renders the page of the stores.
pub(crate) async fn get_stores(context: RequestContext, State(database): State<Database>) -> Result<Fragment, Problem> {
    let stores = database.read(data::stores).await?;
    let data = StoresData { stores };
    let fragment = Fragment::leptos(&context, (), |()| view! { <Stores data/> }).await;
    let fragment = fragment.kept_for(KEPT_FOR).tag("stores");
    Ok(fragment.title("Our stores · Marquetry Tractors"))
}
