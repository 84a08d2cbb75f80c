//! The program `edge-oauth`. Its code is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    edge_oauth_cli::run()
}
