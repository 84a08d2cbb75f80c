//! The conformance suite for this transport.

mod subject;

use subject::Ureq;

edge_oauth_conformance::suite!(Ureq);
