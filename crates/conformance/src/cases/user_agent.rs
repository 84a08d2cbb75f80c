//! The `User-Agent` of a request.

use crate::exchange::{ok, send, status_and_body};
use crate::secrecy::planted::TOKEN;
use crate::server::test_server::TestServer;
use crate::subject::Subject;

// fault: callers-client-without-a-user-agent
pub(super) fn client_without_a_user_agent_gets_one<S: Subject>() {
    let Some(names) = user_agents::<S>(None) else {
        return; // This transport accepts no client.
    };
    assert!(
        names.iter().all(|name| name.starts_with("edge-oauth-")),
        "{names:?}"
    );
}

// fault: callers-client-without-a-user-agent
pub(super) fn user_agent_of_the_callers_client_wins<S: Subject>() {
    if let Some(names) = user_agents::<S>(Some("callers/1.0")) {
        assert_eq!(names, ["callers/1.0", "callers/1.0"]);
    }
}

/// Returns the `User-Agent` headers of two requests.
fn user_agents<S: Subject>(user_agent: Option<&str>) -> Option<Vec<String>> {
    let server = TestServer::responding::<S>(|_| ok(TOKEN));
    let subject = S::with_callers_client(user_agent)?;
    for _ in 0..2 {
        assert_eq!(status_and_body(send(&subject, &server.url())).0, 200);
    }
    let requests = server.requests();
    let names = requests
        .iter()
        .map(|request| request.all("user-agent").join(" and "));
    Some(names.collect())
}
