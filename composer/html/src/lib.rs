//! Finds slots in a stream of HTML and keeps a fragment's markup inside its slot.
//!
//! Bytes in, [`Piece`]s out, without waiting: text and finished tags leave as slices of the chunk that brought them.

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
