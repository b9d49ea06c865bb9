//! `docs/deploying.md`, command by command, as a new team would type it: against a composer that has the shop live.

mod kits;
mod shell;
mod transcript;
mod visitor;

use std::path::Path;

use anyhow::{Context, Result};
use tests::{
    browser::Browser,
    composer::Config,
    environment,
    registry::{Announced, Platform},
    shop::{APPS, BffProcess},
};

use self::{
    shell::Shell,
    transcript::{Step, steps},
};

const DOC: &str = include_str!("../../../docs/deploying.md");

/// The shop, released through the ledger of its composer.
struct Live {
    platform: Platform,
    _bffs: Vec<(BffProcess, Announced)>,
}

impl Live {
    async fn start() -> Result<Self> {
        let dist = environment::dist()?;
        let config = Config::default()
            .line(&format!("static_dir = {:?}", environment::workspace().join("static")))
            .line(&format!("shell_dir = {:?}", dist.join("shell")))
            .line("overrides.enabled = true");
        let platform = Platform::with(config).await?;
        let admin = platform.admin()?;
        admin.team("shop", &APPS).await?;
        let mut bffs = Vec::new();
        for app in APPS {
            let version = format!("{app}@1.0.0");
            let bff = BffProcess::alone(app).await?;
            let announced = admin.announce(&version, &format!("http://{}", bff.address()?)).await?;
            admin.publish(&version, &dist.join("apps").join(app)).await?;
            bffs.push((bff, announced));
        }
        let versions = APPS.map(|app| format!("{app}@1.0.0"));
        admin.release(&versions.each_ref().map(String::as_str)).await?;
        Ok(Self { platform, _bffs: bffs })
    }

    /// The same text with this test's addresses and folders.
    fn here(&self, text: &str) -> String {
        let composer = &self.platform.composer;
        text.replace("127.0.0.1:8081", &composer.admin().to_string())
            .replace("127.0.0.1:8080", &composer.address().to_string())
            .replace("~/marquetry", &environment::workspace().display().to_string())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_team_gets_from_nothing_to_a_canary() -> Result<()> {
    let live = Live::start().await?;
    let folder = live
        .platform
        .data()
        .parent()
        .context("the data has no folder")?
        .to_owned();
    let mut shell = Shell::start(&folder).await?;
    for step in steps(DOC)? {
        let here = Step {
            command: live.here(&step.command),
            expected: step.expected.iter().map(|line| live.here(line)).collect(),
            ..step
        };
        perform(&live, &mut shell, &here, &folder)
            .await
            .with_context(|| format!("docs/deploying.md:{}: {}", step.line, here.command))?;
    }
    shell.stop().await.map(drop)
}

/// One command, and what can be seen of it in a browser.
async fn perform(live: &Live, shell: &mut Shell, step: &Step, folder: &Path) -> Result<()> {
    let said = shell.run(step).await?;
    let repository = folder.join("reviews");
    match step.command.split(' ').nth(1).unwrap_or_default() {
        "new" if !repository.join("target").exists() => {
            // What the workspace has compiled already isn't compiled again.
            std::os::unix::fs::symlink(shell::target()?, repository.join("target"))?;
        }
        "dev" => {
            visitor::sees_each_change(&said, &repository).await?;
            shell.interrupt(step).await?;
        }
        "promote" => {
            let url = live.platform.composer.url("/product/AU-02");
            visitor::writes_a_review(&Browser::start().await?, &url, "Ida").await?;
        }
        _ => {}
    }
    Ok(())
}
