//! A BFF that is killed again and again, under load.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tests::{
    html::Page,
    load::{View, Visitors},
    shop::{LANDMARKS, Shop},
};
use tokio::time::{interval, timeout};

const KILLS: usize = 20;
/// Pages a second.
const RATE: u32 = 300;
/// A machine that is slow for other reasons thins the stream out, down to this.
const LEAST_RATE: f64 = 60.0;
/// Its content is back so soon after it listens again.
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
    let (mut slowest, mut late) = (Duration::ZERO, 0);
    for nth in 1..=KILLS {
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
        timeout(2 * BACK, back)
            .await
            .with_context(|| format!("kill {nth}: not back"))??;
        slowest = slowest.max(since.elapsed());
        late += usize::from(since.elapsed() > BACK);
    }
    let (tally, rate) = load.end();
    println!(
        "{KILLS} kills, {} pages, {rate:.0} a second, {} wrong; back within {slowest:?}",
        tally.views, tally.wrong
    );
    // A machine with too much to do may be late itself, now and then.
    ensure!(
        late <= KILLS / 10,
        "back after more than {BACK:?} in {late} cases of {KILLS}"
    );
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
        return Some(format!("status {}", view.status));
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
