//! The operations on settings, cache and content.

use http::Method;

use crate::experience_edge::ExperienceEdge;
use crate::http::call::{Call, operations};
use crate::http::response;
use crate::input_error::InputError;
use crate::settings::cache_settings::Settings;
use crate::settings::settings_patch::SettingsPatch;

impl ExperienceEdge {
    /// `GET /api/admin/v1/settings`: the cache settings of the tenant.
    pub fn settings(&self) -> GetSettings {
        GetSettings(Call::new(self, Method::GET, SETTINGS))
    }

    /// `PUT /api/admin/v1/settings`: replaces all settings, so read them first. Which of them a tenant
    /// has is the service's to know: where some are missing, it refuses the rest.
    pub fn update_settings(&self, settings: &Settings) -> UpdateSettings {
        let settings = settings.0.0.clone().into();
        UpdateSettings(Call::new(self, Method::PUT, SETTINGS).json(&settings))
    }

    /// `PATCH /api/admin/v1/settings`: changes some settings. An empty patch is refused.
    pub fn patch_settings(&self, patch: SettingsPatch) -> Result<PatchSettings, InputError> {
        let call = Call::new(self, Method::PATCH, SETTINGS);
        let call = call.body("application/json-patch+json", &patch.document()?);
        Ok(PatchSettings(call))
    }

    /// `DELETE /api/admin/v1/cache`: clears the cache of the whole tenant.
    pub fn clear_cache(&self) -> ClearCache {
        ClearCache(Call::new(self, Method::DELETE, "/api/admin/v1/cache"))
    }

    /// `DELETE /api/admin/v1/content`: removes **all** published content of the tenant. It is back
    /// only when everything is published again.
    pub fn delete_content(&self) -> DeleteContent {
        DeleteContent(Call::new(self, Method::DELETE, "/api/admin/v1/content"))
    }
}

operations! {
    /// [`ExperienceEdge::settings`].
    GetSettings -> Settings = Settings::read;

    /// [`ExperienceEdge::update_settings`]. The service takes the settings and applies them later, so
    /// a body of its answer says no more than its status.
    UpdateSettings -> () = response::done;

    /// [`ExperienceEdge::patch_settings`]. `None` where the answer leaves the settings out.
    PatchSettings -> Option<Settings> = Settings::read_if_any;

    /// [`ExperienceEdge::clear_cache`]. A success says that the service took the order, not that all
    /// caches are clear yet.
    ClearCache -> () = response::done;

    /// [`ExperienceEdge::delete_content`]. A success says that the service took the order.
    DeleteContent -> () = response::done;
}

const SETTINGS: &str = "/api/admin/v1/settings";
