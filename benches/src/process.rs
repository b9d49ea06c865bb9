//! Child processes: started on one CPU, their CPU time and memory read from `/proc`, ended by their own id.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Resource;
use tokio::{net::TcpStream, time::Instant};

/// Ticks a second of the times in `/proc/<pid>/stat`, fixed by the kernel's interface on Linux.
const TICKS_PER_SECOND: f64 = 100.0;
const START: Duration = Duration::from_secs(60);

/// Who has which CPU.
#[derive(Clone, Copy)]
pub(crate) enum Cpu {
    /// The server under test.
    Server,
    /// Fragment server and load; on a machine with one CPU, where the harness still has to work, the same one.
    Rest,
}

impl Cpu {
    fn number(self) -> String {
        match self {
            Self::Server => "0".into(),
            Self::Rest => cpus().saturating_sub(1).min(1).to_string(),
        }
    }
}

/// How many the machine has; a pinned process is told only of its own when it asks in the usual way.
pub(crate) fn cpus() -> usize {
    let all = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    all.lines().filter(|line| line.starts_with("processor")).count().max(1)
}

/// A process that ends with this value.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts the command on the CPU, by `taskset` of util-linux; what it says goes to `log`.
    pub(crate) fn start(cpu: Cpu, command: &Command, log: &Path) -> Result<Self> {
        let mut pinned = Command::new("taskset");
        pinned.arg("-c").arg(cpu.number());
        pinned.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            pinned.env(name, value.unwrap_or_default());
        }
        if let Some(folder) = command.get_current_dir() {
            pinned.current_dir(folder);
        }
        let file = File::create(log).with_context(|| log.display().to_string())?;
        let child = pinned
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn();
        Ok(Self {
            child: child.with_context(|| format!("can't start {}", command.get_program().display()))?,
            log: log.to_owned(),
        })
    }

    /// Waits until it accepts connections on the port.
    pub(crate) async fn listening(&mut self, port: u16) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < START {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("ended with {status}: {}", self.said());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("does not listen on port {port}: {}", self.said())
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The process itself and all that came of it.
    fn family(&self) -> Vec<u32> {
        let mut family = vec![self.child.id()];
        let mut at = 0;
        while let Some(id) = family.get(at).copied() {
            family.extend(children(id));
            at += 1;
        }
        family
    }

    /// CPU time, user and system, of the family.
    pub(crate) fn cpu_time(&self) -> Duration {
        let ticks: f64 = self.family().into_iter().map(ticks).sum();
        Duration::from_secs_f64(ticks / TICKS_PER_SECOND)
    }

    /// Resident memory of the family, in bytes; what several of it share counts once.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.family().into_iter().map(resident).sum()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        for id in self.family().into_iter().rev() {
            let _ = Command::new("kill")
                .args(["-TERM", &id.to_string()])
                .stderr(Stdio::null())
                .status();
        }
        let _ = self.child.wait();
    }
}

/// What any thread of the process started.
fn children(id: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    let listed: Vec<String> = threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .collect();
    listed
        .iter()
        .flat_map(|ids| ids.split_whitespace())
        .filter_map(|id| id.parse().ok())
        .collect()
}

fn ticks(id: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name may hold spaces; what counts follows its closing bracket.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12]
        .iter()
        .filter_map(|at| fields.get(*at)?.parse::<f64>().ok())
        .sum()
}

/// The process's proportional share, so that a family's sum is what the family needs.
fn resident(id: u32) -> u64 {
    let shares = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
    let line = shares.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Puts this process on the CPU, by `taskset`; what it starts with [`Process::start`] goes where that says.
pub(crate) fn pin_own(cpu: Cpu) -> Result<()> {
    let mut taskset = Command::new("taskset");
    taskset.args(["-a", "-c", "-p", &cpu.number(), &std::process::id().to_string()]);
    let status = taskset.stdout(Stdio::null()).status().context("can't start taskset")?;
    ensure!(status.success(), "taskset: {status}");
    Ok(())
}

/// Raises the limit of open files, for this process and what it starts, as far as it may.
pub(crate) fn allow_open_files() {
    let mut limit = rustix::process::getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = rustix::process::setrlimit(Resource::Nofile, limit);
}

/// Lets this thread run before others, where that is allowed.
pub(crate) fn come_first() {
    let _ = rustix::process::setpriority_process(None, -15);
}
