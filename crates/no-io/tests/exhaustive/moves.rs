//! The clocks move, and the program starts again.

use std::time::Duration;

use crate::call::Call;
use crate::facts::Facts;
use crate::subject::Subject;
use crate::world::World;

impl World {
    pub(crate) fn pass(&mut self, call: Call) -> bool {
        const LONG: Duration = Duration::from_secs(420);
        let now = self.clocks.now;
        let until = |at: Duration| at.saturating_sub(now.monotonic);
        match call {
            Call::Second => self.clocks.pass(Duration::from_secs(1)),
            Call::Sleep => self.clocks.sleep(LONG),
            Call::SetBack => {
                self.set_backs += 1;
                self.clocks.set_back(9 * LONG);
            }
            Call::WallStands => {
                self.set_backs += 1;
                self.clocks.pass(LONG);
                self.clocks.set_back(LONG);
            }
            _ => {
                let by = match call {
                    Call::ToLapse => self.flight.as_ref().map(|flight| {
                        let grace = Duration::from_secs(1);
                        until(flight.ends + grace)
                    }),
                    Call::ToExpiry => self.valid().map(|known| {
                        let left = known.lasts_until() - self.lived();
                        Duration::from_nanos(u64::try_from(left).unwrap())
                    }),
                    _ => self.subject.timeout().map(until),
                };
                let Some(by) = by.filter(|by| !by.is_zero()) else {
                    return false;
                };
                self.clocks.pass(by);
            }
        }
        true
    }

    /// The program starts again. Its acquisitions are gone.
    pub(crate) fn restart(&mut self) -> bool {
        if self.stored.is_none() {
            return false;
        }
        self.subject = Subject::new(
            self.store,
            self.version,
            self.bug,
            self.is_steady,
            self.clocks.now,
        );
        self.flight = None;
        self.late.clear();
        self.waiting.clear();
        self.facts = Facts::default();
        self.current = None;
        // The new process does not know what was rejected.
        for known in &mut self.tokens {
            known.is_dropped = false;
        }
        self.restore()
    }
}
