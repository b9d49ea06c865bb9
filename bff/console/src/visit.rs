//! From a request to a page of someone who is signed in, or to the sign-in.

use bff_kit::{Problem, Redirect, RequestContext, redirect};
use fragments_console::{Frame, Here, Props, place};
use http::StatusCode;

use crate::{
    Console,
    admin::{AdminError, For},
    sessions::Visitor,
    trouble, words,
};

/// Why someone is sent to the sign-in; `why` in its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Just not signed in.
    New,
    /// The token does not count, or not any more.
    Refused,
    /// The admin API did not answer.
    Unreachable,
    /// Signed out by a click.
    Left,
}

impl Why {
    /// The word in the address.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::New => "",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Left => "left",
        }
    }
}

/// Sends someone to the sign-in, and on to `to` from there.
pub(crate) fn to_sign_in(why: Why, to: &str) -> Result<Redirect, Problem> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if why != Why::New {
        query.append_pair("why", why.as_str());
    }
    if !to.is_empty() && to != place::OVERVIEW {
        query.append_pair("to", to);
    }
    match query.finish() {
        query if query.is_empty() => redirect(place::SIGN_IN),
        query => redirect(&format!("{}?{query}", place::SIGN_IN)),
    }
}

/// Where to go on to: a page of the console, whatever the address says.
pub(crate) fn onward(to: &str) -> String {
    let rest = to.strip_prefix(place::OVERVIEW);
    let own =
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?'])) && !to.starts_with(place::SIGN_IN);
    if own && redirect(to).is_ok() {
        to.into()
    } else {
        place::OVERVIEW.into()
    }
}

impl Visitor {
    /// For calls in the visitor's name.
    pub(crate) fn calls<'r>(&'r self, context: &'r RequestContext) -> For<'r> {
        For {
            token: &self.token,
            context,
        }
    }
}

impl Console {
    /// Who came by a click, with what the token may do by now.
    pub(crate) async fn arrive(&self, context: &RequestContext) -> Option<Visitor> {
        let mut visitor = self.sessions.visitor(context)?;
        // Where this fails, what the page itself asks for fails as well, and is told.
        if let Ok(who) = self.admin.get(visitor.calls(context), "/v1/whoami").await {
            visitor.who = who;
            self.sessions.renew(&visitor);
        }
        Some(visitor)
    }

    /// The props of a page and its status; or `None` when its visitor is signed out now.
    pub(crate) fn props<T>(
        &self,
        context: &RequestContext,
        visitor: &Visitor,
        here: Here,
        found: Result<T, AdminError>,
    ) -> Option<(Props<T>, StatusCode)> {
        let mut props = Props {
            frame: self.frame(visitor, here),
            data: None,
            trouble: None,
        };
        match found {
            Ok(data) => {
                props.data = Some(data);
                Some((props, StatusCode::OK))
            }
            Err(error) if error.signed_out() => {
                self.sessions.end(context);
                None
            }
            Err(error) => {
                tracing::warn!(%error, "a page is without its data");
                props.trouble = Some(trouble::notice(&error));
                Some((props, trouble::page_status(&error)))
            }
        }
    }

    /// What stands around a page of `visitor`.
    pub(crate) fn frame(&self, visitor: &Visitor, here: Here) -> Frame {
        Frame {
            user: visitor.who.name.clone(),
            rights: words::rights(&visitor.who),
            here,
            notice: self.sessions.told(visitor),
        }
    }

    /// The reply to a script whose call failed.
    pub(crate) fn refuse(&self, context: &RequestContext, error: AdminError) -> Problem {
        if error.signed_out() {
            self.sessions.end(context);
        }
        trouble::problem(error)
    }
}

/// The reply to a script of someone who isn't signed in.
pub(crate) fn nobody() -> Problem {
    let problem = Problem::new(StatusCode::UNAUTHORIZED).title("You are signed out");
    problem.detail("Your session has ended.")
}
