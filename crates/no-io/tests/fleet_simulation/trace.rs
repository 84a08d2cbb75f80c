//! Prints what happens, for the replay of one seed.

use edge_oauth_no_io::{Completion, Found};

use crate::Time;
use crate::world::{Event, Life, World};

impl World {
    /// Prints one line if this run is replayed.
    pub(crate) fn trace(&self, line: impl FnOnce() -> String) {
        if self.is_traced {
            println!("{} {}", seconds(self.now), line());
        }
    }

    pub(crate) fn trace_event(&self, event: &Event) {
        self.trace(|| match event {
            Event::Call(process) => format!("p{process}: a caller comes"),
            Event::Ask(life) => format!("{}: a caller comes at once", name(*life)),
            Event::Wake(life, caller) => format!("{}: caller {caller} wakes", name(*life)),
            Event::Leave(life, caller) => format!("{}: caller {caller} leaves", name(*life)),
            Event::Step(life, flight) => format!("{}: flight {flight} goes on", name(*life)),
            Event::Cancel(life, flight) => {
                format!("{}: flight {flight} is cancelled", name(*life))
            }
            Event::Completed(life, flight, asked, completion) => format!(
                "{}: flight {flight}, call {asked}: {}",
                name(*life),
                summary(completion)
            ),
            Event::AtStore(life, flight, _, place, claim) => format!(
                "{}: flight {flight} claims {place} at the store: {claim:?}",
                name(*life)
            ),
            Event::FinishAtStore(place, finish) => {
                format!("the lease {} of {place} ends at the store", finish.number)
            }
            Event::AtServer(life, flight, ..) => {
                format!("{}: flight {flight} is at the server", name(*life))
            }
            Event::Change(_) => "a disturbance".to_owned(),
        });
    }
}

/// The tokens here are names, so a response may be printed.
fn summary(completion: &Completion) -> String {
    match completion {
        Completion::Response(response) => {
            let body = String::from_utf8_lossy(response.body().as_ref());
            format!("{} {:?} {body}", response.status(), response.headers())
        }
        Completion::Claimed(Ok(claimed)) => match &claimed.found {
            Found::Entry { number, .. } => format!("the store has entry {number}"),
            other => format!("the store says {other:?}"),
        },
        other => format!("{other:?}"),
    }
}

/// Returns the name of a process, with the number of its restarts.
fn name(life: Life) -> String {
    format!("p{}.{}", life.0, life.1)
}

fn seconds(time: Time) -> String {
    format!("{}.{:06}", time / 1_000_000, time % 1_000_000)
}
