//! `edge-oauth man`: the manual page, one for all commands.

mod text;

use std::io;

use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::args::{CLIENT_HEADING, CONNECTION_HEADING, REQUEST_HEADING};
use crate::client_auth::args::AUTH_HEADING;
use crate::commands::man::text::{DESCRIPTION, ENVIRONMENT, EXAMPLES, FILES, OF_COMMANDS};
use crate::error::{CliError, EXIT_STATUS};
use crate::output::terminal;

/// Prints the page. `program` contains the whole command line.
pub(crate) fn run(program: Command) -> Result<(), CliError> {
    Ok(terminal::print(page(program)?)?)
}

fn page(program: Command) -> io::Result<Vec<u8>> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let mut page = Vec::new();
    let man = Man::new(program.clone())
        .title("EDGE-OAUTH")
        // An empty date is omitted, and the next field takes its place.
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
        describe(command, command.get_name(), &mut page)?;
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

/// Writes a command: usage, description, its own options, the end of its help, and its subcommands.
fn describe(command: &Command, name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    roff.control("SS", [name]);
    for line in usage.lines() {
        roff.text([bold(line.trim())]);
        roff.control("br", []);
    }
    if let Some(about) = command.get_about() {
        roff.control("PP", []);
        roff.text([roman(about.to_string())]);
    }
    end(page, roff)?;
    options(own_options(command), page)?;
    let below = command.get_subcommands();
    let (plain, rich): (Vec<_>, Vec<_>) =
        below.partition(|action| !action.has_subcommands() && own_options(action).next().is_none());
    for action in plain {
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
    for action in rich {
        describe(action, &format!("{name} {}", action.get_name()), page)?;
    }
    Ok(())
}

fn own_options(command: &Command) -> impl Iterator<Item = &Arg> {
    let own = command.get_arguments().filter(|arg| !is_of_client(arg));
    own.filter(|arg| !arg.is_global_set() && arg.get_id() != "help")
}

fn is_of_client(arg: &Arg) -> bool {
    let heading = arg.get_help_heading();
    let headings = [
        CLIENT_HEADING,
        REQUEST_HEADING,
        CONNECTION_HEADING,
        AUTH_HEADING,
    ];
    headings.map(Some).contains(&heading) && !arg.is_positional()
}

/// Writes options as clap_mangen does, without a section. An option that several commands share is written once.
fn options<'a>(args: impl Iterator<Item = &'a Arg>, page: &mut Vec<u8>) -> io::Result<()> {
    // `--version` is written only if there is a version. Its value does not matter.
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
