//! The Admin API: settings, webhooks, and clearing the content or the cache.

use std::time::Duration;

use http::{Method, Response, StatusCode};
use serde_json::Value;

use crate::api::content::{self, PublishedContent};
use crate::api::error::ApiError;
use crate::api::generator::Generator;
use crate::api::request::ApiRequest;
use crate::api::settings::tenant_settings::TenantSettings;
use crate::api::webhooks::webhook_edit::WebhookEdit;
use crate::api::webhooks::webhook_list::WebhookList;
use crate::http::response;

/// The base of all paths of this API.
pub(crate) const BASE: &str = "/api/admin/v1/";

/// The state of the Admin API.
pub(crate) struct AdminApi {
    settings: TenantSettings,
    content: PublishedContent,
    pub(crate) webhooks: WebhookList,
    invocations: Generator,
}

impl AdminApi {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            settings: TenantSettings::new(),
            content: PublishedContent::new(),
            webhooks: WebhookList::new(seed),
            invocations: Generator::new(seed, "invocation"),
        }
    }

    pub(crate) fn respond(
        &mut self,
        request: &ApiRequest<'_>,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        match request.path {
            "settings" => self.settings(request),
            "cache" => self.clear_cache(request),
            "content" => self.delete_content(request),
            "webhooks" => self.webhooks(request),
            path => match path.strip_prefix("webhooks/") {
                Some(id) if !id.is_empty() => self.webhook(request, id),
                _ => Err(ApiError::UnknownPath),
            },
        }
    }

    fn settings(&mut self, request: &ApiRequest<'_>) -> Result<Response<Vec<u8>>, ApiError> {
        match *request.method {
            Method::GET => {}
            Method::PUT => {
                self.settings.replace(request.members()?)?;
                return Ok(response::empty(StatusCode::ACCEPTED));
            }
            Method::PATCH => self.settings.patch(request.headers, request.body)?,
            _ => return Err(ApiError::MethodNotAllowed("GET, PUT, PATCH")),
        }
        Ok(response::json(StatusCode::OK, &self.settings.to_json()))
    }

    /// The content stays the same, so the list of updates is empty.
    fn clear_cache(&mut self, request: &ApiRequest<'_>) -> Result<Response<Vec<u8>>, ApiError> {
        request.only(Method::DELETE, "DELETE")?;
        Ok(self.changed(Vec::new(), request))
    }

    fn delete_content(&mut self, request: &ApiRequest<'_>) -> Result<Response<Vec<u8>>, ApiError> {
        request.only(Method::DELETE, "DELETE")?;
        request.token.require_scope("edge.content:clearall")?;
        let updates = self.content.clear();
        Ok(self.changed(updates, request))
    }

    /// Tells webhooks of a publishing job that has ended. `updates` is empty if it published the whole environment.
    pub(crate) fn published(&mut self, updates: Vec<Value>, now: Duration) {
        let updates = match updates.is_empty() {
            true => self.content.publish(),
            false => updates,
        };
        let payload = content::payload(self.invocations.uuid(), updates);
        self.webhooks.run(&payload, now);
    }

    fn changed(&mut self, updates: Vec<Value>, request: &ApiRequest<'_>) -> Response<Vec<u8>> {
        let payload = content::payload(self.invocations.uuid(), updates);
        self.webhooks.run(&payload, request.now);
        response::empty(StatusCode::ACCEPTED)
    }

    fn webhooks(&mut self, request: &ApiRequest<'_>) -> Result<Response<Vec<u8>>, ApiError> {
        match *request.method {
            Method::GET => Ok(response::json(StatusCode::OK, &self.webhooks.to_json())),
            Method::POST => {
                let edit = WebhookEdit::read(request.members()?)?;
                let webhook = self.webhooks.create(request.tenant_id, edit, request.now);
                let location = format!("{BASE}webhooks/{}", webhook.id());
                Ok(response::created(&location, &webhook.to_json()))
            }
            _ => Err(ApiError::MethodNotAllowed("GET, POST")),
        }
    }

    fn webhook(
        &mut self,
        request: &ApiRequest<'_>,
        id: &str,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        match *request.method {
            Method::GET => {
                let webhook = self.webhooks.get(id)?;
                return Ok(response::json(StatusCode::OK, &webhook.to_json()));
            }
            Method::PUT => {
                let webhook = self.webhooks.get(id)?;
                webhook.update(WebhookEdit::read(request.members()?)?);
            }
            Method::DELETE => self.webhooks.delete(id)?,
            _ => return Err(ApiError::MethodNotAllowed("GET, PUT, DELETE")),
        }
        Ok(response::empty(StatusCode::NO_CONTENT))
    }
}
