//! The process of an engine: its start, its output and its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
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
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/node.mjs");
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

    /// Starts a Worker of this date, which decides about its features, and sends it the one request in which it serves.
    pub(crate) fn workerd(program: &Path, folder: &Path, origin: &str, date: &str) -> Self {
        let own = env::temp_dir().join(format!("edge-oauth-fetch-worker-{date}-{}", process::id()));
        fs::create_dir_all(&own).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine");
        for (folder, file) in [
            (source.as_path(), "workerd.mjs"),
            (&source, "page.mjs"),
            (folder, "engine.js"),
            (folder, "engine_bg.wasm"),
        ] {
            fs::copy(folder.join(file), own.join(file)).unwrap();
        }
        let config = fs::read_to_string(source.join("workerd.capnp")).unwrap();
        fs::write(
            own.join("workerd.capnp"),
            config.replace("COMPATIBILITY", date),
        )
        .unwrap();
        fs::write(own.join("base"), origin).unwrap();
        let mut command = Command::new(program);
        command
            .args(["serve", "--control-fd=1"])
            .arg(own.join("workerd.capnp"));
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = collect(child.stderr.take().unwrap());
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let listens: Value = serde_json::from_str(&line).unwrap_or_default();
        let port = listens["port"]
            .as_u64()
            .and_then(|port| port.try_into().ok());
        let Some(port) = port else {
            let _ = child.kill();
            panic!("workerd does not listen: {line}{}", errors.join().unwrap());
        };
        let mut request = TcpStream::connect(("127.0.0.1", port)).unwrap();
        request
            .write_all(b"GET / HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n")
            .unwrap();
        let output = vec![collect(stdout), errors, collect(request)];
        Self {
            child,
            ends: false,
            output,
            profile: Some(own),
        }
    }

    fn start(mut command: Command, ends: bool, profile: Option<PathBuf>) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let output = vec![
            collect(child.stdout.take().unwrap()),
            collect(child.stderr.take().unwrap()),
        ];
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

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = pipe.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    })
}
