//! `bench completions`: what a shell needs to complete a command line of `bench`.

use crate::cli::Cli;
use crate::commands::write;
use crate::failure::Failure;
use clap::{Args, Command, CommandFactory as _};
use clap_complete::{Shell, generate};
use std::process::ExitCode;

pub(crate) const EXAMPLES: &str = "Examples:
  bench completions bash > ~/.local/share/bash-completion/completions/bench
  bench completions zsh > ~/.zfunc/_bench
  bench completions fish > ~/.config/fish/completions/bench.fish

bash reads that folder where the package bash-completion is installed; zsh needs
  fpath+=~/.zfunc; autoload -Uz compinit && compinit
in ~/.zshrc.";

/// `bench completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

/// Prints the script for a shell.
pub(crate) fn main(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    generate(args.shell, &mut visible(), "bench", &mut script);
    write(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// The command line without what is hidden, which the scripts would offer.
fn visible() -> Command {
    let whole = Cli::command();
    let subcommands = whole.get_subcommands().filter(|command| !command.is_hide_set());
    Command::new("bench")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .args(whole.get_arguments().cloned())
        .subcommands(subcommands.cloned())
}
