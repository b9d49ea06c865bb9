//! Scans text in every way it may be cut, and shows or parses the outcome.

use bytes::Bytes;
use composer_html::{HeadPart, Limits, Mode, Piece, ScanError, Scanner};
use expect_test::Expect;
use html5ever::{ParseOpts, parse_document, tendril::TendrilSink, tree_builder::TreeBuilderOpts};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

pub(crate) const FRAGMENT: Mode = Mode::Fragment { slots: true };

/// Pushes `chunks`, ends the document, and joins neighbouring pieces of one kind.
pub(crate) fn scan<'a>(
    scanner: Scanner,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Piece>, Result<(), ScanError>) {
    let mut scanner = scanner;
    let mut pieces = Vec::new();
    let mut result = Ok(());
    for chunk in chunks {
        let pushed = scanner.push(Bytes::copy_from_slice(chunk), &mut pieces);
        result = result.and(pushed);
    }
    scanner.finish(&mut pieces);
    (joined(pieces), result)
}

/// The pieces of `text`, which are the same wherever it is cut.
pub(crate) fn pieces(mode: Mode, text: &str) -> Vec<Piece> {
    let (whole, result) = scan(Scanner::new(mode, Limits::default()), [text.as_bytes()]);
    result.expect("the text keeps to the limits");
    for at in 0..text.len() {
        let (start, rest) = text.as_bytes().split_at(at);
        let (cut, _) = scan(Scanner::new(mode, Limits::default()), [start, rest]);
        assert_eq!(show(&cut), show(&whole), "cut at {at} of {text}");
    }
    let (dripped, _) = scan(Scanner::new(mode, Limits::default()), text.as_bytes().chunks(1));
    assert_eq!(show(&dripped), show(&whole), "byte by byte: {text}");
    whole
}

/// Checks the pieces of a fragment, one a line.
pub(crate) fn check(text: &str, wanted: Expect) {
    wanted.assert_eq(&show(&pieces(FRAGMENT, text)));
}

/// Checks what is left of a fragment without slots and head.
pub(crate) fn check_html(text: &str, wanted: &str) {
    assert_eq!(html(&pieces(FRAGMENT, text)), wanted, "{text}");
}

fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(Piece::Html(before)), Piece::Html(after))
            | (Some(Piece::Fallback(before)), Piece::Fallback(after)) => {
                *before = [&before[..], &after[..]].concat().into();
            }
            (_, piece) => joined.push(piece),
        }
    }
    joined
}

/// One line a piece.
pub(crate) fn show(pieces: &[Piece]) -> String {
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).replace('\n', "\\n");
    let line = |piece: &Piece| match piece {
        Piece::Head(HeadPart::Title(title)) => format!("title     {}\n", text(title)),
        Piece::Head(HeadPart::Meta(raw)) => format!("meta      {}\n", text(raw)),
        Piece::Head(HeadPart::Style { href, raw }) => format!("style     {href} = {}\n", text(raw)),
        Piece::Head(HeadPart::Link(raw)) => format!("link      {}\n", text(raw)),
        Piece::HeadEnd => "head end\n".into(),
        Piece::Html(bytes) => format!("html      {}\n", text(bytes)),
        Piece::Slot(slot) => format!("slot      {} ={}\n", slot.src, text(&slot.attributes)),
        Piece::Fallback(bytes) => format!("fallback  {}\n", text(bytes)),
        Piece::SlotEnd => "slot end\n".into(),
    };
    pieces.iter().map(line).collect()
}

/// The markup as a page would send it, each slot with its fallback.
pub(crate) fn html(pieces: &[Piece]) -> String {
    let mut html = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Html(bytes) | Piece::Fallback(bytes) => html.extend_from_slice(bytes),
            Piece::Slot(slot) => {
                html.extend_from_slice(b"<fragment-slot live=\"");
                html.extend_from_slice(slot.src.replace('&', "&amp;").replace('"', "&quot;").as_bytes());
                html.push(b'"');
                html.extend_from_slice(&slot.attributes);
                html.extend_from_slice(b" >");
            }
            Piece::SlotEnd => html.extend_from_slice(b"</fragment-slot>"),
            Piece::Head(_) | Piece::HeadEnd => {}
        }
    }
    String::from_utf8_lossy(&html).into_owned()
}

/// A page as a browser sees it, with or without scripts.
pub(crate) struct Page(RcDom);

impl Page {
    pub(crate) fn parse(html: &str, scripts: bool) -> Self {
        let options = ParseOpts {
            tree_builder: TreeBuilderOpts {
                scripting_enabled: scripts,
                ..TreeBuilderOpts::default()
            },
            ..ParseOpts::default()
        };
        Self(parse_document(RcDom::default(), options).one(html))
    }

    /// All elements of the document, in order, each with the names of those around it.
    pub(crate) fn elements(&self) -> Vec<Found> {
        let mut found = Vec::new();
        collect(&self.0.document, &mut Vec::new(), &mut found);
        found
    }
}

/// An element and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// `html/body/main`, itself last.
    pub(crate) path: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Found {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(each, _)| each == name)?;
        Some(&found.1)
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.path.rsplit('/').next() == Some(name)
    }
}

fn collect(node: &Handle, path: &mut Vec<String>, found: &mut Vec<Found>) {
    let NodeData::Element { name, attrs, .. } = &node.data else {
        node.children
            .borrow()
            .iter()
            .for_each(|child| collect(child, path, found));
        return;
    };
    let html = &*name.ns == "http://www.w3.org/1999/xhtml";
    path.push(if html {
        name.local.to_string()
    } else {
        format!("foreign:{}", name.local)
    });
    found.push(Found {
        path: path.join("/"),
        attributes: attrs
            .borrow()
            .iter()
            .map(|each| (each.name.local.to_string(), each.value.to_string()))
            .collect(),
    });
    node.children
        .borrow()
        .iter()
        .for_each(|child| collect(child, path, found));
    path.pop();
}
