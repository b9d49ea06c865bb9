//! The reviews of a product.

use leptos::prelude::*;

use crate::{ListProps, Review, write::Write};

/// The list, and the form to write one.
#[component]
pub fn ListView(props: ListProps) -> impl IntoView {
    let product = props.product.clone();
    let shown = RwSignal::new(props);
    let items = move || shown.with(|shown| shown.reviews.iter().map(item).collect_view());
    view! {
        <section class="{{app}}-list" aria-label="Reviews">
            <h2>"Reviews"</h2>
            <p class="{{app}}-muted">{move || shown.with(|shown| summary(shown.count))}</p>
            <ul class="{{app}}-list__items">{items}</ul>
            <Write product shown/>
        </section>
    }
}

fn item(review: &Review) -> impl IntoView + use<> {
    let stars = format!("{} of 5 stars", review.stars);
    let drawn = "★".repeat(usize::from(review.stars));
    view! {
        <li class="{{app}}-review">
            <p class="{{app}}-review__head">
                <span class="{{app}}-review__author">{review.author.clone()}</span>
                <span class="{{app}}-review__stars" role="img" aria-label=stars>{drawn}</span>
            </p>
            <p>{review.text.clone()}</p>
        </li>
    }
}

fn summary(count: u32) -> String {
    match count {
        0 => "Nobody has written one yet.".into(),
        1 => "1 review".into(),
        many => format!("{many} reviews"),
    }
}
