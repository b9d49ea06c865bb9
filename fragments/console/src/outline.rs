//! What a page is made of: a table, and boxes that lie in each other as the fragments do.

use leptos::prelude::*;

use crate::{Found, PageOutline, Props, Slot, frame, place};

/// The page at `/_m/console/page`.
#[component]
pub fn OutlinePage(props: Props<PageOutline>) -> impl IntoView {
    let said = props.frame.notice.clone();
    view! {
        {frame::bar(props.frame)}
        <main class="c-main" id="main" tabindex="-1">
            <div class="c-head"><h1>"Page view"</h1></div>
            {said.map(frame::notice)}
            {props.data.map(|data| view! {
                {form(data.path, data.at)}
                {props.trouble.map(frame::notice)}
                {data.found.map(found)}
            })}
        </main>
    }
}

fn form(path: String, at: String) -> impl IntoView {
    view! {
        <form class="c-filter" action=place::PAGE method="get">
            <div class="c-field c-field--wide">
                <label for="c-path">"Path of a page"</label>
                <input
                    id="c-path" name="path" type="text" value=path required maxlength="1000" placeholder="/product/AU-01"
                    spellcheck="false" autocapitalize="none" autocomplete="off"
                />
            </div>
            <div class="c-field">
                <label for="c-at">"At (UTC; empty for now)"</label>
                <input id="c-at" name="at" type="datetime-local" value=at/>
            </div>
            <button class="c-button is-primary" type="submit">"Show"</button>
        </form>
    }
}

fn found(found: Found) -> impl IntoView {
    let no_page = found.route.is_empty();
    let live = found.composition.into_iter();
    let live = live
        .map(|version| view! { <li class="c-version">{version}</li> })
        .collect_view();
    let rows = found.slots.iter().cloned().map(row).collect_view();
    let layout = found.layout.clone();
    view! {
        <section class="c-section" aria-labelledby="c-found">
            <h2 id="c-found">{if no_page { "No page has this address" } else { "What this page is made of" }}</h2>
            <dl class="c-facts">
                <div><dt>"As of"</dt><dd><time datetime=found.moment.iso>{found.moment.text}</time></dd></div>
                <div><dt>"Revision"</dt><dd>{found.revision}</dd></div>
                <div hidden=no_page><dt>"Route"</dt><dd><code>{found.route}</code></dd></div>
                <div hidden=no_page><dt>"Layout"</dt><dd><code>{found.layout}</code></dd></div>
                <div class="c-facts__wide"><dt>"Live then"</dt><dd><ul class="c-list">{live}</ul></dd></div>
            </dl>
            <div class="c-columns" hidden=no_page>
                <div class="c-box c-box--layout" role="group" aria-label="Outline of the page">
                    <p class="c-box__facts">"layout "<code>{layout}</code></p>
                    {boxes(found.slots)}
                </div>
                <div class="c-scroll" tabindex="0" role="group" aria-label="Fragments of the page">
                    <table class="c-table">
                        <thead>
                            <tr>
                                <th scope="col">"Fragment"</th>
                                <th scope="col">"Version"</th>
                                <th scope="col">"Owner"</th>
                                <th scope="col">"Role"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </div>
        </section>
    }
}

fn row(slot: Slot) -> impl IntoView {
    let inside = format!("c-hue is-hue-{}", slot.hue);
    let depth = format!("c-depth is-{}", slot.depth.min(5));
    view! {
        <tr>
            <th scope="row"><span class=depth><span class=inside></span>{slot.fragment}</span></th>
            <td class="c-version">{version(slot.version)}</td>
            <td>{slot.owner}</td>
            <td>{slot.role}</td>
        </tr>
    }
}

/// The boxes of `slots`, of which each holds those after it that are deeper.
fn boxes(slots: Vec<Slot>) -> AnyView {
    let mut slots = slots.into_iter().peekable();
    let mut drawn = Vec::new();
    while let Some(slot) = slots.next() {
        let mut inner = Vec::new();
        while let Some(deeper) = slots.next_if(|next| next.depth > slot.depth) {
            inner.push(deeper);
        }
        drawn.push(one(slot, inner));
    }
    view! { <ul class="c-boxes">{drawn}</ul> }.into_any()
}

fn one(slot: Slot, inner: Vec<Slot>) -> impl IntoView {
    let class = format!("c-box is-hue-{}", slot.hue);
    let inner = (!inner.is_empty()).then(|| boxes(inner));
    view! {
        <li class=class>
            <p class="c-box__name">{slot.fragment}</p>
            <p class="c-box__facts">
                <span class="c-version">{version(slot.version)}</span>
                <span>{slot.owner}</span>
                <span>{slot.role}</span>
            </p>
            {inner}
        </li>
    }
}

fn version(version: String) -> String {
    if version.is_empty() { "not live".into() } else { version }
}
