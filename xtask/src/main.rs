//! The project's own tasks and checks: run, test, tidy, bench.

fn main() {}
