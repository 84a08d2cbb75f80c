//! A JavaScript engine that carries out commands: Node or a browser.

mod control;
mod process;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use serde_json::{Value, json};

use control::Control;
use process::Process;
pub(crate) use worker::Worker;

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Node,
    /// A page in headless Chromium.
    Page,
    /// A Worker in workerd, of this date, which decides about its features.
    Worker(&'static str),
}

/// A running engine, which ends with this value.
pub(crate) struct Engine {
    kind: Kind,
    control: Arc<Control>,
    process: Process,
}

/// A command under way.
pub(crate) struct Running(Receiver<Value>);

impl Engine {
    /// Starts an engine, or returns `None` if it or the module is missing.
    pub(crate) fn start(kind: Kind) -> Option<Self> {
        let folder = variable("EDGE_OAUTH_FETCH_ENGINE")?;
        let control = Control::start(folder);
        let (folder, origin) = (control.folder(), control.origin());
        let process = match kind {
            Kind::Node => Process::node(folder, &origin),
            Kind::Page => Process::chromium(&origin),
            Kind::Worker(date) => {
                let values = [("DATE", date), ("BASE", origin.as_str())];
                let mut modules = vec![source().join("workerd.mjs"), source().join("page.mjs")];
                modules.extend(["engine.js", "engine_bg.wasm"].map(|file| folder.join(file)));
                let worker = Worker::start("workerd.capnp", &values, &modules)?;
                // It serves all commands in this one request.
                drop(worker.get());
                worker.into_process()
            }
        };
        Some(Self {
            kind,
            control,
            process,
        })
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the origin of the page, for CORS.
    pub(crate) fn origin(&self) -> String {
        self.control.origin()
    }

    /// Sends a command.
    pub(crate) fn send(&self, command: Value) -> Running {
        Running(self.control.send(command))
    }

    /// Carries out a command.
    pub(crate) fn run(&self, command: Value) -> Value {
        self.send(command).wait()
    }

    /// Ends the engine. Returns what it printed, on its console and elsewhere.
    pub(crate) fn end(mut self) -> String {
        let console = self.run(json!({ "do": "printed" }));
        self.control.send(json!({ "do": "end" }));
        format!("{console}\n{}", self.process.end())
    }
}

impl Running {
    pub(crate) fn wait(self) -> Value {
        self.0.recv().expect("the engine returns a result")
    }
}

/// The folder of these files.
fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine")
}

#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
pub(crate) fn variable(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name);
    if value.is_none() {
        eprintln!("skipped: {name} is not set; `bash .ci/wasm` sets it");
    }
    value.map(PathBuf::from)
}
