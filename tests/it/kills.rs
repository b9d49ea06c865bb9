//! A BFF that is killed again and again, under load.

use std::{
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tests::{
    html::Page,
    load::{View, Visitors},
    shop::{LANDMARKS, Shop},
    wait::PATIENCE,
};
use tokio::time::{interval, timeout};

const KILLS: usize = 20;
/// Pages a second.
const RATE: u32 = 300;
/// The stream waits while 64 pages are under way, and then catches up: a machine that does much else beside thins it out. A
/// kill from which until it was over so many pages a second were answered is one at 300 pages a second. Of others nothing is
/// said: the BFF that starts and the test itself wait for the processor, and on such a machine all kills may be such.
const FULL_RATE: RangeInclusive<f64> = 285.0..=315.0;
/// And the stream may never be thinner than this.
const LEAST_RATE: f64 = 60.0;
/// Its content is back so soon after it listens again, each time.
const BACK: Duration = Duration::from_secs(2);
/// How long it is dead each time.
const DEAD: Duration = Duration::from_millis(300);

/// Checkout has two optional slots on this page, and nothing else.
const PAGE: &str = "/product/CL-01";

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_of_a_bff_at_300_pages_a_second_fail_no_page() -> Result<()> {
    let mut shop = Shop::start_under("log = \"error\"\n[limits]\nqueue_ms = 10000").await?;
    let visitors = Visitors::new(shop.composer.address());
    let is_back = async || Ok::<_, anyhow::Error>(is_fresh(&visitors.view(PAGE, &[]).await?));
    ensure!(is_back().await?, "the page is fresh at first");
    let load = visitors.stream(PAGE, RATE, fault);
    let (mut times, mut thin) = (Vec::new(), Vec::new());
    for nth in 1..=KILLS {
        let (began, before) = (Instant::now(), load.tally().views);
        shop.bff("checkout")?.process.kill().await?;
        tokio::time::sleep(DEAD).await;
        shop.bff("checkout")?.restart().await?;
        let (since, mut tick) = (Instant::now(), interval(Duration::from_millis(10)));
        let back = async {
            while !is_back().await? {
                tick.tick().await;
            }
            Ok::<_, anyhow::Error>(())
        };
        timeout(PATIENCE, back)
            .await
            .with_context(|| format!("kill {nth}: not back within {PATIENCE:?}; before it {times:?}"))??;
        let took = since.elapsed();
        let rate = a_second(load.tally().views - before, began.elapsed());
        if FULL_RATE.contains(&rate) {
            &mut times
        } else {
            &mut thin
        }
        .push(took);
    }
    let (tally, rate) = load.end();
    println!(
        "{KILLS} kills, {} pages, {rate:.0} a second, {} wrong; back after {times:?}, where pages weren't 300 a second after {thin:?}",
        tally.views, tally.wrong
    );
    ensure!(times.iter().all(|time| *time < BACK), "back after {times:?}");
    ensure!(
        tally.wrong == 0,
        "{} of {} pages: {:#?}",
        tally.wrong,
        tally.views,
        tally.faults
    );
    ensure!(rate > LEAST_RATE, "only {rate:.0} pages a second");
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a count of page views")]
fn a_second(views: u64, time: Duration) -> f64 {
    views as f64 / time.as_secs_f64()
}

fn is_fresh(view: &View) -> bool {
    view.status == 200
        && !view.text.contains("data-state=\"fallback\" data-fragment=\"checkout")
        && Page::parse(&view.text)
            .slot("checkout/mini-cart")
            .is_ok_and(|slot| slot.state() == "fresh")
}

/// What is wrong with a page, whatever stands in checkout's slots.
fn fault(view: &View) -> Option<String> {
    if view.status != 200 {
        return Some(format!("status {}: {}", view.status, view.text));
    }
    // Parsing each as browsers do would leave the composer no processor.
    let whole = view.text.trim_end().ends_with("</html>")
        && ["explore/header", "decide/product", "explore/footer"]
            .iter()
            .all(|fragment| view.text.contains(&format!("data-fragment=\"{fragment}\"")));
    if !whole {
        return Some(format!("not whole: {}", view.text));
    }
    (fastrand::u8(..) == 0)
        .then(|| Page::parse(&view.text).whole(&LANDMARKS).err())
        .flatten()
        .map(|error| format!("{error:#}"))
}
