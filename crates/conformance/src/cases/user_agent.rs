//! The name by which a server knows who asks.

use crate::exchange::{answered, ok, send};
use crate::secrecy::planted::TOKEN;
use crate::server::test_server::Peer;
use crate::subject::Subject;

// fault: callers-client-without-a-user-agent
pub(super) fn client_without_a_user_agent_gets_one<S: Subject>() {
    let Some(names) = names::<S>(None) else {
        return; // It takes no client.
    };
    assert!(
        names.iter().all(|name| name.starts_with("edge-oauth-")),
        "{names:?}"
    );
}

// fault: callers-client-without-a-user-agent
pub(super) fn user_agent_of_the_callers_client_wins<S: Subject>() {
    if let Some(names) = names::<S>(Some("callers/1.0")) {
        assert_eq!(names, ["callers/1.0", "callers/1.0"]);
    }
}

/// The names in two requests, one in each.
fn names<S: Subject>(user_agent: Option<&str>) -> Option<Vec<String>> {
    let peer = Peer::answering::<S>(|_| ok(TOKEN));
    let subject = S::of_caller(user_agent)?;
    for _ in 0..2 {
        assert_eq!(answered(send(&subject, &peer.url())).0, 200);
    }
    let requests = peer.requests();
    let names = requests
        .iter()
        .map(|request| request.all("user-agent").join(" and "));
    Some(names.collect())
}
