//! Who is signed in: tokens by session, in memory alone.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bff_kit::{
    RequestContext, SetCookie,
    cookie::{Cookie, SameSite, time},
};
use contract::admin::WhoAmI;
use fragments_console::Notice;
use tokio::time::Instant;

use crate::admin::Token;

const COOKIE: &str = "console-session";
/// The console's pages and its BFF lie below this.
const COOKIE_PATH: &str = "/_m";
const IDLE: Duration = Duration::from_secs(8 * 60 * 60);
/// More people are not signed in at once; the one who was away longest goes first.
const MOST: usize = 1_024;

/// The sessions; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Sessions {
    held: Arc<Mutex<HashMap<String, Held>>>,
    idle: Duration,
    most: usize,
}

#[derive(Debug)]
struct Held {
    token: Token,
    who: WhoAmI,
    used: Instant,
    notice: Option<Notice>,
}

/// Someone who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) session: String,
    pub(crate) token: Token,
    pub(crate) who: WhoAmI,
}

impl Default for Sessions {
    fn default() -> Self {
        Self::with(IDLE, MOST)
    }
}

impl Sessions {
    /// At most so many sessions, each for so long after its last use.
    pub(crate) fn with(idle: Duration, most: usize) -> Self {
        Self {
            held: Arc::default(),
            idle,
            most,
        }
    }

    /// Begins a session, with an id that nobody had before.
    pub(crate) fn begin(&self, token: Token, who: WhoAmI) -> Result<String, getrandom::Error> {
        let mut random = [0_u8; 32];
        getrandom::fill(&mut random)?;
        let id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut held = self.lock();
        held.retain(|_, session| session.used.elapsed() < self.idle);
        while held.len() >= self.most {
            let oldest = held.iter().min_by_key(|(_, session)| session.used);
            let Some(oldest) = oldest.map(|(id, _)| id.clone()) else {
                break;
            };
            held.remove(&oldest);
        }
        let session = Held {
            token,
            who,
            used: Instant::now(),
            notice: None,
        };
        held.insert(id.clone(), session);
        Ok(id)
    }

    /// Who came, by a click.
    pub(crate) fn visitor(&self, context: &RequestContext) -> Option<Visitor> {
        self.find(context, true)
    }

    /// Who came, by a page that asks for its numbers: that keeps nobody signed in.
    pub(crate) fn watcher(&self, context: &RequestContext) -> Option<Visitor> {
        self.find(context, false)
    }

    /// Keeps what the token is by now: teams and their apps change.
    pub(crate) fn renew(&self, visitor: &Visitor) {
        if let Some(session) = self.lock().get_mut(&visitor.session) {
            session.who = visitor.who.clone();
        }
    }

    fn find(&self, context: &RequestContext, uses: bool) -> Option<Visitor> {
        let id = context.cookies.get(COOKIE)?;
        let mut held = self.lock();
        if held.get(id)?.used.elapsed() >= self.idle {
            held.remove(id);
            return None;
        }
        let session = held.get_mut(id)?;
        if uses {
            session.used = Instant::now();
        }
        Some(Visitor {
            session: id.to_owned(),
            token: session.token.clone(),
            who: session.who.clone(),
        })
    }

    /// Ends the session that the request came with, if it did.
    pub(crate) fn end(&self, context: &RequestContext) {
        if let Some(id) = context.cookies.get(COOKIE) {
            self.lock().remove(id);
        }
    }

    /// Keeps something to say on the session's next page.
    pub(crate) fn tell(&self, visitor: &Visitor, notice: Notice) {
        if let Some(session) = self.lock().get_mut(&visitor.session) {
            session.notice = Some(notice);
        }
    }

    /// What there was to say.
    pub(crate) fn told(&self, visitor: &Visitor) -> Option<Notice> {
        self.lock().get_mut(&visitor.session)?.notice.take()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        // No step leaves the map half changed.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The cookie that holds a session's id; it ends with the browser.
pub(crate) fn cookie(context: &RequestContext, id: &str) -> Option<SetCookie> {
    SetCookie::new(&base(context, id))
}

/// The cookie that takes it back.
pub(crate) fn no_cookie(context: &RequestContext) -> Option<SetCookie> {
    let mut cookie = base(context, "");
    cookie.set_max_age(time::Duration::ZERO);
    SetCookie::new(&cookie)
}

fn base<'c>(context: &RequestContext, id: &'c str) -> Cookie<'c> {
    Cookie::build((COOKIE, id))
        .path(COOKIE_PATH)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(context.secure)
        .build()
}

#[cfg(test)]
impl Sessions {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }
}
