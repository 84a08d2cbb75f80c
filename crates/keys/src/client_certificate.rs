//! Client certificates for mutual TLS: PEM texts, files that are rotated, and a transport over them.

pub(crate) mod certificate;
pub(crate) mod files;
pub(crate) mod transport;
