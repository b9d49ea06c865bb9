//! Tailor and Podium: small servers in `benches/peers`, run from where `cargo xtask bench` installed them.

use std::process::Command;

use super::{Ground, installed};
use crate::upstream;

pub(super) const PLACES: [&str; 2] = ["/usr/bin/node", "/usr/local/bin/node"];

/// `None` where Node or the packages are missing.
pub(super) fn command(script: &str, port: u16, ground: &Ground) -> Option<Command> {
    let node = installed(&PLACES)?;
    if !ground.peers.join("node_modules").is_dir() {
        return None;
    }
    let mut command = Command::new(node);
    command.arg("--no-deprecation").arg(ground.peers.join(script));
    command
        .env(upstream::PORT, port.to_string())
        .env("BENCH_UPSTREAM", format!("127.0.0.1:{}", ground.upstream))
        .env("NODE_ENV", "production");
    Some(command)
}
