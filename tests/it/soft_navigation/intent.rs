//! What is asked for before anybody clicks: by pointer, finger, key, or by being seen; and what saves data.

use anyhow::{Result, ensure};

use super::{SHELL, Soft};

#[tokio::test]
async fn a_link_under_the_pointer_is_asked_for_once() -> Result<()> {
    let soft = Soft::start().await?;
    soft.browser.hover("#other").await?;
    soft.is_asked(1).await?;
    soft.follow("#other", "Other").await?;
    ensure!(soft.asked() == 1, "asked {} times", soft.asked());
    Ok(())
}

#[tokio::test]
async fn a_link_under_a_finger_or_with_focus_is_asked_for_once() -> Result<()> {
    let soft = Soft::start().await?;
    soft.browser.touch("#other").await?;
    soft.is_asked(1).await?;
    soft.follow("#other", "Other").await?;
    soft.follow("#home", "Home").await?;
    soft.browser
        .ask::<bool>("(document.getElementById('other').focus(), true)")
        .await?;
    soft.is_asked(2).await?;
    soft.follow("#other", "Other").await?;
    ensure!(soft.asked() == 2, "asked {} times", soft.asked());
    Ok(())
}

#[tokio::test]
async fn a_link_that_says_so_is_asked_for_when_it_is_seen() -> Result<()> {
    let soft = Soft::start().await?;
    ensure!(soft.asked() == 0, "it was asked for before it was seen");
    soft.browser
        .ask::<bool>("(document.getElementById('end').scrollIntoView(), true)")
        .await?;
    soft.is_asked(1).await?;
    soft.follow("#seen", "Other").await?;
    soft.browser.at("/other?seen").await?;
    ensure!(soft.asked() == 1, "asked {:?}", soft.site.bff.heads());
    Ok(())
}

#[tokio::test]
async fn a_page_of_another_layout_is_fetched_ahead_by_the_browser() -> Result<()> {
    let soft = Soft::start().await?;
    soft.browser.hover("#bare").await?;
    soft.is_asked(1).await?;
    soft.leave("#bare", "Other").await?;
    ensure!(soft.asked() == 1, "asked {:?}", soft.site.bff.heads());
    Ok(())
}

#[tokio::test]
async fn what_somebody_has_turned_away_from_is_fetched_anew() -> Result<()> {
    let soft = Soft::start().await?;
    soft.browser.hover("#bare").await?;
    soft.is_asked(1).await?;
    soft.browser.hover("h1").await?;
    let gone = "!document.querySelector('script[type=speculationrules]')";
    soft.browser.holds("the browser is asked no more", gone).await?;
    soft.browser.hover("#bare").await?;
    soft.is_asked(2).await?;
    soft.leave("#bare", "Other").await?;
    ensure!(soft.asked() == 2, "asked {:?}", soft.site.bff.heads());
    Ok(())
}

#[tokio::test]
async fn who_saves_data_loads_no_more_than_they_ask_for() -> Result<()> {
    let saves = "Object.defineProperty(navigator, 'connection', { value: { saveData: true, effectiveType: '4g' } })";
    let soft = Soft::start_with(saves).await?;
    soft.browser.holds("the shell has started", SHELL).await?;
    soft.browser.hover("#other").await?;
    // Several times as long as it takes else.
    soft.browser.run("setTimeout(arguments[0], 300)").await?;
    ensure!(soft.asked() == 0, "it was asked for");
    soft.follow("#other", "Other").await
}
