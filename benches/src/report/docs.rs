//! Puts what was measured between its markers in `docs/performance.md`, and charts beside it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

/// The folder of `performance.md`.
pub(crate) struct Docs {
    folder: PathBuf,
}

impl Docs {
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let file = folder.join("performance.md");
        ensure!(file.is_file(), "{} is not there", file.display());
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Replaces what stands between `<!-- measured: NAME -->` and `<!-- end -->`.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<()> {
        let file = self.folder.join("performance.md");
        let before = fs::read_to_string(&file)?;
        let after = replaced(&before, name, text).with_context(|| file.display().to_string())?;
        Ok(fs::write(file, after)?)
    }

    /// Writes `performance-NAME.svg`.
    pub(crate) fn chart(&self, name: &str, svg: &str) -> Result<()> {
        Ok(fs::write(self.folder.join(format!("performance-{name}.svg")), svg)?)
    }
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
    use super::replaced;

    #[test]
    fn only_what_stands_between_its_markers_is_replaced() {
        let document = "a\n<!-- measured: x -->\nold\n<!-- end -->\nb\n<!-- measured: y -->\n<!-- end -->\n";
        let after = replaced(document, "x", "new\n").unwrap();
        assert_eq!(
            after,
            "a\n<!-- measured: x -->\n\nnew\n\n<!-- end -->\nb\n<!-- measured: y -->\n<!-- end -->\n"
        );
        assert!(replaced(document, "z", "new").is_err());
    }
}
