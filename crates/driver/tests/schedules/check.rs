//! Runs a scenario over many schedules, and prints the command that repeats one that fails.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, MaxSteps, Runner};

/// Schedules of one scheduler from one seed on.
#[derive(Clone, Copy)]
struct Batch {
    scheduler: Kind,
    seed: u64,
    schedules: u64,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Picks the next thread at random at each step.
    Random,
    /// Gives each thread a priority, and changes two of them at random steps: faults that need a long delay.
    Pct,
}

/// Runs `scenario` over `SCHEDULES` schedules, half of them by each scheduler.
///
/// # Panics
///
/// Panics as the schedule that fails.
pub(crate) fn explore(name: &str, scenario: impl Fn() + Send + Sync + 'static) {
    let scenario = Arc::new(scenario);
    if let Ok(replay) = env::var("SCHEDULES_REPLAY") {
        Batch::from_text(&replay).run(name, scenario);
        return;
    }
    let schedules = number("SCHEDULES").unwrap_or(1000);
    let first = number("SCHEDULES_SEED").unwrap_or_default() << 32;
    for batch in 0..schedules.div_ceil(BATCH) {
        let left = schedules - batch * BATCH;
        for (scheduler, share) in [(Kind::Random, 1), (Kind::Pct, 0)] {
            let batch = Batch {
                scheduler,
                seed: first + batch,
                schedules: (left.min(BATCH) + share) / 2,
            };
            batch.run(name, Arc::clone(&scenario));
        }
    }
}

/// Looks for a schedule that fails with these words. Returns how many schedules it took, or what other failures said.
pub(crate) fn find(
    says: &str,
    scenario: impl Fn() + Send + Sync + 'static,
) -> Result<u64, Vec<String>> {
    let scenario = Arc::new(scenario);
    let (mut schedules, mut others) = (0, Vec::new());
    for seed in 0..50 {
        for scheduler in [Kind::Random, Kind::Pct] {
            let batch = Batch {
                scheduler,
                seed,
                schedules: 100,
            };
            let Err((panic, run)) = batch.try_run(Arc::clone(&scenario)) else {
                schedules += batch.schedules;
                continue;
            };
            schedules += run;
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            match text.unwrap_or_default() {
                text if text.contains(says) => return Ok(schedules),
                other => others.push(other.to_owned()),
            }
        }
    }
    Err(others)
}

/// From here on a seed is new, so that a schedule that fails is repeated soon.
const BATCH: u64 = 1000;

type Panic = Box<dyn std::any::Any + Send>;

impl Batch {
    fn run(self, name: &str, scenario: Arc<impl Fn() + Send + Sync + 'static>) {
        if let Err((panic, schedules)) = self.try_run(scenario) {
            let Self {
                scheduler, seed, ..
            } = self;
            let scheduler = scheduler.name();
            let name = name.split_once("::").map_or(name, |(_, name)| name);
            eprintln!(
                "\nrepeat it: bash .ci/schedules --replay {name} {scheduler}:{seed}:{schedules}\n"
            );
            resume_unwind(panic);
        }
    }

    /// Returns the panic of the schedule that failed, and its number.
    fn try_run(self, scenario: Arc<impl Fn() + Send + Sync + 'static>) -> Result<(), (Panic, u64)> {
        let run = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&run);
        let counted = move || {
            count.fetch_add(1, Ordering::Relaxed);
            scenario();
        };
        let schedules = usize::try_from(self.schedules).unwrap();
        let mut config = Config::new();
        config.max_steps = MaxSteps::FailAfter(20_000);
        config.stack_size = 1 << 17;
        config.silence_warnings = true;
        let explored = catch_unwind(AssertUnwindSafe(|| match self.scheduler {
            Kind::Random => {
                Runner::new(RandomScheduler::new_from_seed(self.seed, schedules), config)
                    .run(counted)
            }
            Kind::Pct => Runner::new(PctScheduler::new_from_seed(self.seed, 3, schedules), config)
                .run(counted),
        }));
        match explored {
            Ok(_) => Ok(()),
            Err(panic) => Err((panic, run.load(Ordering::Relaxed))),
        }
    }

    fn from_text(text: &str) -> Self {
        let parts: Vec<_> = text.split(':').collect();
        let [scheduler, seed, schedules] = parts[..] else {
            panic!("no scheduler:seed:schedules: {text}")
        };
        Self {
            scheduler: match scheduler {
                "random" => Kind::Random,
                "pct" => Kind::Pct,
                other => panic!("no scheduler is named {other}"),
            },
            seed: seed.parse().unwrap(),
            schedules: schedules.parse().unwrap(),
        }
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Pct => "pct",
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap())
}
