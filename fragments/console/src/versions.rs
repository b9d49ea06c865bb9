//! The versions of an app, with their instances.

use leptos::prelude::*;

use crate::{
    App, VersionRow,
    dialog::Asking,
    frame,
    instances::{count, instance},
    place,
};

/// All versions, newest first.
pub(crate) fn versions(app: App, asking: Asking) -> impl IntoView {
    let (name, forbidden) = (app.app, !app.forbidden.is_empty());
    let none = app.versions.is_empty();
    let rows = app.versions.into_iter();
    let rows = rows
        .map(|version| row(&name, version, forbidden, asking))
        .collect_view();
    view! {
        <section class="c-section" aria-labelledby="c-versions">
            <h2 id="c-versions">"Versions"</h2>
            <p class="c-empty" hidden=!none>"Your token shows no versions of this app."</p>
            <ul class="c-rows">{rows}</ul>
        </section>
    }
}

fn row(app: &str, version: VersionRow, forbidden: bool, asking: Asking) -> impl IntoView + use<> {
    let query = format!("act=rollback&app={app}&version={}", version.version);
    let href = format!("{}?{query}", place::CONFIRM);
    let label = format!("Roll back to {}", version.version);
    let hidden = forbidden || !version.former;
    let live_class = if version.stable {
        "c-chip is-stable"
    } else {
        "c-chip is-canary"
    };
    let not_live = version.live.is_empty();
    let unpublished = version.published.is_none();
    let no_note = version.note.is_empty();
    let no_trouble = version.trouble.is_empty();
    let no_instances = version.instances.is_empty();
    let all = version.instances.into_iter().map(instance).collect_view();
    view! {
        <li class="c-row c-row--version">
            <div class="c-row__name">
                <p>
                    <b class="c-version">{version.version}</b>" "
                    <span class=live_class hidden=not_live>{version.live}</span>
                </p>
                <p class="c-muted">
                    {if unpublished { "not published" } else { "published " }}
                    {frame::ago(version.published.unwrap_or_default())}
                    " "{version.by}
                </p>
                <p class="c-muted" hidden=no_note>{version.note}</p>
                <p class="c-trouble" hidden=no_trouble>{version.trouble}</p>
            </div>
            {count(version.count)}
            <a class="c-button c-button--small" href=href aria-label=label hidden=hidden on:click=asking.on_click(query)>
                "Roll back"
            </a>
            <details class="c-fold c-row__more" hidden=no_instances>
                <summary>"Instances"</summary>
                <ul class="c-instances">{all}</ul>
            </details>
        </li>
    }
}
