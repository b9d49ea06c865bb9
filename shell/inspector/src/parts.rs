//! Small things that several views show.

use leptos::prelude::*;

/// A list of terms and what each is, without those that nothing is known of.
pub(crate) fn pairs(all: Vec<(&'static str, String)>) -> impl IntoView {
    let known = all.into_iter().filter(|(_, what)| !what.is_empty());
    let each = |(term, what)| view! { <div><dt>{term}</dt><dd>{what}</dd></div> };
    view! { <dl>{known.map(each).collect_view()}</dl> }
}

/// A word in a coloured box; `kind` is its class.
pub(crate) fn badge(kind: &'static str, word: String) -> impl IntoView {
    view! { <span class=format!("badge {kind}")>{word}</span> }
}

/// What a list says while there is nothing in it.
pub(crate) fn nothing(text: &'static str) -> impl IntoView {
    view! { <p class="nothing">{text}</p> }
}
