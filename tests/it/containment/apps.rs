//! Apps that break in the browser in all ways there are, and a server before the composer that breaks the rest.

use std::path::{Path, PathBuf};

use anyhow::Result;
use tempfile::TempDir;
use tests::{
    bff::{self, Bff},
    browser::Browser,
    client::get,
    composer::{Composer, Config, pack},
    environment,
    site::{LAYOUT, write},
    tamper::Tamper,
    wait::{PATIENCE, until},
};

/// Fragments of one app, each broken in its own way; a click breaks those that don't break by themselves.
const WILD: &str = "
const sure = (button, act) => button.addEventListener('click', act);
export function hydrate(slot, context) {
  const { fragment } = context;
  const button = slot.querySelector('button');
  let count = 0;
  if (fragment === 'hydrate') throw new Error('broke at hydrate');
  if (fragment === 'hang') return new Promise(() => {});
  if (fragment === 'event') sure(button, () => { throw new Error('broke at event'); });
  if (fragment === 'listen') context.listen(button, 'click', () => { throw new Error('broke at listen'); });
  if (fragment === 'timer') sure(button, () => setTimeout(() => { throw new Error('broke at timer'); }));
  if (fragment === 'interval') sure(button, () => context.setInterval(() => { throw new Error('broke at interval'); }, 10));
  if (fragment === 'promise') sure(button, () => Promise.reject(new Error('broke at promise')));
  if (fragment === 'foreign') sure(button, () => document.dispatchEvent(new Event('foreign')));
  if (fragment === 'good') document.addEventListener('foreign', () => { throw 'nobody knows'; }, { signal: context.signal });
  if (fragment === 'good') sure(button, () => { button.textContent = `good ${++count}`; });
  return { slot };
}
export const mount = () => { throw new Error('broke at mount'); };
export function unmount() {}
";

/// `(module (func (export \"trap\") unreachable))`
const TRAP: &str = "\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x08\x01\x04trap\0\0\x0a\x05\x01\x03\0\0\x0b";

/// What wasm-bindgen would write: started once, all fragments share it.
const GLUE: &str = "
let wasm;
export default async function init({ module_or_path }) {
  wasm ??= (await WebAssembly.instantiateStreaming(module_or_path)).instance.exports;
}
export function hydrate(slot, { fragment }) {
  const button = slot.querySelector('button');
  const started = import.meta.url.split('?')[1] ?? '0';
  button.textContent = `${fragment} of module ${started}`;
  button.addEventListener('click', () => {
    document.dispatchEvent(new CustomEvent('marquetry:panic', { detail: { message: 'panicked at ui/lib.rs:7: no tractor' } }));
    wasm.trap();
  });
  return slot;
}
export const mount = hydrate;
export function unmount() { wasm.trap(); }
";

const ORDINARY: &str = "
export function hydrate(slot) { slot.querySelector('button').textContent = 'awake'; return slot; }
export const mount = hydrate;
export function unmount() {}
";

const WILD_PARTS: [&str; 10] = [
    "good", "hydrate", "hang", "event", "listen", "timer", "interval", "promise", "foreign", "empty",
];

/// An app, its parts, its files.
type App = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

const APPS: &[App] = &[
    ("wild", &WILD_PARTS, &[("wild.js", WILD)]),
    ("missing", &["part"], &[("missing.js", ORDINARY)]),
    ("corrupt", &["part"], &[("corrupt.js", ORDINARY)]),
    (
        "throws",
        &["part"],
        &[("throws.js", "throw new Error('broke at load');")],
    ),
    ("trap", &["one", "two"], &[("trap.js", GLUE), ("trap.wasm", TRAP)]),
    ("spoilt", &["part"], &[("spoilt.js", GLUE), ("spoilt.wasm", TRAP)]),
];

/// A page of fragments that break, in a browser.
pub(super) struct Wild {
    pub(super) composer: Composer,
    pub(super) tamper: Tamper,
    pub(super) browser: Browser,
    pub(super) bff: Bff,
    folder: TempDir,
}

impl Wild {
    /// Starts all of it, without opening the page yet.
    pub(super) async fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let bff = Bff::start().await?;
        let origin = bff.origin();
        let shell = environment::dist()?.join("shell");
        let mut config = Config::default()
            .line(&format!("shell_dir = {shell:?}"))
            .line("log = \"warn\"")
            .log_to(&folder.path().join("log"));
        let others = "missing/part, corrupt/part, throws/part, trap/one, trap/two, spoilt/part";
        let own = WILD_PARTS.map(|name| format!("wild/{name}"));
        let includes: Vec<&str> = own.iter().map(String::as_str).chain(others.split(", ")).collect();
        for (app, parts, files) in APPS {
            let packed = packed(&folder.path().join(app), &manifest(app, parts, &includes, files), files).await?;
            config = config.app(&packed, &origin);
            for part in *parts {
                bff.on(&format!("/{app}/{part}"), bff::html(&html(app, part)));
            }
        }
        let slots = includes
            .iter()
            .map(|src| format!("<fragment-slot src=\"{src}\"></fragment-slot>"));
        let page = slots.collect::<String>();
        bff.on(
            "/wild/page",
            bff::html(&format!("<h1>Page</h1><a href=\"/\">again</a>{page}")),
        );
        let composer = Composer::start(&config).await?;
        let tamper = Tamper::start(composer.address()).await?;
        let browser = Browser::start().await?;
        Ok(Self {
            composer,
            tamper,
            browser,
            bff,
            folder,
        })
    }

    /// Waits until the composer has counted a report.
    pub(super) async fn counted(&self, app: &str, phase: &str) -> Result<()> {
        let wanted = format!("composer_browser_reports_total{{app=\"{app}\",phase=\"{phase}\"}}");
        let counted = async || {
            let numbers = get(self.composer.admin(), "/metrics").send().await?.text();
            Ok(numbers.contains(&wanted).then_some(()))
        };
        until(PATIENCE, &wanted, counted).await
    }

    /// The lines of the composer's log about fragments that broke.
    pub(super) fn log(&self) -> Result<Vec<String>> {
        let text = std::fs::read_to_string(self.folder.path().join("log"))?;
        let told = text.lines().filter(|line| line.contains("fragment broke in a browser"));
        Ok(told.map(str::to_owned).collect())
    }
}

async fn packed(folder: &Path, manifest: &str, files: &[(&str, &str)]) -> Result<PathBuf> {
    let [source, assets, packed] = ["source", "assets", "packed"].map(|part| folder.join(part));
    write(&source, "marquetry.toml", manifest)?;
    write(&source, "layouts/plain.html", LAYOUT)?;
    for (name, text) in files {
        write(&assets, name, text)?;
    }
    pack(&source, Some(&assets), &packed).await?;
    Ok(packed)
}

fn html(app: &str, part: &str) -> String {
    match part {
        "empty" => "<div data-root></div>".into(),
        _ => format!("<div data-root><button>{app} {part} as sent</button></div>"),
    }
}

fn manifest(app: &str, parts: &[&str], includes: &[&str], files: &[(&str, &str)]) -> String {
    let mut text = format!("[app]\nname = \"{app}\"\nversion = \"1.0.0\"\nowner = \"Team {app}\"\n");
    if app == "wild" {
        text += "[[pages]]\npath = \"/\"\nfragment = \"page\"\nlayout = \"wild/plain\"\n\
            [[layouts]]\nname = \"plain\"\ntemplate = \"layouts/plain.html\"\n";
        text += &format!("[[fragments]]\nname = \"page\"\npath = \"/wild/page\"\nincludes = {includes:?}\n");
    }
    for part in parts {
        text += &format!("[[fragments]]\nname = \"{part}\"\npath = \"/{app}/{part}\"\nhydrate = \"load\"\n");
    }
    text += "[assets]\ndir = \"assets\"\n";
    for (name, _) in files {
        let key = if name.ends_with("js") { "module" } else { "wasm" };
        text += &format!("{key} = \"{name}\"\n");
    }
    text
}
