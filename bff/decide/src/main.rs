//! The decide team's BFF: its pages, fragments and data.

fn main() {}
