//! `edge-oauth man`: the manual page.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::Cli;
use crate::failure::Failure;
use crate::terminal;

pub(crate) fn run() -> Result<(), Failure> {
    let mut page = Vec::new();
    Man::new(Cli::command()).render(&mut page)?;
    Ok(terminal::answer(page)?)
}
