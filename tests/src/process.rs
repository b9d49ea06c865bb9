//! A child process of a test: started, heard when it is ready, measured, killed by its own id.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::wait::{PATIENCE, within};

/// A running child; dropping it kills it.
pub struct Process {
    name: String,
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

/// What the kernel says about a process.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Bytes of RAM it holds.
    pub resident: u64,
    /// The most it ever held.
    pub peak: u64,
}

impl Process {
    /// Starts `program`; its errors go where the test's own go.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start(program: &Path, prepare: impl FnOnce(&mut Command)) -> Result<Self> {
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut command = Command::new(program);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        prepare(&mut command);
        let mut child = command.spawn().with_context(|| format!("can't start {name}"))?;
        let stdout = child.stdout.take().context("the child has no output")?;
        Ok(Self {
            name,
            child,
            output: BufReader::new(stdout).lines(),
        })
    }

    /// Reads its output up to a line that `find` finds something in.
    ///
    /// # Errors
    /// When it ends before, or says nothing in time.
    pub async fn ready<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> Result<T> {
        let name = self.name.clone();
        let search = async {
            let mut heard = String::new();
            while let Some(line) = self.output.next_line().await? {
                if let Some(found) = find(&line) {
                    return Ok(found);
                }
                heard.push_str(&line);
                heard.push('\n');
            }
            let status = self.child.wait().await?;
            bail!(
                "{} ended with {status} before it was ready, and said:\n{heard}",
                self.name
            )
        };
        within(PATIENCE, &format!("{name} is ready"), search).await?
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Kills it at once (`kill -9`) and waits until it is gone.
    ///
    /// # Errors
    /// When it can't be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        self.child
            .kill()
            .await
            .with_context(|| format!("can't kill {}", self.name))
    }

    /// Sends it a signal by its name, `STOP` or `TERM`.
    ///
    /// # Errors
    /// When the signal can't be sent.
    pub async fn signal(&self, signal: &str) -> Result<()> {
        let id = self.id().to_string();
        let status = Command::new("kill").args(["-s", signal, &id]).status().await?;
        if !status.success() {
            bail!("can't send {signal} to {}", self.name);
        }
        Ok(())
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// When it doesn't in time.
    pub async fn ended(&mut self, limit: Duration) -> Result<std::process::ExitStatus> {
        let what = format!("{} ends", self.name);
        Ok(within(limit, &what, self.child.wait()).await??)
    }

    /// Tells whether it still runs.
    ///
    /// # Errors
    /// When the system doesn't say.
    pub fn runs(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// What its descriptors are, sorted: files by their paths, TCP connections by their two ends.
    ///
    /// # Errors
    /// When `/proc` doesn't say.
    pub fn files(&self) -> Result<Vec<String>> {
        let id = self.id();
        let sockets = std::fs::read_to_string(format!("/proc/{id}/net/tcp"))?;
        let mut files = Vec::new();
        for entry in std::fs::read_dir(format!("/proc/{id}/fd"))? {
            // One that has been closed meanwhile is none.
            let Ok(link) = std::fs::read_link(entry?.path()) else {
                continue;
            };
            let link = link.to_string_lossy().into_owned();
            let inode = link.strip_prefix("socket:[").and_then(|inode| inode.strip_suffix(']'));
            let ends = inode.and_then(|inode| sockets.lines().find_map(|line| ends(line, inode)));
            files.push(ends.unwrap_or(link));
        }
        files.sort();
        Ok(files)
    }

    /// How much memory it holds.
    ///
    /// # Errors
    /// When `/proc` doesn't say.
    pub fn memory(&self) -> Result<Memory> {
        let path = format!("/proc/{}/status", self.id());
        let status = std::fs::read_to_string(&path).with_context(|| format!("can't read {path}"))?;
        let bytes = |key: &str| -> Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
            let kib = kib.with_context(|| format!("{path} has no {key}"))?;
            Ok(kib.trim().parse::<u64>()? * 1024)
        };
        Ok(Memory {
            resident: bytes("VmRSS:")?,
            peak: bytes("VmHWM:")?,
        })
    }
}

/// The ports at the two ends of the connection of a line of `/proc/net/tcp`, if it is that of `inode`.
fn ends(line: &str, inode: &str) -> Option<String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let port = |at: usize| {
        let (_, port) = fields.get(at)?.rsplit_once(':')?;
        u16::from_str_radix(port, 16).ok()
    };
    let is_it = fields.get(9).is_some_and(|own| *own == inode);
    let state = fields.get(3)?;
    is_it.then(|| Some(format!("tcp {} - {} ({state})", port(1)?, port(2)?)))?
}
