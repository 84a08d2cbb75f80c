//! The operations of the Admin API on webhooks.

use edge_oauth_no_io::{ApiError, Operation, SecretBytes};
use http::{Method, Request, Response};

use crate::experience_edge::ExperienceEdge;
use crate::http::call::{Call, operations};
use crate::http::json_object::JsonObject;
use crate::http::path_segment;
use crate::http::response::ignore_body;
use crate::input_error::InputError;
use crate::webhooks::edit_rules::checked;
use crate::webhooks::members::{DISABLED, ID};
use crate::webhooks::secrets::secrets_of_webhook;
use crate::webhooks::webhook::Webhook;
use crate::webhooks::webhook_edit::WebhookEdit;

impl ExperienceEdge {
    /// Returns the operation that lists all webhooks of the tenant: `GET /api/admin/v1/webhooks` (ListWebhooks).
    pub fn webhooks(&self) -> ListWebhooks {
        ListWebhooks(Call::new(&self.base_url, Method::GET, WEBHOOKS))
    }

    /// Returns the operation that reads one webhook: `GET /api/admin/v1/webhooks/{id}` (GetWebhookById).
    ///
    /// # Errors
    ///
    /// If `id` is empty, `.`, `..` or longer than 512 bytes.
    pub fn webhook(&self, id: &str) -> Result<GetWebhook, InputError> {
        Ok(GetWebhook(self.on_webhook(Method::GET, id)?))
    }

    /// Returns the operation that creates a webhook: `POST /api/admin/v1/webhooks` (CreateWebhook).
    ///
    /// If you repeat the call after a network error, the webhook may exist twice: list the webhooks first.
    ///
    /// # Errors
    ///
    /// If the service would reject the webhook, such as one without a label or with a URL that is not `https`.
    pub fn create_webhook(&self, webhook: &WebhookEdit) -> Result<CreateWebhook, InputError> {
        let object = checked(webhook, self.is_local())?;
        let call = Call::new(&self.base_url, Method::POST, WEBHOOKS);
        Ok(CreateWebhook {
            call: with_webhook(call, webhook, &object),
            sent: object,
        })
    }

    /// Returns the operation that replaces a webhook: `PUT /api/admin/v1/webhooks/{id}` (UpdateWebhook). Begin with
    /// [`Webhook::edit`], since members that are missing are lost.
    ///
    /// # Errors
    ///
    /// If `id` is empty, `.`, `..` or longer than 512 bytes, or if the service would reject a member that was changed.
    pub fn update_webhook(
        &self,
        id: &str,
        webhook: &WebhookEdit,
    ) -> Result<UpdateWebhook, InputError> {
        let mut object = checked(webhook, self.is_local())?;
        // The service requires `disabled` in every update.
        let disabled = object.flag(DISABLED).unwrap_or_default();
        object.set(DISABLED, disabled);
        let call = self.on_webhook(Method::PUT, id)?;
        Ok(UpdateWebhook(with_webhook(call, webhook, &object)))
    }

    /// Returns the operation that removes a webhook: `DELETE /api/admin/v1/webhooks/{id}` (DeleteWebhook).
    ///
    /// # Errors
    ///
    /// If `id` is empty, `.`, `..` or longer than 512 bytes.
    pub fn delete_webhook(&self, id: &str) -> Result<DeleteWebhook, InputError> {
        Ok(DeleteWebhook(self.on_webhook(Method::DELETE, id)?))
    }

    fn on_webhook(&self, method: Method, id: &str) -> Result<Call, InputError> {
        let path = format!("{WEBHOOKS}/{}", path_segment::encode("id", id)?);
        Ok(Call::new(&self.base_url, method, &path))
    }
}

operations! {
    /// The operation of [`ExperienceEdge::webhooks`].
    ListWebhooks -> Vec<Webhook> = Webhook::read_all;

    /// The operation of [`ExperienceEdge::webhook`].
    GetWebhook -> Webhook = Webhook::read;

    /// The operation of [`ExperienceEdge::update_webhook`].
    UpdateWebhook -> () = ignore_body;

    /// The operation of [`ExperienceEdge::delete_webhook`].
    DeleteWebhook -> () = ignore_body;
}

/// The operation of [`ExperienceEdge::create_webhook`]. Returns the new webhook.
///
/// If the response has no body, the result is the webhook that was sent, with the id from `Location`. Without a body
/// and `Location` the result is `None`: the webhook was created, and [`webhooks`](ExperienceEdge::webhooks) lists it.
#[derive(Clone, Debug)]
pub struct CreateWebhook {
    call: Call,
    sent: JsonObject,
}

impl Operation for CreateWebhook {
    type Output = Option<Webhook>;

    fn request(&self) -> Request<SecretBytes> {
        self.call.request()
    }

    fn parse(&self, response: &Response<impl AsRef<[u8]>>) -> Result<Option<Webhook>, ApiError> {
        self.call.read(response, |response| {
            if !response.is_empty() {
                return Webhook::read(response).map(Some);
            }
            let created = response.id_in_location("/webhooks/").map(|id| {
                let mut webhook = self.sent.clone();
                webhook.set(ID, id);
                Webhook::checked(webhook)
            });
            created.transpose()
        })
    }
}

fn with_webhook(call: Call, edit: &WebhookEdit, webhook: &JsonObject) -> Call {
    let call = call.json(&webhook.0.clone().into());
    let secrets = secrets_of_webhook(&edit.webhook);
    secrets.iter().fold(call, |call, text| call.secret(text))
}

const WEBHOOKS: &str = "/api/admin/v1/webhooks";
