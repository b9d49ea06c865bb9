//! Child processes: started on one CPU, their CPU time and memory read from `/proc`, ended by their own id.

use std::{
    fs,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::{net::TcpStream, time::Instant};

/// Ticks a second of the times in `/proc/<pid>/stat`, fixed by the kernel's interface on Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process that ends with this value.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts `program` on the CPU, by `taskset` of util-linux.
    pub(crate) fn start(cpu: usize, program: &str, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new("taskset");
        command.arg("-c").arg(cpu.to_string()).arg(program).args(arguments);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Ok(Self {
            child: child.with_context(|| format!("can't start {program}"))?,
        })
    }

    /// The process itself and those it started.
    fn family(&self) -> Vec<u32> {
        let own = self.child.id();
        let children = fs::read_to_string(format!("/proc/{own}/task/{own}/children")).unwrap_or_default();
        let mut family = vec![own];
        family.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        family
    }

    /// CPU time, user and system, of the family.
    pub(crate) fn cpu_time(&self) -> Duration {
        let ticks: f64 = self.family().into_iter().map(ticks).sum();
        Duration::from_secs_f64(ticks / TICKS_PER_SECOND)
    }

    /// Resident memory of the family's largest member, in bytes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.family().into_iter().map(resident).max().unwrap_or_default()
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

fn ticks(id: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name may hold spaces; what counts follows its closing bracket.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12]
        .iter()
        .filter_map(|at| fields.get(*at)?.parse::<f64>().ok())
        .sum()
}

fn resident(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until something accepts connections on the port.
pub(crate) async fn listening(port: u16, what: &str) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("{what} does not listen on port {port}")
}
