//! The admin API, fuzzed from its own OpenAPI text: nothing fails within, and every reply is as the text says.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tests::{
    environment,
    registry::Platform,
    stamped::{Stamped, packed},
};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_that_the_admin_api_gets_breaks_it() -> Result<()> {
    let mut platform = Platform::start().await?;
    let admin = platform.admin()?;
    admin.team("shop", &["shop"]).await?;
    let folder = tempfile::tempdir()?;
    let mut kept = Vec::new();
    for version in ["shop@1.0.0", "shop@2.0.0"] {
        let out = folder.path().join(version);
        packed(version, "/", &["shop/part"], &out).await?;
        admin.publish(version, &out).await?;
        let bff = Stamped::start(version, &["shop/part"]).await?;
        kept.push((admin.announce(version, bff.origin()).await?, bff));
    }
    admin.release(&["shop@1.0.0"]).await?;
    admin.canary(&["shop@2.0.0"], &[500]).await?;

    let run = Command::new(environment::schemathesis()?)
        .current_dir(folder.path())
        .arg("run")
        .arg(format!("http://{}/v1/openapi.json", platform.composer.admin()))
        .args(["--header", &format!("Authorization: Bearer {}", admin.token())])
        .args([
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        ])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "40",
            "--seed",
            "7",
        ])
        .args(["--continue-on-failure", "--suppress-health-check", "all", "--no-color"])
        .stdin(Stdio::null())
        .output()
        .await
        .context("can't run schemathesis")?;
    let said = String::from_utf8_lossy(&run.stdout);
    let end = said.len().saturating_sub(12_000);
    println!("{}", said.get(end..).unwrap_or(&said));
    ensure!(platform.composer.process.runs()?, "the composer ended");
    ensure!(run.status.success(), "schemathesis: {}", run.status);
    let page = platform.composer.get("/").send().await?;
    ensure!(page.status == 200, "{}", page.status);
    Ok(())
}
