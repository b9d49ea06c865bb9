//! Whose cart it is: the cookie `cart`.

use bff_kit::{RequestContext, Session};

const COOKIE: &str = "cart";

/// The id of the visitor's cart; empty, as no cart's is, for one who has none yet.
pub(crate) fn cart_id(context: &RequestContext) -> String {
    Session::of(context, COOKIE).map_or_else(String::new, |session| session.id().to_owned())
}

/// The visitor's cart, or the promise of one: send its cookie with the reply.
pub(crate) fn session(context: &RequestContext) -> Session {
    Session::of_or_new(context, COOKIE)
}
