//! The scanner as its users see it: chunks in, pieces out, and what a browser makes of them.

mod properties;
mod slots;
mod balance;
mod raw_text;
mod head;
mod layouts;
mod limits;
mod soup;
mod support;
