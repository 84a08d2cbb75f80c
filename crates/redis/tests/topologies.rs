//! Servers as they run in production: over TLS, behind a sentinel, and as a cluster.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};

use edge_oauth_conformance::Authority;
use edge_oauth_driver::testing::check_store;
use edge_oauth_driver::{AsyncStore, Store, StoreKey};
use edge_oauth_no_io::{Claim, Claimed, Config, Finish, Found, Share, StoreError};
use edge_oauth_redis::{AsyncRedisStore, RedisOptions, RedisStore};
use redis::aio::ConnectionLike;
use redis::cluster::ClusterClient;
use redis::sentinel::Sentinel;
use redis::{Client, TlsCertificates};
use tokio::runtime::Runtime;

use common::{NOT_INSTALLED, claim, config, folder, skip, start_server};

/// Servers on free ports of the loopback. They end with it.
struct Servers {
    folder: PathBuf,
    children: Vec<(u16, Child)>,
}

impl Servers {
    fn new() -> Self {
        Self {
            folder: folder(),
            children: Vec::new(),
        }
    }

    /// Starts a server with the options that `with` makes of a free port. Returns the first port; `None` if the server
    /// is not installed, or cannot do this.
    fn start(&mut self, ready: &str, with: impl Fn(u16) -> Vec<String>) -> Option<u16> {
        // A port that was free may be taken meanwhile.
        for _ in 0..5 {
            let port = free_port();
            let options = with(port);
            let options: Vec<_> = options.iter().map(String::as_str).collect();
            let Some(child) = start_server(&self.folder, &options, ready) else {
                skip(NOT_INSTALLED);
                return None;
            };
            if let Some(child) = child {
                self.children.push((port, child));
                return Some(port);
            }
        }
        skip("the server does not start with these options");
        None
    }

    /// Kills the server of a port.
    fn end(&mut self, port: u16) {
        for (_, child) in self.children.iter_mut().filter(|(of, _)| *of == port) {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for (_, child) in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Returns a free port. The port 10,000 higher is free too: the nodes of a cluster use it for each other, and Redis 6 cannot
/// be told to use another.
fn free_port() -> u16 {
    let listen = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    loop {
        let first = listen(0).unwrap();
        let port = first.local_addr().unwrap().port();
        if port
            .checked_add(10_000)
            .is_some_and(|bus| listen(bus).is_ok())
        {
            return port;
        }
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

const READY: &str = "eady to accept connections";

/// Blocks on a store for tasks.
struct Blocking<C>(&'static Runtime, AsyncRedisStore<C>);

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Store for Blocking<C> {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.1.key(config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        self.0.block_on(self.1.claim(key, claim))
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        self.0.block_on(self.1.finish(key, finish))
    }
}

fn runtime() -> &'static Runtime {
    Box::leak(Box::new(Runtime::new().unwrap()))
}

#[test]
fn stores_pass_the_suite_over_tls() {
    let mut servers = Servers::new();
    let authority = Authority::new("the authority of the test");
    let certificate = authority.server_pem();
    let file = |name: &str, contents: &str| {
        let path = servers.folder.join(name);
        fs::write(&path, contents).unwrap();
        path.display().to_string()
    };
    let files = [
        file("certificate.pem", &certificate.certificate),
        file("key.pem", &certificate.key),
        file("authority.pem", &authority.pem()),
    ];
    let [certificate, key, ca] = files;
    let started = servers.start(READY, |port| {
        words(&format!(
            "--port 0 --tls-port {port} --tls-auth-clients no --tls-cert-file {certificate} --tls-key-file {key} \
             --tls-ca-cert-file {ca}"
        ))
    });
    let Some(port) = started else { return };
    let address = format!("rediss://localhost:{port}/");
    let certificates = || TlsCertificates {
        client_tls: None,
        root_cert: Some(authority.pem().into_bytes()),
    };
    let client = || Client::build_with_tls(address.as_str(), certificates()).unwrap();
    check_store(|| RedisStore::new(client()).unwrap());

    let runtime = runtime();
    let connection = runtime.block_on(client().get_multiplexed_async_connection());
    let connection = connection.unwrap();
    check_store(|| Blocking(runtime, AsyncRedisStore::new(connection.clone())));

    // Without the authority there is no store, and no call hangs.
    let stranger = RedisStore::new(Client::open(address.as_str()).unwrap()).unwrap();
    let key = stranger.key(&config("a")).unwrap();
    assert!(stranger.claim(&key, &claim()).is_err());
}

#[test]
fn store_passes_the_suite_on_a_cluster() {
    let mut servers = Servers::new();
    let mut nodes = Vec::new();
    for number in 0..3 {
        let started = servers.start(READY, |port| {
            words(&format!(
                "--bind 127.0.0.1 --port {port} --cluster-enabled yes \
                 --cluster-config-file nodes-{number}.conf"
            ))
        });
        let Some(port) = started else { return };
        nodes.push(format!("127.0.0.1:{port}"));
    }
    let mut create = Command::new("redis-cli");
    create.args(["--cluster", "create"]).args(&nodes);
    let Ok(created) = create.arg("--cluster-yes").output() else {
        skip("redis-cli is not installed");
        return;
    };
    assert!(created.status.success(), "{created:?}");

    let addresses = nodes.iter().map(|node| format!("redis://{node}/"));
    let client = ClusterClient::new(addresses).unwrap();
    let runtime = runtime();
    let connection = runtime.block_on(client.get_async_connection()).unwrap();
    check_store(|| Blocking(runtime, AsyncRedisStore::new(connection.clone())));

    // Each configuration is in one slot, and many of them are on all nodes.
    let store = Blocking(runtime, AsyncRedisStore::new(connection));
    for number in 0..30 {
        let key = store.key(&config(&format!("client {number}"))).unwrap();
        let found = store.claim(&key, &claim()).unwrap().found;
        assert!(matches!(found, Found::Lease { .. }), "{found:?}");
    }
    for node in nodes {
        let client = Client::open(format!("redis://{node}/")).unwrap();
        let count: u64 = redis::cmd("DBSIZE")
            .query(&mut client.get_connection().unwrap())
            .unwrap();
        assert!(count > 0, "{node} has no key");
    }
}

// fault: sentinel-promotes-a-replica
#[test]
fn store_follows_a_sentinel_to_the_next_primary() {
    let mut servers = Servers::new();
    let node = |port: u16| words(&format!("--bind 127.0.0.1 --port {port}"));
    let Some(primary) = servers.start(READY, node) else {
        return;
    };
    // Valkey calls the other side PRIMARY, and Redis MASTER.
    let replica = servers.start("<-> REPLICA sync: Finished with success", |port| {
        let mut options = node(port);
        options.extend(words(&format!("--replicaof 127.0.0.1 {primary}")));
        options
    });
    let Some(replica) = replica else { return };
    let file = servers.folder.join("sentinel.conf");
    let sentinel = servers.start("+monitor ", |port| {
        let contents = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor tokens 127.0.0.1 {primary} 1\n",
            file.parent().unwrap().display()
        );
        fs::write(&file, contents).unwrap();
        vec![file.display().to_string(), "--sentinel".to_owned()]
    });
    let Some(sentinel) = sentinel else { return };

    let address = format!("redis://127.0.0.1:{sentinel}/");
    let sentinels = Sentinel::build(vec![address.as_str()]).unwrap();
    let sentinels = Arc::new(Mutex::new(sentinels));
    let primary_now = move || sentinels.lock().unwrap().master_for("tokens", None);
    let client = primary_now().unwrap();
    check_store(|| RedisStore::new(client.clone()).unwrap());

    let connect = primary_now.clone();
    let connect = move |timeout| connect()?.get_connection_with_timeout(timeout);
    let store = RedisStore::with_connect(connect, RedisOptions::default()).unwrap();
    let key = store.key(&config("a")).unwrap();
    let Found::Lease { number } = store.claim(&key, &claim()).unwrap().found else {
        panic!("the server is empty")
    };

    let asked = Client::open(address.as_str()).unwrap();
    let mut connection = asked.get_connection().unwrap();
    // The sentinel may not know the replica yet.
    let failover = || {
        let mut command = redis::cmd("SENTINEL");
        command.arg("FAILOVER").arg("tokens");
        command
    };
    while failover().query::<()>(&mut connection).is_err() {}
    let moved = format!("127.0.0.1:{replica}");
    let is_there = |client: Client| client.get_connection_info().addr().to_string() == moved;
    while !primary_now().is_ok_and(is_there) {}
    // The old primary takes writes until a sentinel makes it a replica, so it ends here. Each error until the connection to
    // it is given up costs a request, and no caller sees it.
    servers.end(primary);
    let known = Claim {
        known: number,
        ..claim()
    };
    let finish = || Finish {
        number,
        share: Share::Token {
            response: b"t".to_vec(),
            keep: claim().timeout,
        },
        timeout: claim().timeout,
    };
    while store.finish(&key, finish()).is_err() {}
    let found = store.claim(&key, &known).unwrap().found;
    assert!(
        matches!(found, Found::Lease { number: next } if next > number),
        "{found:?}"
    );
    let size: u64 = redis::cmd("DBSIZE")
        .query(&mut primary_now().unwrap().get_connection().unwrap())
        .unwrap();
    assert!(size > 0, "the next primary has the key");
}
