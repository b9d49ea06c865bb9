//! The console's fragments: views and the code that wakes them in the browser.

#![expect(
    unreachable_pub,
    reason = "the props and builders that Leptos' component macro writes are `pub`"
)]

mod overview;
mod app;
mod canary;
mod versions;
mod release_form;
mod history;
mod outline;
mod confirm;
mod sign_in;
mod dialog;
mod ask_form;
mod entries;
mod instances;
mod chart;
mod live;
mod frame;
mod data;

pub use app::AppPage;
pub use chart::{grouped, percent, rate_bp, span};
pub use confirm::ConfirmPage;
pub use data::{
    App, AppRow, Arm, AsOf, Ask, Canary, CanaryCard, Count, Done, Entry, Fields, Found, Frame, Here, History, Instance,
    Moment, Notice, Overview, PageOutline, Props, Sample, SignIn, Slot, Tone, VersionRow, place,
};
pub use history::HistoryPage;
pub use outline::OutlinePage;
pub use overview::OverviewPage;
pub use sign_in::SignInPage;

#[cfg(feature = "hydrate")]
fragments_kit::export_fragments! {
    "overview" => |props: Props<Overview>| leptos::view! { <OverviewPage props/> },
    "app" => |props: Props<App>| leptos::view! { <AppPage props/> },
}
