//! A change of some settings that leaves the others as they are.

use std::time::Duration;

use serde_json::{Value, json};

use crate::input_error::InputError;
use crate::settings::cache_settings::{
    CONTENT_CACHE_AUTO_CLEAR, CONTENT_CACHE_TTL, MEDIA_CACHE_AUTO_CLEAR, MEDIA_CACHE_TTL,
    TENANT_CACHE_AUTO_CLEAR, written,
};

/// A change of some settings, as a JSON Patch (RFC 6902) of `replace` operations, which is all that the
/// service takes.
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
    /// A patch of nothing yet. Of two values for one setting, the later counts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces `contentCacheTtl`: whole seconds, at most some 29,000 years.
    pub fn content_cache_ttl(self, ttl: Duration) -> Result<Self, InputError> {
        let ttl = written(CONTENT_CACHE_TTL, ttl)?;
        Ok(self.replace(CONTENT_CACHE_TTL, ttl))
    }

    /// Replaces `mediaCacheTtl`: whole seconds, at most some 29,000 years.
    pub fn media_cache_ttl(self, ttl: Duration) -> Result<Self, InputError> {
        let ttl = written(MEDIA_CACHE_TTL, ttl)?;
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

    /// The document, unless there is nothing in it.
    pub(crate) fn document(&self) -> Result<Value, InputError> {
        if self.replaced.is_empty() {
            return Err(InputError::Empty { field: "patch" });
        }
        let operation = |(name, value): &(&str, Value)| {
            // The service knows its settings by lower-case paths only.
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
