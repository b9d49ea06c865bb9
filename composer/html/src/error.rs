//! What a scanner holds at most, and what it says when that is not enough.

/// How much of a document a scanner keeps or follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one tag.
    pub tag_bytes: usize,
    /// Bytes of the leading `<head>`, with whatever stands before it.
    pub head_bytes: usize,
    /// Bytes of the title's text.
    pub title_bytes: usize,
    /// Elements open at once.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tag_bytes: 16 * 1024,
            head_bytes: 64 * 1024,
            title_bytes: 4 * 1024,
            depth: 512,
        }
    }
}

/// Why a document can't be read on. What was read before stays valid, and `finish` closes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    #[error("a tag has more than {limit} bytes")]
    Tag { limit: usize },
    #[error("the head has more than {limit} bytes")]
    Head { limit: usize },
    #[error("the title has more than {limit} bytes")]
    Title { limit: usize },
    #[error("more than {limit} elements are open at once")]
    Depth { limit: usize },
    #[error("the layout has no `<head>` … `</head>`")]
    LayoutHead,
    #[error("the layout has no `<body>` after its head")]
    LayoutBody,
    #[error("the layout's slot `{src}` is not closed by a `</fragment-slot>` of its own")]
    LayoutSlot { src: String },
}
