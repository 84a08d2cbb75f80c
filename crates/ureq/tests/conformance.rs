//! The cases that every transport has to pass.

mod subject;

use subject::Ureq;

edge_oauth_conformance::suite!(Ureq);
