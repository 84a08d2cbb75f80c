//! A service that is busy, faulty, redirected or unreachable.

use std::time::Duration;

use edge_oauth_conformance::ClosedPort;
use edge_oauth_driver::CallError;
use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::Culprit;
use experience_edge_api::ExperienceEdge;

use crate::caller::Caller;
use crate::stage::Stage;

pub(crate) fn busy_service_is_not_called_again<C: Caller>() {
    let stage = Stage::<C>::new();
    let busy = Fault::status(429).header("retry-after", "7");
    stage.script([busy.body(r#"{"statusCode":429,"message":"Slow down"}"#)]);
    let error = stage.fail(&stage.api.clear_cache());
    assert_eq!(error.status().unwrap(), 429);
    assert_eq!(error.message(), Some("Slow down"));
    assert_eq!(error.culprit(), Culprit::Server);
    assert!(error.is_transient());
    let wait = error.retry_after().unwrap().wait(Duration::ZERO);
    assert_eq!(wait, Duration::from_secs(7));
    assert_eq!(stage.requests(), (1, 1));
}

pub(crate) fn web_page_is_an_error<C: Caller>() {
    let stage = Stage::<C>::new();
    let page = "<html><body>planted</body></html>";
    stage.script([Fault::status(502).body(page)]);
    let error = stage.fail(&stage.api.settings());
    assert_eq!(
        (error.status().unwrap().as_u16(), error.message()),
        (502, None)
    );
    assert!(error.is_transient());

    for _ in 0..2 {
        stage.script([Fault::status(200)
            .header("content-type", "text/html")
            .body(page)]);
    }
    for error in [
        stage.fail(&stage.api.settings()),
        stage.fail(&stage.api.clear_cache()),
    ] {
        assert!(error.to_string().contains("the body is"), "{error}");
        assert!(!error.to_string().contains("planted"), "{error}");
        assert_eq!(error.culprit(), Culprit::Server);
    }
}

pub(crate) fn redirect_is_not_followed<C: Caller>() {
    let (stage, other) = (Stage::<C>::new(), LocalEdge::start().unwrap());
    stage.script([Fault::redirect(307, other.base_url())]);
    let error = stage.fail(&stage.api.clear_cache());
    assert_eq!(error.status().unwrap(), 307);
    assert!(
        error.hint().unwrap().contains("not sent after it"),
        "{error}"
    );
    let served = other.served();
    assert_eq!((served.api_requests, served.other_requests), (0, 0));
}

pub(crate) fn unreachable_service_is_a_network_error<C: Caller>() {
    let stage = Stage::<C>::new();
    let closed = ClosedPort::take();
    let nowhere = ExperienceEdge::at(&format!("http://{}", closed.address())).unwrap();
    let error = stage.fail(&nowhere.clear_cache());
    assert!(matches!(error, CallError::Transport(_)), "{error:?}");
    assert_eq!(error.culprit(), Culprit::Network);
    assert!(error.is_transient());
}
