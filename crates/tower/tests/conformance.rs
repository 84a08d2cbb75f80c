//! The cases that every transport has to pass.

mod subject;

use subject::Hyper;

edge_oauth_conformance::suite!(Hyper);
