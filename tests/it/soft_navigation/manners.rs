//! What the browser does by itself, as it always did; and browsers that are unlike the usual.

use anyhow::{Result, ensure};

use super::{SHELL, Soft};

#[tokio::test]
async fn without_the_navigation_api_pages_load_as_a_whole() -> Result<()> {
    let soft = Soft::start_with("Object.defineProperty(window, 'navigation', { value: undefined })").await?;
    let shell = "performance.getEntriesByType('resource').some((each) => each.name.endsWith('shell_bg.wasm'))";
    soft.browser.holds("the shell is there", shell).await?;
    soft.leave("#other", "Other").await?;
    soft.browser.back().await?;
    soft.browser.reads("h1", "Home").await?;
    soft.mark().await?;
    soft.leave("#send", "Other").await
}

#[tokio::test]
async fn a_layout_may_ask_for_view_transitions_and_people_for_less_motion() -> Result<()> {
    let count = "window.pictured = 0; const real = Document.prototype.startViewTransition;
        Document.prototype.startViewTransition = function (...all) { window.pictured += 1; return real.apply(this, all); }";
    let soft = Soft::start_with(count).await?;
    let browser = &soft.browser;
    soft.leave("#bare", "Other").await?;
    browser.holds("the shell has started", SHELL).await?;
    soft.mark().await?;
    let go = |path: &str| format!("!!navigation.navigate('{path}').finished.catch(() => 0)");
    browser.ask::<bool>(&go("/bare/home")).await?;
    browser.reads("h1", "Home").await?;
    ensure!(browser.ask::<u32>("pictured").await? == 0, "there was motion");
    browser.motion(true).await?;
    browser.ask::<bool>(&go("/bare")).await?;
    browser.reads("h1", "Other").await?;
    ensure!(browser.ask::<u32>("pictured").await? == 1, "there was no transition");
    ensure!(soft.is_marked().await?, "the page was loaded anew");
    Ok(())
}

#[tokio::test]
async fn keys_and_downloads_are_the_browsers() -> Result<()> {
    let soft = Soft::start().await?;
    let browser = &soft.browser;
    browser.click("#attached").await?;
    browser
        .wait("the file is fetched", async || {
            let heads = soft.site.bff.heads();
            Ok(heads.iter().any(|head| head.starts_with("GET /attached")).then_some(()))
        })
        .await?;
    browser.click_with_control("#other").await?;
    browser
        .wait("a new tab", async || Ok((browser.windows().await? == 2).then_some(())))
        .await?;
    browser.reads("h1", "Home").await?;
    browser.at("/").await?;
    ensure!(soft.is_marked().await?, "the page was left");
    Ok(())
}

#[tokio::test]
async fn a_form_with_files_is_the_browsers() -> Result<()> {
    let soft = Soft::start().await?;
    soft.leave("#upload", "Other").await?;
    soft.browser.at("/other").await?;
    let heads = soft.site.bff.heads();
    let post = heads.iter().find(|head| head.starts_with("POST /send"));
    ensure!(
        post.is_some_and(|head| head.contains("multipart/form-data")),
        "{heads:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_page_that_fails_shows_its_error_page() -> Result<()> {
    let soft = Soft::start().await?;
    soft.leave("#broken", "can't be shown").await?;
    soft.browser.at("/broken").await?;
    soft.browser.back().await?;
    soft.browser.reads("h1", "Home").await
}
