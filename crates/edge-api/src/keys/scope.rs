//! The known scopes of Delivery keys. A scope is any text, so the service may have others.

/// Published content.
pub const DELIVERY: &str = "audience-delivery";

/// Content that is not yet published.
pub const PREVIEW: &str = "audience-preview";

/// All content of the key's audience.
pub const EVERYTHING: &str = "content-#everything#";
