//! One line of a cart.

use leptos::prelude::*;

use crate::{Line, money::euros};

/// Its picture, what and how many, and the sum.
#[component]
pub(crate) fn CartLine(line: Line) -> impl IntoView {
    let total = euros(line.total_cents());
    let each = (line.quantity > 1).then(|| format!(" × {}", euros(line.price_cents)));
    view! {
        <img class="ch-line__picture" src=line.image alt="" width="160" height="120"/>
        <div class="ch-line__what">
            <span class="ch-line__name">{line.name}</span>
            <span class="ch-line__quantity m-muted">
                {format!("Quantity {}{}", line.quantity, each.unwrap_or_default())}
            </span>
        </div>
        <span class="ch-line__price m-price">{total}</span>
    }
}
