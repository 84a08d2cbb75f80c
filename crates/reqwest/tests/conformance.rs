//! The cases that every transport has to pass.

mod subject;

use subject::Reqwest;

edge_oauth_conformance::suite!(Reqwest);
