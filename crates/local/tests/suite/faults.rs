//! Scripted responses of the token endpoint.

use std::time::Duration;

use edge_oauth_local::{Fault, InvalidFault, Options, SimulatedResponse, Simulator};

use crate::peer::{BASE_URL, NOW, ask, edge, form, get, good, header, json};

fn next(edge: &mut Simulator) -> SimulatedResponse {
    edge.respond(&form(&good()), NOW)
}

#[test]
fn faults_come_in_order_and_then_all_is_normal() {
    let mut edge = edge();
    let page = "<h1>later</h1>";
    edge.script([
        Fault::status(503).header("retry-after", "7").body(page),
        Fault::none(),
    ])
    .unwrap();
    edge.script([Fault::redirect(307, "https://elsewhere.invalid/")])
        .unwrap();

    let first = next(&mut edge).response;
    assert_eq!(first.status(), 503);
    assert_eq!(header(&first, "retry-after"), "7");
    assert_eq!(first.body(), page.as_bytes());
    assert_eq!(next(&mut edge).response.status(), 200);
    let third = next(&mut edge).response;
    assert_eq!(third.status(), 307);
    assert_eq!(header(&third, "location"), "https://elsewhere.invalid/");
    assert_eq!(next(&mut edge).response.status(), 200);
    assert_eq!(edge.served().token_requests, 4);
    assert_eq!(edge.served().tokens_issued, 2);
}

#[test]
fn a_fault_waits_for_a_token_request() {
    let mut edge = edge();
    edge.script([Fault::status(500)]).unwrap();
    assert_eq!(ask(&mut edge, &get("/oauth/token")).status(), 405);
    assert_eq!(ask(&mut edge, &get("/.well-known/jwks.json")).status(), 200);
    assert_eq!(next(&mut edge).response.status(), 500);
}

#[test]
fn a_delay_is_told_and_changes_nothing_else() {
    let mut edge = edge();
    let (short, long) = (Duration::from_millis(1), Duration::MAX);
    edge.script([Fault::delay(short), Fault::status(502).delayed(long)])
        .unwrap();
    let late = next(&mut edge);
    assert_eq!((late.delay, late.response.status().as_u16()), (short, 200));
    let later = next(&mut edge);
    assert_eq!((later.delay, later.response.status().as_u16()), (long, 502));
    assert_eq!(next(&mut edge).delay, Duration::ZERO);
}

#[test]
fn without_a_status_the_parts_of_the_normal_answer_are_replaced() {
    let mut edge = edge();
    edge.script([
        Fault::none()
            .header("cache-control", "public")
            .header("x-extra", "1")
            .header("x-extra", "2"),
        Fault::none().body("{"),
    ])
    .unwrap();
    let first = next(&mut edge).response;
    assert!(json(&first)["access_token"].is_string());
    let values = |name| first.headers().get_all(name).iter().collect::<Vec<_>>();
    assert_eq!(values("cache-control"), ["public"]);
    assert_eq!(values("x-extra"), ["1", "2"]);
    let second = next(&mut edge).response;
    assert_eq!(
        (second.status().as_u16(), second.body().as_slice()),
        (200, &b"{"[..])
    );
    assert_eq!(edge.served().tokens_issued, 2);
}

#[test]
fn a_scripted_answer_takes_nothing_off_a_limit() {
    let options = Options::default().rate_limit(1, Duration::from_secs(60));
    let mut edge = Simulator::new(options, BASE_URL);
    edge.script([Fault::status(503)]).unwrap();
    assert_eq!(next(&mut edge).response.status(), 503);
    assert_eq!(next(&mut edge).response.status(), 200);
}

#[test]
fn an_impossible_fault_is_named_and_none_is_taken() {
    for (fault, error) in [
        (Fault::status(42), InvalidFault::Status),
        (Fault::status(101), InvalidFault::Status),
        (Fault::redirect(302, "\n"), InvalidFault::HeaderValue),
        (Fault::none().header("", "x"), InvalidFault::HeaderName),
        (Fault::none().header("a b", "x"), InvalidFault::HeaderName),
        (Fault::none().header("a", "\0"), InvalidFault::HeaderValue),
        (
            Fault::none().header("Content-Length", "1"),
            InvalidFault::Framing,
        ),
        (Fault::status(0).header("", ""), InvalidFault::Status),
    ] {
        let mut edge = edge();
        assert_eq!(edge.script([Fault::status(500), fault]), Err(error));
        assert!(!error.to_string().is_empty());
        assert_eq!(next(&mut edge).response.status(), 200);
    }
}
