//! The servers under test, each started in its own folder on CPU 0 with one worker.

mod composer;
mod nginx;
mod node;
mod varnish;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::{
    load::{self, Target},
    mode::{Coding, Mode},
    process::{self, Cpu, Process},
    upstream,
};

use composer::own;
pub(crate) use composer::{Composer, composer_program};

/// Whom to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A hyper program that does the least: fetches and concatenates, or sends ready bytes.
    Bare,
    /// The composer.
    Marquetry,
    /// Another build of the composer, see `--old`.
    Before,
    /// The composer with pages whose manifest names their slots.
    Eager,
    /// nginx with server-side includes.
    Nginx,
    /// The same, but nothing of an uncached page is sent before all of it is there.
    Held,
    /// Varnish with edge-side includes.
    Varnish,
    /// Tailor, by Zalando, on Node.
    Tailor,
    /// A layout of Podium, by Finn.no, on Node.
    Podium,
}

impl Kind {
    /// Whether it can do this at all.
    pub(crate) fn does(self, mode: Mode, coding: Coding) -> bool {
        let plain = coding == Coding::Plain;
        let up_to_gzip = plain || coding == Coding::Gzip;
        match self {
            Self::Marquetry | Self::Before => true,
            Self::Eager | Self::Held | Self::Tailor | Self::Podium => mode == Mode::Uncached && plain,
            Self::Bare => plain || mode == Mode::Cached && up_to_gzip,
            Self::Nginx | Self::Varnish => up_to_gzip,
        }
    }

    pub(crate) fn is_compiled_late(self) -> bool {
        matches!(self, Self::Tailor | Self::Podium)
    }

    /// As tables and charts name it.
    pub(crate) fn name(self, mode: Mode) -> &'static str {
        match (self, mode) {
            (Self::Bare, Mode::Uncached) => "bare hyper, fetching",
            (Self::Bare, Mode::Cached) => "bare hyper, ready bytes",
            (Self::Marquetry, _) => "marquetry",
            (Self::Before, _) => "marquetry, before",
            (Self::Eager, _) => "marquetry, eager",
            (Self::Nginx, _) => "nginx SSI",
            (Self::Held, _) => "nginx SSI, held back",
            (Self::Varnish, _) => "Varnish ESI",
            (Self::Tailor, _) => "Tailor",
            (Self::Podium, _) => "Podium",
        }
    }
}

/// What contestants need to start.
pub(crate) struct Ground {
    /// The fragment server's port.
    pub(crate) upstream: u16,
    /// The composer's program.
    pub(crate) binary: PathBuf,
    /// Another one to compare with.
    pub(crate) old: Option<PathBuf>,
    /// Where Tailor and Podium are installed.
    pub(crate) peers: PathBuf,
    /// Numbers of fragments whose pages the manifest names.
    pub(crate) fragments: Vec<usize>,
    /// For configurations, logs and caches; in memory if there is such a place.
    pub(crate) folder: PathBuf,
}

impl Ground {
    fn composer(&self, binary: &Path) -> Composer {
        Composer::bench(binary, self.upstream, &self.fragments)
    }
}

/// A server under test.
pub(crate) struct Contestant {
    pub(crate) kind: Kind,
    pub(crate) port: u16,
    pub(crate) process: Process,
}

impl Contestant {
    /// Starts it; `None`, and a word about it, where its program is not installed.
    pub(crate) async fn start(kind: Kind, ground: &Ground) -> Result<Option<Self>> {
        let folder = ground.folder.join(kind.name(Mode::Uncached));
        fs::create_dir_all(&folder)?;
        let port = process::free_port()?;
        let command = match kind {
            Kind::Bare => Some(part(port, &["bare", &format!("127.0.0.1:{}", ground.upstream)])?),
            Kind::Marquetry | Kind::Eager => Some(ground.composer(&ground.binary).command(&folder, port)?),
            Kind::Before => match &ground.old {
                Some(old) => Some(ground.composer(old).command(&folder, port)?),
                None => return Ok(None),
            },
            Kind::Tailor => node::command("tailor.mjs", port, ground),
            Kind::Podium => node::command("podium.mjs", port, ground),
            Kind::Varnish => varnish::command(&folder, port, ground.upstream)?,
            Kind::Nginx | Kind::Held => nginx::command(&folder, port, ground.upstream)?,
        };
        let Some(command) = command else {
            eprintln!("{} is not installed: measuring without it", kind.name(Mode::Uncached));
            return Ok(None);
        };
        let mut process = Process::start(Cpu::Server, &command, &folder.join("log"))?;
        process
            .listening(port)
            .await
            .with_context(|| kind.name(Mode::Uncached))?;
        Ok(Some(Self { kind, port, process }))
    }

    pub(crate) fn target(&self, mode: Mode, coding: Coding, fragments: usize) -> Target {
        let pages = match self.kind {
            Kind::Eager => "eager",
            Kind::Held => "held",
            _ => mode.prefix(),
        };
        Target {
            port: self.port,
            path: format!("/{pages}/{fragments}"),
            coding,
        }
    }
}

/// The fragment server.
pub(crate) struct Upstream {
    pub(crate) port: u16,
    _process: Process,
}

impl Upstream {
    pub(crate) async fn start(folder: &Path) -> Result<Self> {
        let port = process::free_port()?;
        let command = part(port, &["upstream"])?;
        let mut process = Process::start(Cpu::Rest, &command, &folder.join("upstream.log"))?;
        process.listening(port).await.context("the fragment server")?;
        Ok(Self {
            port,
            _process: process,
        })
    }

    /// How many answers it has given.
    pub(crate) async fn asked(&self) -> Result<u64> {
        let target = Target {
            port: self.port,
            path: upstream::ASKED.into(),
            coding: Coding::Plain,
        };
        let (text, _) = load::page(&target).await?;
        Ok(std::str::from_utf8(&text)?.parse()?)
    }
}

/// A part of this program with its port in the environment.
fn part(port: u16, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(own()?);
    command.args(arguments).env(upstream::PORT, port.to_string());
    Ok(command)
}

/// The first of these files that there is.
fn installed(places: &[&str]) -> Option<PathBuf> {
    places.iter().map(PathBuf::from).find(|place| place.is_file())
}
