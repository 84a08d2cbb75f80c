//! Memory is bounded, whatever a server sends. A file of its own, since the allocator is the process's.

mod subject;

use edge_oauth_conformance::{PeakAlloc, memory_stays_bounded};
use subject::Hyper;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

#[test]
fn no_answer_takes_more_than_its_bounds() {
    memory_stays_bounded::<Hyper>("no_answer_takes_more_than_its_bounds", &ALLOCATOR);
}
