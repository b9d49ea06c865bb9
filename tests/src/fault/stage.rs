//! Two apps side by side: `host`, whose pages are good, and `faulty`, whose fragments stand in them and break.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{Answer, FaultServer, Plan};
use crate::{
    client::Reply,
    composer::{Composer, Config, pack},
    html::Page,
    site::write,
};

/// Wall-clock limit of each fragment.
pub const FRAGMENT_DEADLINE: Duration = Duration::from_millis(300);
/// Wall-clock limit of each page.
pub const PAGE_DEADLINE: Duration = Duration::from_millis(800);
/// What two cores with many pages at once, their BFFs and their readers may add.
pub const MARGIN: Duration = Duration::from_millis(2_500);

/// How long fragments and pages may take.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Wall-clock limit of each fragment.
    pub fragment: Duration,
    /// Wall-clock limit of each page.
    pub page: Duration,
}

/// Limits so short that many faults can be waited for.
pub const SHORT: Times = Times {
    fragment: FRAGMENT_DEADLINE,
    page: PAGE_DEADLINE,
};

/// Limits that nothing comes near that isn't broken.
pub const LONG: Times = Times {
    fragment: Duration::from_secs(5),
    page: Duration::from_secs(8),
};

/// The parts of every page that are children of its body.
pub const LANDMARKS: [&str; 3] = ["#top", "#main", "#bottom"];

const LAYOUT: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<title>Layout</title>
</head>
<body>
<header id=\"top\"><fragment-slot src=\"host/near\"></fragment-slot></header>
<main id=\"main\"><fragment-slot src=\"page\"></fragment-slot></main>
<footer id=\"bottom\"><fragment-slot src=\"host/far\"></fragment-slot></footer>
</body>
</html>
";

/// What the broken fragment is to its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The page's own fragment.
    Primary,
    /// One that the page can't do without.
    Essential,
    /// One that may be missing.
    Optional,
    /// An optional one within a fragment that is kept.
    Nested,
}

/// A running composer with both apps.
pub struct Stage {
    /// The composer.
    pub composer: Composer,
    /// The good BFF.
    pub host: FaultServer,
    /// The other one.
    pub faulty: FaultServer,
    log: PathBuf,
    _folder: TempDir,
}

impl Role {
    /// The page on which the broken fragment has this role; `case` tells one fault from another.
    pub fn path(self, case: &str) -> String {
        let page = match self {
            Self::Primary => "primary",
            Self::Essential => "essential",
            Self::Optional => "optional",
            Self::Nested => "nested",
        };
        format!("/{page}/{case}")
    }

    /// The broken fragment.
    pub fn fragment(self) -> &'static str {
        match self {
            Self::Primary => "faulty/primary",
            Self::Essential => "faulty/essential",
            Self::Optional | Self::Nested => "faulty/optional",
        }
    }

    /// What the broken BFF is asked for.
    pub fn target(self, case: &str) -> String {
        let (_, name) = self.fragment().split_once('/').unwrap_or_default();
        format!("/fragments/{name}?q={case}")
    }
}

impl Stage {
    /// Starts it; `config` are lines of the test's own.
    ///
    /// # Errors
    /// When it can't be packed or started.
    pub async fn start(config: Config, times: Times) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (host, faulty) = (FaultServer::start().await?, FaultServer::start().await?);
        let log = folder.path().join("composer.log");
        let mut config = config.log_to(&log);
        for (version, bff) in [("host@1.0.0", &host), ("faulty@1.0.0", &faulty)] {
            config = config.app(&packed(folder.path(), version, times).await?, &bff.origin());
        }
        open_host(&host);
        Ok(Self {
            composer: Composer::start(&config).await?,
            host,
            faulty,
            log,
            _folder: folder,
        })
    }

    /// What the composer has logged.
    ///
    /// # Errors
    /// When its log can't be read.
    pub fn log(&self) -> Result<String> {
        let log = std::fs::read(&self.log).with_context(|| format!("can't read {}", self.log.display()))?;
        Ok(String::from_utf8_lossy(&log).into_owned())
    }

    /// Checks that the composer runs and never panicked.
    ///
    /// # Errors
    /// Shows the end of its log.
    pub fn is_sound(&mut self) -> Result<()> {
        let log = self.log()?;
        let panic = log.lines().find(|line| line.contains("panicked"));
        ensure!(panic.is_none(), "the composer panicked: {panic:?}");
        let end = log.lines().rev().take(5).collect::<Vec<_>>().join("\n");
        ensure!(self.composer.process.runs()?, "the composer has ended:\n{end}");
        Ok(())
    }
}

/// A page of `host`, or an error page: whole, in time, and with everything in its place around the broken fragment.
///
/// # Errors
/// Says what is wrong with it.
pub fn whole(role: Role, reply: &Reply) -> Result<Page> {
    ensure!(reply.took < PAGE_DEADLINE + MARGIN, "took {:?}", reply.took);
    whole_in_the_end(role, reply)
}

/// The same, however long it took.
///
/// # Errors
/// Says what is wrong with it.
pub fn whole_in_the_end(role: Role, reply: &Reply) -> Result<Page> {
    ensure!(reply.complete, "the reply was cut after {} bytes", reply.body.len());
    let page = Page::parse(&reply.text());
    if reply.status.is_server_error() {
        page.whole(&[])?;
        let id = reply.header("x-request-id");
        ensure!(
            !id.is_empty() && page.source().contains(id),
            "the error page names no request"
        );
        return Ok(page);
    }
    page.whole(&LANDMARKS)?;
    for (slot, text) in [("host/near", "near"), ("host/far", "far")] {
        let neighbour = page.slot(slot)?;
        ensure!(
            neighbour.state() != "fallback" && neighbour.text() == text,
            "the neighbour {slot} shows {:?}",
            neighbour.html()
        );
    }
    if role != Role::Primary {
        ensure!(
            page.text("#after")? == "after the slot",
            "what follows the slot is gone"
        );
    }
    if role == Role::Nested {
        ensure!(page.text("#outer-end")? == "end of outer", "the fragment around is cut");
    }
    ensure!(
        !page.source().contains("stolen") || role_owns(&page, role)?,
        "another's content was shown"
    );
    Ok(page)
}

/// Tells whether all that is marked as stolen stands within the broken fragment's own slot.
fn role_owns(page: &Page, role: Role) -> Result<bool> {
    let within = format!("fragment-slot[data-fragment=\"{}\"] .stolen", role.fragment());
    Ok(page.all(".stolen")?.len() == page.all(&within)?.len())
}

/// Packs a version of `host` or `faulty` in a folder of its own below `folder`.
///
/// # Errors
/// When it can't be packed.
pub async fn packed(folder: &Path, version: &str, times: Times) -> Result<PathBuf> {
    let (app, number) = version.split_once('@').context("no version")?;
    let manifest = if app == "host" {
        host_manifest(times)
    } else {
        faulty_manifest(times)
    };
    let [source, packed] = ["source", "packed"].map(|kind| folder.join(version).join(kind));
    write(&source, "marquetry.toml", &manifest.replace("1.0.0", number))?;
    write(&source, "layouts/plain.html", LAYOUT)?;
    pack(&source, None, &packed).await?;
    Ok(packed)
}

/// Good answers of everything that `host` offers.
pub fn open_host(host: &FaultServer) {
    for name in ["near", "far"] {
        host.answers(&format!("/fragments/{name}"), &Answer::html(name));
    }
    let slot = |src: &str| {
        Answer::html(format!(
            "<h1>Page</h1><p id=\"before\">before the slot</p><fragment-slot src=\"{src}?q={{q}}\">\
             <b class=\"later\">try later</b></fragment-slot><p id=\"after\">after the slot</p>"
        ))
    };
    host.on("/fragments/optional-page", Plan::Template(slot("faulty/optional")));
    host.on("/fragments/essential-page", Plan::Template(slot("faulty/essential")));
    host.on("/fragments/nested-page", Plan::Template(slot("host/outer")));
    let outer = Answer::html(
        "<div class=\"outer\"><fragment-slot src=\"faulty/optional?q={q}\"><b class=\"later\">try later</b>\
         </fragment-slot></div><p id=\"outer-end\">end of outer</p>",
    );
    host.on("/fragments/outer", Plan::Template(outer.cached("s-maxage=60")));
}

fn host_manifest(times: Times) -> String {
    let mut text = head("host");
    for (page, includes) in [
        ("optional", "faulty/optional"),
        ("essential", "faulty/essential"),
        ("nested", "host/outer"),
    ] {
        let _ = write!(text, "{}", bound(times, page, &format!("{page}-page")));
        let _ = write!(
            text,
            "{}",
            fragment(times, &format!("{page}-page"), "essential", includes)
        );
    }
    text + &fragment(times, "outer", "optional", "faulty/optional")
        + &fragment(times, "near", "optional", "")
        + &fragment(times, "far", "optional", "")
        + "[[layouts]]\nname = \"plain\"\ntemplate = \"layouts/plain.html\"\nincludes = [\"host/near\", \"host/far\"]\n"
}

fn faulty_manifest(times: Times) -> String {
    head("faulty")
        + &bound(times, "primary", "primary")
        + &fragment(times, "primary", "essential", "")
        + &fragment(times, "essential", "essential", "")
        + &fragment(times, "optional", "optional", "faulty/optional")
}

fn head(app: &str) -> String {
    format!("[app]\nname = \"{app}\"\nversion = \"1.0.0\"\nowner = \"Team {app}\"\ncookies = [\"mine\"]\n\n")
}

fn bound(times: Times, page: &str, fragment: &str) -> String {
    let deadline = times.page.as_millis();
    format!(
        "[[pages]]\npath = \"/{page}/{{q}}\"\nfragment = \"{fragment}\"\nlayout = \"host/plain\"\ndeadline_ms = {deadline}\n\n"
    )
}

fn fragment(times: Times, name: &str, role: &str, includes: &str) -> String {
    let deadline = times.fragment.as_millis();
    let includes = if includes.is_empty() {
        String::new()
    } else {
        format!("includes = [\"{includes}\"]\n")
    };
    format!(
        "[[fragments]]\nname = \"{name}\"\nrole = \"{role}\"\ndeadline_ms = {deadline}\nparams = [\"q\"]\n{includes}\n"
    )
}
