//! Some sources that share one endpoint, whose responses a test decides.

use std::time::Duration;

use edge_oauth_no_io::{
    Acquisition, Caller, Completion, Config, ConfigBuilder, EndpointHealth, Moment, Policy, Secret,
    Step,
};

use crate::common::{START, World, leave};

/// A pool with one token endpoint, whose sources are given these responses.
pub(crate) struct Pool {
    pub(crate) health: EndpointHealth,
    pub(crate) now: Moment,
    pub(crate) members: Vec<(u64, World)>,
}

impl Pool {
    /// Members of as many clients.
    pub(crate) fn new(count: usize) -> Self {
        Self::with_clients(count, count)
    }

    /// Members of so many clients, in turn.
    pub(crate) fn with_clients(count: usize, clients: usize) -> Self {
        let mut health = EndpointHealth::new(7);
        let members = (0..count).map(|number| {
            let mut world = World::with(Policy::default(), number as u64);
            let config = of_client(number % clients).build().unwrap();
            world.keeper.replace_config(config);
            (health.join(), world)
        });
        Self {
            members: members.collect(),
            health,
            now: START,
        }
    }

    pub(crate) fn poll_for(&mut self, member: usize, caller: &mut Caller) -> Step {
        let (health, now) = (&mut self.health, self.now);
        let keeper = &mut self.members[member].1.keeper;
        keeper.poll_among(caller, now, |candidate| health.admit(candidate, now))
    }

    pub(crate) fn poll(&mut self, member: usize) -> Step {
        self.poll_for(member, &mut Caller::new())
    }

    /// Runs the acquisition that this member is admitted to.
    pub(crate) fn run(&mut self, member: usize, completion: Completion) {
        let (Step::Send(acquisition) | Step::Refresh { acquisition, .. }) = self.poll(member)
        else {
            panic!("{member} is not admitted");
        };
        self.finish(member, acquisition, completion);
    }

    pub(crate) fn finish(
        &mut self,
        member: usize,
        mut acquisition: Acquisition,
        completion: Completion,
    ) {
        leave(&mut acquisition, self.now);
        self.end(member, acquisition, completion);
    }

    pub(crate) fn end(
        &mut self,
        member: usize,
        mut acquisition: Acquisition,
        completion: Completion,
    ) {
        acquisition.handle(completion, self.now);
        let (number, world) = &mut self.members[member];
        self.health.note(*number, &acquisition, self.now);
        world.keeper.finish(acquisition, self.now);
    }

    /// Drops the acquisition before there is a response.
    pub(crate) fn lose(&mut self, member: usize, mut acquisition: Acquisition) {
        leave(&mut acquisition, self.now);
        let (number, world) = &mut self.members[member];
        self.health.note(*number, &acquisition, self.now);
        world.keeper.finish(acquisition, self.now);
    }

    pub(crate) fn is_admitted(&mut self, member: usize) -> bool {
        matches!(self.poll(member), Step::Send(_) | Step::Refresh { .. })
    }

    pub(crate) fn pass(&mut self, milliseconds: u64) {
        self.now = self.now.after(Duration::from_millis(milliseconds));
    }
}

pub(crate) fn at(endpoint: &str) -> Config {
    let config = Config::builder(endpoint, "id").client_secret(Secret::new("s3cret"));
    config.build().unwrap()
}

pub(crate) fn of_client(number: usize) -> ConfigBuilder {
    let client = format!("client-{number}");
    Config::builder("https://login.example/token", client).client_secret(Secret::new("s3cret"))
}
