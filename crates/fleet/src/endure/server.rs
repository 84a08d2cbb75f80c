//! A token server and an API on one port, which fail at random by seed and report to the judge.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::fault::{LIFETIMES, Reply};
use super::judge::{Record, Violations};
use super::time::{MILLISECOND, Random, SECOND, now};
use super::token::Token;
use super::wire::{self, Request};

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) clients: Vec<Client>,
    pub(crate) token_requests: AtomicU64,
    pub(crate) tokens: AtomicU64,
    pub(crate) api_requests: AtomicU64,
    violations: Mutex<Vec<String>>,
    stops: AtomicBool,
}

/// The server's side of one source.
pub(crate) struct Client {
    record: Mutex<Record>,
    random: Mutex<Random>,
    open: Mutex<Vec<Open>>,
    /// Older secrets and keys are retired.
    pub(crate) oldest: AtomicU64,
}

/// A token request in flight.
struct Open {
    id: u64,
    generation: u64,
    stream: TcpStream,
}

impl Server {
    pub(crate) fn start(clients: usize, seed: u64) -> io::Result<Arc<Self>> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let client = |part: usize| Client {
            record: Mutex::new(Record::new(refreshes(part))),
            random: Mutex::new(Random::new(seed, part as u64)),
            open: Mutex::new(Vec::new()),
            oldest: AtomicU64::new(0),
        };
        let server = Arc::new(Self {
            address: listener.local_addr()?,
            clients: (0..clients).map(client).collect(),
            token_requests: AtomicU64::new(0),
            tokens: AtomicU64::new(0),
            api_requests: AtomicU64::new(0),
            violations: Mutex::new(Vec::new()),
            stops: AtomicBool::new(false),
        });
        let shared = Arc::clone(&server);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.stops.load(Ordering::SeqCst) {
                    return;
                }
                let server = Arc::clone(&shared);
                thread::spawn(move || server.serve(stream));
            }
        });
        Ok(server)
    }

    pub(crate) fn stop(&self) {
        self.stops.store(true, Ordering::SeqCst);
        // The listener is waiting for a connection.
        drop(TcpStream::connect(self.address));
    }

    pub(crate) fn report(&self, source: usize, violations: Violations) {
        for violation in violations {
            let line = format!("{} ms, source {source}: {violation}", now() / MILLISECOND);
            locked(&self.violations).push(line);
        }
    }

    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.violations))
    }

    fn serve(&self, stream: TcpStream) {
        // A client may hang up at any time.
        let _ = self.try_serve(stream);
    }

    fn try_serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        while let Some(request) = Request::read(&mut reader) {
            let mut parts = request.path.trim_start_matches('/').split('/');
            let (kind, source) = (parts.next(), parts.next());
            let source = source.and_then(|number| number.parse().ok()).unwrap_or(0);
            match kind {
                Some("token") => return self.token(source, &request, &mut writer),
                _ if self.api(source, &request, &mut writer)? => {}
                _ => break,
            }
        }
        Ok(())
    }

    fn token(&self, source: usize, request: &Request, stream: &mut TcpStream) -> io::Result<()> {
        let Some(client) = self.clients.get(source) else {
            return Ok(());
        };
        let born = now();
        let id = self.token_requests.fetch_add(1, Ordering::Relaxed);
        let assertion = assertion(&request.body);
        let proof = assertion
            .as_ref()
            .map_or(request.body.as_str(), |(header, _)| header);
        let generation = generation(proof).unwrap_or(0);
        locked(&client.open).push(Open {
            id,
            generation,
            stream: stream.try_clone()?,
        });
        let overlapping = client.overlapping(generation, id);
        let digest = assertion.map(|(_, digest)| digest);
        let violations = client
            .record()
            .arrives(generation, overlapping, digest, born);
        self.report(source, violations);
        let (reply, token) = self.draw(source, client, generation, born);
        let number = client.record().deals(reply, generation, born);
        let watched = stream.try_clone()?;
        let written = wire::write(stream, reply, &token.body(), || {
            client.ends(id);
            if !wire::is_closed(&watched) {
                let wait = match reply {
                    Reply::Status(status) => status.wait.seconds() * SECOND,
                    _ => 0,
                };
                let mut record = client.record();
                record.dealt(number, wait, now());
                if let Reply::Token(_) = reply {
                    record.issues(token);
                }
            }
        });
        client.ends(id);
        written
    }

    fn draw(&self, source: usize, client: &Client, generation: u64, born: u64) -> (Reply, Token) {
        let mut random = locked(&client.random);
        if random.percent(3) {
            let newest = client.record().generation;
            client.oldest.store(newest + 1, Ordering::SeqCst);
        }
        let reply = match generation < client.oldest.load(Ordering::SeqCst) {
            true => Reply::Retired,
            false => Reply::draw(&mut random),
        };
        let token = Token {
            source,
            number: self.tokens.fetch_add(1, Ordering::Relaxed),
            born,
            lifetime: random.pick(LIFETIMES) * SECOND,
        };
        (reply, token)
    }

    /// Returns whether the connection stays open.
    fn api(&self, source: usize, request: &Request, stream: &mut TcpStream) -> io::Result<bool> {
        let Some(client) = self.clients.get(source) else {
            return Ok(false);
        };
        self.api_requests.fetch_add(1, Ordering::Relaxed);
        let bearer = request.field("authorization").unwrap_or_default();
        let token = bearer.strip_prefix("Bearer ").and_then(Token::parse);
        let asked = request
            .field("x-asked")
            .and_then(|asked| asked.parse().ok());
        let (Some(token), Some(asked)) = (token, asked) else {
            self.report(
                source,
                vec!["an API request without a token of ours".to_owned()],
            );
            return Ok(false);
        };
        self.report(source, Record::uses(token, asked));
        let chance = locked(&client.random).between(0, 100);
        let rejected = "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Bearer error=\"invalid_token\"\r\n\
                        content-length: 0\r\n\r\n";
        let response = match chance {
            0..8 => {
                client.record().drops(token.number);
                rejected.to_owned()
            }
            8..11 => "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n".to_owned(),
            11..14 => "HTTP/1.1 500 Oh no\r\ncontent-length: 0\r\n\r\n".to_owned(),
            14..17 => return Ok(false),
            17..20 => {
                thread::sleep(Duration::from_millis(300));
                wire::ok("[]", "keep-alive")
            }
            // The connection is closed although the client may keep it.
            20..25 => {
                stream.write_all(wire::ok("[]", "keep-alive").as_bytes())?;
                return Ok(false);
            }
            _ => wire::ok("[]", "keep-alive"),
        };
        stream.write_all(response.as_bytes())?;
        Ok(true)
    }
}

impl Client {
    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        locked(&self.record)
    }

    fn ends(&self, id: u64) {
        locked(&self.open).retain(|open| open.id != id);
    }

    /// Counts the other requests of a generation that are in flight. A client that gave up has up to half a second to close.
    fn overlapping(&self, generation: u64, id: u64) -> usize {
        for _ in 0..50 {
            if self.open_now(generation, id) == 0 {
                return 0;
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.open_now(generation, id)
    }

    fn open_now(&self, generation: u64, id: u64) -> usize {
        let open = locked(&self.open);
        let of_generation = open
            .iter()
            .filter(|open| open.generation == generation && open.id != id);
        of_generation
            .filter(|open| !wire::is_closed(&open.stream))
            .count()
    }
}

/// Returns whether the callers of a source use `refresh`.
pub(crate) fn refreshes(source: usize) -> bool {
    source.is_multiple_of(2)
}

/// Returns the header of an assertion in a form or in JSON, and a digest of the whole.
fn assertion(body: &str) -> Option<(String, u64)> {
    let (_, rest) = body.split_once("client_assertion")?;
    let rest = match rest.strip_prefix("_type") {
        Some(rest) => rest.split_once("client_assertion")?.1,
        None => rest,
    };
    let rest = rest.trim_start_matches(['=', '"', ':', ' ']);
    let jwt = rest.split(['&', '"']).next()?;
    let header = BASE64_URL_SAFE_NO_PAD.decode(jwt.split('.').next()?).ok()?;
    let mut hasher = DefaultHasher::new();
    jwt.hash(&mut hasher);
    Some((String::from_utf8(header).ok()?, hasher.finish()))
}

/// Returns the number in `gen-N-`, which each secret and key id contains.
fn generation(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("gen-")?;
    rest.split('-').next()?.parse().ok()
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
