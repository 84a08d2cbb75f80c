//! The format of a command's output.

use clap::{Args, ValueEnum};

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct OutputArg {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Columns
    Text,
    /// JSON with the service's own names
    Json,
}

impl OutputArg {
    pub(crate) fn is_json(self) -> bool {
        self.output == Output::Json
    }
}
