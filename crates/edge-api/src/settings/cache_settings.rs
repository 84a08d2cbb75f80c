//! The cache settings of a tenant.

use std::fmt;
use std::time::Duration;

use crate::http::decode_error::Wrong;
use crate::http::json_object::Object;
use crate::http::response::Answer;
use crate::input_error::InputError;
use crate::settings::ttl;

/// The cache settings of a tenant. What is not known here is kept, so that settings that were read,
/// changed and written lose nothing.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::ExperienceEdge;
///
/// let edge = ExperienceEdge::new();
/// let answer = http::Response::new(r#"{"contentCacheTtl":"04:00:00","somethingNew":7}"#);
/// let settings = edge.settings().parse(&answer)?;
/// assert_eq!(settings.content_cache_ttl(), Some(Duration::from_secs(4 * 3600)));
///
/// let settings = settings.with_content_cache_ttl(Duration::from_secs(900))?;
/// let request = edge.update_settings(&settings).request();
/// assert_eq!(request.body().as_ref(), br#"{"contentCacheTtl":"00:15:00","somethingNew":7}"#);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Settings(pub(crate) Object);

impl Settings {
    /// Settings of which none is set. To change some, read them first, or use a
    /// [`SettingsPatch`](crate::SettingsPatch): an update replaces all.
    pub fn new() -> Self {
        Self::default()
    }

    /// `contentCacheTtl`: how long content is cached, in whole seconds.
    pub fn content_cache_ttl(&self) -> Option<Duration> {
        self.0.text(CONTENT_CACHE_TTL).and_then(ttl::read)
    }

    /// `mediaCacheTtl`: how long media is cached, in whole seconds.
    pub fn media_cache_ttl(&self) -> Option<Duration> {
        self.0.text(MEDIA_CACHE_TTL).and_then(ttl::read)
    }

    /// `contentCacheAutoClear`: whether publishing clears the cache of the content concerned.
    pub fn content_cache_auto_clear(&self) -> Option<bool> {
        self.0.flag(CONTENT_CACHE_AUTO_CLEAR)
    }

    /// `mediaCacheAutoClear`: whether publishing clears the cache of the media concerned.
    pub fn media_cache_auto_clear(&self) -> Option<bool> {
        self.0.flag(MEDIA_CACHE_AUTO_CLEAR)
    }

    /// `tenantCacheAutoClear`: whether publishing clears the cache of the whole tenant.
    pub fn tenant_cache_auto_clear(&self) -> Option<bool> {
        self.0.flag(TENANT_CACHE_AUTO_CLEAR)
    }

    /// Sets `contentCacheTtl`: whole seconds, at most some 29,000 years.
    pub fn with_content_cache_ttl(self, ttl: Duration) -> Result<Self, InputError> {
        self.with_ttl(CONTENT_CACHE_TTL, ttl)
    }

    /// Sets `mediaCacheTtl`: whole seconds, at most some 29,000 years.
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

    /// All of it as JSON, what is not known here included.
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    pub(crate) fn read(answer: &Answer<'_>) -> Result<Self, Wrong> {
        let object = answer.object()?;
        for name in [CONTENT_CACHE_TTL, MEDIA_CACHE_TTL] {
            object.check_texts(&[name])?;
            let text = object.text(name);
            if text.is_some_and(|text| ttl::read(text).is_none()) {
                return Err(Wrong::member(name, "is not a time of the form d.hh:mm:ss"));
            }
        }
        object.check_flags(&[
            CONTENT_CACHE_AUTO_CLEAR,
            MEDIA_CACHE_AUTO_CLEAR,
            TENANT_CACHE_AUTO_CLEAR,
        ])?;
        Ok(Self(object))
    }

    /// For answers that may leave the settings out.
    pub(crate) fn read_if_any(answer: &Answer<'_>) -> Result<Option<Self>, Wrong> {
        match answer.is_empty() {
            true => Ok(None),
            false => Self::read(answer).map(Some),
        }
    }

    fn with_ttl(mut self, name: &'static str, ttl: Duration) -> Result<Self, InputError> {
        self.0.set(name, written(name, ttl)?);
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

/// A time as the service reads it, or the error that names the setting.
pub(crate) fn written(name: &'static str, ttl: Duration) -> Result<String, InputError> {
    ttl::write(ttl).map_err(|wrong| InputError::invalid(name, wrong))
}

pub(crate) const CONTENT_CACHE_TTL: &str = "contentCacheTtl";
pub(crate) const MEDIA_CACHE_TTL: &str = "mediaCacheTtl";
pub(crate) const CONTENT_CACHE_AUTO_CLEAR: &str = "contentCacheAutoClear";
pub(crate) const MEDIA_CACHE_AUTO_CLEAR: &str = "mediaCacheAutoClear";
pub(crate) const TENANT_CACHE_AUTO_CLEAR: &str = "tenantCacheAutoClear";
