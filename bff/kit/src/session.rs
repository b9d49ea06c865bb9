//! A visitor's id in a cookie.

use cookie::{Cookie, SameSite, time::Duration};

use crate::{
    RequestContext, SetCookie,
    trace::{hex, random},
};

const MAX_AGE: Duration = Duration::days(30);

/// A visitor's id: 128 random bits in a cookie, `HttpOnly`, `SameSite=Lax`, and `Secure` over HTTPS.
///
/// ```
/// # use bff_kit::{Json, RequestContext, Session};
/// # use axum::response::IntoResponse;
/// async fn post_add(context: RequestContext) -> impl IntoResponse {
///     let session = Session::of_or_new(&context, "cart");
///     // … what belongs to `session.id()` …
///     (session.cookie(), Json(1))
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Session {
    id: String,
    cookie: SetCookie,
}

impl Session {
    /// The visitor's session, when the cookie `name` holds one.
    pub fn of(context: &RequestContext, name: &'static str) -> Option<Self> {
        let id = context.cookies.get(name).filter(|id| is_id(id))?.to_owned();
        Self::with(context, name, id)
    }

    /// The visitor's session, else a new one. Send its [`cookie`](Self::cookie) with the reply.
    ///
    /// # Panics
    /// When `name` is no cookie name.
    pub fn of_or_new(context: &RequestContext, name: &'static str) -> Self {
        Self::of(context, name)
            .or_else(|| Self::with(context, name, hex(&random::<16>())))
            .expect("a cookie name and hex digits can stand in a header")
    }

    /// The id, 32 hex digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The cookie, which lives 30 days from now.
    pub fn cookie(&self) -> SetCookie {
        self.cookie.clone()
    }

    fn with(context: &RequestContext, name: &'static str, id: String) -> Option<Self> {
        let cookie = Cookie::build((name, id.as_str()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(context.secure)
            .max_age(MAX_AGE);
        let cookie = SetCookie::new(&cookie.build())?;
        Some(Self { id, cookie })
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
