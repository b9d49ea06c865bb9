//! Finds slots in a stream of HTML and keeps a fragment's markup inside its slot.
//!
//! Bytes in, [`Piece`]s out, without waiting: text and finished tags leave as slices of the chunk that brought them;
//! only a tag that a chunk's end cuts is copied, up to a limit.
//!
//! What leaves a fragment is balanced, wherever the fragment was cut: a browser closes, opens and moves nothing outside
//! of the slot because of it. For that,
//!
//! * ends that browsers imply are written out (`</p>`, `</li>`, `</td>`), and so are `<tbody>` and `<tr>`;
//! * end tags that match nothing in the fragment are dropped, and so are tags that mean something only to the page
//!   (`<html>`, `<body>`, a late `<head>`, `<base>`, `<frameset>`, `<plaintext>`, `<meta http-equiv>`, `<meta charset>`,
//!   `<template for>`, doctypes, `<?…>`, `</3>`);
//! * parts of tables outside of a table, forms in forms, links in a link's blocks, and what would close an element
//!   around the slot ([`Context`]) lose their tags, not their content;
//! * what browsers old and new read differently in `<select>` is dropped, and in `<noscript>` whatever could be its end
//!   to some: comments, CDATA, and tags with `</noscript` in them;
//! * a `<` that opens nothing becomes `&lt;`.

mod scanner;
mod layout;
mod fragment;
mod tree;
mod head;
mod slot;
mod emit;
mod lex;
mod entity;
mod names;
mod piece;
mod error;

pub use error::{Limits, ScanError};
pub use piece::{Context, HeadPart, Piece, SlotTag};
pub use scanner::{Mode, Scanner, layout};
