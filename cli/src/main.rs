//! The `marquetry` binary.

mod commands;
mod failure;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

use crate::commands::{check, pack, serve};

/// A page is a few hundred small allocations, each freed within the page.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Composes pages of many teams' fragments into one web application.
#[derive(Debug, Parser)]
#[command(name = "marquetry", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Check(check::Check),
    Pack(pack::Pack),
}

const EXAMPLES: &str = "\
Examples:
  marquetry check bff/checkout
  marquetry pack bff/checkout --assets dist/build/checkout --out dist/apps/checkout
  marquetry pack --platform dist/build/shell --out dist/shell
  marquetry serve --config composer.toml

Exit codes: 0 done, 1 a rule is broken or the work failed, 2 the command line is wrong.";

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Check(check) => check.run(),
        Command::Pack(pack) => pack.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {:#}", anyhow::Error::from(failure));
            ExitCode::FAILURE
        }
    }
}
