//! The conformance suite for this transport.

mod subject;

use subject::Reqwest;

edge_oauth_conformance::suite!(Reqwest);
