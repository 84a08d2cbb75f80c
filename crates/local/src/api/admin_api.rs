//! The Admin API: settings, webhooks, and clearing what is published or cached.

use http::header::LOCATION;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::Value;

use crate::api::content::{self, Content};
use crate::api::error::Problem;
use crate::api::generator::Mint;
use crate::api::request::Call;
use crate::api::settings::tenant_settings::Settings;
use crate::api::webhooks::webhook_edit::WebhookEdit;
use crate::api::webhooks::webhook_list::Webhooks;
use crate::http::response;

/// What all paths of this API begin with.
pub(crate) const BASE: &str = "/api/admin/v1/";

/// What the Admin API keeps.
pub(crate) struct AdminApi {
    settings: Settings,
    content: Content,
    pub(crate) webhooks: Webhooks,
    invocations: Mint,
}

impl AdminApi {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            settings: Settings::new(),
            content: Content::new(),
            webhooks: Webhooks::new(seed),
            invocations: Mint::new(seed, "invocation"),
        }
    }

    pub(crate) fn respond(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Problem> {
        match call.path {
            "settings" => self.settings(call),
            "cache" => self.clear_cache(call),
            "content" => self.delete_content(call),
            "webhooks" => self.webhooks(call),
            path => match path.strip_prefix("webhooks/") {
                Some(id) if !id.is_empty() => self.webhook(call, id),
                _ => Err(Problem::NoSuchPath),
            },
        }
    }

    fn settings(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Problem> {
        match *call.method {
            Method::GET => {}
            Method::PUT => {
                self.settings.replace(call.members()?)?;
                return Ok(response::empty(StatusCode::ACCEPTED));
            }
            Method::PATCH => self.settings.patch(call.headers, call.body)?,
            _ => return Err(Problem::Method("GET, PUT, PATCH")),
        }
        Ok(response::json(StatusCode::OK, &self.settings.to_json()))
    }

    /// The content stays as it was, so there is nothing to tell of it.
    fn clear_cache(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Problem> {
        match *call.method {
            Method::DELETE => Ok(self.changed(Vec::new(), call)),
            _ => Err(Problem::Method("DELETE")),
        }
    }

    fn delete_content(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Problem> {
        if call.method != Method::DELETE {
            return Err(Problem::Method("DELETE"));
        }
        call.bearer.require("edge.content:clearall")?;
        let updates = self.content.clear();
        Ok(self.changed(updates, call))
    }

    fn changed(&mut self, updates: Vec<Value>, call: &Call<'_>) -> Response<Vec<u8>> {
        let payload = content::payload(self.invocations.id(), updates);
        self.webhooks.run(&payload, call.now);
        response::empty(StatusCode::ACCEPTED)
    }

    fn webhooks(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Problem> {
        match *call.method {
            Method::GET => Ok(response::json(StatusCode::OK, &self.webhooks.to_json())),
            Method::POST => {
                let edit = WebhookEdit::read(call.members()?)?;
                let webhook = self.webhooks.create(call.tenant_id, edit, call.now);
                let mut response = response::json(StatusCode::CREATED, &webhook.to_json());
                let location = format!("{BASE}webhooks/{}", webhook.id());
                // RFC 9110 §10.2.2: a reference, to be resolved against the request's URL.
                if let Ok(location) = HeaderValue::try_from(location) {
                    response.headers_mut().insert(LOCATION, location);
                }
                Ok(response)
            }
            _ => Err(Problem::Method("GET, POST")),
        }
    }

    fn webhook(&mut self, call: &Call<'_>, id: &str) -> Result<Response<Vec<u8>>, Problem> {
        match *call.method {
            Method::GET => {
                let webhook = self.webhooks.get(id)?;
                return Ok(response::json(StatusCode::OK, &webhook.to_json()));
            }
            Method::PUT => {
                let webhook = self.webhooks.get(id)?;
                webhook.update(WebhookEdit::read(call.members()?)?);
            }
            Method::DELETE => self.webhooks.delete(id)?,
            _ => return Err(Problem::Method("GET, PUT, DELETE")),
        }
        Ok(response::empty(StatusCode::NO_CONTENT))
    }
}
