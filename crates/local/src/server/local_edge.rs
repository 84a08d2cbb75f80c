//! The server on the loopback: starts, controls and stops it.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::runtime;
use tokio::sync::oneshot;

use crate::api::publishing::job_outcome::JobOutcome;
use crate::fault::{Fault, InvalidFault};
use crate::oauth::issuer::TOKEN_PATH;
use crate::options::options::Options;
use crate::server::connection;
use crate::server::shared::{Hold, Shared};
use crate::server::simulator::{Served, Simulator};
use crate::server::webhook_sender::WebhookSender;

/// A [`Simulator`] that listens on 127.0.0.1, in its own thread, until it is dropped. Other threads sign its tokens.
///
/// Dropping it closes all connections and ends the thread, even during a delayed response or a run of a webhook.
///
/// ```
/// use edge_oauth_local::LocalEdge;
///
/// let edge = LocalEdge::start()?;
/// assert_eq!(edge.token_url(), format!("http://{}/oauth/token", edge.address()));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct LocalEdge {
    address: SocketAddr,
    base_url: String,
    token_url: String,
    client_id: String,
    client_secret: String,
    shared: Arc<Shared>,
    /// Dropping it stops the server.
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl LocalEdge {
    /// Starts a server with the default options on a free port.
    ///
    /// # Errors
    ///
    /// Returns the error of the system if it has no free port, thread or event queue.
    pub fn start() -> io::Result<Self> {
        Self::start_with(Options::default())
    }

    /// Starts a server with these options.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`LocalEdge::start`], and [`io::ErrorKind::AddrInUse`] if the given port is in use.
    pub fn start_with(mut options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let base_url = format!("http://{address}");
        let first = options.effective_clients().swap_remove(0);
        if options.seed.is_none() {
            options.seed = Some(random_seed()?);
        }
        let sender = WebhookSender::new(options.webhook_timeout);
        let head_timeout = options.head_timeout;
        let shared = Arc::new(Shared::new(Simulator::new(options, &base_url)));
        let (stop, stopped) = oneshot::channel();
        let thread = spawn(
            listener,
            (sender, head_timeout),
            Arc::clone(&shared),
            stopped,
        )?;
        Ok(Self {
            address,
            token_url: format!("{base_url}{}", TOKEN_PATH),
            base_url,
            client_id: first.id().to_owned(),
            client_secret: first.secret().unwrap_or_default().to_owned(),
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Returns the address with the port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns `http://127.0.0.1:PORT/oauth/token`.
    #[must_use]
    pub fn token_url(&self) -> &str {
        &self.token_url
    }

    /// Returns the id of the first client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Returns the secret of the first client, which is empty if it has none.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// Moves the server's clock forward, so that tokens expire and limits reset without a sleep.
    ///
    /// Calls add up. A scripted delay still takes real time. The clocks of clients do not move: a client that signs
    /// assertions needs a clock that moves too.
    pub fn advance(&self, by: Duration) {
        self.shared.lock().advance(by);
    }

    /// Scripts the faults of the next token requests, as [`Simulator::script`] does.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidFault`] if one of the faults cannot be sent. Then none of them is used.
    pub fn script(&self, faults: impl IntoIterator<Item = Fault>) -> Result<(), InvalidFault> {
        let faults: Vec<_> = faults.into_iter().collect();
        self.shared.lock().simulator.script(faults)
    }

    /// Scripts the faults of the next API requests, as [`Simulator::script_api`] does.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`LocalEdge::script`].
    pub fn script_api(&self, faults: impl IntoIterator<Item = Fault>) -> Result<(), InvalidFault> {
        let faults: Vec<_> = faults.into_iter().collect();
        self.shared.lock().simulator.script_api(faults)
    }

    /// Scripts the outcomes of the next publishing jobs, as [`Simulator::script_jobs`] does.
    pub fn script_jobs(&self, outcomes: impl IntoIterator<Item = JobOutcome>) {
        let outcomes: Vec<_> = outcomes.into_iter().collect();
        self.shared.lock().simulator.script_jobs(outcomes);
    }

    /// Returns the numbers of requests so far.
    #[must_use]
    pub fn served(&self) -> Served {
        self.shared.lock().simulator.served()
    }

    /// Delays the responses to token requests from now on, until the guard is dropped.
    pub fn hold(&self) -> Hold {
        self.shared.lock().hold()
    }

    /// Blocks until `n` token requests have arrived since the start, without a timeout. A request has arrived when
    /// its body has, even if its response is not sent yet.
    pub fn wait_for_token_requests(&self, n: u64) {
        self.shared.wait_until(|served| served.token_requests >= n);
    }

    /// Blocks until `n` requests to the APIs have arrived since the start, without a timeout. A request has arrived when
    /// its body has, even if its response is not sent yet.
    pub fn wait_for_api_requests(&self, n: u64) {
        self.shared.wait_until(|served| served.api_requests >= n);
    }

    /// Blocks until `n` runs of webhooks have ended since the start, without a timeout. Failed runs count, and runs
    /// that were not tried since they would leave the loopback.
    pub fn wait_for_webhook_runs(&self, n: u64) {
        self.shared.wait_until(|served| served.webhook_runs >= n);
    }
}

impl Drop for LocalEdge {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The panic of the thread was printed. A panic here would hide the failure of a test.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for LocalEdge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEdge")
            .field("base_url", &self.base_url)
            .field("client_id", &self.client_id)
            .field("client_secret", &"[redacted]")
            .finish_non_exhaustive()
    }
}

fn random_seed() -> io::Result<u64> {
    let mut bytes = [0; 8];
    let drawn = SystemRandom::new().fill(&mut bytes);
    drawn.map_err(|_| io::Error::other("the system gave no random bytes"))?;
    Ok(u64::from_be_bytes(bytes))
}

/// Builds, runs and drops the runtime in its own thread. In the thread of an asynchronous caller, dropping it would
/// panic.
fn spawn(
    listener: TcpListener,
    sender: (WebhookSender, Duration),
    shared: Arc<Shared>,
    stopped: oneshot::Receiver<Infallible>,
) -> io::Result<JoinHandle<()>> {
    let (started, wait) = mpsc::sync_channel(1);
    let thread = thread::Builder::new()
        .name("edge-oauth-local".to_owned())
        .spawn(move || match build_runtime(listener, sender, shared) {
            Ok(runtime) => {
                let _ = started.send(Ok(()));
                let _ = runtime.block_on(stopped);
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        })?;
    let outcome = wait.recv();
    outcome.unwrap_or_else(|_| Err(io::Error::other("the server thread ended early")))?;
    Ok(thread)
}

fn build_runtime(
    listener: TcpListener,
    (sender, head_timeout): (WebhookSender, Duration),
    shared: Arc<Shared>,
) -> io::Result<runtime::Runtime> {
    let runtime = runtime::Builder::new_current_thread()
        // These threads sign tokens. More of them than processors would sign none faster.
        .max_blocking_threads(thread::available_parallelism().map_or(1, usize::from))
        .enable_all()
        .build()?;
    let entered = runtime.enter();
    let listener = tokio::net::TcpListener::from_std(listener)?;
    drop(entered);
    runtime.spawn(connection::accept(listener, sender, head_timeout, shared));
    Ok(runtime)
}
