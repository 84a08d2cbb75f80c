//! `edge-oauth man`: the manual page, one for all commands.

use std::io;

use clap::{Arg, Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::args::Cli;
use crate::failure::{EXIT_STATUS, Failure};
use crate::terminal;

pub(crate) fn run() -> Result<(), Failure> {
    Ok(terminal::answer(page()?)?)
}

fn page() -> io::Result<Vec<u8>> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let mut page = Vec::new();
    let man = Man::new(program.clone())
        .title("EDGE-OAUTH")
        // One that is empty would not be written, and the rest would stand in its place.
        .date(" ")
        .manual("User Commands");
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;

    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([bold("edge-oauth"), roman(" COMMAND [OPTIONS]")]);
    roff.control("SH", ["DESCRIPTION"]);
    roff.text([roman(DESCRIPTION)]);
    roff.control("SH", ["COMMANDS"]);
    end(&mut page, roff)?;
    for command in program.get_subcommands() {
        describe(command, &mut page)?;
    }

    let of_client = program
        .get_subcommands()
        .flat_map(Command::get_arguments)
        .filter(|arg| is_of_client(arg));
    section("CLIENT OPTIONS", &mut page)?;
    options(of_client, &mut page)?;
    section("GENERAL OPTIONS", &mut page)?;
    options(program.get_arguments(), &mut page)?;
    list("ENVIRONMENT", ENVIRONMENT, &mut page)?;
    list("FILES", FILES, &mut page)?;
    let statuses: Vec<_> = EXIT_STATUS
        .lines()
        .filter_map(|line| line.trim().split_once("  "))
        .collect();
    list("EXIT STATUS", &statuses, &mut page)?;
    let mut roff = Roff::new();
    roff.control("PP", []);
    roff.text([roman(OF_COMMANDS)]);
    end(&mut page, roff)?;
    list("EXAMPLES", EXAMPLES, &mut page)?;
    Ok(page)
}

/// A command: its usage, what it does, the options of its own, and what its help ends with.
fn describe(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    roff.control("SS", [command.get_name()]);
    for line in usage.lines() {
        roff.text([bold(line.trim())]);
        roff.control("br", []);
    }
    if let Some(about) = command.get_about() {
        roff.control("PP", []);
        roff.text([roman(about.to_string())]);
    }
    end(page, roff)?;
    let own = command.get_arguments().filter(|arg| !is_of_client(arg));
    options(
        own.filter(|arg| !arg.is_global_set() && arg.get_id() != "help"),
        page,
    )?;
    for action in command.get_subcommands() {
        let mut roff = Roff::new();
        roff.control("TP", []);
        roff.text([bold(action.get_name())]);
        roff.text([roman(
            action
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default(),
        )]);
        end(page, roff)?;
    }
    if let Some(help) = command.get_after_help() {
        let mut roff = Roff::new();
        roff.control("PP", []);
        roff.control("nf", []);
        for line in help.to_string().lines() {
            roff.text([roman(line)]);
        }
        roff.control("fi", []);
        end(page, roff)?;
    }
    Ok(())
}

fn is_of_client(arg: &Arg) -> bool {
    arg.get_help_heading() == Some("Client") && !arg.is_positional()
}

/// As clap_mangen writes them, without a section of their own; an option that several commands have, once.
fn options<'a>(args: impl Iterator<Item = &'a Arg>, page: &mut Vec<u8>) -> io::Result<()> {
    // The version is of no account, and has to be there for `--version` to be.
    let mut only = Command::new("options")
        .version("")
        .disable_help_flag(true)
        .disable_version_flag(true);
    let mut seen = Vec::new();
    for arg in args {
        if !seen.contains(&arg.get_id()) {
            seen.push(arg.get_id());
            only = only.arg(arg.clone().help_heading(None::<&str>));
        }
    }
    let mut section = Vec::new();
    Man::new(only).render_options_section(&mut section)?;
    let section = String::from_utf8_lossy(&section);
    let body = section
        .split_once(".SH OPTIONS\n")
        .map_or("", |(_, body)| body);
    page.extend_from_slice(body.as_bytes());
    Ok(())
}

fn section(name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [name]);
    end(page, roff)
}

fn list(name: &str, items: &[(&str, &str)], page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [name]);
    for (item, says) in items {
        roff.control("TP", []);
        roff.text([bold(*item)]);
        roff.text([roman(*says)]);
    }
    end(page, roff)
}

fn end(page: &mut Vec<u8>, roff: Roff) -> io::Result<()> {
    page.extend_from_slice(roff.to_roff().as_bytes());
    Ok(())
}

const DESCRIPTION: &str = "edge-oauth asks an OAuth 2.0 server for access tokens with the client \
    credentials grant, keeps them, encrypted, between runs, and shows what went wrong where there is none. \
    Sitecore Experience Edge is the default server; --endpoint names any other. Standard output has the \
    answer to the command and nothing else; all the rest goes to standard error. Each value is taken from \
    the command line, else from the environment, else from the profile.";

const OF_COMMANDS: &str = "exec ends as its command does, with 127 where there is no such command and 126 \
    where it cannot be run. explain ends with 0 whatever the answer means, inspect --jwks with 4 where the \
    token fails a check, doctor with the status of the first check that failed.";

const ENVIRONMENT: &[(&str, &str)] = &[
    ("SITECORE_CLIENT_ID", "The client id."),
    (
        "SITECORE_CLIENT_SECRET",
        "The client secret. Commands that exec runs do not get it.",
    ),
    (
        "SITECORE_AUTH_URL",
        "Another token endpoint of Experience Edge.",
    ),
    ("SITECORE_AUDIENCE", "The audience."),
    (
        "EDGE_OAUTH_TOKEN",
        "Where exec puts the token, and token -o env and -o powershell assign it, unless told otherwise.",
    ),
    ("CI", "Where it is set, nobody is asked for the secret."),
    ("NO_COLOR", "Where it is set, messages have no colour."),
    ("GITHUB_OUTPUT", "The file that token -o github appends to."),
    (
        "KUBERNETES_EXEC_INFO",
        "What kubectl tells token -o exec-credential.",
    ),
    (
        "HTTPS_PROXY, ALL_PROXY, NO_PROXY",
        "The proxy for https endpoints, and the hosts that are reached without it.",
    ),
    (
        "XDG_CONFIG_HOME, XDG_CACHE_HOME",
        "The user's configuration and cache folders, ~/.config and ~/.cache by default.",
    ),
];

const FILES: &[(&str, &str)] = &[
    (
        "~/.config/edge-oauth/config.toml",
        "The profiles, a table [profiles.NAME] each. A client secret in it is refused; client_secret_file \
         names the file that has it.",
    ),
    (
        "~/.cache/edge-oauth/",
        "The kept tokens, a file for each configuration, encrypted under a key derived from the client secret.",
    ),
];

const EXAMPLES: &[(&str, &str)] = &[
    (
        "edge-oauth exec -- ./publish.sh",
        "Runs a script with the token in EDGE_OAUTH_TOKEN.",
    ),
    (
        "edge-oauth token -o curl | curl -K - https://edge.sitecorecloud.io/api/admin/v1/settings",
        "Calls an API, and no argument has the token.",
    ),
    (
        "curl -si ... | edge-oauth explain",
        "Says what an answer of a token endpoint means.",
    ),
];
