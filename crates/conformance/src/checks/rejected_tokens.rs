//! The check that a rejected token costs every caller of an API the same requests.

use std::thread;

use edge_oauth_local::{Fault, LocalEdge};

/// Starts one caller on a source of its own: a function that asks for the settings and returns the status.
pub type StartCaller = fn(&LocalEdge) -> Box<dyn Fn() -> u16>;

/// Asserts that each caller makes the same token requests and API requests for the same responses of an API: `send` and
/// `call` of a source, and the agents and middlewares of an adapter.
///
/// If there is no replacement for a rejected token, the caller counts as having received the API's 401.
pub fn check_rejected_tokens(callers: &[(&str, StartCaller)]) {
    let scripts = scripts();
    thread::scope(|scope| {
        for script in &scripts {
            for (name, start) in callers {
                scope.spawn(move || script.run(name, *start));
            }
        }
        for (name, start) in callers {
            scope.spawn(move || every_token_is_rejected(name, *start));
        }
    });
}

fn every_token_is_rejected(caller: &str, start: StartCaller) {
    let edge = LocalEdge::start().unwrap();
    let call = start(&edge);
    let rejection = Fault::status(401);
    edge.script_api((0..30).map(|_| rejection.clone())).unwrap();
    for _ in 0..CALLS {
        assert_eq!(call(), 401, "{caller}");
    }
    // One request for each call, and one more for each new token. The number of tokens depends on time.
    let served = edge.served();
    let expected = CALLS + served.token_requests - 1;
    assert_eq!(served.api_requests, expected, "{caller}: 401 always");
}

const CALLS: u64 = 10;

/// Responses of an API, and the cost of them.
struct Script {
    name: &'static str,
    api: Vec<Fault>,
    /// Responses to token requests.
    tokens: Vec<Fault>,
    status: u16,
    token_requests: u64,
    api_requests: u64,
}

fn scripts() -> Vec<Script> {
    let script = |name, api: &[&Fault], status, token_requests, api_requests| Script {
        name,
        api: api.iter().copied().cloned().collect(),
        tokens: Vec::new(),
        status,
        token_requests,
        api_requests,
    };
    let bearer = |status: u16, error| {
        Fault::status(status).header("www-authenticate", format!(r#"Bearer error="{error}""#))
    };
    let empty = Fault::status(401);
    let invalid = bearer(401, "invalid_token");
    let basic = Fault::status(401).header("www-authenticate", r#"Basic realm="api""#);
    let pin = Fault::status(401).body(r#"{"message":"wrong PIN"}"#);
    let expired = Fault::status(403).body("Token has expired");
    let busy = Fault::status(503).header("retry-after", "3600");
    vec![
        script("401 without a challenge", &[&empty], 200, 2, 2),
        script("401 invalid_token", &[&invalid], 200, 2, 2),
        script(
            "403 invalid_token",
            &[&bearer(403, "invalid_token")],
            200,
            2,
            2,
        ),
        script(
            "403 that says that the token has expired",
            &[&expired],
            200,
            2,
            2,
        ),
        script("401 of another scheme", &[&basic], 401, 1, 1),
        script("401 about a PIN", &[&pin], 401, 1, 1),
        script(
            "401 insufficient_scope",
            &[&bearer(401, "insufficient_scope")],
            401,
            1,
            1,
        ),
        script("403", &[&Fault::status(403)], 403, 1, 1),
        script(
            "403 insufficient_scope",
            &[&bearer(403, "insufficient_scope")],
            403,
            1,
            1,
        ),
        script("401 twice", &[&empty, &empty], 401, 2, 2),
        script("401 invalid_token twice", &[&invalid, &invalid], 401, 2, 2),
        Script {
            tokens: vec![Fault::none(), busy],
            ..script("401, and no other token", &[&empty], 401, 2, 1)
        },
    ]
}

impl Script {
    fn run(&self, caller: &str, start: StartCaller) {
        let edge = LocalEdge::start().unwrap();
        let call = start(&edge);
        edge.script(self.tokens.clone()).unwrap();
        edge.script_api(self.api.clone()).unwrap();
        assert_eq!(call(), self.status, "{caller}: {}", self.name);
        let served = edge.served();
        assert_eq!(
            (served.token_requests, served.api_requests),
            (self.token_requests, self.api_requests),
            "{caller}: {}",
            self.name
        );
    }
}
