//! The operations of the Admin API on settings, cache and content.

use http::Method;

use crate::experience_edge::ExperienceEdge;
use crate::http::call::{Call, operations};
use crate::http::response::ignore_body;
use crate::input_error::InputError;
use crate::settings::cache_settings::Settings;
use crate::settings::settings_patch::SettingsPatch;

impl ExperienceEdge {
    /// Returns the operation that reads the cache settings of the tenant: `GET /api/admin/v1/settings` (GetSettings).
    pub fn settings(&self) -> GetSettings {
        GetSettings(Call::new(&self.base_url, Method::GET, SETTINGS))
    }

    /// Returns the operation that replaces all settings: `PUT /api/admin/v1/settings` (UpdateSettings).
    ///
    /// Read the settings first: the service rejects an update that lacks some of the tenant's settings.
    pub fn update_settings(&self, settings: &Settings) -> UpdateSettings {
        let settings = settings.0.0.clone().into();
        UpdateSettings(Call::new(&self.base_url, Method::PUT, SETTINGS).json(&settings))
    }

    /// Returns the operation that changes some settings: `PATCH /api/admin/v1/settings` (PatchSettings).
    ///
    /// # Errors
    ///
    /// If the patch is empty.
    pub fn patch_settings(&self, patch: SettingsPatch) -> Result<PatchSettings, InputError> {
        let call = Call::new(&self.base_url, Method::PATCH, SETTINGS);
        let call = call.body("application/json-patch+json", &patch.to_json()?);
        Ok(PatchSettings(call))
    }

    /// Returns the operation that clears the cache of the whole tenant: `DELETE /api/admin/v1/cache`
    /// (ClearCacheForTenant).
    pub fn clear_cache(&self) -> ClearCache {
        ClearCache(Call::new(
            &self.base_url,
            Method::DELETE,
            "/api/admin/v1/cache",
        ))
    }

    /// Returns the operation that removes **all** published content of the tenant: `DELETE /api/admin/v1/content`
    /// (DeleteContent).
    ///
    /// The content is back only after everything has been published again.
    pub fn delete_content(&self) -> DeleteContent {
        DeleteContent(Call::new(
            &self.base_url,
            Method::DELETE,
            "/api/admin/v1/content",
        ))
    }
}

operations! {
    /// The operation of [`ExperienceEdge::settings`].
    GetSettings -> Settings = Settings::read;

    /// The operation of [`ExperienceEdge::update_settings`]. The service accepts the settings and applies them later,
    /// so the body of its response is ignored.
    UpdateSettings -> () = ignore_body;

    /// The operation of [`ExperienceEdge::patch_settings`]. Returns the new settings; `None` if the response has no
    /// body.
    PatchSettings -> Option<Settings> = Settings::read_if_any;

    /// The operation of [`ExperienceEdge::clear_cache`]. A success means that the service accepted the operation; it
    /// clears the cache later.
    ClearCache -> () = ignore_body;

    /// The operation of [`ExperienceEdge::delete_content`]. A success means that the service accepted the operation.
    DeleteContent -> () = ignore_body;
}

const SETTINGS: &str = "/api/admin/v1/settings";
