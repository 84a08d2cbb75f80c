//! The events of a keeper.

use std::iter;

use edge_oauth_no_io::Event;

use super::model::Model;

impl Model {
    pub(super) fn events(&mut self) -> Vec<Event> {
        let mut events: Vec<_> = iter::from_fn(|| self.keeper.poll_event()).collect();
        if events.is_empty() {
            return events;
        }
        // Any call that reads the clocks may find that an acquisition lapsed.
        if events.contains(&Event::Lapsed) {
            events.retain(|event| *event != Event::Lapsed);
            let flight = self.flight.take().expect("an acquisition was in flight");
            let ends = flight.sent.saturating_add(flight.timeout);
            let ended = self.clocks.now.monotonic >= ends;
            assert!(!self.clocks.steady || ended, "lapsed too early");
            self.late.push_back(flight);
        }
        assert!(events.len() <= 64);
        assert_redacted(&format!("{events:?}"));
        events
    }

    pub(super) fn assert_events(&mut self, is: fn(&Event) -> bool, count: usize) {
        let events = self.events();
        assert!(
            events.len() == count && events.iter().all(is),
            "{events:?}, not {count}"
        );
    }

    pub(super) fn assert_events_of_poll(&mut self) {
        let events = self.events();
        let expected = events.iter().all(|event| {
            matches!(
                event,
                Event::RefreshStarted { .. } | Event::ServedWhileRefreshing | Event::Waiting { .. }
            )
        });
        assert!(expected && events.len() <= 2, "{events:?}");
    }
}

pub(super) fn assert_redacted(shown: &str) {
    let leaks = shown.contains("s3cret") || shown.contains("t0ken");
    assert!(!leaks, "{shown}");
}
