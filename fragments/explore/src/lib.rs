//! The explore team's fragments: views and the code that wakes them in the browser.

pub mod home;
pub mod category;
pub mod store_picker;
pub mod stores;
pub mod header;
pub mod footer;
pub mod recommendations;
pub mod not_found;
pub mod card;
pub mod price;
pub mod address;
pub mod listing;

// Only what has something to do in the browser; all else is plain HTML (`hydrate = "none"`).
#[cfg(feature = "hydrate")]
fragments_kit::export_fragments! {
    "footer" => |(): ()| leptos::view! { <footer::Footer/> },
    "store-picker" => |data: store_picker::StorePickerData| leptos::view! { <store_picker::StorePicker data/> },
}
