//! The scanner as its users see it: chunks in, pieces out, and what a browser makes of them.

mod support;
mod slots;
mod balance;
mod raw_text;
mod head;
mod layouts;
mod limits;
mod properties;
