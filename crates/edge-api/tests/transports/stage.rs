//! A local Edge and a client of it.

use edge_oauth_conformance::watch;
use edge_oauth_driver::CallError;
use edge_oauth_local::{Fault, LocalEdge, Options};
use edge_oauth_no_io::{Config, Operation, Secret, Tenant};
use experience_edge_api::{ExperienceEdge, Key, KeyFilter, NewKey};

use crate::caller::Caller;

/// A local Edge, its APIs, and a client of it.
pub(super) struct Stage<C> {
    pub(super) edge: LocalEdge,
    pub(super) api: ExperienceEdge,
    caller: C,
}

impl<C: Caller> Stage<C> {
    pub(super) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(super) fn with(options: Options) -> Self {
        let edge = LocalEdge::start_with(options).unwrap();
        watch().plant("the client secret of the local Edge", edge.client_secret());
        let secret = Secret::new(edge.client_secret());
        let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret)
            .and_then(|config| config.to_builder().endpoint(edge.token_url()).build())
            .unwrap();
        Self {
            api: ExperienceEdge::at(edge.base_url()).unwrap(),
            caller: C::new(config),
            edge,
        }
    }

    /// Makes a call that has to succeed.
    #[track_caller]
    pub(super) fn call<O: Operation>(&self, operation: &O) -> O::Output {
        self.try_call(operation).unwrap()
    }

    pub(super) fn try_call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError> {
        let result = self.caller.call(operation);
        if let Err(error) = &result {
            watch().assert_no_secret_in_error(error);
        }
        result
    }

    /// Makes a call that has to fail.
    #[track_caller]
    pub(super) fn fail<O: Operation>(&self, operation: &O) -> CallError {
        match self.try_call(operation) {
            Ok(_) => panic!("the call succeeded"),
            Err(error) => error,
        }
    }

    /// Sets the faults that the next calls meet.
    pub(super) fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.edge.script_api(faults).unwrap();
    }

    /// Returns the numbers of token requests and of API requests.
    pub(super) fn requests(&self) -> (u64, u64) {
        let served = self.edge.served();
        (served.token_requests, served.api_requests)
    }

    pub(super) fn create_key(&self, label: &str) -> Secret {
        let key = NewKey::delivery(label, "suite");
        let key = self.call(&self.api.create_key(&key).unwrap());
        watch().plant("a Delivery key", key.expose());
        key
    }

    /// Lists the keys of all pages, as async code does.
    pub(super) fn keys(&self, filter: KeyFilter) -> Vec<Key> {
        let mut keys = Vec::new();
        let mut next = Some(self.api.keys(filter).unwrap());
        while let Some(operation) = next {
            let page = self.call(&operation);
            next = operation.after(&page);
            keys.extend(page.keys);
        }
        keys
    }
}
