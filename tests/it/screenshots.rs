//! Pictures of every page at three widths, for people to look at; no page is wider than its window.

use anyhow::{Result, ensure};
use tests::{browser::view::Scheme, visit::Visit};

const WIDTHS: [u32; 3] = [360, 768, 1440];

#[tokio::test]
async fn every_page_fits_its_window() -> Result<()> {
    let visit = Visit::start().await?;
    let mut wide = Vec::new();
    visit
        .every_page(async |name| {
            visit.browser.pictures().await?;
            for width in WIDTHS {
                visit.browser.width(width).await?;
                let needed: u32 = visit.browser.ask("document.documentElement.scrollWidth").await?;
                if needed > width {
                    wide.push(format!("{name} needs {needed} of {width} pixels"));
                }
                visit.browser.scheme(Scheme::Light).await?;
                visit.browser.keep(&format!("{name}-{width}-light")).await?;
            }
            visit.browser.scheme(Scheme::Dark).await?;
            visit.browser.keep(&format!("{name}-1440-dark")).await?;
            Ok(())
        })
        .await?;
    ensure!(wide.is_empty(), "pages are wider than their window: {wide:#?}");
    Ok(())
}
