//! Tractors in colours like those that someone looks at.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::card::{CardData, Cards};

/// What is recommended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecommendationsData {
    /// Why these.
    pub title: String,
    /// At most four.
    pub cards: Vec<CardData>,
}

/// The recommendations; nothing where there are none.
#[component]
pub fn Recommendations(data: RecommendationsData) -> impl IntoView {
    (!data.cards.is_empty()).then(|| {
        view! {
            <section class="m-page m-stack ex-recommendations" aria-labelledby="ex-recommendations">
                <h2 id="ex-recommendations">{data.title}</h2>
                <Cards cards=data.cards/>
            </section>
        }
    })
}
