//! The developer's BFF: a program of its own, started, watched and ended.

use std::{
    ffi::OsString,
    fmt,
    io::{self, stderr},
    iter,
    net::{SocketAddr, TcpListener, TcpStream},
    os::{fd::AsFd, unix::process::CommandExt},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::{commands::waiting, failure::Failure, settings::developers_log};

/// A first database is made, or a command compiles before it runs.
const START_LIMIT: Duration = Duration::from_secs(120);
/// The kit lets requests under way end within ten.
const STOP_LIMIT: Duration = Duration::from_secs(12);
const LOOK: Duration = Duration::from_millis(30);
const CONNECT: Duration = Duration::from_secs(1);

/// What starts a BFF.
#[derive(Debug)]
pub(super) struct Starts {
    program: OsString,
    arguments: Vec<String>,
}

impl Starts {
    /// By `command`; with `built` by that program itself, so that cargo needn't look again whether it is up to date.
    pub(super) fn new(command: &str, built: Option<&Path>) -> Self {
        let mut words = command.split_whitespace().map(str::to_owned);
        match built {
            Some(program) => Self {
                program: program.into(),
                arguments: words.skip_while(|word| word != "--").skip(1).collect(),
            },
            None => Self {
                program: words.next().unwrap_or_default().into(),
                arguments: words.collect(),
            },
        }
    }
}

impl fmt::Display for Starts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = iter::once(self.program.to_string_lossy()).chain(self.arguments.iter().map(Into::into));
        f.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

/// A BFF that runs; dropping it ends it.
#[derive(Debug)]
pub(super) struct Bff {
    child: Child,
    pub(super) address: SocketAddr,
    told_end: bool,
}

impl Bff {
    /// Starts one at `listen` and waits until it takes connections there; port 0 takes a free one.
    pub(super) fn start(dir: &Path, starts: &Starts, listen: SocketAddr) -> Result<Self, Failure> {
        let address = free(listen).map_err(|source| Failure::Io {
            what: format!("the BFF can't listen at `{listen}`"),
            source,
        })?;
        let child = spawn(dir, starts, address).map_err(|source| Failure::Io {
            what: format!("the BFF can't be started by `{starts}`"),
            source,
        })?;
        let mut bff = Self {
            child,
            address,
            told_end: false,
        };
        bff.until_ready(starts)?;
        Ok(bff)
    }

    fn until_ready(&mut self, starts: &Starts) -> Result<(), Failure> {
        let address = self.address;
        let ready = waiting::until(START_LIMIT, LOOK, || match self.child.try_wait() {
            Ok(Some(status)) => Err(Failure::Refused(format!(
                "the BFF ended before it took connections ({status}); what it said is above"
            ))),
            _ => Ok(TcpStream::connect_timeout(&address, CONNECT).is_ok().then_some(())),
        })?;
        ready.ok_or_else(|| {
            Failure::Refused(format!(
                "`{starts}` does not listen at {address} after {START_LIMIT:?}; it has to take the address from MARQUETRY_LISTEN"
            ))
        })
    }

    /// How it ended, told once.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().ok().flatten()?;
        (!std::mem::replace(&mut self.told_end, true)).then_some(status)
    }

    fn signal(&self, signal: Signal) {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // It fails only where nobody is left.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Bff {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        let ended = waiting::until(STOP_LIMIT, LOOK, || self.child.try_wait());
        if !matches!(ended, Ok(Some(_))) {
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// The address with a port that nobody uses.
fn free(listen: SocketAddr) -> io::Result<SocketAddr> {
    TcpListener::bind(listen)?.local_addr()
}

/// In a process group of its own: a Ctrl-C at the terminal reaches this program alone, which ends it in order.
fn spawn(dir: &Path, starts: &Starts, address: SocketAddr) -> io::Result<Child> {
    let mut command = Command::new(&starts.program);
    command
        .args(&starts.arguments)
        .current_dir(dir)
        .env("MARQUETRY_LISTEN", address.to_string())
        .env("MARQUETRY_DATA_DIR", "data")
        .env("MARQUETRY_LOG", developers_log())
        // An override is no instance: it doesn't announce itself, and needs no token.
        .env_remove("MARQUETRY_ADMIN")
        .env_remove("MARQUETRY_TOKEN")
        .env_remove("MARQUETRY_TOKEN_FILE")
        .env_remove("MARQUETRY_ORIGIN")
        .stdin(Stdio::null())
        .stdout(stderr().as_fd().try_clone_to_owned()?)
        .process_group(0);
    command.spawn()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: &str = "import os, socket; h, p = os.environ['MARQUETRY_LISTEN'].split(':'); \
        s = socket.create_server((h, int(p))); s.accept(); s.accept()";

    #[test]
    fn it_is_there_once_it_takes_connections_and_gone_when_dropped() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("bff.py"), PYTHON).unwrap();
        let mut bff = Bff::start(
            dir.path(),
            &Starts::new("python3 bff.py", None),
            "127.0.0.1:0".parse().unwrap(),
        )
        .unwrap();
        assert!(bff.ended().is_none());
        let address = bff.address;
        drop(bff);
        assert!(TcpStream::connect(address).is_err());
    }

    #[test]
    fn what_cargo_has_built_is_run_without_cargo() {
        let starts = Starts::new(
            "cargo run --quiet --package a-bff -- --fast",
            Some(Path::new("/t/debug/a-bff")),
        );
        assert_eq!(starts.to_string(), "/t/debug/a-bff --fast");
        assert_eq!(Starts::new("python3 bff.py", None).to_string(), "python3 bff.py");
    }

    #[test]
    fn one_that_ends_or_is_not_there_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let start = |command| {
            let starts = Starts::new(command, None);
            Bff::start(dir.path(), &starts, "127.0.0.1:0".parse().unwrap())
                .unwrap_err()
                .to_string()
        };
        assert!(start("false").contains("ended before it took connections"));
        assert!(start("no-such-program").contains("can't be started by `no-such-program`"));
    }
}
