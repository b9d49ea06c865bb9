//! `assets.json`, the list of a version folder's assets.

use serde::{Deserialize, Serialize};

use crate::{compress::Encoding, digest};

/// The file's name.
pub(crate) const FILE: &str = "assets.json";
/// The folder of the assets.
pub(crate) const DIR: &str = "assets";

/// One asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// Its name within the app, without folders.
    pub(crate) file: String,
    pub(crate) digest: String,
    pub(crate) integrity: String,
    pub(crate) content_type: String,
    /// The size as it is.
    pub(crate) bytes: u64,
    /// The compressed copies beside it.
    pub(crate) encodings: Vec<Encoding>,
}

impl Entry {
    /// Where it lies in the version folder.
    pub(crate) fn path(&self) -> String {
        format!("{DIR}/{}/{}", self.digest, self.file)
    }

    /// The rule that its names break, if they do: they become paths and headers.
    pub(crate) fn broken_rule(&self) -> Option<&'static str> {
        let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>');
        if !is_file_name(&self.file) {
            return Some("`file` must be one path segment of letters, digits, `.`, `-`, `_`");
        }
        if !digest::is_digest(&self.digest) {
            return Some("`digest` must be 32 hex characters");
        }
        if !self.integrity.bytes().all(plain) {
            return Some("`integrity` must be like `sha384-…`");
        }
        let header = |b: u8| plain(b) || b == b' ';
        (!self.content_type.bytes().all(header)).then_some("`content_type` must be a content type")
    }
}

/// What browsers are told that a file is. Its name alone decides: the same file may be of several apps, and none of them has a say
/// in what it is for the others.
pub(crate) fn content_type(file: &str) -> String {
    let guess = mime_guess::from_path(file).first_or_octet_stream();
    let essence = guess.essence_str();
    let text = essence.starts_with("text/") || essence == "application/javascript" || essence == "application/json";
    if text {
        format!("{essence}; charset=utf-8")
    } else {
        essence.into()
    }
}

/// True for a name that is safe as one segment of a path and of an address.
pub(crate) fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 128
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}
