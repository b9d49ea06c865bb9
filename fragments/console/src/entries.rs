//! A list of acts.

use leptos::prelude::*;

use crate::{Entry, frame, place};

/// One act: when, who, what, why; with `more` beside it.
pub(crate) fn entry(entry: Entry, more: impl IntoView) -> impl IntoView {
    let apps = entry.apps.iter().map(|app| {
        let (href, app) = (place::app(app), app.clone());
        view! { <li><a href=href>{app}</a></li> }
    });
    let no_reason = entry.reason.is_empty();
    view! {
        <li class="c-entry">
            <span class=entry.tone.class("c-entry__act")>{entry.act}</span>
            <div class="c-entry__what">
                <p>{entry.text}</p>
                <p class="c-entry__reason" hidden=no_reason>{entry.reason}</p>
                <p class="c-muted">
                    {frame::ago(entry.at)}" · "{entry.by}" · "<span class="c-nowrap">{format!("revision {}", entry.revision)}</span>
                </p>
            </div>
            <ul class="c-entry__apps" aria-label="Apps">{apps.collect_view()}</ul>
            {more}
        </li>
    }
}
