//! Writes sizes into `docs/performance.md`, between their markers.

use std::{fmt::Write, fs, path::Path};

use anyhow::{Context, Result, ensure};

use super::{Bundle, history, peers, peers::Peer, weight::Weight};
use crate::{step, thousands::thousands, tools};

/// Lines of the history that are shown.
const DAYS: usize = 12;

/// Writes what was measured; without peers, theirs stay as they are there.
pub(super) fn write(file: &Path, ours: &[Bundle], peers: &[Peer]) -> Result<()> {
    let mut text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let own = format!("{}\n\n{}\n{}", sentence(false)?, table(ours), past(&history::read()?));
    text = replaced(&text, "sizes", &own)?;
    if !peers.is_empty() {
        let beside = format!("{}\n\n{}", sentence(true)?, beside(ours, peers));
        text = replaced(&text, "sizes-peers", &beside)?;
    }
    Ok(fs::write(file, text)?)
}

/// Today, in UTC.
pub(super) fn today() -> Result<String> {
    said("date", &["-u", "+%Y-%m-%d"])
}

fn sentence(with_peers: bool) -> Result<String> {
    let optimised = if tools::wasm_opt().is_some() { "with" } else { "without" };
    let (bundler, option) = if with_peers {
        (
            format!(", {}, Node {}", peers::bundler()?, said("node", &["--version"])?),
            " --peers",
        )
    } else {
        (String::new(), "")
    };
    Ok(format!(
        "Measured on {}, {}; {}, {optimised} wasm-opt{bundler}:\n\n```sh\ncargo xtask sizes{option} --write docs\n```",
        today()?,
        said("uname", &["-smr"])?,
        said("rustc", &["--version"])?.split(" (").next().unwrap_or_default(),
    ))
}

fn said(program: &str, arguments: &[&str]) -> Result<String> {
    let output = step::command(program)
        .args(arguments)
        .output()
        .with_context(|| format!("can't start {program}"))?;
    ensure!(output.status.success(), "{program} failed ({})", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn table(ours: &[Bundle]) -> String {
    let mut text = "| bytes | plain | gzip | brotli | limit |\n| --- | ---: | ---: | ---: | ---: |\n".to_owned();
    for bundle in ours {
        let limit = bundle.limit_bytes.map_or_else(String::new, thousands);
        let _ = writeln!(text, "| {} | {} | {limit} |", bundle.name, cells(bundle.weight));
    }
    text
}

/// What we load at which time: a name, the bundles, and what that is.
const OURS: [(&str, &[&str], &str); 4] = [
    (
        "loader",
        &["loader"],
        "**before first paint**, and all that a page needs: finding, loading and waking fragments, their life and their end",
    ),
    (
        "loader, mend, shell",
        &["loader", "mend", "shell"],
        "and **after first paint**, in every tab: soft navigation, prefetch, errors and reports, retry, event bus, live slots",
    ),
    (
        "and live, versions",
        &["loader", "mend", "shell", "live", "versions"],
        "and **when there is something to hear**: events from servers and other tabs; a release under an open tab",
    ),
    (
        "and inspector",
        &["loader", "mend", "shell", "live", "versions", "inspector"],
        "and **when somebody asks for it**, where it is offered at all: the inspector",
    ),
];

/// What we load beside what our peers do, lightest first.
pub(super) fn beside(ours: &[Bundle], peers: &[Peer]) -> String {
    let of = |names: &[&str]| -> Weight {
        let ours = ours.iter().filter(|bundle| names.contains(&&*bundle.name));
        ours.map(|bundle| bundle.weight).sum()
    };
    let mut rows: Vec<(String, &str, Weight)> = OURS
        .iter()
        .map(|(name, bundles, includes)| (format!("**marquetry: {name}**"), *includes, of(bundles)))
        .collect();
    rows.extend(peers.iter().map(|peer| (peer.name.clone(), peer.includes, peer.weight)));
    rows.sort_by_key(|(_, _, weight)| weight.brotli);
    let mut text =
        "| bytes | plain | gzip | brotli | what it includes |\n| --- | ---: | ---: | ---: | --- |\n".to_owned();
    for (name, includes, weight) in rows {
        let _ = writeln!(text, "| {name} | {} | {includes} |", cells(weight));
    }
    text
}

/// The last days of the history as a table.
fn past(csv: &str) -> String {
    let mut lines = csv.lines().map(|line| format!("| {} |", line.replace(',', " | ")));
    let head = lines.next().unwrap_or_default();
    let columns = head.matches('|').count().saturating_sub(1);
    let days: Vec<String> = lines.collect();
    let newest = days.iter().rev().take(DAYS).cloned().collect::<Vec<_>>().join("\n");
    format!(
        "With brotli, by day:\n\n{head}\n|{}\n{newest}",
        " ---: |".repeat(columns)
    )
}

fn cells(weight: Weight) -> String {
    [weight.plain, weight.gzip, weight.brotli].map(thousands).join(" | ")
}

fn replaced(document: &str, name: &str, text: &str) -> Result<String> {
    let start = format!("<!-- measured: {name} -->\n");
    let at = document
        .find(&start)
        .with_context(|| format!("no marker `{}`", start.trim_end()))?;
    let (before, rest) = document.split_at(at + start.len());
    let end = rest.find("<!-- end -->").context("the marker has no end")?;
    Ok(format!("{before}\n{}\n\n{}", text.trim(), &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_its_markers_is_replaced() {
        let document = "a\n<!-- measured: x -->\nold\n<!-- end -->\nb\n";
        assert_eq!(
            replaced(document, "x", "new\n").unwrap(),
            "a\n<!-- measured: x -->\n\nnew\n\n<!-- end -->\nb\n"
        );
        assert!(replaced(document, "z", "new").is_err());
    }

    #[test]
    fn what_is_loaded_later_comes_on_top() {
        let weight = |brotli| Weight {
            brotli,
            ..Weight::default()
        };
        let ours = ["loader", "mend", "shell", "live", "versions", "inspector", "explore"].map(|name| Bundle {
            name: name.into(),
            files: vec![],
            limit_bytes: None,
            limit_is: String::new(),
            weight: weight(10),
        });
        let peer = Peer {
            name: "peer 1.0.0".into(),
            includes: "less",
            weight: weight(35),
        };
        let text = beside(&ours, &[peer]);
        let brotli: Vec<&str> = text
            .lines()
            .skip(2)
            .filter_map(|line| line.split(" | ").nth(3))
            .collect();
        assert_eq!(brotli, ["10", "30", "35", "50", "60"], "{text}");
    }

    #[test]
    fn the_newest_day_is_first() {
        let text = past("date,shell\n2026-11-22,2\n2026-11-23,1\n");
        assert!(
            text.ends_with("| date | shell |\n| ---: | ---: |\n| 2026-11-23 | 1 |\n| 2026-11-22 | 2 |"),
            "{text}"
        );
        assert_eq!([7, 1234, 1_000_000].map(thousands), ["7", "1,234", "1,000,000"]);
    }
}
