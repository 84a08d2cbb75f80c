//! The place of an acquisition, and refreshes in the background that are late, lost, or never run.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::VecDeque;
use std::time::Duration;

use edge_oauth_no_io::{Acquisition, Action, Caller, Event, Place, Policy, Step};

use common::{START, World, leave};

const DAY: u64 = 24 * 60 * 60;

/// A runtime that runs its tasks only while a caller waits, such as a current-thread runtime with `block_on`.
struct Runtime {
    world: World,
    tasks: VecDeque<Acquisition>,
    sent: u32,
    most_tasks: usize,
}

impl Runtime {
    fn new() -> Self {
        Self {
            world: World::new(),
            tasks: VecDeque::new(),
            sent: 0,
            most_tasks: 0,
        }
    }

    /// One call of a task, which may be cancelled at any time.
    fn call(&mut self) {
        let mut caller = Caller::new().that_may_leave();
        loop {
            match self.world.poll_for(&mut caller) {
                Step::Use(_) => return,
                Step::Refresh { acquisition, .. } => match acquisition.place() {
                    Place::Here => {
                        self.run(acquisition);
                        self.drive();
                        return;
                    }
                    _ => return self.spawn(acquisition),
                },
                Step::Send(acquisition) => match acquisition.place() {
                    Place::Here => self.run(acquisition),
                    _ => {
                        self.spawn(acquisition);
                        self.drive();
                    }
                },
                Step::Wait { at_most, .. } => {
                    self.world.pass_exactly(at_most);
                    self.drive();
                }
                Step::Fail(error) => panic!("{error}"),
            }
        }
    }

    fn spawn(&mut self, acquisition: Acquisition) {
        self.tasks.push_back(acquisition);
        self.most_tasks = self.most_tasks.max(self.tasks.len());
    }

    fn drive(&mut self) {
        while let Some(task) = self.tasks.pop_front() {
            self.run(task);
        }
    }

    fn run(&mut self, mut acquisition: Acquisition) {
        match acquisition.poll(self.world.now, [0; 16]) {
            Action::Send(..) => {
                self.sent += 1;
                self.world.obtain_left(acquisition, DAY);
            }
            Action::Done => self.world.lose(acquisition),
            other => panic!("{other:?}"),
        }
    }
}

// fault: a-runtime-that-drops-tasks
#[test]
fn runtime_that_is_not_driven_makes_two_requests_in_a_day() {
    let mut runtime = Runtime::new();
    for _ in 0..24 * 60 {
        runtime.call();
        runtime.world.pass(60);
    }
    assert_eq!((runtime.sent, runtime.most_tasks), (2, 1));
    // And so it goes on.
    for _ in 0..9 * 24 * 60 {
        runtime.call();
        runtime.world.pass(60);
    }
    assert!(runtime.sent <= 14, "{} requests in ten days", runtime.sent);
    assert_eq!(runtime.most_tasks, 1);
}

// fault: a-runtime-that-drops-tasks
#[test]
fn background_work_that_never_runs_leaves_two_requests_in_a_day() {
    let dropped = |world: &mut World, acquisition| world.lose(acquisition);
    let never_polled = |_: &mut World, acquisition| drop(acquisition);
    let ways: [fn(&mut World, Acquisition); 2] = [dropped, never_polled];
    for lose in ways {
        for seed in 0..20 {
            let mut world = World::with(Policy::default(), seed);
            let mut sent = 0;
            for minute in 0..24 * 60 {
                world.now = START.after(Duration::from_secs(60 * minute));
                let mut caller = Caller::new().that_may_leave();
                loop {
                    let (acquisition, is_served) = match world.poll_for(&mut caller) {
                        Step::Use(_) => break,
                        Step::Refresh { acquisition, .. } => (acquisition, true),
                        Step::Send(acquisition) => (acquisition, false),
                        Step::Wait { at_most, .. } => {
                            assert_eq!(minute, 0, "no caller waits while a token is cached");
                            world.pass_exactly(at_most);
                            let waited = world.now.monotonic - START.monotonic;
                            assert!(waited < Duration::from_secs(60), "{waited:?}");
                            continue;
                        }
                        Step::Fail(error) => panic!("{error}"),
                    };
                    match acquisition.place() {
                        Place::Here => {
                            sent += 1;
                            world.obtain(acquisition, DAY);
                        }
                        _ => lose(&mut world, acquisition),
                    }
                    if is_served {
                        break;
                    }
                }
            }
            assert_eq!(sent, 2, "seed {seed}");
        }
    }
}

// fault: a-runtime-that-drops-tasks
#[test]
fn tasks_that_are_dropped_or_first_run_too_late_are_followed_by_a_refresh_in_line() {
    let drop_at_once = |world: &mut World, acquisition| world.lose(acquisition);
    let run_too_late = |world: &mut World, mut acquisition: Acquisition| {
        world.pass_exactly(acquisition.time_left(world.now));
        assert!(matches!(acquisition.poll(world.now, [0; 16]), Action::Done));
        world.lose(acquisition);
    };
    let never_run = |world: &mut World, acquisition: Acquisition| {
        let lapses = acquisition.time_left(world.now) + Duration::from_secs(1);
        drop(acquisition);
        world.pass_exactly(lapses);
    };
    let ways: [fn(&mut World, Acquisition); 3] = [drop_at_once, run_too_late, never_run];
    for lose in ways {
        let mut world = World::with_token(DAY);
        let acquisition = world.pass(80_000).refresh();
        assert_eq!(acquisition.place(), Place::Background);
        lose(&mut world, acquisition);
        let mut caller = Caller::new().max_wait(Duration::from_secs(1), world.now);
        let Step::Refresh { acquisition, .. } = world.poll_for(&mut caller) else {
            panic!("the refresh is due")
        };
        assert_eq!(acquisition.place(), Place::Here);
        // For the time of the refresh and of its caller at most.
        assert_eq!(acquisition.time_left(world.now), Duration::from_secs(1));
        world.token();
        assert!(
            world
                .events()
                .iter()
                .any(|event| matches!(event, Event::Cancelled | Event::Lapsed))
        );

        // If its caller leaves, the next one is made in the background again.
        world.lose(acquisition);
        let acquisition = world.pass(1).refresh();
        assert_eq!(acquisition.place(), Place::Background);
        // A failure is an outcome, so nothing was lost since.
        world.fault(acquisition);
        assert_eq!(world.pass(60).refresh().place(), Place::Background);
    }
}

// fault: a-runtime-that-drops-tasks
#[test]
fn outcome_of_a_refresh_in_line_ends_the_exception() {
    for succeeds in [true, false] {
        let mut world = World::with_token(DAY);
        let lost = world.pass(80_000).refresh();
        world.lose(lost);
        let here = world.refresh();
        assert_eq!(here.place(), Place::Here);
        match succeeds {
            true => drop(world.obtain(here, DAY)),
            false => drop(world.fault(here)),
        }
        world.pass(if succeeds { 80_000 } else { 60 });
        assert_eq!(world.refresh().place(), Place::Background);
    }
}

// fault: request-of-a-lapsed-acquisition
#[test]
fn lapsed_acquisition_sends_nothing_and_its_late_end_changes_nothing() {
    let mut world = World::new();
    let mut first = world.send();
    world.pass(11);
    let mut second = world.send();
    assert!(matches!(first.poll(world.now, [0; 16]), Action::Done));
    world.lose(first);
    leave(&mut second, world.now);
    assert!(world.keeper.is_fetching(), "the second is in flight");
    world.obtain_left(second, DAY);
    world.token();
}

#[test]
fn request_without_other_callers_is_made_in_line_by_a_caller_that_stays() {
    let second = Duration::from_secs(1);
    for (caller, place) in [
        (Caller::new(), Place::Here),
        (Caller::new().that_may_leave(), Place::Background),
        (
            Caller::new().max_wait(10 * second, common::START),
            Place::Here,
        ),
        (
            Caller::new().max_wait(9 * second, common::START),
            Place::Background,
        ),
    ] {
        let mut world = World::new();
        let mut caller = caller;
        let acquisition = world.send_for(&mut caller);
        assert_eq!(acquisition.place(), place);
        assert_eq!(
            acquisition.time_left(world.now),
            10 * second,
            "its callers share it"
        );
    }
}

#[test]
fn request_after_one_that_was_lost_in_the_background_is_made_in_line() {
    let mut world = World::new();
    let lost = world.send_for(&mut Caller::new().that_may_leave());
    assert_eq!(lost.place(), Place::Background);
    world.lose(lost);
    let second = Duration::from_secs(1);
    let mut hasty = Caller::new().max_wait(second, world.now).that_may_leave();
    let here = world.send_for(&mut hasty);
    assert_eq!(here.place(), Place::Here);
    assert_eq!(here.time_left(world.now), second);
    world.lose(here);
    // Two in a row are lost, so the next waits a little, and runs where no caller takes it along.
    assert!(world.wait_of(&mut hasty) <= second);
    let background = world.pass(1).send();
    assert_eq!(background.place(), Place::Background);
}

// fault: a-runtime-that-drops-tasks
#[test]
fn losses_in_a_row_are_spaced_from_50_ms_to_a_second() {
    let mut world = World::new();
    let lost = world.send();
    world.lose(lost);
    let lost = world.send();
    world.lose(lost);
    let mut waits = Vec::new();
    for _ in 0..8 {
        let wait = world.wait_of(&mut Caller::new());
        waits.push(wait.as_millis());
        world.pass_exactly(wait - Duration::from_nanos(1));
        world.wait_of(&mut Caller::new());
        let lost = world.pass_exactly(Duration::from_nanos(1)).send();
        world.lose(lost);
    }
    assert_eq!(waits, [50, 100, 200, 400, 800, 1000, 1000, 1000]);
}

// fault: a-runtime-that-drops-tasks
#[test]
fn caller_without_time_is_not_the_one_that_runs_the_refresh() {
    let mut world = World::with_token(DAY);
    let lost = world.pass(80_000).refresh();
    world.lose(lost);
    for _ in 0..3 {
        let mut hasty = Caller::new().max_wait(Duration::ZERO, world.now);
        assert!(matches!(world.poll_for(&mut hasty), Step::Use(_)));
    }
    assert!(!world.keeper.is_fetching());
    assert_eq!(world.refresh().place(), Place::Here);
}

// fault: every-caller-only-looks
#[test]
fn caller_that_never_waits_starts_the_next_acquisition_a_second_after_a_loss() {
    for is_cached in [false, true] {
        let mut world = match is_cached {
            false => World::new(),
            true => World::with_token(DAY),
        };
        world.pass(80_000);
        let look = |world: &mut World| match world.poll_for(&mut Caller::new().that_never_waits()) {
            Step::Send(acquisition) | Step::Refresh { acquisition, .. } => {
                assert_eq!(acquisition.place(), Place::Background);
                Some(acquisition)
            }
            Step::Use(_) | Step::Fail(_) => None,
            other => panic!("{other:?}"),
        };
        let second = Duration::from_secs(1);
        let lost = look(&mut world).unwrap();
        world.lose(lost);
        // Until then a caller that waits may run it.
        world.pass_exactly(second - Duration::from_nanos(1));
        assert!(look(&mut world).is_none());
        let lost = look(world.pass_exactly(Duration::from_nanos(1))).unwrap();
        assert!(look(&mut world).is_none(), "one at a time");
        world.lose(lost);
        assert!(look(world.pass_exactly(second)).is_none());
        let found = look(world.pass_exactly(Duration::from_millis(50))).unwrap();
        world.obtain(found, DAY);
        world.token();
        assert!(look(&mut world).is_none() && !world.keeper.is_fetching());
    }
}

// fault: every-caller-only-looks
#[test]
fn callers_that_never_wait_leave_the_next_acquisition_to_one_that_waits() {
    let mut world = World::new();
    for _ in 0..2 {
        let lost = world.send_for(&mut Caller::new().that_never_waits());
        world.lose(lost);
        world.pass(2);
    }
    let lost = world.send_for(&mut Caller::new().that_never_waits());
    world.lose(lost);
    let mut waits = Caller::new().that_may_leave();
    let wait = world.wait_of(&mut waits);
    world.pass_exactly(wait);
    world.fail_of(&mut Caller::new().that_never_waits());
    assert_eq!(world.send_for(&mut waits).place(), Place::Here);
}
