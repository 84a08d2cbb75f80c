//! Client authentication and the grant: from options to the credentials of a token request.
//!
//! ```text
//! options, environment, profile ─▶ choice ─▶ plan ─▶ load ─▶ credentials ─▶ token source
//! ```

pub(crate) mod advice;
pub(crate) mod args;
pub(crate) mod certificate;
pub(crate) mod choice;
mod companions;
pub(crate) mod credentials;
mod form;
mod grant_choice;
pub(crate) mod layers;
pub(crate) mod load;
mod names;
mod placeholder;
pub(crate) mod plan;
pub(crate) mod values;
