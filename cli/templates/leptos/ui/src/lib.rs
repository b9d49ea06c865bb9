//! The views of {{app}}: the BFF renders them, the browser wakes them.

mod list;
{{?page}}mod page;
mod review;
mod write;

pub use list::ListView;
{{?page}}pub use page::{PageProps, PageView};
pub use review::{ListProps, NewReview, Review, is_product};

#[cfg(feature = "hydrate")]
fragments_kit::export_fragments! {
    "list" => |props: ListProps| leptos::view! { <ListView props/> },
}
