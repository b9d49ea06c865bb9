//! The place of another fragment within a view.

use leptos::{
    prelude::*,
    tachys::html::{
        attribute::{self, Attr, AttributeKey},
        element::custom,
    },
};

/// A place for another fragment: `<Slot src="explore/recommendations?skus=AU-02"/>`.
///
/// `fallback` is HTML, written as it is: it must come from the view's author, never from user input.
/// The composer fills the slot on the server. In the browser the fragment's own code leaves what stands in it alone,
/// and a change of `src` makes the shell fetch the slot anew.
#[component]
pub fn Slot(
    /// The fragment and its params.
    #[prop(into)]
    src: Signal<String>,
    /// HTML that is shown when the fragment cannot be.
    #[prop(into, optional)]
    fallback: String,
    /// Classes of the slot element.
    #[prop(into, optional)]
    class: String,
) -> impl IntoView {
    let class = (!class.is_empty()).then_some(class);
    // `inner_html` and no children: hydration neither sets it nor walks below, so composed content is safe.
    // By hand, because `view!` takes it for an attribute on custom elements, and sets those anew when it hydrates:
    // to the shell that would be a new source.
    custom(contract::slot::ELEMENT)
        .add_any_attr(attribute::src(move || src.get()))
        .add_any_attr(Attr(Class, class))
        .inner_html(fallback)
}

/// The attribute `class` that may be missing; the `class` of Leptos is written even when it is empty.
#[derive(Clone, Copy)]
struct Class;

impl AttributeKey for Class {
    const KEY: &'static str = "class";
}
