//! Signers and assertion sources, through their traits.

mod private_key;
mod rejected_keys;
mod vectors;
