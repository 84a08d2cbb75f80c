//! The server that hands commands to an engine and takes their results. A page comes from it too.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

pub(crate) struct Control {
    address: SocketAddr,
    folder: PathBuf,
    commands: Sender<Value>,
    waiting: Mutex<Receiver<Value>>,
    results: Mutex<(u64, HashMap<String, Sender<Value>>)>,
}

impl Control {
    pub(crate) fn start(folder: PathBuf) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (commands, waiting) = mpsc::channel();
        let control = Arc::new(Self {
            address: listener.local_addr().unwrap(),
            folder,
            commands,
            waiting: Mutex::new(waiting),
            results: Mutex::default(),
        });
        let server = Arc::clone(&control);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = Arc::clone(&server);
                // An engine that went away is noticed by the test that waits for it.
                thread::spawn(move || server.serve(stream));
            }
        });
        control
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Queues a command. Its result arrives in the channel.
    pub(crate) fn send(&self, command: Value) -> Receiver<Value> {
        let (sender, result) = mpsc::channel();
        let mut results = self.results.lock().unwrap();
        results.0 += 1;
        let id = results.0.to_string();
        results.1.insert(id.clone(), sender);
        self.commands
            .send(json!({ "id": id, "command": command }))
            .unwrap();
        result
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().unwrap_or_default();
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let (media_type, body) = self.respond(&target, &body);
        let mut stream = reader.into_inner();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&body)
    }

    fn respond(&self, target: &str, body: &[u8]) -> (&'static str, Vec<u8>) {
        let source = super::source();
        let read = |path: PathBuf| fs::read(path).unwrap_or_default();
        match target {
            "/" => ("text/html", read(source.join("page.html"))),
            "/page.mjs" => ("text/javascript", read(source.join("page.mjs"))),
            "/engine.js" => ("text/javascript", read(self.folder.join("engine.js"))),
            "/engine_bg.wasm" => ("application/wasm", read(self.folder.join("engine_bg.wasm"))),
            "/next" => {
                let command = self.waiting.lock().unwrap().recv();
                (
                    "application/json",
                    command.unwrap_or_default().to_string().into_bytes(),
                )
            }
            _ => {
                let id = target.strip_prefix("/result/").unwrap_or_default();
                let sender = self.results.lock().unwrap().1.remove(id);
                let result = serde_json::from_slice(body).unwrap_or_default();
                // The test may have stopped waiting.
                let _ = sender.map(|sender| sender.send(result));
                ("text/plain", Vec::new())
            }
        }
    }
}
