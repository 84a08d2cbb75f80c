//! A Worker in workerd, which takes requests over HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::{env, fs, process};

use crate::engine::process::Process;

pub(crate) struct Worker {
    process: Process,
    port: u16,
}

impl Worker {
    /// Starts a Worker with the configuration of this name, its placeholders replaced, and with these modules. Returns
    /// `None` if workerd is missing.
    pub(crate) fn start(
        config: &str,
        values: &[(&str, &str)],
        modules: &[PathBuf],
    ) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);

        let program = super::variable("EDGE_OAUTH_WORKERD")?;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let own =
            env::temp_dir().join(format!("edge-oauth-fetch-worker-{}-{count}", process::id()));
        fs::create_dir_all(&own).unwrap();
        for module in modules {
            fs::copy(module, own.join(module.file_name().unwrap())).unwrap();
        }
        let mut text = fs::read_to_string(super::source().join(config)).unwrap();
        for (name, value) in values {
            text = text.replace(&format!("%{name}%"), value);
        }
        fs::write(own.join(config), text).unwrap();
        let (process, port) = Process::workerd(&program, own, config);
        Some(Self { process, port })
    }

    /// Sends a request, whose response arrives in the thread.
    pub(crate) fn get(&self) -> JoinHandle<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = "GET / HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        thread::spawn(move || {
            let mut response = Vec::new();
            // A Worker that is killed breaks the connection.
            let _ = stream.read_to_end(&mut response);
            String::from_utf8_lossy(&response).into_owned()
        })
    }

    /// Ends the Worker. Returns what was printed.
    pub(crate) fn end(mut self) -> String {
        self.process.end()
    }

    pub(super) fn into_process(self) -> Process {
        self.process
    }
}
