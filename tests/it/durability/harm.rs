//! What happens to a composer: death at a system call, damage to its files, writes that fail.

use std::{path::Path, process::Stdio};

use anyhow::{Context, Result, ensure};
use tests::{
    registry::Platform,
    wait::{PATIENCE, within},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::ground::LEDGER;

/// Ends what is left of a composer: strace goes when its child has gone.
pub(super) async fn end(platform: &mut Platform) -> Result<()> {
    let process = &mut platform.composer.process;
    if process.runs()? {
        let id = process.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        for child in children.split_whitespace() {
            let _ = Command::new("kill").args(["-9", child]).status().await?;
        }
        if children.is_empty() {
            process.kill().await?;
        } else {
            process.ended(PATIENCE).await?;
        }
    }
    Ok(())
}

/// Kills the process at its `when`th such call; of writes, those to its ledger count.
pub(super) fn strace(data: &Path, calls: &str, when: usize) -> Vec<String> {
    let mut words: Vec<String> = ["strace", "-f", "-qq", "-o", "/dev/null"].map(str::to_owned).into();
    if calls.contains("write") {
        for name in LEDGER {
            words.extend(["-P".into(), data.join(name).display().to_string()]);
        }
    }
    words.extend(["-e".into(), format!("inject={calls}:signal=KILL:when={when}")]);
    words
}

/// Cuts the file, or flips bytes in it, or makes it something else.
pub(super) fn damage(file: &Path, round: usize) -> Result<()> {
    let mut bytes = std::fs::read(file)?;
    let length = bytes.len();
    match round % 3 {
        0 => bytes.truncate(length * (round + 1) / 41),
        1 => {
            for _ in 0..64 {
                let at = fastrand::usize(..length.max(1));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 0x55;
                }
            }
        }
        _ => bytes
            .splice(..length.min(200), std::iter::repeat_n(0, 100))
            .for_each(drop),
    }
    Ok(std::fs::write(file, bytes)?)
}

/// Every write to the ledger's folder fails, by strace.
pub(super) struct Faults(Child);

impl Faults {
    pub(super) async fn inject(process: u32, data: &Path, error: &str) -> Result<Self> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-p", &process.to_string(), "-o", "/dev/null"]);
        for name in LEDGER {
            strace.arg("-P").arg(data.join(name));
        }
        strace.args([
            "-e",
            &format!("inject=write,pwrite64,writev,fsync,fdatasync,ftruncate:error={error}"),
        ]);
        let mut child = strace.stderr(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("strace says nothing")?).lines();
        let said = within(PATIENCE, "strace attaches", lines.next_line())
            .await??
            .unwrap_or_default();
        ensure!(said.contains("attached"), "strace: {said}");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self(child))
    }

    pub(super) async fn end(mut self) -> Result<()> {
        let id = self.0.id().context("strace has ended")?.to_string();
        Command::new("kill").args(["-s", "INT", &id]).status().await?;
        within(PATIENCE, "strace lets go", self.0.wait()).await??;
        Ok(())
    }
}
