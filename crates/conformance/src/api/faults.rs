//! A service that is busy, broken, moved or gone.

use std::time::Duration;

use edge_oauth_driver::CallError;
use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::Culprit;
use experience_edge_api::ExperienceEdge;

use crate::api::stage::Stage;
use crate::caller::Caller;
use crate::closed_port::ClosedPort;

pub(super) fn a_busy_service_says_when_and_is_not_asked_again<C: Caller>() {
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

pub(super) fn a_web_page_is_no_answer<C: Caller>() {
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

pub(super) fn a_redirect_is_not_followed<C: Caller>() {
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

pub(super) fn a_service_that_is_not_there_is_the_wires<C: Caller>() {
    let stage = Stage::<C>::new();
    let closed = ClosedPort::take();
    let nowhere = ExperienceEdge::at(&format!("http://{}", closed.address())).unwrap();
    let error = stage.fail(&nowhere.clear_cache());
    assert!(matches!(error, CallError::Transport(_)), "{error:?}");
    assert_eq!(error.culprit(), Culprit::Network);
    assert!(error.is_transient());
}
