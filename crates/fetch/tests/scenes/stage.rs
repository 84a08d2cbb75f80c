//! An engine, with all secrets and tokens that it was given or got.

use std::cell::RefCell;

use edge_oauth_local::{AUDIENCE, LocalEdge, Options};
use serde_json::{Value, json};

use crate::engine::{Engine, Kind, Running};

pub(crate) struct Stage {
    engine: Engine,
    secrets: RefCell<Vec<String>>,
}

impl Stage {
    pub(crate) fn new(engine: Engine) -> Self {
        Self {
            engine,
            secrets: RefCell::default(),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.engine.kind()
    }

    /// Returns true in a page: CORS applies, and redirects are hidden.
    pub(crate) fn is_page(&self) -> bool {
        self.kind() == Kind::Page
    }

    /// Starts a local Edge that permits the page.
    pub(crate) fn edge(&self) -> LocalEdge {
        LocalEdge::start_with(Options::default().cors_origin(self.engine.origin())).unwrap()
    }

    pub(crate) fn origin(&self) -> String {
        self.engine.origin()
    }

    /// Makes a source for a local Edge, with its own name.
    pub(crate) fn source(&self, name: &str, edge: &LocalEdge, more: Value) {
        self.secrets
            .borrow_mut()
            .push(edge.client_secret().to_owned());
        self.run(
            "source",
            merged(json!({ "source": name }), merged(client(edge), more)),
        );
    }

    /// Carries out a command.
    pub(crate) fn run(&self, what: &str, command: Value) -> Value {
        self.checked(self.start(what, command).wait())
    }

    /// Starts a command, to be checked when it is over.
    pub(crate) fn start(&self, what: &str, command: Value) -> Running {
        self.engine.send(merged(json!({ "do": what }), command))
    }

    /// Notes the token of a result. Nothing else in the result may contain a secret or a token.
    pub(crate) fn checked(&self, mut result: Value) -> Value {
        let token = result
            .as_object_mut()
            .and_then(|result| result.remove("token"));
        if let Some(token) = token.as_ref().and_then(Value::as_str) {
            self.secrets.borrow_mut().push(token.to_owned());
        }
        self.assert_clean(&result.to_string());
        if let Some(token) = token {
            result["token"] = token;
        }
        result
    }

    /// Ends the engine, and looks at all that it printed.
    pub(crate) fn end(self) {
        let Self { engine, secrets } = self;
        let printed = engine.end();
        for secret in secrets.into_inner() {
            assert!(
                !printed.contains(&secret),
                "a secret was printed: {printed}"
            );
        }
    }

    fn assert_clean(&self, text: &str) {
        for secret in self.secrets.borrow().iter() {
            assert!(!text.contains(secret), "a secret in {text}");
        }
    }
}

pub(crate) fn client(edge: &LocalEdge) -> Value {
    json!({
        "token_url": edge.token_url(),
        "client_id": edge.client_id(),
        "client_secret": edge.client_secret(),
        "audience": AUDIENCE,
    })
}

pub(crate) fn merged(mut one: Value, other: Value) -> Value {
    if let (Some(one), Value::Object(other)) = (one.as_object_mut(), other) {
        one.extend(other);
    }
    one
}
