//! The `marquetry` binary.

mod commands;
mod session;
mod failure;
mod view;
mod client;
mod output;
mod settings;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use mimalloc::MiMalloc;

use crate::{commands::*, failure::Failure, session::Session, settings::Global};

/// A page is a few hundred small allocations, each freed within the page.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Composes pages of many teams' fragments into one web application.
#[derive(Debug, Parser)]
#[command(name = "marquetry", version, after_help = EXAMPLES, arg_required_else_help = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::New),
    Dev(dev::Dev),
    Build(build::Build),
    Check(check::Check),
    Publish(publish::Publish),
    Release(release::Release),
    Promote(promote::Promote),
    Pause(pause::Pause),
    Resume(resume::Resume),
    Abort(abort::Abort),
    Rollback(rollback::Rollback),
    Purge(purge::Purge),
    Status(status::Status),
    History(history::History),
    Show(show::Show),
    Doctor(doctor::Doctor),
    Team(team::Team),
    Token(token::Token),
    Gc(gc::Gc),
    Reload(reload::Reload),
    Serve(serve::Serve),
    Pack(pack::Pack),
    Completions(completions::Completions),
}

impl Command {
    fn run(&self, session: &Session) -> Result<(), Failure> {
        match self {
            Self::Check(it) => it.run(session),
            Self::Pack(it) => it.run(session),
            Self::Publish(it) => it.run(session),
            Self::Release(it) => it.run(session),
            Self::Promote(it) => it.run(session),
            Self::Pause(it) => it.run(session),
            Self::Resume(it) => it.run(session),
            Self::Abort(it) => it.run(session),
            Self::Rollback(it) => it.run(session),
            Self::Purge(it) => it.run(session),
            Self::Status(it) => it.run(session),
            Self::History(it) => it.run(session),
            Self::Show(it) => it.run(session),
            Self::Team(it) => it.run(session),
            Self::Token(it) => it.run(session),
            Self::Gc(it) => it.run(session),
            Self::Reload(it) => it.run(session),
            Self::Doctor(it) => it.run(session),
            Self::New(it) => it.run(session),
            Self::Build(it) => it.run(session),
            Self::Dev(it) => it.run(session),
            Self::Serve(it) => it.run(),
            Self::Completions(it) => it.run(session, Arguments::command()),
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  marquetry check bff/checkout
  marquetry publish bff/checkout --assets dist/build/checkout
  marquetry release checkout@1.4.2 --canary 5%
  marquetry status checkout --watch
  marquetry rollback checkout
  marquetry serve --config composer.toml

Exit codes:
  0 done
  1 it failed, or a rule refuses it
  2 the command line or a setting is wrong
  3 the composer could not be reached
  4 not allowed: no token, or one that may not do this
  5 conflict: somebody else changed it first

docs/cli.md describes every command.";

fn main() -> ExitCode {
    let Arguments { command, global } = Arguments::parse();
    let session = Session::new(global);
    match command.run(&session) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            let code = failure.exit_code();
            if let Some(json) = failure.json().filter(|_| session.output.is_json()) {
                // stderr tells it too.
                let _ = session.output.print(json);
            }
            session.output.error(&format!("{:#}", anyhow::Error::from(failure)));
            ExitCode::from(code)
        }
    }
}
