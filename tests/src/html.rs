//! A page as a browser would parse it (html5ever), and what must hold of it.

use anyhow::{Context, Result, bail, ensure};
use scraper::{ElementRef, Html, Selector};

/// A parsed page.
pub struct Page {
    source: String,
    tree: Html,
}

/// A slot of a page.
#[derive(Clone, Copy)]
pub struct Slot<'a>(ElementRef<'a>);

impl Page {
    /// Parses as browsers do: everything gives a tree.
    pub fn parse(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            tree: Html::parse_document(source),
        }
    }

    /// Checks that the document has its end, and that each of `landmarks` is there once, a child of the body:
    /// nothing between has swallowed what follows it.
    ///
    /// # Errors
    /// Says what is missing or where it went.
    pub fn whole(&self, landmarks: &[&str]) -> Result<()> {
        let tail = self.source.trim_end();
        ensure!(
            tail.ends_with("</html>"),
            "the page doesn't end with </html> but with {:?}",
            end_of(tail)
        );
        ensure!(
            self.source
                .trim_start()
                .to_ascii_lowercase()
                .starts_with("<!doctype html>"),
            "no doctype"
        );
        for landmark in landmarks {
            let found = self.all(landmark)?;
            ensure!(
                found.len() == 1,
                "`{landmark}` is there {} times:\n{}",
                found.len(),
                self.source
            );
            let parent = found[0].parent().and_then(ElementRef::wrap);
            let parent = parent
                .map(|parent| parent.value().name().to_owned())
                .unwrap_or_default();
            ensure!(parent == "body", "`{landmark}` lies in a <{parent}>:\n{}", self.source);
        }
        Ok(())
    }

    /// Checks that the parser had nothing to complain of.
    ///
    /// # Errors
    /// Lists the complaints.
    pub fn spotless(&self) -> Result<()> {
        // The specification calls `<!>` an error that gives an empty comment; Leptos writes it for that comment.
        let complaints = self
            .tree
            .errors
            .iter()
            .filter(|error| !error.contains("MarkupDeclarationOpen"));
        let complaints: Vec<_> = complaints.collect();
        ensure!(complaints.is_empty(), "html5ever complains: {complaints:?}");
        Ok(())
    }

    /// All that `css` finds.
    ///
    /// # Errors
    /// When `css` is no selector.
    pub fn all(&self, css: &str) -> Result<Vec<ElementRef<'_>>> {
        let selector = selector(css)?;
        Ok(self.tree.select(&selector).collect())
    }

    /// The text of the first that `css` finds.
    ///
    /// # Errors
    /// When it finds nothing.
    pub fn text(&self, css: &str) -> Result<String> {
        let found = self.all(css)?;
        let first = found
            .first()
            .with_context(|| format!("no `{css}` in the page:\n{}", self.source))?;
        Ok(text_of(*first))
    }

    /// All slots, in the order of the page.
    ///
    /// # Errors
    /// Never with the element's present name.
    pub fn slots(&self) -> Result<Vec<Slot<'_>>> {
        Ok(self.all(contract::slot::ELEMENT)?.into_iter().map(Slot).collect())
    }

    /// The first slot of that fragment.
    ///
    /// # Errors
    /// When there is none.
    pub fn slot(&self, fragment: &str) -> Result<Slot<'_>> {
        let slots = self.slots()?;
        let found = slots.into_iter().find(|slot| slot.fragment() == fragment);
        found.with_context(|| format!("no slot of `{fragment}` in the page:\n{}", self.source))
    }

    /// The text as it came.
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl Slot<'_> {
    /// An attribute, empty where it has none.
    pub fn attribute(&self, name: &str) -> &str {
        self.0.attr(name).unwrap_or_default()
    }

    /// The fragment that it shows.
    pub fn fragment(&self) -> &str {
        self.attribute(contract::slot::DATA_FRAGMENT)
    }

    /// `fresh` or `fallback`.
    pub fn state(&self) -> &str {
        self.attribute(contract::slot::DATA_STATE)
    }

    /// Its text, that of slots within too.
    pub fn text(&self) -> String {
        text_of(self.0)
    }

    /// What it holds, as HTML.
    pub fn html(&self) -> String {
        self.0.inner_html()
    }

    /// How many elements `css` finds in it.
    ///
    /// # Errors
    /// When `css` is no selector.
    pub fn count(&self, css: &str) -> Result<usize> {
        let selector = selector(css)?;
        Ok(self.0.select(&selector).count())
    }

    /// Tells whether a fragment rendered by the kit stands in it: a root and its props, both children of the slot.
    pub fn has_root_and_props(&self) -> bool {
        let children: Vec<_> = self.0.child_elements().collect();
        let root = children.iter().any(|child| child.attr("data-root").is_some());
        let props = children.iter().any(|child| child.attr("data-props").is_some());
        root && props
    }
}

fn selector(css: &str) -> Result<Selector> {
    match Selector::parse(css) {
        Ok(selector) => Ok(selector),
        Err(error) => bail!("`{css}` is no selector: {error}"),
    }
}

fn text_of(element: ElementRef<'_>) -> String {
    let visible = element.descendants().filter_map(|node| {
        let text = node.value().as_text()?;
        let parent = node.parent().and_then(ElementRef::wrap)?;
        (!matches!(parent.value().name(), "script" | "style")).then_some(&**text)
    });
    let joined: String = visible.collect();
    joined.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn end_of(text: &str) -> String {
    let start = text.len().saturating_sub(200);
    let start = (start..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len());
    text[start..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(part: &str) -> Page {
        Page::parse(&format!(
            "<!doctype html><html><body><main>{part}</main><footer>end</footer></body></html>"
        ))
    }

    #[test]
    fn a_part_that_swallows_what_follows_is_noticed() {
        page("<p>part</p>").whole(&["main", "footer"]).unwrap();
        for part in [
            "<!--",
            "<script>",
            "<textarea>",
            "</main><div>",
            "<p id='",
            "<plaintext>",
        ] {
            assert!(page(part).whole(&["main", "footer"]).is_err(), "{part}");
        }
    }

    #[test]
    fn a_page_without_its_end_is_noticed() {
        let cut = Page::parse("<!doctype html><html><body><main>part");
        assert!(cut.whole(&["main"]).is_err());
    }

    #[test]
    fn a_slot_is_found_by_what_fills_it() {
        let page = page(
            "<fragment-slot data-fragment=\"a/b\" data-state=\"fresh\"><div data-root>x <b>y</b></div><script data-props>{}</script></fragment-slot>",
        );
        let slot = page.slot("a/b").unwrap();
        assert_eq!(
            (slot.state(), slot.text().as_str(), slot.has_root_and_props()),
            ("fresh", "x y", true)
        );
        assert!(page.slot("a/c").is_err());
    }
}
