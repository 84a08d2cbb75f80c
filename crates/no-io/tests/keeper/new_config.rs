//! A configuration that is replaced.

use edge_oauth_no_io::{Completion, Event, TransportError, TransportErrorKind};

use crate::setup::{LIFE, World, config};

#[test]
// fault: a-fault-fixed-at-the-server
fn same_configuration_again_lifts_the_backoff_and_changes_nothing_else() {
    let mut world = World::new();
    let exchange = world.send();
    world.refuse(exchange.ticket);
    world.fail();
    world.events();
    world.keeper.replace_config(config("s3cret"));
    let exchange = world.send();
    world.keeper.replace_config(config("s3cret"));
    assert!(
        world.wait().1.is_none(),
        "the acquisition is still in flight"
    );
    world.answer(exchange.ticket, LIFE).unwrap().unwrap();
    let token = world.token();
    world.keeper.replace_config(config("s3cret"));
    assert!(world.token().is_same(&token));
    assert!(!world.events().contains(&Event::Replaced));
}

// fault: config-replaced-during-a-request
#[test]
fn response_to_the_old_configuration_is_ignored() {
    let mut world = World::new();
    let old = world.send();
    world.keeper.replace_config(config("new"));
    let new = world.send();
    assert!(String::from_utf8_lossy(new.request.body().as_ref()).contains("client_secret=new"));
    assert!(world.answer(old.ticket, LIFE).is_none());
    assert!(
        world.wait().1.is_none(),
        "the new exchange is still under way"
    );
    world.answer(new.ticket, LIFE);
    let token = world.token();

    world.keeper.replace_config(config("rotated"));
    assert_eq!(world.token().expose(), token.expose(), "good for the same");
    world.keeper.replace_config(
        config("rotated")
            .to_builder()
            .audience("another")
            .build()
            .unwrap(),
    );
    drop(world.pass(1).send());
}

// fault: config-replaced-during-a-request
#[test]
fn failure_or_loss_under_the_old_configuration_is_ignored() {
    let mut world = World::new();
    let (failed, given_up) = (world.send(), {
        world.keeper.replace_config(config("second"));
        world.send()
    });
    world.keeper.replace_config(config("third"));
    let current = world.send();
    let error = TransportError::new(TransportErrorKind::Closed, "");
    let told = world.finish(failed.ticket, Completion::Failed(error));
    assert!(told.is_none());
    world.cancel(given_up.ticket);
    let (_, because) = world.wait();
    assert!(because.is_none(), "the third exchange is still under way");
    world.answer(current.ticket, LIFE);
    world.token();
}

#[test]
fn new_secret_is_tried_at_once() {
    let mut world = World::new();
    let exchange = world.send();
    world.refuse(exchange.ticket);
    world.pass(1).fail();
    world.keeper.replace_config(config("new"));
    drop(world.send());
}
