//! The footer of every page.

use bff_kit::{Fragment, RequestContext};
use fragments_explore::footer::Footer;
use leptos::prelude::*;

/// Renders the footer.
pub(crate) async fn get_footer(context: RequestContext) -> Fragment {
    Fragment::leptos(&context, (), |()| view! { <Footer/> }).await
}
