//! The footer of every page.

use bff_kit::{Fragment, RequestContext};
use fragments_explore::footer::Footer;
use leptos::prelude::*;

use crate::KEPT_FOR;

/// Renders the footer.
pub(crate) async fn get_footer(context: RequestContext) -> Fragment {
    Fragment::leptos(&context, (), |()| view! { <Footer/> })
        .await
        .kept_for(KEPT_FOR)
}
