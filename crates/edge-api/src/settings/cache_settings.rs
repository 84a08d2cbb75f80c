//! The cache settings of a tenant.

use std::fmt;
use std::time::Duration;

use crate::http::decode_error::DecodeError;
use crate::http::json_object::JsonObject;
use crate::http::response::ApiResponse;
use crate::input_error::InputError;
use crate::settings::ttl;

/// The cache settings of a tenant. Unknown members are kept, so an update with settings that were read and changed
/// loses no member.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::ExperienceEdge;
///
/// let edge = ExperienceEdge::new();
/// let response = http::Response::new(r#"{"contentCacheTtl":"04:00:00","somethingNew":7}"#);
/// let settings = edge.settings().parse(&response)?;
/// assert_eq!(settings.content_cache_ttl(), Some(Duration::from_secs(4 * 3600)));
///
/// let settings = settings.with_content_cache_ttl(Duration::from_secs(900))?;
/// let request = edge.update_settings(&settings).request();
/// assert_eq!(request.body().as_ref(), br#"{"contentCacheTtl":"00:15:00","somethingNew":7}"#);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Settings(pub(crate) JsonObject);

impl Settings {
    /// Returns empty settings. To change some settings, read them first or use a
    /// [`SettingsPatch`](crate::SettingsPatch): an update replaces all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns `contentCacheTtl`, the lifetime of cached content, in whole seconds.
    pub fn content_cache_ttl(&self) -> Option<Duration> {
        self.0.text(CONTENT_CACHE_TTL).and_then(ttl::read)
    }

    /// Returns `mediaCacheTtl`, the lifetime of cached media, in whole seconds.
    pub fn media_cache_ttl(&self) -> Option<Duration> {
        self.0.text(MEDIA_CACHE_TTL).and_then(ttl::read)
    }

    /// Returns `contentCacheAutoClear`: whether publishing clears the cache of the published content.
    pub fn content_cache_auto_clear(&self) -> Option<bool> {
        self.0.flag(CONTENT_CACHE_AUTO_CLEAR)
    }

    /// Returns `mediaCacheAutoClear`: whether publishing clears the cache of the published media.
    pub fn media_cache_auto_clear(&self) -> Option<bool> {
        self.0.flag(MEDIA_CACHE_AUTO_CLEAR)
    }

    /// Returns `tenantCacheAutoClear`: whether publishing clears the cache of the whole tenant.
    pub fn tenant_cache_auto_clear(&self) -> Option<bool> {
        self.0.flag(TENANT_CACHE_AUTO_CLEAR)
    }

    /// Sets `contentCacheTtl`.
    ///
    /// # Errors
    ///
    /// If `ttl` has a fraction of a second, or is longer than about 29,000 years.
    pub fn with_content_cache_ttl(self, ttl: Duration) -> Result<Self, InputError> {
        self.with_ttl(CONTENT_CACHE_TTL, ttl)
    }

    /// Sets `mediaCacheTtl`.
    ///
    /// # Errors
    ///
    /// If `ttl` has a fraction of a second, or is longer than about 29,000 years.
    pub fn with_media_cache_ttl(self, ttl: Duration) -> Result<Self, InputError> {
        self.with_ttl(MEDIA_CACHE_TTL, ttl)
    }

    /// Sets `contentCacheAutoClear`.
    #[must_use]
    pub fn with_content_cache_auto_clear(self, clear: bool) -> Self {
        self.with_flag(CONTENT_CACHE_AUTO_CLEAR, clear)
    }

    /// Sets `mediaCacheAutoClear`.
    #[must_use]
    pub fn with_media_cache_auto_clear(self, clear: bool) -> Self {
        self.with_flag(MEDIA_CACHE_AUTO_CLEAR, clear)
    }

    /// Sets `tenantCacheAutoClear`.
    #[must_use]
    pub fn with_tenant_cache_auto_clear(self, clear: bool) -> Self {
        self.with_flag(TENANT_CACHE_AUTO_CLEAR, clear)
    }

    /// Returns all settings as JSON, unknown members included.
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    pub(crate) fn read(response: &ApiResponse<'_>) -> Result<Self, DecodeError> {
        let object = response.object()?;
        for name in [CONTENT_CACHE_TTL, MEDIA_CACHE_TTL] {
            object.check_texts(&[name])?;
            let text = object.text(name);
            if text.is_some_and(|text| ttl::read(text).is_none()) {
                return Err(DecodeError::member(
                    name,
                    "is not a time of the form d.hh:mm:ss",
                ));
            }
        }
        object.check_flags(&[
            CONTENT_CACHE_AUTO_CLEAR,
            MEDIA_CACHE_AUTO_CLEAR,
            TENANT_CACHE_AUTO_CLEAR,
        ])?;
        Ok(Self(object))
    }

    /// Reads a response that may have no body.
    pub(crate) fn read_if_any(response: &ApiResponse<'_>) -> Result<Option<Self>, DecodeError> {
        match response.is_empty() {
            true => Ok(None),
            false => Self::read(response).map(Some),
        }
    }

    fn with_ttl(mut self, name: &'static str, ttl: Duration) -> Result<Self, InputError> {
        self.0.set(name, ttl_text(name, ttl)?);
        Ok(self)
    }

    fn with_flag(mut self, name: &str, flag: bool) -> Self {
        self.0.set(name, flag);
        self
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Settings").field(&self.0.0).finish()
    }
}

/// Returns a time to live in the service's form, or the error that names the setting.
pub(crate) fn ttl_text(name: &'static str, ttl: Duration) -> Result<String, InputError> {
    ttl::write(ttl).map_err(|reason| InputError::invalid(name, reason))
}

pub(crate) const CONTENT_CACHE_TTL: &str = "contentCacheTtl";
pub(crate) const MEDIA_CACHE_TTL: &str = "mediaCacheTtl";
pub(crate) const CONTENT_CACHE_AUTO_CLEAR: &str = "contentCacheAutoClear";
pub(crate) const MEDIA_CACHE_AUTO_CLEAR: &str = "mediaCacheAutoClear";
pub(crate) const TENANT_CACHE_AUTO_CLEAR: &str = "tenantCacheAutoClear";
