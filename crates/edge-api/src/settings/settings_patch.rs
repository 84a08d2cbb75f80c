//! A change of some settings that leaves the others as they are.

use std::time::Duration;

use serde_json::{Value, json};

use crate::input_error::InputError;
use crate::settings::cache_settings::{
    CONTENT_CACHE_AUTO_CLEAR, CONTENT_CACHE_TTL, MEDIA_CACHE_AUTO_CLEAR, MEDIA_CACHE_TTL,
    TENANT_CACHE_AUTO_CLEAR, ttl_text,
};

/// A change of some settings: a JSON Patch (RFC 6902) of `replace` operations, the only ones that the service accepts.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::{ExperienceEdge, SettingsPatch};
///
/// let patch = SettingsPatch::new().content_cache_ttl(Duration::from_secs(900))?;
/// let request = ExperienceEdge::new().patch_settings(patch)?.request();
/// assert_eq!(request.body().as_ref(), br#"[{"op":"replace","path":"/contentcachettl","value":"00:15:00"}]"#);
/// # Ok::<_, experience_edge_api::InputError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsPatch {
    replaced: Vec<(&'static str, Value)>,
}

impl SettingsPatch {
    /// Returns an empty patch. If a setting is replaced twice, the last value counts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces `contentCacheTtl`.
    ///
    /// # Errors
    ///
    /// If `ttl` has a fraction of a second, or is longer than about 29,000 years.
    pub fn content_cache_ttl(self, ttl: Duration) -> Result<Self, InputError> {
        let ttl = ttl_text(CONTENT_CACHE_TTL, ttl)?;
        Ok(self.replace(CONTENT_CACHE_TTL, ttl))
    }

    /// Replaces `mediaCacheTtl`.
    ///
    /// # Errors
    ///
    /// If `ttl` has a fraction of a second, or is longer than about 29,000 years.
    pub fn media_cache_ttl(self, ttl: Duration) -> Result<Self, InputError> {
        let ttl = ttl_text(MEDIA_CACHE_TTL, ttl)?;
        Ok(self.replace(MEDIA_CACHE_TTL, ttl))
    }

    /// Replaces `contentCacheAutoClear`.
    #[must_use]
    pub fn content_cache_auto_clear(self, clear: bool) -> Self {
        self.replace(CONTENT_CACHE_AUTO_CLEAR, clear)
    }

    /// Replaces `mediaCacheAutoClear`.
    #[must_use]
    pub fn media_cache_auto_clear(self, clear: bool) -> Self {
        self.replace(MEDIA_CACHE_AUTO_CLEAR, clear)
    }

    /// Replaces `tenantCacheAutoClear`.
    #[must_use]
    pub fn tenant_cache_auto_clear(self, clear: bool) -> Self {
        self.replace(TENANT_CACHE_AUTO_CLEAR, clear)
    }

    /// Returns the JSON Patch document, or an error if the patch is empty.
    pub(crate) fn to_json(&self) -> Result<Value, InputError> {
        if self.replaced.is_empty() {
            return Err(InputError::Empty { field: "patch" });
        }
        let operation = |(name, value): &(&str, Value)| {
            // The service accepts lower-case paths only.
            let path = format!("/{}", name.to_ascii_lowercase());
            json!({"op": "replace", "path": path, "value": value})
        };
        Ok(self.replaced.iter().map(operation).collect())
    }

    fn replace(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.replaced.retain(|(replaced, _)| *replaced != name);
        self.replaced.push((name, value.into()));
        self
    }
}
