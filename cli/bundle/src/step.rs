//! One step of a task: a command, shown while it works, its output told when it fails.

use std::{
    io::{self, BufRead, BufReader, Read},
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// What is seen of a step while it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// Its last line of output, which is gone at the end; for terminals.
    LastLine,
    /// All of its output; for logs.
    Everything,
    /// Nothing, unless it fails.
    Nothing,
}

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The program isn't there.
    #[error("{title}: `{program}` can't be started")]
    Start {
        /// The step.
        title: String,
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The program says that it failed; its output was shown.
    #[error("{title} failed ({status})")]
    Failed {
        /// The step.
        title: String,
        /// How it ended.
        status: ExitStatus,
    },
}

/// Runs a step to its end.
///
/// # Errors
/// When it can't be started or fails.
pub fn run(title: &str, command: &mut Command, shows: Shows) -> Result<(), StepError> {
    let started = Instant::now();
    let status = match shows {
        Shows::Everything => {
            eprintln!("==> {title}");
            let status = command.status();
            eprintln!("<== {title}: {:.1} s", started.elapsed().as_secs_f64());
            status
        }
        Shows::LastLine => quietly(title, command, &bar(title)),
        Shows::Nothing => quietly(title, command, &ProgressBar::hidden()),
    };
    let status = status.map_err(|source| StepError::Start {
        title: title.to_owned(),
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    })?;
    if !status.success() {
        return Err(StepError::Failed {
            title: title.to_owned(),
            status,
        });
    }
    if shows == Shows::LastLine {
        eprintln!("✓ {title} ({:.1} s)", started.elapsed().as_secs_f64());
    }
    Ok(())
}

fn bar(title: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {elapsed:>4}  {wide_msg:.dim}") {
        bar.set_style(style);
    }
    bar.set_prefix(title.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn quietly(title: &str, command: &mut Command, bar: &ProgressBar) -> io::Result<ExitStatus> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let shown = bar.clone();
    let told = std::thread::spawn(move || err.map(|err| lines(err, &shown)).unwrap_or_default());
    let said = out.map(|out| lines(out, bar)).unwrap_or_default();
    let told = told.join().unwrap_or_default();
    let status = child.wait()?;
    bar.finish_and_clear();
    if !status.success() {
        eprintln!("==> {title}\n{said}{told}");
    }
    Ok(status)
}

fn lines(from: impl Read, bar: &ProgressBar) -> String {
    let mut all = String::new();
    for line in BufReader::new(from).lines().map_while(Result::ok) {
        bar.set_message(line.trim().to_owned());
        all.push_str(&line);
        all.push('\n');
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_is_named() {
        let error = run("no", &mut Command::new("false"), Shows::Nothing).unwrap_err();
        assert!(error.to_string().starts_with("no failed (exit status: 1)"), "{error}");
        let error = run("none", &mut Command::new("no-such-program"), Shows::Nothing).unwrap_err();
        assert_eq!(error.to_string(), "none: `no-such-program` can't be started");
        assert!(run("yes", &mut Command::new("true"), Shows::Nothing).is_ok());
    }
}
