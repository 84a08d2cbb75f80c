//! The operations on webhooks.

use edge_oauth_no_io::{ApiError, Operation, SecretBytes};
use http::{Method, Request, Response, header};

use crate::experience_edge::ExperienceEdge;
use crate::http::call::{Call, operations};
use crate::http::json_object::Object;
use crate::http::path_segment;
use crate::http::response::{self, Answer};
use crate::input_error::InputError;
use crate::webhooks::secrets;
use crate::webhooks::webhook::{DISABLED, ID, Webhook};
use crate::webhooks::webhook_edit::WebhookEdit;

impl ExperienceEdge {
    /// `GET /api/admin/v1/webhooks`: all webhooks of the tenant.
    pub fn webhooks(&self) -> ListWebhooks {
        ListWebhooks(Call::new(self, Method::GET, WEBHOOKS))
    }

    /// `GET /api/admin/v1/webhooks/{id}`: one webhook.
    pub fn webhook(&self, id: &str) -> Result<GetWebhook, InputError> {
        Ok(GetWebhook(self.on_webhook(Method::GET, id)?))
    }

    /// `POST /api/admin/v1/webhooks`: makes a webhook. It may be there twice where the call is repeated
    /// by you after a fault of the wire.
    pub fn create_webhook(&self, webhook: &WebhookEdit) -> Result<CreateWebhook, InputError> {
        let object = webhook.checked(self.is_local())?;
        let call = Call::new(self, Method::POST, WEBHOOKS);
        Ok(CreateWebhook {
            call: sending(call, webhook, &object),
            sent: object,
        })
    }

    /// `PUT /api/admin/v1/webhooks/{id}`: replaces a webhook, so begin with [`Webhook::edit`].
    pub fn update_webhook(
        &self,
        id: &str,
        webhook: &WebhookEdit,
    ) -> Result<UpdateWebhook, InputError> {
        let mut object = webhook.checked(self.is_local())?;
        // The service wants it in every update.
        let disabled = object.flag(DISABLED).unwrap_or_default();
        object.set(DISABLED, disabled);
        let call = self.on_webhook(Method::PUT, id)?;
        Ok(UpdateWebhook(sending(call, webhook, &object)))
    }

    /// `DELETE /api/admin/v1/webhooks/{id}`: removes a webhook.
    pub fn delete_webhook(&self, id: &str) -> Result<DeleteWebhook, InputError> {
        Ok(DeleteWebhook(self.on_webhook(Method::DELETE, id)?))
    }

    fn on_webhook(&self, method: Method, id: &str) -> Result<Call, InputError> {
        let path = format!("{WEBHOOKS}/{}", path_segment::encode("id", id)?);
        Ok(Call::new(self, method, &path))
    }
}

operations! {
    /// [`ExperienceEdge::webhooks`].
    ListWebhooks -> Vec<Webhook> = Webhook::read_all;

    /// [`ExperienceEdge::webhook`].
    GetWebhook -> Webhook = Webhook::read;

    /// [`ExperienceEdge::update_webhook`].
    UpdateWebhook -> () = response::done;

    /// [`ExperienceEdge::delete_webhook`].
    DeleteWebhook -> () = response::done;
}

/// [`ExperienceEdge::create_webhook`]. Where the answer has no body, the webhook is what was sent, with
/// the id that `Location` ends in. `None` where there is neither: it was made, and
/// [`webhooks`](ExperienceEdge::webhooks) finds it.
#[derive(Clone, Debug)]
pub struct CreateWebhook {
    call: Call,
    sent: Object,
}

impl Operation for CreateWebhook {
    type Output = Option<Webhook>;

    fn request(&self) -> Request<SecretBytes> {
        self.call.request()
    }

    fn parse(&self, response: &Response<impl AsRef<[u8]>>) -> Result<Option<Webhook>, ApiError> {
        self.call.read(response, |answer| {
            if !answer.is_empty() {
                return Webhook::read(answer).map(Some);
            }
            let made = located(answer).map(|id| {
                let mut object = self.sent.clone();
                object.set(ID, id);
                Webhook::checked(object)
            });
            made.transpose()
        })
    }
}

fn sending(call: Call, webhook: &WebhookEdit, object: &Object) -> Call {
    let call = call.json(&object.0.clone().into());
    let found = secrets::of(&webhook.object);
    found.iter().fold(call, |call, text| call.secret(text))
}

fn located(answer: &Answer<'_>) -> Option<String> {
    let location = answer.headers.get(header::LOCATION)?.to_str().ok()?;
    let path = location.split(['?', '#']).next()?.trim_end_matches('/');
    let (_, id) = path.rsplit_once("/webhooks/")?;
    path_segment::decode(id)
}

const WEBHOOKS: &str = "/api/admin/v1/webhooks";
