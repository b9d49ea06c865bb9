//! The rules of versions, their origins, and overrides.

use contract::{AppVersion, admin::VersionFile};

use super::{State, at_most, each_once, is_text, limits, some};
use crate::{
    refusal::{Checked, Missing, Refusal, Rule},
    state::versions::{by_path, fingerprint},
};

impl State {
    pub(super) fn check_publish(
        &self,
        version: &AppVersion,
        files: &[VersionFile],
        note: Option<&str>,
    ) -> Result<Checked, Refusal> {
        at_most("the note", limits::REASON_BYTES, note.unwrap_or_default().len())?;
        some("the version's files", files.len())?;
        at_most("files of a version", limits::FILES, files.len())?;
        if let Some(file) = files.iter().find(|file| !is_path(&file.path)) {
            return Err(Rule::Path(file.path.chars().take(128).collect()).into());
        }
        let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
        each_once(&paths)?;
        if self.team_of(&version.app).is_none() {
            return Err(Rule::Unowned(version.app.clone()).into());
        }
        let other_files = |revision| {
            let version = version.clone();
            Refusal::from(Rule::Immutable { version, revision })
        };
        if let Some(published) = self.version(version) {
            return if published.files == by_path(files) {
                Ok(Checked::Unchanged(published.revision))
            } else {
                Err(other_files(published.revision))
            };
        }
        match self.versions.forgotten.get(version) {
            Some((revision, before)) if *before != fingerprint(files) => return Err(other_files(*revision)),
            _ => {}
        }
        at_most(
            "published versions",
            limits::VERSIONS,
            self.versions.published.len() + 1,
        )?;
        Ok(Checked::New)
    }

    pub(super) fn check_origins(&self, version: &AppVersion, origins: &[String]) -> Result<Checked, Refusal> {
        at_most("origins of a version", limits::ORIGINS, origins.len())?;
        each_once(origins)?;
        if let Some(origin) = origins.iter().find(|origin| !is_origin(origin)) {
            return Err(Rule::Origin(origin.chars().take(128).collect()).into());
        }
        let published = self.published(version)?;
        if published.origins == origins {
            return Ok(Checked::Unchanged(published.touched.revision));
        }
        Ok(Checked::New)
    }

    pub(super) fn check_forget(&self, versions: &[AppVersion]) -> Result<Checked, Refusal> {
        some("the versions to forget", versions.len())?;
        at_most("versions to forget at once", limits::FORGOTTEN, versions.len())?;
        each_once(versions)?;
        for version in versions {
            self.published(version)?;
            if self.is_live(version) {
                return Err(Rule::StillLive(version.clone()).into());
            }
        }
        Ok(Checked::New)
    }

    pub(super) fn check_override(&self, id: &str, version: &AppVersion) -> Result<Checked, Refusal> {
        is_text("the override's id", id)?;
        if self.team_of(&version.app).is_none() {
            return Err(Rule::Unowned(version.app.clone()).into());
        }
        Ok(Checked::New)
    }

    pub(super) fn published(&self, version: &AppVersion) -> Result<&crate::state::Published, Missing> {
        let found = self.version(version).map(AsRef::as_ref);
        found.ok_or_else(|| Missing::Version(version.clone()))
    }
}

/// Relative, and safe as a path on any system.
fn is_path(path: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part != "." && part != "..";
    path.len() <= limits::PATH_BYTES
        && path.split('/').all(part)
        && !path.chars().any(|c| c.is_control() || matches!(c, '\\' | ':'))
}

/// Scheme, host and perhaps a port; who connects reads it more closely.
fn is_origin(origin: &str) -> bool {
    let rest = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']' | b'_');
    origin.len() <= limits::TEXT_BYTES && rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_their_folder() {
        for good in ["marquetry.toml", "assets/0123/reviews.js.br", "a..b"] {
            assert!(is_path(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "a//b",
            "../x",
            "a/../b",
            "a/.",
            "a\\b",
            "c:x",
            "a\nb",
            "a/",
        ] {
            assert!(!is_path(bad), "{bad}");
        }
        assert!(!is_path(&"a".repeat(513)));
    }

    #[test]
    fn origins_end_with_host_or_port() {
        for good in ["http://127.0.0.1:4103", "http://[::1]:80", "https://reviews.internal"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "http://",
            "ftp://x",
            "http://x/",
            "http://u@x",
            "http://x?y",
            "//x",
            "http://x y",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
