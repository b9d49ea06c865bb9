//! The events that passed, the newest first.

use leptos::prelude::*;

use crate::{
    desk::Desk,
    js,
    parts::{badge, nothing},
    words,
};

pub(crate) fn events(desk: Desk) -> impl IntoView {
    let is_empty = move || desk.page.with(|page| page.events.is_empty());
    view! {
        {move || is_empty().then(|| nothing("No event of this page's topics has passed yet."))}
        <ol class="events" aria-label="Events, the newest first">
            {move || {
                let events = desk.page.with(|page| page.events.clone());
                let each = |event: crate::page::Event| {
                    view! {
                        <li>
                            <time>{words::clock(&js::time(event.at_ms))}</time>
                            <b>{event.topic}</b>
                            {(!event.publisher.is_empty()).then(|| badge("quiet", event.publisher.clone()))}
                            {(!event.from.is_empty()).then(|| badge("html", event.from.clone()))}
                            <code>{event.value}</code>
                        </li>
                    }
                };
                events.into_iter().rev().map(each).collect_view()
            }}
        </ol>
    }
}
