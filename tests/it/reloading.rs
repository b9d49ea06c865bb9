//! The configuration, read anew while people look at pages.

use anyhow::{Context, Result, ensure};
use http::{Method, StatusCode};
use serde_json::json;
use tests::{
    client,
    composer::Config,
    load::Visitors,
    registry::Platform,
    site::{MANIFEST, Site},
    wait::{PATIENCE, until},
};

#[tokio::test]
async fn a_valid_configuration_counts_at_once_and_an_invalid_one_not_at_all() -> Result<()> {
    let site = Site::with(MANIFEST, Config::default().line("log = \"off\"")).await?;
    let file = site.composer.config_file();
    let before = std::fs::read_to_string(&file)?;
    let load = Visitors::new(site.composer.address()).stream("/", 50, |view| {
        (!matches!(view.status, 200 | 421)).then(|| view.status.to_string())
    });
    std::fs::write(&file, format!("hosts = [\"shop.example\"]\n{before}"))?;
    site.composer.process.signal("HUP").await?;
    until(PATIENCE, "another host is refused", async || {
        Ok((site.composer.get("/").send().await?.status == 421).then_some(()))
    })
    .await?;
    let own = client::get(site.composer.address(), "/").header("host", "shop.example");
    ensure!(
        own.send()
            .await
            .is_ok_and(|page| page.status == 400 || page.status == 200),
        "its own host"
    );
    std::fs::write(&file, format!("hosts = [\"a,b\"]\ncolour = 1\n{before}"))?;
    site.composer.process.signal("HUP").await?;
    until(PATIENCE, "the failure is counted", async || {
        let numbers = client::get(site.composer.admin(), "/metrics").send().await?.text();
        let failed = numbers.contains("composer_reloads_total{result=\"failed\"} 1");
        Ok((failed && numbers.contains("composer_reload_ok 0")).then_some(()))
    })
    .await?;
    ensure!(
        site.composer.get("/").send().await?.status == 421,
        "the one before stays"
    );
    std::fs::write(&file, &before)?;
    site.composer.process.signal("HUP").await?;
    until(PATIENCE, "every host is served again", async || {
        Ok((site.composer.get("/").send().await?.status == 200).then_some(()))
    })
    .await?;
    let (tally, _) = load.end();
    ensure!(tally.wrong == 0, "{:?}", tally.faults);
    Ok(())
}

#[tokio::test]
async fn who_asks_for_a_reload_is_told_what_came_of_it() -> Result<()> {
    let platform = Platform::with(Config::default().line("log = \"off\"")).await?;
    let admin = platform.admin()?;
    admin.team("shop", &["shop"]).await?;
    let team = admin.issue("shop", &["read", "release"]).await?;
    let (status, _) = team.call(Method::POST, "/v1/reload", None).await?;
    ensure!(status == StatusCode::FORBIDDEN, "{status}");
    let file = platform.composer.config_file();
    // It ends with the table of limits.
    let before = std::fs::read_to_string(&file)?;
    std::fs::write(
        &file,
        format!("hosts = [\"shop.example\"]\nthreads = 3\n{before}requests = 9\n"),
    )?;
    let reply = admin.act(Method::POST, "/v1/reload", &json!({})).await?;
    ensure!(
        reply == json!({ "changed": ["hosts", "limits"], "needs_restart": ["threads"] }),
        "{reply}"
    );
    std::fs::write(&file, format!("hosts = [\"a,b\"]\n{before}requests = 0\n"))?;
    let (status, problem) = admin.call(Method::POST, "/v1/reload", None).await?;
    ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "{status}");
    let findings = problem["findings"].as_array().context("no findings")?;
    let told: Vec<&str> = findings.iter().filter_map(|each| each["text"].as_str()).collect();
    ensure!(
        told.len() == 2 && told[0].contains("hosts[0]") && told[1].contains("requests"),
        "{told:?}"
    );
    std::fs::write(&file, before)?;
    let reply = admin.act(Method::POST, "/v1/reload", &json!({})).await?;
    ensure!(reply["changed"] == json!(["hosts", "limits"]), "{reply}");
    Ok(())
}
