//! What a site is made of: published versions of apps, and the platform's own browser files.

use std::collections::HashMap;

use bytes::Bytes;
use contract::{FragmentName, LayoutName, Prefix, manifest::Manifest};

/// A file that browsers load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its immutable address.
    pub url: String,
    /// What the browser checks it against, `sha384-…`.
    pub integrity: String,
}

/// One version of an app, with the files that a page is built from.
#[derive(Debug, Clone)]
pub struct PublishedApp {
    /// What it offers.
    pub manifest: Manifest,
    /// The templates of its layouts.
    pub layouts: HashMap<LayoutName, Bytes>,
    /// The fallbacks of its fragments, of those that have one.
    pub fallbacks: HashMap<FragmentName, Bytes>,
    /// The ES module that wakes its fragments.
    pub module: Option<Asset>,
    /// The WASM that the module starts.
    pub wasm: Option<Asset>,
    /// Its style sheets, in the manifest's order.
    pub styles: Vec<Asset>,
}

/// The platform's own part of a page.
#[derive(Debug, Clone, Default)]
pub struct Platform {
    /// Where the composer's own addresses begin.
    pub prefix: Prefix,
    /// The script that finds slots and wakes them.
    pub loader: Option<Asset>,
    /// The ES module that is loaded when something breaks, or before the shell.
    pub mend: Option<Asset>,
    /// The shell's ES module, which the loader starts.
    pub shell: Option<Asset>,
    /// The shell's WASM.
    pub shell_wasm: Option<Asset>,
    /// The module that keeps the stream of live events, which the shell starts.
    pub live: Option<Asset>,
    /// What the shell loads when versions of an open tab are replaced.
    pub versions: Option<Asset>,
    /// What shows developers who made what, for pages that offer it.
    pub inspector: Option<Inspector>,
}

/// The inspector's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspector {
    /// The script that waits until somebody asks for it.
    pub door: Asset,
    /// Its ES module.
    pub module: Asset,
    /// Its WASM.
    pub wasm: Asset,
}
