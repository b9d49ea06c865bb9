//! A good reply on a connection that is not: what it does to the next request on it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests::{
    client::Reply,
    fault::{
        Answer, Fault, Role, Stage, menu,
        stage::{LONG, MARGIN, SHORT, Times, whole_in_the_end},
    },
};

use super::stage;

const VIEWS: usize = 40;
/// Views that what is left of the fault may spoil once the BFF is well: those of one connection that was kept, and of what
/// crosses the next request on it.
const SPOILED: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_or_goes_astray_between_two_replies_leaves_pages_whole() -> Result<()> {
    for fault in menu::connections() {
        // One that says nothing is left at the fragment's deadline. In all other cases none is ever met, however little of
        // the processor there is: so what isn't fresh is so by the fault.
        let hangs = fault.name.starts_with("answers no");
        let times = if hangs { SHORT } else { LONG };
        let mut stage = stage(times).await?;
        let fresh = pages(&stage, &fault, times).await;
        let fresh = fresh.with_context(|| format!("a BFF that {}", fault.name))?;
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
async fn pages(stage: &Stage, fault: &Fault, times: Times) -> Result<usize> {
    let good = Answer::html("<p class=\"good\">good</p>");
    let target = Role::Optional.target("x");
    stage.faulty.does(&target, fault.script(&good));
    let mut fresh = 0;
    for nth in 0..VIEWS {
        // Some come right behind another, some when the connection has had time to go astray.
        tokio::time::sleep(Duration::from_millis(nth as u64 % 5)).await;
        fresh += usize::from(view(stage, times).await?.0);
    }
    stage.faulty.answers(&target, &good);
    let mut spoiled = Vec::new();
    loop {
        let (is_good, reply) = view(stage, times).await?;
        if is_good {
            return Ok(fresh);
        }
        // Where a deadline can be met, a machine that does much else may meet it more often.
        let most = if times.fragment == SHORT.fragment {
            VIEWS
        } else {
            SPOILED
        };
        spoiled.push(format!("after {:?}: {}", reply.took, reply.text()));
        ensure!(
            spoiled.len() <= most,
            "the good reply isn't back:\n{}",
            spoiled.join("\n")
        );
    }
}

/// One view, whole and in time, and whether it shows the good reply.
async fn view(stage: &Stage, times: Times) -> Result<(bool, Reply)> {
    let reply = stage.composer.get(&Role::Optional.path("x")).send().await?;
    ensure!(reply.status == 200, "{}", reply.status);
    ensure!(reply.took < times.page + MARGIN, "took {:?}", reply.took);
    let page = whole_in_the_end(Role::Optional, &reply)?;
    Ok((!page.all(".good")?.is_empty(), reply))
}
