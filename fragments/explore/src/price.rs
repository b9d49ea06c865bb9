//! Money as the shop shows it: `€12,400`.

use leptos::prelude::*;

/// Writes euro cents as `€12,400`, and as `€12,400.50` where there are cents.
pub fn euros(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest == 0 {
        format!("{sign}€{grouped}")
    } else {
        format!("{sign}€{grouped}.{rest:02}")
    }
}

/// A price, with a word before it when it is a price among several.
#[component]
pub fn Price(cents: i64, #[prop(optional)] from: bool) -> impl IntoView {
    view! {
        <p class="ex-price">
            {from.then(|| view! { <span class="m-muted">"from "</span> })}
            <span class="m-price">{euros(cents)}</span>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_and_cents_shown_only_where_there_are_any() {
        for (cents, text) in [
            (0, "€0"),
            (5, "€0.05"),
            (249_000, "€2,490"),
            (1_240_050, "€12,400.50"),
            (123_456_700, "€1,234,567"),
            (-10_000, "-€100"),
        ] {
            assert_eq!(euros(cents), text);
        }
    }
}
