//! `marquetry show`: what a page is made of, now or at a moment in the past.

use clap::Args;
use contract::admin::PageView;

use super::terms;
use crate::{
    client::{ClientError, PageQuery, fetch_page},
    failure::Failure,
    output::time,
    session::Session,
    view,
};

/// Show what a page is made of: each slot's app, version, owner and role
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Show {
    /// The page's address on the public listener, as `/checkout/cart`
    #[arg(value_name = "PATH", value_parser = path)]
    path: String,
    /// As it was then: `2026-05-01T14:05` (your time zone), `2026-05-01T14:05Z`, or `2h ago`
    #[arg(long, value_name = "MOMENT", value_parser = terms::moment)]
    at: Option<u64>,
    /// Print the page itself, of exactly these versions, as long as they have instances
    #[arg(long, requires = "public", conflicts_with = "json")]
    html: bool,
    /// The public listener, for `--html`
    #[arg(long, value_name = "URL", requires = "html")]
    public: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry show /checkout/cart
  marquetry show /checkout/cart --at 2026-05-01T14:05
  marquetry show / --at '2h ago'
  marquetry show / --at '2h ago' --html --public http://127.0.0.1:8080 > page.html";

impl Show {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let page = session.client()?.page(&PageQuery {
            path: self.path.clone(),
            at_ms: self.at,
        })?;
        if let Some(public) = &self.public {
            let lock = page.lock.as_deref().ok_or_else(|| {
                Failure::Refused(format!(
                    "no page had the address `{}` then: there is nothing to print",
                    self.path
                ))
            })?;
            let html = fetch_page(public, &self.path, lock).map_err(|error| gone(error, &page))?;
            return session.output.print(&html).map_err(Failure::Stdout);
        }
        let text = || view::page::text(session.output, &page, time::now_ms());
        session.output.result(&page.text, text).map_err(Failure::Stdout)
    }
}

/// The public listener speaks of tabs and browsers; here it is about a page of the past.
fn gone(error: ClientError, page: &PageView) -> Failure {
    match error {
        ClientError::Refused(refused) if refused.problem.kind.ends_with("/version-gone") => Failure::Refused(format!(
            "`{}` can't be shown as it was: it was made of {}, and not all of these have an instance now; `marquetry status APP` shows who has, and without `--html` the slots are told",
            page.path, page.composition
        )),
        other => other.into(),
    }
}

fn path(text: &str) -> Result<String, String> {
    if text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err("a path begins with `/`: `/checkout/cart`".into())
    }
}
