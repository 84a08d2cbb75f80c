//! `edge-oauth completions`: a completion script, printed or installed.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Command, Subcommand};
use clap_complete::Shell;
use etcetera::BaseStrategy;

use crate::env::variable;
use crate::error::{CliError, Exit};
use crate::output::terminal;
use crate::settings::profile_file::create_folder_of;

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct CompletionsArgs {
    /// The shell to complete for
    #[arg(required = true)]
    shell: Option<Shell>,

    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Action {
    /// Write the script where the shell finds it
    Install {
        /// The shell: bash, zsh or fish [default: the shell of SHELL]
        shell: Option<Shell>,
    },
}

/// Prints or installs the script. `program` contains the whole command line.
pub(crate) fn run(args: CompletionsArgs, mut program: Command) -> Result<(), CliError> {
    match (args.action, args.shell) {
        (Some(Action::Install { shell }), _) => install(shell, &mut program),
        (None, Some(shell)) => Ok(terminal::print(script(shell, &mut program))?),
        (None, None) => unreachable!("clap wants a shell"),
    }
}

fn script(shell: Shell, program: &mut Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, program, "edge-oauth", &mut script);
    with_profiles(shell, &String::from_utf8_lossy(&script))
}

/// Returns the script with the names of profiles as values of `--profile`. The generator knows fixed values only.
fn with_profiles(shell: Shell, script: &str) -> String {
    match shell {
        Shell::Bash => {
            let mut text = String::new();
            let mut is_profile = false;
            for line in script.lines() {
                let files = r#"$(compgen -f "${cur}")"#;
                let names = format!(r#"$(compgen -W "$({NAMES})" -- "${{cur}}")"#);
                match is_profile {
                    true => text += &line.replace(files, &names),
                    false => text += line,
                }
                text.push('\n');
                is_profile = line.trim() == "--profile)";
            }
            // clap_complete 4.6 names the functions of a program with a hyphen in two ways.
            text.replace("edge__subcmd__oauth", "edge__oauth")
        }
        Shell::Fish => {
            format!("{script}complete -c edge-oauth -l profile -x -a '({NAMES})'\n")
        }
        Shell::Zsh => {
            let mut text = String::new();
            for line in script.lines() {
                match line.starts_with("'--profile=") {
                    true => text += &line.replace(":NAME:_default'", ":NAME:_edge_oauth_profiles'"),
                    false => text += line,
                }
                text.push('\n');
            }
            let function = format!(
                "_edge_oauth_profiles() {{\n    local names=(${{(f)\"$({NAMES})\"}})\n    compadd -a names\n}}\n\nif [ \"$funcstack[1]\""
            );
            text.replace("if [ \"$funcstack[1]\"", &function)
        }
        _ => script.to_owned(),
    }
}

fn install(shell: Option<Shell>, program: &mut Command) -> Result<(), CliError> {
    let shell = match shell {
        Some(shell) => shell,
        None => variable("SHELL")?
            .and_then(Shell::from_shell_path)
            .ok_or_else(|| {
                CliError::new(Exit::Usage, "SHELL names no shell that is known")
                    .next("use edge-oauth completions install bash, zsh or fish")
            })?,
    };
    let (path, remark) = place(shell)?;
    let refuse = |error: std::io::Error| {
        CliError::new(
            Exit::Other,
            format_args!("the file {}: {error}", path.display()),
        )
        .next(format!(
            "use edge-oauth completions {shell} > FILE, and load that file in the shell"
        ))
    };
    create_folder_of(&path)?;
    fs::write(&path, script(shell, program)).map_err(refuse)?;
    terminal::note(format_args!(
        "The completions are in {}. {remark}",
        path.display()
    ));
    Ok(())
}

/// Returns the file in which the shell looks for completions, and what else there is to do.
fn place(shell: Shell) -> Result<(PathBuf, &'static str), CliError> {
    let folders = etcetera::choose_base_strategy()
        .map_err(|_| CliError::new(Exit::Usage, "this user has no home folder"))?;
    match shell {
        Shell::Bash => Ok((
            folders
                .data_dir()
                .join("bash-completion/completions/edge-oauth"),
            "A new shell has them, if the package bash-completion is installed.",
        )),
        Shell::Fish => Ok((
            folders
                .config_dir()
                .join("fish/completions/edge-oauth.fish"),
            "A new shell has them.",
        )),
        Shell::Zsh => Ok((
            folders.data_dir().join("zsh/site-functions/_edge-oauth"),
            "Add its folder to fpath in ~/.zshrc, before compinit is called.",
        )),
        shell => Err(CliError::new(
            Exit::Usage,
            format_args!("{shell} has no folder for completions"),
        )
        .next(format!(
            "use edge-oauth completions {shell}, and load its output in the profile of the shell"
        ))),
    }
}

/// The command that prints the names of profiles, one a line.
const NAMES: &str = "edge-oauth profile list --names 2>/dev/null";
