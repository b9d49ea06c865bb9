//! A good reply on a connection that is not: what it does to the next request on it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests::{
    fault::{Answer, Fault, Role, Stage, menu, stage::whole},
    wait::until,
};

use super::stage;

const VIEWS: usize = 40;
/// The composer may find the BFF broken for as long as this.
const BACK: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_or_goes_astray_between_two_replies_leaves_pages_whole() -> Result<()> {
    for fault in menu::connections() {
        let mut stage = stage().await?;
        let pages = pages(&stage, &fault).await;
        let fresh = pages.with_context(|| format!("a BFF that {}", fault.name))?;
        println!("{}: {fresh} of {VIEWS} fresh", fault.name);
        // One that ends between two requests does so before anything of a reply: a new one is opened, and nobody notices.
        let ends = ["closes", "resets", "keeps", "times out"]
            .iter()
            .any(|word| fault.name.starts_with(word));
        let least = if ends { VIEWS } else { VIEWS * 2 / 5 };
        ensure!(fresh >= least, "a BFF that {}: {fresh} of {VIEWS} fresh", fault.name);
        stage.is_sound()?;
    }
    Ok(())
}

/// How many of the views showed the fragment, all of them whole.
async fn pages(stage: &Stage, fault: &Fault) -> Result<usize> {
    let good = Answer::html("<p class=\"good\">good</p>");
    let target = Role::Optional.target("x");
    stage.faulty.does(&target, fault.script(&good));
    let mut fresh = 0;
    for nth in 0..VIEWS {
        // Some come right behind another, some when the connection has had time to go astray.
        tokio::time::sleep(Duration::from_millis(nth as u64 % 5)).await;
        let reply = stage.composer.get(&Role::Optional.path("x")).send().await?;
        ensure!(reply.status == 200, "{}", reply.status);
        let page = whole(Role::Optional, &reply)?;
        fresh += usize::from(!page.all(".good")?.is_empty());
    }
    stage.faulty.answers(&target, &good);
    let back = async || {
        let reply = stage.composer.get(&Role::Optional.path("x")).send().await?;
        let page = whole(Role::Optional, &reply)?;
        Ok((!page.all(".good")?.is_empty()).then_some(()))
    };
    until(BACK, "the good reply is back", back).await?;
    Ok(fresh)
}
