//! What stands around every page: the bar above it, and notices.

use fragments_kit::link;
use leptos::prelude::*;

use crate::{AsOf, Frame, Here, Moment, Notice, place};

/// The bar above each page: where one is, who one is.
pub(crate) fn bar(frame: Frame) -> impl IntoView {
    let here = frame.here;
    let entry = move |to: Here, href: &'static str, name: &'static str| {
        let current = match here {
            here if here == to => Some("page"),
            Here::App if to == Here::Overview => Some("true"),
            _ => None,
        };
        view! { <li><a href=href aria-current=current>{name}</a></li> }
    };
    let signed_in = !frame.user.is_empty();
    view! {
        <header class="c-bar">
            <div class="c-bar__inner">
                <a class="c-brand" href=place::OVERVIEW>
                    <svg class="c-brand__mark" viewBox="0 0 24 24" aria-hidden="true">
                        <path class="c-inlay is-1" d="M2 2H22L12 12Z"></path>
                        <path class="c-inlay is-2" d="M22 2V22L12 12Z"></path>
                        <path class="c-inlay is-3" d="M22 22H2L12 12Z"></path>
                        <path class="c-inlay is-4" d="M2 22V2L12 12Z"></path>
                    </svg>
                    <span>"Marquetry"<span class="c-brand__word">" console"</span></span>
                </a>
                {signed_in.then(|| view! {
                    <nav class="c-nav" aria-label="Console">
                        <ul>
                            {entry(Here::Overview, place::OVERVIEW, "Overview")}
                            {entry(Here::History, place::HISTORY, "History")}
                            {entry(Here::Page, place::PAGE, "Page view")}
                        </ul>
                    </nav>
                    <form class="c-who" action=link("/sign-out") method="post">
                        <p class="c-who__name"><b>{frame.user}</b><span>{frame.rights}</span></p>
                        <button class="c-button c-button--small" type="submit">"Sign out"</button>
                    </form>
                })}
            </div>
        </header>
    }
}

/// Something to know.
pub(crate) fn notice(notice: Notice) -> impl IntoView {
    let (words, href) = notice.link;
    let (no_text, nowhere) = (notice.text.is_empty(), words.is_empty());
    view! {
        <div class=notice.tone.class("c-notice")>
            <p class="c-notice__title">{notice.title}</p>
            <p hidden=no_text>{notice.text}</p>
            <p hidden=nowhere><a href=href>{words}</a></p>
        </div>
    }
}

/// A moment, as long ago; the rest when one points at it.
pub(crate) fn ago(moment: Moment) -> impl IntoView {
    view! { <time datetime=moment.iso title=moment.text>{moment.ago}</time> }
}

/// When the data is of, and how the ledger is.
pub(crate) fn as_of(as_of: AsOf) -> impl IntoView {
    view! {
        <p class="c-asof">
            <span class=as_of.store.tone.class("c-dot")>{as_of.ledger}</span>
            <span>{format!("revision {}", as_of.revision)}</span>
            <span>{as_of.clock}</span>
        </p>
    }
}
