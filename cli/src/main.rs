//! The `marquetry` binary.

fn main() {}
