//! The browser side: event bus, live slots.

fn main() {}
