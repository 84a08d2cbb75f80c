//! The program `edge-oauth`; all of it is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    edge_oauth_cli::run()
}
