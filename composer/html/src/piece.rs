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
    /// The title's text as written, fit to stand between `<title>` and `</title>`.
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
    /// The value of `persist`, decoded, where it is there.
    pub persist: Option<String>,
    /// Its other attributes as written, each with a leading space; none of those that the composer sets.
    pub attributes: Bytes,
    /// What the slot's content must respect: hand it to [`Scanner::within`](crate::Scanner::within).
    pub context: Context,
}

/// Open elements around a slot that markup inside it would close, were it let.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Context(u8);

impl Context {
    pub(crate) const PARAGRAPH: Self = Self(1);
    pub(crate) const LINK: Self = Self(1 << 1);
    pub(crate) const NOBR: Self = Self(1 << 2);
    pub(crate) const BUTTON: Self = Self(1 << 3);
    pub(crate) const FORM: Self = Self(1 << 4);
    pub(crate) const ITEM: Self = Self(1 << 5);
    pub(crate) const TERM: Self = Self(1 << 6);
    pub(crate) const TABLE: Self = Self(1 << 7);
    pub(crate) const ALL: Self = Self(u8::MAX);
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}
