//! `marquetry dev`: shows what a developer writes inside of a running composer, to that developer alone.

mod bff;
mod overriding;
mod watch;

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

use clap::Args;
use composer_server::StopSignal;

use self::{
    bff::{Bff, Starts},
    overriding::{Overriding, Told},
    watch::Watching,
};
use super::{
    building::{Repository, shows},
    version_folder::VersionFolder,
};
use crate::{
    client::address::{Address, encoded},
    failure::Failure,
    output::{Output, Tone},
    session::Session,
    view::findings,
};

/// How often it looks whether the BFF still runs.
const LOOK: Duration = Duration::from_millis(500);
/// Where pages of a composer on this machine are, unless it is configured otherwise.
const LOCAL_PUBLIC: &str = "http://127.0.0.1:8080";
/// What changes these is not compiled into a BFF.
const NOT_OF_THE_BFF: &[&str] = &["css", "md", "yml", "svg", "png"];

/// Show what you write inside of a running composer, to you alone, as you write it
///
/// Builds the repository, runs its BFF, and opens an override: whoever opens its link sees this version, all others what
/// is live. Each change is built and shown at once; a build that fails leaves the last good one. Ctrl-C ends it all.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Dev {
    /// The repository, which holds the app's `marquetry.toml`
    #[arg(value_name = "FOLDER", default_value = ".")]
    dir: PathBuf,
    /// Where the composer's pages are [env: MARQUETRY_PUBLIC] [default: http://127.0.0.1:8080]
    #[arg(long, value_name = "URL")]
    public: Option<String>,
    /// The page that the link opens
    #[arg(long, value_name = "PATH", default_value = "/")]
    to: String,
    /// Where the BFF listens; port 0 takes a free one for each build, and the one before answers until the new one does
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where the composer reaches the BFF, when that is not where it listens: the end of a tunnel
    #[arg(long, value_name = "URL")]
    origin: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry dev
  marquetry dev --to /product/AU-02
  marquetry dev --admin https://admin.shop.example --public https://shop.example \\
    --listen 127.0.0.1:4100 --origin http://10.1.2.3:4100

The platform has to allow overrides: `enabled = true` under `[overrides]` in composer.toml. The token needs `dev`.";

/// What the loop waits for.
pub(super) enum Happening {
    /// These files, by their paths in the repository.
    Changed(BTreeSet<PathBuf>),
    Stop,
}

impl Dev {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let output = session.output;
        let public = self.public.clone().or_else(crate::settings::public);
        let public = Address::parse(public.as_deref().unwrap_or(LOCAL_PUBLIC))?;
        // Before anything runs that would have to be ended.
        let client = session.client()?;
        Repository::open(&self.dir, shows(output))?;
        let (happenings, happened) = channel();
        stop_on_signal(happenings.clone())?;
        let _watching = Watching::start(&self.dir, happenings)
            .map_err(|error| Failure::Refused(format!("`{}` can't be watched: {error}", self.dir.display())))?;
        let overriding = Overriding::new(client, output);
        let (stop, stopped) = channel();
        thread::scope(|scope| {
            let overriding = &overriding;
            scope.spawn(move || overriding.keep(&stopped));
            let ended = self.follow(output, &public, overriding, &happened);
            // The override first: pages go back to what is live while the BFF still answers.
            drop(stop);
            ended
        })
    }

    /// Builds and shows, first as it is, then each time that something changes.
    fn follow(
        &self,
        output: Output,
        public: &Address,
        overriding: &Overriding,
        happened: &Receiver<Happening>,
    ) -> Result<(), Failure> {
        let mut site = Site {
            dev: self,
            output,
            public,
            overriding,
            bff: None,
        };
        let mut outcome = site.rebuild(true);
        loop {
            if let Err(failure) = outcome {
                if matches!(failure, Failure::Client(_)) && !overriding.is_open() {
                    // No change of the app gives what the composer has refused from the start.
                    return Err(failure);
                }
                site.tell_failure(&failure)?;
            }
            outcome = match happened.recv_timeout(LOOK) {
                Ok(Happening::Changed(changed)) => site.changed(&changed),
                Err(RecvTimeoutError::Timeout) => {
                    site.look_after_bff();
                    Ok(())
                }
                Ok(Happening::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            };
        }
        output.note("\nstopping");
        overriding.close();
        Ok(())
    }
}

/// What is shown, and what shows it.
struct Site<'d> {
    dev: &'d Dev,
    output: Output,
    public: &'d Address,
    overriding: &'d Overriding,
    bff: Option<Bff>,
}

impl Site<'_> {
    fn changed(&mut self, changed: &BTreeSet<PathBuf>) -> Result<(), Failure> {
        let names: Vec<String> = changed.iter().take(3).map(|path| path.display().to_string()).collect();
        let more = if changed.len() > 3 { ", …" } else { "" };
        self.output.note(&format!("{}{more} changed", names.join(", ")));
        let restart = self.bff.is_none() || changed.iter().any(|path| self.is_of_bff(path));
        self.rebuild(restart)
    }

    /// Builds all of it before it touches what is shown.
    fn rebuild(&mut self, restart: bool) -> Result<(), Failure> {
        let repository = Repository::open(&self.dev.dir, shows(self.output))?;
        let assets = repository.assets()?;
        let folder = VersionFolder::pack(&repository.dir, assets.as_deref())?;
        let started = if restart {
            Some(self.start_bff(&repository)?)
        } else {
            None
        };
        let Some(bff) = started.as_ref().or(self.bff.as_ref()) else {
            return Ok(());
        };
        let origin = self
            .dev
            .origin
            .clone()
            .unwrap_or_else(|| format!("http://{}", bff.address));
        let told = self.overriding.show(folder, &origin)?;
        if started.is_some() {
            // The one before has answered until now.
            self.bff = started;
        }
        self.tell(&told)
    }

    fn start_bff(&mut self, repository: &Repository) -> Result<Bff, Failure> {
        let command = repository.manifest.build.bff.as_deref().ok_or_else(|| {
            Failure::Refused(format!(
                "the manifest doesn't say how the BFF is started\n  next: add `[build]` with `bff = \"python3 bff.py\"` or the like to {}",
                repository.dir.join("marquetry.toml").display()
            ))
        })?;
        let program = repository.bff(false)?;
        let starts = Starts::new(command, program.as_deref());
        if self.dev.listen.port() != 0 {
            // There is only one such port.
            self.bff = None;
        }
        Bff::start(&repository.dir, &starts, self.dev.listen)
    }

    fn tell(&self, told: &Told) -> Result<(), Failure> {
        let opened = &told.opened;
        let text = || {
            let to = match self.dev.to.as_str() {
                "/" => String::new(),
                to => format!("&to={}", encoded(to)),
            };
            let found = findings::lines(self.output, &opened.findings);
            let link = self
                .output
                .tone(Tone::Good, &self.public.url(&format!("{}{to}", opened.open)));
            format!("{} is shown to whoever opens\n  {link}\n{found}", opened.version)
        };
        self.output.result(&told.json, text).map_err(Failure::Stdout)
    }

    /// Where nobody listens any more there is nothing to go on for.
    fn tell_failure(&self, failure: &Failure) -> Result<(), Failure> {
        if let Failure::Stdout(error) = failure {
            return Err(Failure::Stdout(std::io::Error::new(error.kind(), error.to_string())));
        }
        let shown = match (&self.bff, self.overriding.is_open()) {
            (Some(_), _) => "the last good build stays",
            (None, true) => "no BFF runs",
            (None, false) => "nothing is shown yet",
        };
        self.output.note(&format!(
            "{} {failure}\n  {shown}; the next change is tried again",
            self.output.tone(Tone::Bad, "error:")
        ));
        Ok(())
    }

    fn look_after_bff(&mut self) {
        if let Some(status) = self.bff.as_mut().and_then(Bff::ended) {
            self.output.note(&format!(
                "the BFF ended ({status}); it starts again with the next change"
            ));
            self.bff = None;
        }
    }

    fn is_of_bff(&self, path: &Path) -> bool {
        let kind = path.extension().unwrap_or_default().to_string_lossy();
        let is_asset = Repository::open(&self.dev.dir, shows(self.output)).is_ok_and(|repository| {
            let dir = repository.manifest.assets.dir.as_deref();
            dir.is_some_and(|dir| path.starts_with(dir))
        });
        !is_asset && !NOT_OF_THE_BFF.contains(&kind.as_ref())
    }
}

fn stop_on_signal(happenings: Sender<Happening>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Threads)?;
    let mut signal = {
        let _entered = runtime.enter();
        StopSignal::new().map_err(Failure::Signals)?
    };
    thread::spawn(move || {
        runtime.block_on(signal.received());
        // Nobody waits for it any more when the command has ended by itself.
        let _ = happenings.send(Happening::Stop);
    });
    Ok(())
}
