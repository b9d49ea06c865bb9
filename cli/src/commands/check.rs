//! `marquetry check`: tells every rule that manifests break, here and against what is live.

use std::path::{Path, PathBuf};

use clap::Args;
use contract::{
    AppVersion,
    admin::{AnalysisTerms, Finding, NewRelease, NewVersion, PublishReply, Severity},
    manifest::{self, Breach, Manifest, check_together},
};
use serde_json::{Value, json};

use super::{building::assets_to_publish, publish, version_folder::VersionFolder};
use crate::{
    client::{Client, ClientError},
    failure::Failure,
    output::words::count,
    session::Session,
    view::findings,
};

/// Check manifests, and with several, whether they go together
///
/// With `--against`, a running composer checks them too, as it would before publishing and releasing them: routes and includes beside what is live, event schemas, budgets. Nothing is published.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// Folders that hold a `marquetry.toml`
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Check against what is live there, too: a composer's admin API
    #[arg(long, value_name = "URL")]
    against: Option<String>,
    /// With `--against`: the folder of the files that browsers load, instead of `dist/assets`, which `marquetry build`
    /// makes, or else the manifest's `assets.dir`
    #[arg(long, value_name = "FOLDER", requires = "against")]
    assets: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry check bff/checkout
  marquetry check bff/explore bff/decide bff/checkout
  marquetry check . --against http://127.0.0.1:8081 --token-file ci.token";

impl Check {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        if self.assets.is_some() && self.folders.len() > 1 {
            return Err(Failure::Usage("`--assets` goes with one folder only".into()));
        }
        let manifests = self.manifests()?;
        if manifests.len() > 1 {
            check_together(&manifests.iter().collect::<Vec<_>>()).map_err(Failure::Breaches)?;
        }
        let mut results: Vec<Value> = manifests.iter().map(json_of).collect();
        let mut text: String = manifests.iter().map(told).collect();
        let mut refused = false;
        if let Some(admin) = &self.against {
            let client = session.client_at(admin)?;
            for (folder, result) in self.folders.iter().zip(&mut results) {
                let reply = self.ask(session, &client, folder)?;
                refused |= findings::refuse(&reply.findings);
                text += &format!(
                    "{} against what is live: {}\n",
                    reply.version,
                    verdict(reply.findings.len())
                );
                text += &findings::lines(session.output, &reply.findings);
                result["findings"] = serde_json::to_value(&reply.findings).expect("findings are JSON");
            }
        }
        let json = Value::from(results).to_string();
        session.output.done(&json, || text).map_err(Failure::Stdout)?;
        if refused {
            return Err(Failure::Refused("it can't be published as it is".into()));
        }
        Ok(())
    }

    fn manifests(&self) -> Result<Vec<Manifest>, Failure> {
        let mut breaches = Vec::new();
        let mut manifests = Vec::new();
        for folder in &self.folders {
            match read(folder) {
                Ok(manifest) => manifests.push(manifest),
                Err(mut found) => breaches.append(&mut found),
            }
        }
        if breaches.is_empty() {
            Ok(manifests)
        } else {
            Err(Failure::Breaches(breaches))
        }
    }

    fn ask(&self, session: &Session, client: &Client, folder: &Path) -> Result<PublishReply, Failure> {
        let packed = VersionFolder::pack(folder, assets_to_publish(folder, self.assets.as_deref()).as_deref())?;
        let new = NewVersion {
            files: packed.files.clone(),
            note: None,
        };
        let (reply, _) = publish::publish(session.output, client, &packed, &new, true)?;
        let mut reply = reply.into_value();
        if reply.published {
            reply.findings.extend(before_release(client, &packed.version)?);
        }
        Ok(reply)
    }
}

/// What is found against releasing a version that is published.
fn before_release(client: &Client, version: &AppVersion) -> Result<Vec<Finding>, Failure> {
    let new = NewRelease {
        apps: vec![version.clone()],
        canary: None,
        analysis: AnalysisTerms::default(),
        origins: [].into(),
        if_revision: None,
        reason: None,
    };
    let finding = |severity, rule: &str, text: &str| Finding {
        severity,
        rule: rule.into(),
        at: version.to_string(),
        text: text.into(),
    };
    match client.release(&new, true) {
        Ok(reply) => Ok(reply.into_value().findings),
        Err(ClientError::Refused(refused)) => Ok(match refused.problem.status {
            403 => vec![finding(
                Severity::Warning,
                "not-checked",
                "the token lacks `release`, so that what stands against releasing it was not looked at",
            )],
            422 if !refused.problem.findings.is_empty() => refused.problem.findings,
            422 => vec![finding(Severity::Error, "release", &refused.problem.detail)],
            _ => return Err(ClientError::Refused(refused).into()),
        }),
        Err(other) => Err(other.into()),
    }
}

fn told(manifest: &Manifest) -> String {
    format!(
        "{}: {}, {}, {}, all rules kept\n",
        manifest.app_version(),
        count(manifest.pages.len(), "page"),
        count(manifest.fragments.len(), "fragment"),
        count(manifest.layouts.len(), "layout")
    )
}

fn json_of(manifest: &Manifest) -> Value {
    json!({
        "version": manifest.app_version(),
        "pages": manifest.pages.len(),
        "fragments": manifest.fragments.len(),
        "layouts": manifest.layouts.len(),
    })
}

fn verdict(found: usize) -> &'static str {
    if found == 0 { "nothing found" } else { "found" }
}

fn read(folder: &Path) -> Result<Manifest, Vec<Breach>> {
    let path = folder.join(manifest::FILE);
    let name = path.display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(text) => Manifest::parse(&name, &text),
        Err(error) => Err(vec![Breach {
            file: name,
            line: 1,
            key: String::new(),
            rule: format!("cannot be read: {error}"),
        }]),
    }
}
