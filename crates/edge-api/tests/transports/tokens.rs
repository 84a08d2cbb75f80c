//! The access token of the calls, and its replacement if it is rejected.

use std::time::Duration;

use edge_oauth_driver::CallError;
use edge_oauth_local::{Client, Expired, Fault, Options};
use experience_edge_api::{KeyFilter, NewKey};

use crate::caller::Caller;
use crate::stage::Stage;

pub(crate) fn cached_token_serves_many_calls<C: Caller>() {
    let stage = Stage::<C>::new();
    for _ in 0..5 {
        stage.call(&stage.api.clear_cache());
    }
    assert_eq!(stage.requests(), (1, 5));
}

pub(crate) fn expired_token_is_replaced<C: Caller>() {
    for expired in [Expired::Unauthorized, Expired::Forbidden] {
        let stage = Stage::<C>::with(Options::default().expired_as(expired));
        stage.call(&stage.api.settings());
        stage.edge.advance(Duration::from_secs(2 * 86_400));
        stage.call(&stage.api.settings());
        assert_eq!(stage.requests(), (2, 3));
    }
}

pub(crate) fn rejected_token_is_replaced_and_the_call_takes_effect_once<C: Caller>() {
    for rejection in [
        Fault::status(401),
        Fault::status(403).body("Token has expired"),
        Fault::status(403).body(r#"{"message":"Token has expired"}"#),
    ] {
        let stage = Stage::<C>::new();
        stage.script([rejection]);
        let key = stage.create_key("www");
        assert_eq!(stage.requests(), (2, 2));
        let keys = stage.keys(KeyFilter::new());
        assert_eq!(keys, [stage.call(&stage.api.key(&key).unwrap())]);
    }
}

pub(crate) fn token_that_is_rejected_twice_is_an_error<C: Caller>() {
    let stage = Stage::<C>::new();
    stage.script([Fault::status(401), Fault::status(401)]);
    let error = stage.fail(&stage.api.clear_cache());
    assert!(matches!(error, CallError::Api(_)), "{error:?}");
    assert_eq!(error.status().unwrap(), 401);
    assert!(error.hint().is_some() && !error.is_transient());
    assert_eq!(stage.requests(), (2, 2));
    stage.call(&stage.api.clear_cache());
}

pub(crate) fn call_without_the_scope_is_not_retried<C: Caller>() {
    let client = Client::new("i", "a secret of the suite").scopes(["edge.content:other"]);
    let stage = Stage::<C>::with(Options::default().client(client));
    let create = NewKey::delivery("www", "suite");
    for error in [
        stage.fail(&stage.api.delete_content()),
        stage.fail(&stage.api.create_key(&create).unwrap()),
    ] {
        assert_eq!(error.status().unwrap(), 403);
        assert!(
            error.hint().unwrap().contains("Edge administration"),
            "{error}"
        );
    }
    assert_eq!(stage.requests(), (1, 2));
}
