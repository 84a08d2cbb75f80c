//! The cases that every transport has to pass.

mod subject;

use subject::Surf;

edge_oauth_conformance::suite!(Surf);
