//! The place of another fragment within a view.

use leptos::{
    prelude::*,
    tachys::html::{attribute::custom::CustomAttribute, element::custom},
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
    // By hand, because `view!` takes it for an attribute on custom elements.
    custom(contract::slot::ELEMENT)
        .attr(contract::slot::SRC, move || src.get())
        .attr("class", class)
        .inner_html(fallback)
}
