//! The files of a new repository, and how they are filled in.
//!
//! `{{app}}` and its like are replaced; a line (or a file's path) that begins with `{{?page}}` is there only for an app
//! with a page of its own, one with `{{!page}}` only without.

use std::path::PathBuf;

use contract::AppName;

/// What is filled in.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) app: AppName,
    pub(super) page: bool,
    /// The dependency on the kit of that crate, as TOML.
    pub(super) bff_kit: String,
    pub(super) fragments_kit: String,
}

/// A file of a template: where it goes, and its text.
pub(super) type File = (&'static str, &'static str);

macro_rules! files {
    ($kind:literal: $($to:literal = $from:literal,)*) => {
        &[$(($to, include_str!(concat!("../../../templates/", $kind, "/", $from))),)*]
    };
}

/// A cargo workspace with the kits.
pub(super) const LEPTOS: &[File] = files! { "leptos":
    "README.md" = "README.md",
    "marquetry.toml" = "marquetry.toml",
    "Cargo.toml" = "Cargo.toml.in",
    "ui/Cargo.toml" = "ui/Cargo.toml.in",
    "ui/src/lib.rs" = "ui/src/lib.rs",
    "ui/src/list.rs" = "ui/src/list.rs",
    "{{?page}}ui/src/page.rs" = "ui/src/page.rs",
    "ui/src/review.rs" = "ui/src/review.rs",
    "ui/src/write.rs" = "ui/src/write.rs",
    "ui/tests/list.rs" = "ui/tests/list.rs",
    "bff/Cargo.toml" = "bff/Cargo.toml.in",
    "bff/schema.sql" = "bff/schema.sql",
    "bff/src/main.rs" = "bff/src/main.rs",
    "bff/src/lib.rs" = "bff/src/lib.rs",
    "bff/src/get_list.rs" = "bff/src/get_list.rs",
    "{{?page}}bff/src/get_page.rs" = "bff/src/get_page.rs",
    "bff/src/post_review.rs" = "bff/src/post_review.rs",
    "bff/src/store.rs" = "bff/src/store.rs",
    "bff/tests/reviews.rs" = "bff/tests/reviews.rs",
    "assets/{{app}}.css" = "../shared/app.css",
    "fallbacks/list.html" = "../shared/list.html",
    "deploy/start-bff.sh" = "deploy/start-bff.sh",
    ".github/workflows/deploy.yml" = "github/deploy.yml",
    ".gitignore" = "gitignore",
    "rustfmt.toml" = "rustfmt.toml",
};

/// HTML, JavaScript and Python's standard library.
pub(super) const PLAIN: &[File] = files! { "plain":
    "README.md" = "README.md",
    "marquetry.toml" = "marquetry.toml",
    "bff.py" = "bff.py",
    "tests/test_bff.py" = "tests/test_bff.py",
    "assets/{{app}}.js" = "assets/app.js",
    "assets/{{app}}.css" = "../shared/app.css",
    "fallbacks/list.html" = "../shared/list.html",
    "deploy/start-bff.sh" = "deploy/start-bff.sh",
    ".github/workflows/deploy.yml" = "github/deploy.yml",
    ".gitignore" = "gitignore",
};

impl Words {
    /// The template's files, filled in.
    pub(super) fn fill(&self, files: &[File]) -> Vec<(PathBuf, String)> {
        let each = files.iter().filter_map(|(path, text)| {
            let path = self.kept(path)?;
            Some((PathBuf::from(self.replaced(path)), self.text(text)))
        });
        each.collect()
    }

    fn text(&self, text: &str) -> String {
        let lines = text.lines().filter_map(|line| self.kept(line));
        lines.map(|line| format!("{}\n", self.replaced(line))).collect()
    }

    /// The line without its condition; none where that is not met.
    fn kept<'t>(&self, line: &'t str) -> Option<&'t str> {
        match (line.strip_prefix("{{?page}}"), line.strip_prefix("{{!page}}")) {
            (Some(rest), _) => self.page.then_some(rest),
            (_, Some(rest)) => (!self.page).then_some(rest),
            _ => Some(line),
        }
    }

    fn replaced(&self, line: &str) -> String {
        let app = self.app.as_str();
        let (page_path, page_get) = match self.page {
            true => (format!("/{app}"), ", \"/fragments/page\""),
            false => ("/product".to_owned(), ""),
        };
        line.replace("{{app}}", app)
            .replace("{{crate}}", &app.replace('-', "_"))
            .replace("{{owner}}", &format!("Team {}", title(app)))
            .replace("{{bff_kit}}", &self.bff_kit)
            .replace("{{fragments_kit}}", &self.fragments_kit)
            .replace("{{page_path}}", &page_path)
            .replace("{{page_get}}", page_get)
    }
}

/// `product-news` as people write it: `Product News`.
fn title(app: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        format!("{}{rest}", first.to_ascii_uppercase())
    };
    app.split('-').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(files: &[File], page: bool) -> Vec<(PathBuf, String)> {
        let words = Words {
            app: "product-news".parse().unwrap(),
            page,
            bff_kit: "\"0.1.0\"".into(),
            fragments_kit: "\"0.1.0\"".into(),
        };
        words.fill(files)
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        for (files, page) in [(LEPTOS, false), (LEPTOS, true), (PLAIN, false), (PLAIN, true)] {
            for (path, text) in filled(files, page) {
                let left = text.replace("${{ ", "").contains("{{?") || text.contains("{{a") || text.contains("{{!");
                assert!(!left, "{}: {text}", path.display());
                assert!(!path.to_string_lossy().contains('{'), "{}", path.display());
            }
        }
    }

    #[test]
    fn the_manifest_of_every_kind_keeps_the_rules() {
        for (files, page) in [(LEPTOS, false), (LEPTOS, true), (PLAIN, false), (PLAIN, true)] {
            let files = filled(files, page);
            let text = &files
                .iter()
                .find(|(path, _)| path.ends_with("marquetry.toml"))
                .unwrap()
                .1;
            let manifest = contract::manifest::Manifest::parse("marquetry.toml", text).unwrap();
            assert_eq!(manifest.app_version().to_string(), "product-news@0.1.0");
            assert_eq!(manifest.app.owner, "Team Product News");
            assert_eq!(manifest.pages.len(), usize::from(page));
            for style in &manifest.assets.styles {
                assert!(files.iter().any(|(path, _)| path.ends_with(style)), "{style}");
            }
        }
    }

    #[test]
    fn dependencies_are_those_that_the_kits_have() {
        let ours = include_str!("../../../../Cargo.toml");
        let new = &filled(LEPTOS, false)
            .into_iter()
            .find(|(path, _)| path.as_os_str() == "Cargo.toml")
            .unwrap()
            .1;
        let version = |text: &str, name: &str| {
            let line = text
                .lines()
                .find(|line| line.starts_with(&format!("{name} = ")))
                .map(str::to_owned);
            let line = line.unwrap_or_else(|| panic!("no {name}"));
            let numbers = line
                .split('"')
                .nth(1)
                .unwrap_or_default()
                .trim_start_matches('=')
                .to_owned();
            numbers
                .split('.')
                .map(|number| number.parse::<u64>().unwrap_or_else(|_| panic!("{line}")))
                .collect::<Vec<_>>()
        };
        for name in [
            "axum",
            "leptos",
            "rusqlite",
            "serde",
            "tokio",
            "web-sys",
            "http-body-util",
            "tempfile",
            "tower",
        ] {
            let (ours, new) = (version(ours, name), version(new, name));
            assert!(
                ours.starts_with(&new),
                "{name}: {ours:?} here, {new:?} in a new repository"
            );
        }
    }
}
