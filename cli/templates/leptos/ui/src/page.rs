//! The page of this app's own.

use fragments_kit::Slot;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageProps {
    /// The product's number.
    pub product: String,
}

/// A heading, and the list in a slot.
#[component]
pub fn PageView(props: PageProps) -> impl IntoView {
    let src = format!("{{app}}/list?product={}", props.product);
    view! {
        <div class="m-page m-stack">
            <h1>{format!("Reviews of {}", props.product)}</h1>
            <Slot src fallback="<p>The reviews aren't here at the moment.</p>"/>
        </div>
    }
}
