//! The picker of a store, for forms of other teams.

use axum::extract::State;
use bff_kit::{Fragment, Problem, Query, RequestContext, sqlite::Database};
use fragments_explore::store_picker::{StorePicker, StorePickerData};
use leptos::prelude::*;
use serde::Deserialize;

use crate::{KEPT_FOR, data};

/// The params: the id of the store that was chosen before.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params {
    selected: Option<String>,
}

/// Renders the picker. A store that isn't known counts as none.
pub(crate) async fn get_store_picker(
    context: RequestContext,
    State(database): State<Database>,
    Query(params): Query<Params>,
) -> Result<Fragment, Problem> {
    let stores = database.read(data::stores).await?;
    let known = |id: &String| stores.iter().any(|store| store.id == *id);
    let selected = params.selected.filter(known);
    let data = StorePickerData { stores, selected };
    let fragment = Fragment::leptos(&context, data, |data| view! { <StorePicker data/> }).await;
    Ok(fragment.kept_for(KEPT_FOR).tag("stores"))
}
