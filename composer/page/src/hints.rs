//! What a browser may fetch while a page is still waited for, as the value of a `Link` field (RFC 8288).

use std::{
    fmt::Write,
    sync::{PoisonError, RwLock},
};

use bytes::Bytes;

/// A longer list is cut: what comes first is needed first.
const MAX_LINKS: usize = 32;
const MAX_BYTES: usize = 4 << 10;
/// Style sheets of a page's last rendering that are remembered.
const MAX_LEARNED: usize = 8;

/// The files of one page, as its manifests and its last rendering tell them.
#[derive(Debug)]
pub(crate) struct Hints {
    styles: Vec<String>,
    scripts: Vec<String>,
    /// Where files lie that are the same for everybody.
    assets: String,
    learned: RwLock<Learned>,
}

#[derive(Debug, Default)]
struct Learned {
    styles: Vec<String>,
    links: Bytes,
}

/// How a browser is to fetch a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Module,
    Wasm,
}

impl Hints {
    /// The files that every rendering of a page needs. Only addresses below `assets` are learned beside them.
    pub(crate) fn new<'u>(
        assets: String,
        styles: impl Iterator<Item = &'u str>,
        scripts: impl Iterator<Item = (Kind, &'u str)>,
    ) -> Self {
        let styles: Vec<String> = styles.filter(|url| is_plain(url)).map(style).collect();
        let scripts = scripts.filter(|(_, url)| is_plain(url));
        let scripts = scripts.map(|(kind, url)| script(kind, url)).collect();
        let mut hints = Self {
            styles,
            scripts,
            assets,
            learned: RwLock::default(),
        };
        let links = hints.links_with(&[]);
        hints.learned.get_mut().unwrap_or_else(PoisonError::into_inner).links = links;
        hints
    }

    /// Remembers which further style sheets the page's fragments asked for.
    ///
    /// Files below the assets' address are the same for everybody; other addresses may be made for one visitor.
    pub(crate) fn learn(&self, hrefs: &[&str]) {
        let own = |href: &&&str| href.starts_with(&self.assets) && is_plain(href) && !href.contains(['?', '#']);
        let asked = || hrefs.iter().filter(own).take(MAX_LEARNED);
        let read = self.learned.read().unwrap_or_else(PoisonError::into_inner);
        if read.styles.iter().eq(asked()) {
            return;
        }
        drop(read);
        let styles: Vec<String> = asked().map(|href| (*href).to_owned()).collect();
        let links = self.links_with(&styles);
        *self.learned.write().unwrap_or_else(PoisonError::into_inner) = Learned { styles, links };
    }

    /// Everything, or nothing at all.
    pub(crate) fn links(&self) -> Bytes {
        self.learned
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .links
            .clone()
    }

    fn links_with(&self, learned: &[String]) -> Bytes {
        let learned: Vec<String> = learned.iter().map(|url| style(url)).collect();
        let mut out = String::new();
        let all = self.styles.iter().chain(&learned).chain(&self.scripts);
        for link in all.take(MAX_LINKS) {
            if out.len() + 2 + link.len() > MAX_BYTES {
                break;
            }
            let comma = if out.is_empty() { "" } else { ", " };
            let _ = write!(out, "{comma}{link}");
        }
        out.into()
    }
}

fn style(url: &str) -> String {
    format!("<{url}>; rel=preload; as=style")
}

fn script(kind: Kind, url: &str) -> String {
    match kind {
        Kind::Module => format!("<{url}>; rel=modulepreload"),
        Kind::Wasm => format!("<{url}>; rel=preload; as=fetch; crossorigin"),
    }
}

/// True for an address that can stand between `<` and `>`.
fn is_plain(url: &str) -> bool {
    url.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints() -> Hints {
        let scripts = [(Kind::Module, "/_m/assets/2/b.js"), (Kind::Wasm, "/_m/assets/3/c.wasm")];
        Hints::new(
            "/_m/assets/".into(),
            ["/_m/assets/1/a.css"].into_iter(),
            scripts.into_iter(),
        )
    }

    #[test]
    fn every_kind_of_file_is_named_as_browsers_fetch_it() {
        let expected = "</_m/assets/1/a.css>; rel=preload; as=style, </_m/assets/2/b.js>; rel=modulepreload, \
                        </_m/assets/3/c.wasm>; rel=preload; as=fetch; crossorigin";
        assert_eq!(hints().links(), expected);
        let none = Hints::new("/_m/assets/".into(), [].into_iter(), [].into_iter());
        assert_eq!(none.links(), "");
    }

    #[test]
    fn style_sheets_of_the_last_rendering_follow_those_of_the_manifests() {
        let hints = hints();
        hints.learn(&["/_m/assets/4/d.css", "/_m/assets/5/e.css"]);
        let links = String::from_utf8(hints.links().to_vec()).unwrap();
        assert!(links.contains("a.css>; rel=preload; as=style, </_m/assets/4/d.css>; rel=preload; as=style, <"));
        hints.learn(&["/_m/assets/5/e.css"]);
        let links = String::from_utf8(hints.links().to_vec()).unwrap();
        assert!(!links.contains("d.css") && links.contains("e.css"));
    }

    #[test]
    fn an_address_that_may_be_one_visitor_s_is_told_to_nobody() {
        let hints = hints();
        let before = hints.links();
        hints.learn(&[
            "/_m/app/shop@1/mine.css",
            "/_m/assets/4/d.css?session=1",
            "/_m/assets/4/d.css>; rel=preload",
            "/_m/assets/4/d d.css",
        ]);
        assert_eq!(hints.links(), before);
    }

    #[test]
    fn a_long_list_is_cut_between_two_links() {
        let urls: Vec<String> = (0..100)
            .map(|at| format!("/_m/assets/{at}/{}.css", "x".repeat(at)))
            .collect();
        let hints = Hints::new("/_m/assets/".into(), urls.iter().map(String::as_str), [].into_iter());
        let links = String::from_utf8(hints.links().to_vec()).unwrap();
        assert!(links.len() <= MAX_BYTES && links.ends_with("as=style"));
        assert_eq!(links.matches("rel=preload").count(), 32);
        let long = "/_m/assets/1/".to_owned() + &"x".repeat(MAX_BYTES);
        let hints = Hints::new("/_m/assets/".into(), [&*long].into_iter(), [].into_iter());
        assert_eq!(hints.links(), "");
    }
}
