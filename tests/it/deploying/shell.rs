//! A shell that runs a transcript's commands, one after another, in one session.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use tests::{environment, wait::within};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use super::transcript::{Step, matches};

/// A build with nothing compiled before, on a busy machine.
pub(super) const LIMIT: Duration = Duration::from_secs(900);
const MARK: &str = "-- done:";

/// A running shell; dropping it ends all that it has started.
pub(super) struct Shell {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

/// Where the workspace's own programs are compiled.
pub(super) fn target() -> Result<PathBuf> {
    let program = environment::program("marquetry")?;
    let target = program.parent().and_then(Path::parent);
    Ok(target.context("the program lies in no target folder")?.to_owned())
}

impl Shell {
    /// Starts one in `folder`, with the workspace's `marquetry` on its path.
    pub(super) async fn start(folder: &Path) -> Result<Self> {
        let programs = target()?.join("debug");
        let mut child = Command::new("bash")
            .args(["--norc", "--noprofile"])
            .current_dir(folder)
            .env("CARGO_TERM_COLOR", "never")
            // Only that it is built matters here, not how fast it is.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env_remove("CARGO_TARGET_DIR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("bash is needed")?;
        let mut input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?).lines();
        let prepare = format!(
            "exec 2>&1\nexport PATH={:?}:\"$PATH\"\n",
            programs.display().to_string()
        );
        input.write_all(prepare.as_bytes()).await?;
        Ok(Self { child, input, output })
    }

    /// Runs a command to its end, which has to be a good one; what the text shows it must have said.
    ///
    /// One that runs until Ctrl-C or in the background goes on.
    pub(super) async fn run(&mut self, step: &Step) -> Result<String> {
        let command = &step.command;
        let is_background = command.ends_with('&');
        let text = if step.interrupted_after.is_some() {
            format!("{command} </dev/null &\nrunning=$!\n")
        } else if is_background {
            format!("{{ {command} }} </dev/null\n")
        } else {
            format!("{{ {command}\n}} </dev/null; echo \"{MARK} $?\"\n")
        };
        self.input.write_all(text.as_bytes()).await?;
        let shown = step.interrupted_after.unwrap_or(step.expected.len());
        let to_end = !is_background && step.interrupted_after.is_none();
        self.hear(&step.expected[..shown], to_end).await
    }

    /// Presses Ctrl-C.
    pub(super) async fn interrupt(&mut self, step: &Step) -> Result<String> {
        let end = format!("kill -INT $running; wait $running; echo \"{MARK} $?\"\n");
        self.input.write_all(end.as_bytes()).await?;
        let shown = step.interrupted_after.unwrap_or_default();
        self.hear(&step.expected[shown..], true).await
    }

    /// Reads until all of `expected` was said, and with `to_end` until the command is done; gives all that was said.
    async fn hear(&mut self, expected: &[String], to_end: bool) -> Result<String> {
        let mut left = expected.iter().peekable();
        let mut said = String::new();
        loop {
            if !to_end && left.peek().is_none() {
                return Ok(said);
            }
            let line = within(LIMIT, "the command", self.output.next_line()).await??;
            let Some(line) = line else {
                bail!("the shell ended; it said:\n{said}")
            };
            if let Some(status) = line.strip_prefix(MARK) {
                ensure!(
                    status.trim() == "0",
                    "it failed with {}; it said:\n{said}",
                    status.trim()
                );
                let Some(missing) = left.next() else { return Ok(said) };
                bail!("it did not say `{missing}`, but:\n{said}");
            }
            left.next_if(|expected| matches(expected, &line));
            said += &line;
            said.push('\n');
        }
    }

    /// Ends what still runs in the background, in order.
    pub(super) async fn stop(&mut self) -> Result<String> {
        let end = format!("kill $(jobs -p); wait; echo \"{MARK} 0\"\n");
        self.input.write_all(end.as_bytes()).await?;
        self.hear(&[], true).await
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        if let Some(id) = self.child.id() {
            let group = format!("-{id}");
            // Those that have ended already don't mind.
            let _ = std::process::Command::new("kill")
                .args(["-s", "KILL", "--", &group])
                .status();
        }
    }
}
