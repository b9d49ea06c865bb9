//! The page for an address that leads nowhere.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::address;

/// What the page says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotFoundData {
    /// The heading.
    pub title: String,
    /// What may help.
    pub line: String,
}

/// A page that says that there is nothing here, and where to go.
#[component]
pub fn NotFound(data: NotFoundData) -> impl IntoView {
    view! {
        <div class="m-page m-stack ex-nowhere">
            <p class="ex-nowhere__over" aria-hidden="true">"404"</p>
            <h1>{data.title}</h1>
            <p class="m-muted ex-intro__line">{data.line}</p>
            <p class="ex-hero__ways">
                <a class="m-button m-button--primary" href=address::PRODUCTS>"See all tractors"</a>
                <a class="m-button" href=address::HOME>"Go to the home page"</a>
            </p>
        </div>
    }
}
