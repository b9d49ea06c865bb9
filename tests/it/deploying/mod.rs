//! `docs/deploying.md`, command by command, as a new team would type it: against a composer that has the shop live.

mod shell;
mod transcript;

use anyhow::{Context, Result};
use tests::{
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

#[tokio::test]
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
        let done = shell.run(&here).await;
        done.with_context(|| format!("docs/deploying.md:{}: {}", step.line, here.command))?;
        if here.command.starts_with("marquetry new reviews") {
            // What the workspace has compiled already isn't compiled again.
            std::os::unix::fs::symlink(shell::target()?, folder.join("reviews/target"))?;
        }
    }
    shell.stop().await
}
