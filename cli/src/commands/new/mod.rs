//! `marquetry new`: makes a repository for an app.

mod template;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use clap::{Args, ValueEnum};
use contract::AppName;
use serde_json::json;

use self::template::{LEPTOS, PLAIN, Words};
use crate::{failure::Failure, session::Session};

/// Make a complete repository for an app: views, BFF, manifest, tests, workflow
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct New {
    /// The app's name; publishing it needs a token of the team that owns the name
    name: AppName,
    /// What it is written in
    #[arg(long, value_enum, default_value_t)]
    kind: Kind,
    /// The folder to make, instead of one called like the app
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// Give it a page of its own too, `/<app>/{product}`
    #[arg(long)]
    page: bool,
    /// A checkout of Marquetry whose kits to use, instead of the published ones
    #[arg(long, value_name = "FOLDER")]
    kits: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry new reviews
  marquetry new reviews --kits ../marquetry
  marquetry new reviews --kind plain --page --dir work/reviews

docs/deploying.md leads from here to a canary.";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Rust and Leptos, with the kits
    #[default]
    Leptos,
    /// HTML, JavaScript and Python's standard library: nothing but HTTP
    Plain,
}

impl New {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let kits = self.kits.as_deref().map(checked).transpose()?;
        let dir = self.dir.clone().unwrap_or_else(|| self.name.as_str().into());
        empty(&dir)?;
        let words = Words {
            app: self.name.clone(),
            page: self.page,
            bff_kit: dependency(kits.as_deref(), "bff/kit"),
            fragments_kit: dependency(kits.as_deref(), "fragments/kit"),
        };
        let files = words.fill(match self.kind {
            Kind::Leptos => LEPTOS,
            Kind::Plain => PLAIN,
        });
        for (path, text) in &files {
            write(&dir.join(path), text)?;
        }
        if let (Some(kits), Kind::Leptos) = (&kits, self.kind) {
            same_versions(kits, &dir)?;
        }
        format(&dir, &files);
        init_git(&dir);
        self.tell(session, &dir, &files)
    }

    fn tell(&self, session: &Session, dir: &Path, files: &[(PathBuf, String)]) -> Result<(), Failure> {
        let json = || {
            let files: Vec<String> = files.iter().map(|(path, _)| path.display().to_string()).collect();
            json!({ "app": self.name, "dir": dir.display().to_string(), "files": files }).to_string()
        };
        let text = || format!("{} is in {}, {} files", self.name, dir.display(), files.len());
        session.output.done(&json(), text).map_err(Failure::Stdout)?;
        let test = match self.kind {
            Kind::Leptos => "cargo test",
            Kind::Plain => "python3 -m unittest discover -s tests",
        };
        session.output.note(&format!(
            "\nNext:\n  cd {}\n  {test}\n  marquetry dev    # with MARQUETRY_ADMIN and MARQUETRY_TOKEN set; its README leads on",
            dir.display()
        ));
        Ok(())
    }
}

/// The checkout's absolute path, as it can stand in a manifest of cargo.
fn checked(kits: &Path) -> Result<String, Failure> {
    let wrong = |why: &str| Failure::Usage(format!("`--kits {}` {why}", kits.display()));
    for kit in ["bff/kit", "fragments/kit"] {
        if !kits.join(kit).join("Cargo.toml").is_file() {
            return Err(wrong(&format!(
                "is no checkout of Marquetry: it has no `{kit}/Cargo.toml`"
            )));
        }
    }
    let absolute = fs::canonicalize(kits).map_err(|error| wrong(&format!("can't be read: {error}")))?;
    let text = absolute
        .to_str()
        .filter(|text| !text.contains(['"', '\\']) && !text.contains(char::is_control));
    text.map(str::to_owned)
        .ok_or_else(|| wrong("has quotes, backslashes or control characters in its path, which cargo would misread"))
}

fn dependency(kits: Option<&str>, kit: &str) -> String {
    match kits {
        Some(kits) => format!("{{ path = \"{kits}/{kit}\" }}"),
        None => format!("\"{}\"", env!("CARGO_PKG_VERSION")),
    }
}

fn empty(dir: &Path) -> Result<(), Failure> {
    match fs::read_dir(dir) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Failure::Refused(format!(
                "`{}` is not empty; name another folder with `--dir`",
                dir.display()
            ))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(Failure::Io {
            what: format!("`{}` can't be used", dir.display()),
            source,
        }),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|source| Failure::Io {
            what: format!("`{}` can't be written", path.display()),
            source,
        })
}

/// The checkout's lock file: what its kits are tested with. Cargo drops what isn't used.
fn same_versions(kits: &str, dir: &Path) -> Result<(), Failure> {
    let lock = Path::new(kits).join("Cargo.lock");
    match fs::copy(&lock, dir.join("Cargo.lock")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::Io {
            what: format!("`{}` can't be copied", lock.display()),
            source: error,
        }),
        _ => Ok(()),
    }
}

/// How lines break depends on the app's name.
fn format(dir: &Path, files: &[(PathBuf, String)]) {
    let is_rust = |path: &&PathBuf| path.extension().is_some_and(|kind| kind == "rs");
    let sources: Vec<&PathBuf> = files.iter().map(|(path, _)| path).filter(is_rust).collect();
    if sources.is_empty() {
        return;
    }
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.current_dir(dir).args(["--edition", "2024"]).args(sources);
    // Without rustfmt the lines are as good.
    let _ = rustfmt
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// A repository of git's, where there is git and the folder isn't in one already.
fn init_git(dir: &Path) {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C").arg(dir).args(arguments);
        git.stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
    };
    if git(&["rev-parse", "--is-inside-work-tree"]).is_ok_and(|status| !status.success()) {
        // Without git the folder is as good.
        let _ = git(&["init", "--quiet"]);
    }
}
