//! The `console` blocks of a text: commands, and what they say.

use anyhow::{Result, ensure};

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// Where it stands in the text.
    pub(super) line: usize,
    /// The command, on one line.
    pub(super) command: String,
    /// Lines that it says, in this order and maybe with others between; `…` stands for anything.
    pub(super) expected: Vec<String>,
    /// True when it runs until Ctrl-C, shown as `^C`; how many of `expected` come before.
    pub(super) interrupted_after: Option<usize>,
}

/// All commands of `text`, in order.
pub(super) fn steps(text: &str) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut inside, mut continued) = (false, false);
    for (at, line) in text.lines().enumerate() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => {
                let last = steps.last_mut();
                if let (true, Some(step)) = (continued, last) {
                    step.command.truncate(step.command.len() - 1);
                    step.command += line.trim_start();
                } else if let Some(command) = line.strip_prefix("$ ") {
                    steps.push(Step {
                        line: at + 1,
                        command: command.to_owned(),
                        expected: vec![],
                        interrupted_after: None,
                    });
                } else if let Some(step) = steps.last_mut() {
                    match line {
                        "^C" => step.interrupted_after = Some(step.expected.len()),
                        _ => step.expected.push(line.to_owned()),
                    }
                }
                continued = steps.last().is_some_and(|step| step.command.ends_with('\\'));
            }
        }
    }
    ensure!(!steps.is_empty(), "the text has no `console` blocks");
    Ok(steps)
}

/// Tells whether `said` is what `expected` shows, in which `…` stands for anything.
pub(super) fn matches(expected: &str, said: &str) -> bool {
    let Some((first, rest)) = expected.trim_end().split_once('…') else {
        return expected.trim_end() == said.trim_end();
    };
    let Some(mut said) = said.trim_end().strip_prefix(first) else {
        return false;
    };
    let mut parts = rest.split('…').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return said.ends_with(part);
        }
        match said.find(part) {
            Some(at) => said = &said[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[test]
fn a_transcript_is_read_and_compared() {
    let text = "x\n```console\n$ a \\\n  b\nsaid …\n$ c\nfirst\n^C\nlast\n```\n```sh\n$ d\n```\n";
    let steps = steps(text).unwrap();
    let got: Vec<_> = steps
        .iter()
        .map(|step| {
            (
                step.line,
                step.command.as_str(),
                step.expected.len(),
                step.interrupted_after,
            )
        })
        .collect();
    assert_eq!(got, [(3, "a b", 1, None), (6, "c", 2, Some(1))]);
    assert!(matches("a … c…", "a b c d"));
    assert!(matches("plain", "plain "));
    assert!(!matches("a … c", "a b c d"));
    assert!(!matches("plain", "plainer"));
}
