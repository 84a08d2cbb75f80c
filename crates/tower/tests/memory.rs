//! Memory stays bounded for every response. This file has one test, since it measures the allocator of its process.

mod subject;

use edge_oauth_conformance::{PeakAlloc, check_memory};
use subject::Hyper;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

#[test]
fn exchange_stays_within_its_memory_limit() {
    check_memory::<Hyper>("exchange_stays_within_its_memory_limit", &ALLOCATOR);
}
