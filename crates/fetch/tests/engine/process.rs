//! The process of an engine: its start, its output and its end.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::{env, fs, process};

use serde_json::Value;

pub(crate) struct Process {
    child: Child,
    /// True if the engine has to end by itself.
    ends: bool,
    output: Vec<JoinHandle<String>>,
    /// The folder of a browser's user, or of a Worker.
    profile: Option<PathBuf>,
}

impl Process {
    pub(crate) fn node(folder: &Path, origin: &str) -> Self {
        let script = super::source().join("node.mjs");
        let mut command = Command::new("node");
        command.arg(script).arg(folder).arg(origin);
        Self::start(command, true, None)
    }

    pub(crate) fn chromium(origin: &str) -> Self {
        let profile = env::temp_dir().join(format!("edge-oauth-fetch-{}", process::id()));
        let mut command = Command::new(env::var_os("CHROMIUM").unwrap_or("chromium".into()));
        command
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .args([
                "--disable-dev-shm-usage",
                "--no-proxy-server",
                "--enable-logging=stderr",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(origin);
        Self::start(command, false, Some(profile))
    }

    fn start(mut command: Command, ends: bool, profile: Option<PathBuf>) -> Self {
        let mut child = spawn(&mut command);
        let stdout = collect(child.stdout.take().unwrap());
        Self::collecting(child, stdout, ends, profile)
    }

    /// Starts workerd with a configuration in this folder, which is removed at the end. Returns its port too.
    pub(super) fn workerd(program: &Path, folder: PathBuf, config: &str) -> (Self, u16) {
        let mut command = Command::new(program);
        command
            .args(["serve", "--control-fd=1"])
            .arg(folder.join(config));
        let mut child = spawn(&mut command);
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let mut process = Self::collecting(child, collect(stdout), false, Some(folder));
        let listens: Value = serde_json::from_str(&line).unwrap_or_default();
        match listens["port"]
            .as_u64()
            .and_then(|port| port.try_into().ok())
        {
            Some(port) => (process, port),
            None => panic!("workerd does not listen: {line}{}", process.end()),
        }
    }

    fn collecting(
        mut child: Child,
        stdout: JoinHandle<String>,
        ends: bool,
        profile: Option<PathBuf>,
    ) -> Self {
        let output = vec![stdout, collect(child.stderr.take().unwrap())];
        Self {
            child,
            ends,
            output,
            profile,
        }
    }

    /// Waits for the end, or ends a browser. Returns what was printed.
    pub(crate) fn end(&mut self) -> String {
        if self.ends {
            let status = self.child.wait().unwrap();
            assert!(status.success(), "{status}");
        }
        self.stop();
        self.output
            .drain(..)
            .map(|thread| thread.join().unwrap())
            .collect()
    }

    fn stop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(profile) = self.profile.take() {
            let _ = fs::remove_dir_all(profile);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(command: &mut Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"))
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = pipe.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    })
}
