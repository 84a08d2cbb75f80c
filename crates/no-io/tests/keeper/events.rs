//! The events of a keeper.

use edge_oauth_no_io::{Event, Step, StoreError};

use crate::setup::{DUE, LIFE, World};

#[test]
fn events_come_once_in_order_and_without_secrets() {
    let mut world = World::new();
    let exchange = world.send();
    let error = world.fault(exchange.ticket);
    world.wait();
    let (pause, _) = world.wait();
    world.pass_exactly(pause).pass(1);
    let exchange = world.send();
    world.answer(exchange.ticket, LIFE);
    world.pass(DUE);
    let (_, exchange) = world.refresh();
    world.token();
    world.token();
    world.refuse(exchange.ticket);
    let events = world.events();
    let kinds: Vec<_> = events
        .iter()
        .map(|event| {
            format!("{event:?}")
                .split([' ', '{'])
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "Failed",
            "Waiting",
            "Fetched",
            "RefreshStarted",
            "ServedWhileRefreshing",
            "Failed"
        ]
    );
    assert!(
        matches!(&events[0], Event::Failed { error: told, serving: false, .. } if *told == error)
    );
    assert!(
        matches!(&events[5], Event::Failed { error, serving: true, .. } if !error.is_transient())
    );

    for _ in 0..1000 {
        let mut exchange = None;
        while exchange.is_none() {
            world.pass(1000);
            exchange = match world.poll() {
                Step::Send(acquisition) | Step::Refresh { acquisition, .. } => {
                    Some(world.leave(acquisition))
                }
                _ => None,
            };
        }
        world.cancel(exchange.unwrap().ticket);
    }
    assert!(world.events().len() <= 64);
    assert!(!format!("{:?}", world.keeper).contains("s3cret"));
}

#[test]
fn each_refresh_reports_its_first_caller_that_is_served_meanwhile() {
    let mut world = World::holding(LIFE);
    world.pass(DUE);
    let _in_flight = world.refresh();
    world.events();
    world.token();
    assert!(matches!(world.events()[..], [Event::ServedWhileRefreshing]));
    world.token();
    assert_eq!(world.events(), []);
}

#[test]
fn error_of_a_store_is_an_event() {
    let mut world = World::new();
    world.keeper.handle_store_error(StoreError::new("gone"));
    let events = world.events();
    let told =
        matches!(&events[..], [Event::StoreFailed { error, .. }] if error.detail() == "gone");
    assert!(told, "{events:?}");
}
