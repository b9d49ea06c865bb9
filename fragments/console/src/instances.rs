//! Instances: how many answer, and each of them.

use leptos::prelude::*;

use crate::{Count, Instance};

/// How many instances answer, of all.
pub(crate) fn count(count: Count) -> impl IntoView {
    let tone = match count {
        Count { total: 0, .. } => "c-count is-plain",
        Count { healthy, total } if healthy == total => "c-count is-good",
        Count { healthy: 0, .. } => "c-count is-bad",
        Count { .. } => "c-count is-warn",
    };
    let words = match count.total {
        0 => "no instances",
        1 => "instance healthy",
        _ => "instances healthy",
    };
    let none = count.total == 0;
    view! {
        <p class=tone>
            <b hidden=none>{format!("{}/{}", count.healthy, count.total)}</b>
            <span>{words}</span>
        </p>
    }
}

/// An instance, as an item of a list.
pub(crate) fn instance(instance: Instance) -> impl IntoView {
    view! {
        <li>
            <span class=instance.tone.class("c-dot")>{instance.state}</span>
            <code>{instance.origin}</code>
            <span class="c-muted">{instance.text}</span>
        </li>
    }
}
