//! What a scanner makes of a document: head parts, markup, slots.

use bytes::Bytes;

/// The next thing in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Something for the page's head.
    Head(HeadPart),
    /// The head is over, or there was none: comes exactly once, before the first `Html` or `Slot`.
    HeadEnd,
    /// Markup to send on.
    Html(Bytes),
    /// The start tag of a slot; it is in no other piece.
    Slot(SlotTag),
    /// A part of the slot's children, balanced when put together.
    Fallback(Bytes),
    /// The end of the slot; its end tag is in no other piece.
    SlotEnd,
}

/// One thing of a head that the page's head may take up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeadPart {
    /// The title's text, as written (entities and all, never a `<` that opens a tag).
    Title(Bytes),
    /// A whole `<meta>` tag with `name` or `property`.
    Meta(Bytes),
    /// A whole `<link>` tag of a stylesheet, and its decoded address.
    Style { href: String, raw: Bytes },
    /// Another `<link>` tag that is harmless: canonical, alternate, icon, preconnect and the like.
    Link(Bytes),
}

/// The start tag of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotTag {
    /// The value of `src`, decoded.
    pub src: String,
    /// Its other attributes as written, each with a leading space; none of those that the composer sets.
    pub attributes: Bytes,
    /// What the slot's content must respect: hand it to [`Scanner::within`](crate::Scanner::within).
    pub context: Context,
}

/// Open elements around a slot that markup inside it would close, were it let.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Context {
    pub(crate) paragraph: bool,
    pub(crate) link: bool,
    pub(crate) nobr: bool,
    pub(crate) button: bool,
    pub(crate) form: bool,
    pub(crate) item: bool,
    pub(crate) term: bool,
    pub(crate) table: bool,
}
