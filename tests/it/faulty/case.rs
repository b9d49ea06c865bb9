//! One fault in one role, kept in one way: what has to hold while it lasts, and what after.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use tests::{
    client::Reply,
    fault::{
        Answer, Breaks, Fault, Role, Stage,
        stage::{FRAGMENT_DEADLINE, whole},
    },
    html::Page,
};
use tokio::time::{Instant, interval};

use super::Try;

/// A good reply is seen again so soon after the BFF has come to its senses.
const BACK: Duration = Duration::from_secs(8);
const AGAIN: Duration = Duration::from_millis(20);

/// Whether replies may be kept, and whether an old one is there when the fault comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeping {
    Never,
    Kept,
    Stale,
}

impl Keeping {
    pub(super) const ALL: [Self; 3] = [Self::Never, Self::Kept, Self::Stale];

    fn control(self) -> &'static str {
        match self {
            Self::Never => "",
            Self::Kept => "s-maxage=60",
            Self::Stale => "max-age=0, stale-if-error=60",
        }
    }
}

/// One fault in one role, kept in one way.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) fault: Fault,
    pub(super) role: Role,
    pub(super) keeping: Keeping,
    /// Tells it from all others of its stage.
    pub(super) key: String,
}

impl Case {
    pub(super) async fn run(mut self, stage: Arc<Stage>, nth: Try) -> Result<()> {
        if nth == Try::Alone {
            self.key.replace_range(..1, "a");
        }
        let stage = &stage;
        let run = async {
            if self.keeping == Keeping::Stale {
                stage.faulty.answers(&self.target(), &self.edition(1));
                let reply = self.view(stage).await?;
                ensure!(self.shows(&reply, 1)?, "not good at first:\n{}", reply.text());
            }
            self.breaks(stage).await.context("while it lasts")?;
            self.mends(stage).await.context("afterwards")
        };
        let what = format!(
            "{:?}, {:?}: {} ({})",
            self.role, self.keeping, self.fault.name, self.key
        );
        run.await.context(what)
    }

    fn target(&self) -> String {
        self.role.target(&self.key)
    }

    /// A good reply; its text tells a whole one from half of one.
    pub(super) fn edition(&self, number: usize) -> Answer {
        let key = &self.key;
        let line = format!("<p>{key} goes on and on</p>").repeat(12);
        let body =
            format!("<p class=\"first\">{key} edition {number}</p>{line}<p class=\"last\">{key} end {number}</p>");
        Answer::html(body).cached(self.keeping.control())
    }

    async fn view(&self, stage: &Stage) -> Result<Reply> {
        stage.composer.get(&self.role.path(&self.key)).send().await
    }

    /// Tells whether the page shows all of that edition.
    fn shows(&self, reply: &Reply, number: usize) -> Result<bool> {
        if reply.status != 200 {
            return Ok(false);
        }
        let page = Page::parse(&reply.text());
        let slot = page.slot(self.role.fragment())?;
        let (text, key) = (slot.text(), &self.key);
        Ok(text.contains(&format!("{key} edition {number}")) && text.contains(&format!("{key} end {number}")))
    }

    async fn breaks(&self, stage: &Stage) -> Result<()> {
        let asked = stage.faulty.asked(&self.target());
        stage.faulty.does(&self.target(), self.fault.script(&self.edition(2)));
        // Two at once: what one of them gets the other may share.
        let (one, other) = tokio::try_join!(self.view(stage), self.view(stage))?;
        ensure!(
            stage.faulty.asked(&self.target()) > asked,
            "the BFF was not even asked:\n{}",
            one.text()
        );
        self.judge(&one)?;
        self.judge(&other)
    }

    fn judge(&self, reply: &Reply) -> Result<()> {
        let page = whole(self.role, reply)?;
        if self.keeping == Keeping::Stale {
            // A redirect is an answer, however wrong.
            let must =
                matches!(self.fault.breaks, Breaks::Late | Breaks::Head) && !self.fault.name.contains("redirects");
            if self.shows(reply, 1)? {
                return Ok(());
            }
            ensure!(!must, "the old reply isn't shown:\n{}", reply.text());
        }
        let status = reply.status.as_u16();
        ensure!(self.allows(status), "status {status}");
        if status != 200 || self.role == Role::Primary {
            return Ok(());
        }
        let slot = page.slot(self.role.fragment())?;
        let fell_back = slot.state() == "fallback" && slot.text() == "try later";
        match self.fault.breaks {
            Breaks::Late | Breaks::Head | Breaks::Begun => ensure!(fell_back, "the slot shows {}", slot.html()),
            Breaks::Nothing => ensure!(slot.state() != "fallback", "the slot fell back"),
            Breaks::Body | Breaks::Either => {}
        }
        Ok(())
    }

    fn allows(&self, status: u16) -> bool {
        if matches!(self.role, Role::Optional | Role::Nested) {
            return status == 200;
        }
        match self.fault.breaks {
            Breaks::Late => status == 504,
            Breaks::Head => matches!(status, 502 | 503),
            // What comes before the page's own head is out fails the page, what comes later cuts the fragment.
            Breaks::Begun | Breaks::Body | Breaks::Either => matches!(status, 200 | 502..=504),
            Breaks::Nothing => status == 200,
        }
    }

    /// The BFF is good again: so is the page, soon, and at no moment does it show half of anything.
    async fn mends(&self, stage: &Stage) -> Result<()> {
        stage.faulty.answers(&self.target(), &self.edition(3));
        // By the rules it was a good reply, that may be kept for a minute.
        if self.keeping == Keeping::Kept && matches!(self.fault.breaks, Breaks::Nothing | Breaks::Either) {
            whole(self.role, &self.view(stage).await?)?;
            return Ok(());
        }
        let (since, mut tick) = (Instant::now(), interval(AGAIN));
        loop {
            tick.tick().await;
            let reply = self.view(stage).await?;
            whole(self.role, &reply)?;
            if self.shows(&reply, 3)? {
                return self.keeps(stage).await;
            }
            let waited = since.elapsed();
            ensure!(
                waited < BACK,
                "the good reply isn't back after {waited:?}:\n{}",
                reply.text()
            );
            // A fetch that began before the BFF was good may still share what it gets.
            if waited > 2 * FRAGMENT_DEADLINE {
                ensure!(!self.shows_half(&reply)?, "half of a reply was kept:\n{}", reply.text());
            }
        }
    }

    /// What may be kept is kept: the BFF may break again, and nobody asks it.
    async fn keeps(&self, stage: &Stage) -> Result<()> {
        if self.keeping != Keeping::Kept {
            return Ok(());
        }
        let asked = stage.faulty.asked(&self.target());
        stage.faulty.does(&self.target(), self.fault.script(&self.edition(4)));
        let reply = self.view(stage).await?;
        whole(self.role, &reply)?;
        ensure!(self.shows(&reply, 3)?, "the good reply wasn't kept:\n{}", reply.text());
        ensure!(stage.faulty.asked(&self.target()) == asked, "the BFF was asked again");
        Ok(())
    }

    fn shows_half(&self, reply: &Reply) -> Result<bool> {
        let text = reply.text();
        let whole = (1..=3).any(|number| text.contains(&format!("{} end {number}", self.key)));
        Ok(text.contains(&format!("{} edition", self.key)) && !whole)
    }
}
