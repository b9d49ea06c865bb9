//! `marquetry publish`: makes a version known to a running composer.

use std::path::PathBuf;

use clap::Args;
use contract::{
    AppVersion,
    admin::{NewVersion, PublishReply},
};

use super::{
    building::assets_to_publish,
    uploading::{self, Sent},
    version_folder::VersionFolder,
};
use crate::{
    client::{Client, Reply},
    failure::Failure,
    output::{Output, Tone, words},
    session::Session,
    view::findings,
};

/// Between the list of what is missing and the next, another deployer or a collection of garbage may change it.
const ROUNDS: usize = 3;

/// Publish a version: pack it, upload what the composer lacks, check it. Nobody sees it yet
///
/// A version never changes: the same bytes again are fine, other bytes under the same version are refused.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Publish {
    /// The app's folder, which holds its `marquetry.toml`
    #[arg(value_name = "FOLDER", default_value = ".", conflicts_with = "packed")]
    source: PathBuf,
    /// The folder of the files that browsers load, instead of `dist/assets`, which `marquetry build` makes, or else
    /// the manifest's `assets.dir`
    #[arg(long, value_name = "FOLDER", conflicts_with = "packed")]
    assets: Option<PathBuf>,
    /// A version folder that `marquetry pack` has made
    #[arg(long, value_name = "FOLDER")]
    packed: Option<PathBuf>,
    /// Where it comes from, for people: a commit, a build
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Check it only; its files are uploaded, but no version is published
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  marquetry publish
  marquetry publish bff/checkout --assets dist/build/checkout --note \"$(git describe --always)\"
  marquetry publish --packed dist/apps/checkout
  marquetry publish --dry-run";

impl Publish {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let client = session.client()?;
        let folder = self.folder(session.output)?;
        let (reply, sent) = publish(session.output, &client, &folder, &self.terms(&folder), self.dry_run)?;
        let text = || told(session.output, &folder, &reply, sent, self.dry_run);
        session.output.done(&reply.text, text).map_err(Failure::Stdout)?;
        refused(&reply, &folder.version)
    }

    fn folder(&self, output: Output) -> Result<VersionFolder, Failure> {
        let _sign = output.working("packing and compressing");
        if let Some(dir) = &self.packed {
            return VersionFolder::packed(dir);
        }
        let assets = assets_to_publish(&self.source, self.assets.as_deref());
        VersionFolder::pack(&self.source, assets.as_deref())
    }

    fn terms(&self, folder: &VersionFolder) -> NewVersion {
        NewVersion {
            files: folder.files.clone(),
            note: self.note.clone(),
        }
    }
}

/// Publishes, or with `dry_run` checks, and uploads what is missing for that.
pub(super) fn publish(
    output: Output,
    client: &Client,
    folder: &VersionFolder,
    new: &NewVersion,
    dry_run: bool,
) -> Result<(Reply<PublishReply>, Sent), Failure> {
    let mut reply = client.publish(&folder.version, new, dry_run)?;
    let mut all = Sent::default();
    for _ in 0..ROUNDS {
        if reply.missing.is_empty() {
            break;
        }
        let sent = uploading::upload(output, client, folder, &reply.missing)?;
        all.files += sent.files;
        all.bytes += sent.bytes;
        reply = client.publish(&folder.version, new, dry_run)?;
    }
    match reply.missing.len() {
        0 => Ok((reply, all)),
        missing => Err(Failure::Refused(format!(
            "`{}` is not published: the composer still misses {} after {ROUNDS} uploads; `marquetry doctor` may say why",
            folder.version,
            words::count(missing, "file")
        ))),
    }
}

/// An error among the findings is a refusal, also where the composer only told it.
pub(super) fn refused(reply: &PublishReply, version: &AppVersion) -> Result<(), Failure> {
    if findings::refuse(&reply.findings) {
        return Err(Failure::Refused(format!("`{version}` can't be published as it is")));
    }
    Ok(())
}

fn told(output: Output, folder: &VersionFolder, reply: &PublishReply, sent: Sent, dry_run: bool) -> String {
    let version = &folder.version;
    let files = format!(
        "{}, {}",
        words::count(folder.files.len(), "file"),
        words::bytes(folder.bytes())
    );
    let news = match sent.files {
        0 => "nothing to upload".to_owned(),
        files => format!("{files} uploaded, {}", words::bytes(sent.bytes)),
    };
    let found = findings::lines(output, &reply.findings);
    if dry_run {
        let verdict = if findings::refuse(&reply.findings) {
            "would be refused"
        } else {
            "could be published"
        };
        return format!("{version} {verdict} ({files}; {news}); nothing is published\n{found}");
    }
    let head = if reply.changed {
        format!("{} {version} ({files}; {news})", output.tone(Tone::Good, "published"))
    } else {
        format!("{version} was published before, with the same bytes ({files})")
    };
    format!("{head}\n{found}next: marquetry release {version} --canary 5%\n")
}
