//! The scopes of Delivery keys that were seen. There may be others: a scope is any text.

/// Published content.
pub const DELIVERY: &str = "audience-delivery";

/// Content that is not published yet.
pub const PREVIEW: &str = "audience-preview";

/// All content of the audience.
pub const EVERYTHING: &str = "content-#everything#";
