//! No page keeps anyone out: axe-core finds nothing serious, in light and in dark.

use anyhow::{Result, ensure};
use tests::{browser::view::Scheme, visit::Visit};

#[tokio::test]
async fn no_page_has_a_grave_barrier() -> Result<()> {
    let visit = Visit::start().await?;
    let mut grave = Vec::new();
    visit
        .every_page(async |name| {
            for scheme in [Scheme::Light, Scheme::Dark] {
                visit.browser.scheme(scheme).await?;
                let findings = visit.browser.axe().await?;
                let found = findings.into_iter().filter(|finding| finding.is_grave());
                grave.extend(found.map(|finding| format!("{name}, {}: {finding}", scheme.as_str())));
            }
            Ok(())
        })
        .await?;
    ensure!(grave.is_empty(), "axe-core finds barriers:\n{}", grave.join("\n"));
    Ok(())
}
