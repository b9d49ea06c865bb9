//! All apps and the canaries under way.

use leptos::prelude::*;

use crate::{AppRow, CanaryCard, Overview, Props, frame, instances::count, live::Live, place};

/// The page at `/_m/console`.
#[component]
pub fn OverviewPage(props: Props<Overview>) -> impl IntoView {
    let live = Live::new(props.data, props.trouble, "/api/overview".into());
    let said = props.frame.notice.clone();
    view! {
        {frame::bar(props.frame)}
        <main class="c-main" id="main" tabindex="-1">
            <div class="c-head">
                <h1>"Overview"</h1>
                {move || live.data.get().map(|data| frame::as_of(data.as_of))}
            </div>
            {said.map(frame::notice)}
            <div class="c-told" role="alert">{move || live.trouble.get().map(frame::notice)}</div>
            {move || live.data.get().map(everything)}
        </main>
    }
}

fn everything(data: Overview) -> impl IntoView {
    let store = Some(data.as_of.store).filter(|store| !store.text.is_empty());
    let count = data.canaries.len();
    let none = data.apps.is_empty();
    view! {
        {store.map(frame::notice)}
        <section class="c-section" aria-labelledby="c-canaries" hidden=count == 0>
            <h2 id="c-canaries">"Canaries under way"</h2>
            <ul class="c-cards">{data.canaries.into_iter().map(canary).collect_view()}</ul>
        </section>
        <section class="c-section" aria-labelledby="c-apps">
            <h2 id="c-apps">"Apps"</h2>
            <p class="c-empty" hidden=!none>
                "No app is published yet. A team publishes its first version with "<code>"marquetry publish"</code>"."
            </p>
            <ul class="c-rows">{data.apps.into_iter().map(app).collect_view()}</ul>
        </section>
    }
}

fn canary(card: CanaryCard) -> impl IntoView {
    let apps = card.apps.iter().map(|(app, version)| {
        let (href, app, version) = (place::app(app), app.clone(), version.clone());
        view! { <li><a href=href>{app}</a>" "<span class="c-version">{version}</span></li> }
    });
    let (filled, left) = card
        .share_bp
        .map_or((0, 0), |share| (share, 10_000_u32.saturating_sub(share)));
    view! {
        <li class="c-card">
            <ul class="c-card__title">{apps.collect_view()}</ul>
            <p class="c-card__share">
                <b>{card.audience}</b>
                <span class="c-chip" hidden=!card.paused>"paused"</span>
            </p>
            <svg class="c-share" viewBox="0 0 10000 100" preserveAspectRatio="none" aria-hidden="true">
                <path class="c-share__all" d="M0 50H10000"></path>
                <path class="c-share__part" d=format!("M0 50h{filled}m{left} 0")></path>
            </svg>
            <p class=card.verdict.tone.class("c-verdict")><b>{card.verdict.title}</b>" "{card.verdict.text}</p>
            <p class="c-muted">{card.next}</p>
        </li>
    }
}

fn app(row: AppRow) -> impl IntoView {
    let name = row.app.clone();
    let href = row.open.then(|| place::app(&row.app));
    let (version, audience) = row.canary.unwrap_or_default();
    let no_canary = version.is_empty();
    view! {
        <li class="c-row">
            <div class="c-row__name">
                <a href=href>{name}</a>
                <span class="c-muted">{row.owner}</span>
            </div>
            <div class="c-row__live">
                <b class="c-version">
                    <span class="c-hidden">"live for everybody: "</span>
                    {row.stable.unwrap_or_else(|| "not live".into())}
                </b>
                <span class="c-chip is-canary" hidden=no_canary>
                    {format!("canary {version} · {audience}")}
                </span>
            </div>
            {count(row.instances)}
        </li>
    }
}
