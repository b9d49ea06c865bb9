//! What a visitor, and a developer, see of the app in a browser.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tests::{browser::Browser, wait::until};

use super::shell::LIMIT;

const SLOT: &str = "fragment-slot[data-fragment=\"reviews/list\"]";

/// Opens `url`, scrolls to the reviews, and writes one in place, by the module that was built for it.
pub(super) async fn writes_a_review(browser: &Browser, url: &str, author: &str) -> Result<()> {
    browser.go(url).await?;
    browser.element(SLOT).await?;
    browser
        .ask::<bool>(&format!(
            "(document.querySelector('{SLOT}').scrollIntoView(), window.marked = true)"
        ))
        .await?;
    let live = format!("'live' in document.querySelector('{SLOT}').dataset");
    browser.holds("the reviews have woken", &live).await?;
    browser.fill("input[name=author]", author).await?;
    browser.fill("textarea[name=text]", "It pulls well.").await?;
    let is_unsaved = format!("document.querySelector('{SLOT}').marquetry.dirty");
    browser.holds("the draft counts as unsaved", &is_unsaved).await?;
    browser.click(&format!("{SLOT} button[type=submit]")).await?;
    browser.reads(&format!("{SLOT} [role=status]"), "Thank you").await?;
    let is_saved = format!("!{is_unsaved}");
    browser.holds("nothing is unsaved", &is_saved).await?;
    browser.reads(&format!("{SLOT} li"), author).await?;
    ensure!(
        browser.ask::<bool>("window.marked === true").await?,
        "the page was loaded anew"
    );
    browser.quiet().await
}

/// Opens the link that `marquetry dev` has `said`, and sees a change of `repository` without doing anything.
pub(super) async fn sees_each_change(said: &str, repository: &Path) -> Result<()> {
    let link = said.lines().map(str::trim).rfind(|line| line.starts_with("http://"));
    let browser = Browser::start().await?;
    writes_a_review(&browser, link.context("there is no link")?, "Dev").await?;
    browser.reads("#marquetry-override", "reviews 0.1.0-dev.").await?;
    let style = repository.join("assets/reviews.css");
    let text = std::fs::read_to_string(&style)?;
    std::fs::write(&style, format!("{text}\n.reviews-list {{ outline: 3px solid }}\n"))?;
    let outlined = format!("getComputedStyle(document.querySelector('{SLOT} section')).outlineStyle === 'solid'");
    until(LIMIT, "the new style", async || {
        // Between two pages there is no such element.
        Ok(browser.ask::<bool>(&outlined).await.unwrap_or_default().then_some(()))
    })
    .await
}
