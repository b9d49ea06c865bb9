//! `marquetry completions`: a script that completes commands in a shell.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::{failure::Failure, session::Session};

/// Print a script that completes commands and options in your shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  marquetry completions bash > ~/.local/share/bash-completion/completions/marquetry
  marquetry completions zsh > ~/.zfunc/_marquetry
  marquetry completions fish > ~/.config/fish/completions/marquetry.fish";

impl Completions {
    /// `program` is the whole command line.
    pub(crate) fn run(&self, session: &Session, mut program: Command) -> Result<(), Failure> {
        let mut script = Vec::new();
        generate(self.shell, &mut program, "marquetry", &mut script);
        let script = String::from_utf8_lossy(&script);
        session.output.print(&script).map_err(Failure::Stdout)
    }
}
