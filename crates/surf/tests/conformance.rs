//! The conformance suite for this transport.

mod subject;

use subject::Surf;

edge_oauth_conformance::suite!(Surf);
