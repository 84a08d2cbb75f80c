//! A webhook as it is to be.

use std::fmt;

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Method, Uri};
use serde_json::{Map, Value};

use crate::http::json_object::Object;
use crate::input_error::{InputError, filled};
use crate::webhooks::execution_mode::ExecutionMode;
use crate::webhooks::webhook::{
    BODY, BODY_INCLUDE, CREATED, CREATED_BY, DISABLED, EXECUTION_MODE, HEADERS, ID, LABEL,
    LAST_RUNS, METHOD, TENANT_ID, URI, Webhook, execution_mode, headers, show,
};

/// A webhook to create, or what is to become of one: begin with [`Webhook::edit`](crate::Webhook::edit)
/// then, since an update replaces all.
///
/// The setters take anything; what cannot be is refused where the operation is made. `Debug` is as
/// careful as that of a [`Webhook`](crate::Webhook).
///
/// ```
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::{ExperienceEdge, WebhookEdit};
///
/// let edge = ExperienceEdge::new();
/// let webhook = WebhookEdit::new("Revalidate the site", "https://www.example.com/api/revalidate")
///     .header("x-revalidate", "s3cret")
///     .created_by("deployment");
/// let request = edge.create_webhook(&webhook)?.request();
/// assert_eq!(request.uri().path(), "/api/admin/v1/webhooks");
///
/// let insecure = WebhookEdit::new("Revalidate", "http://www.example.com/");
/// assert_eq!(edge.create_webhook(&insecure).unwrap_err().field(), "uri");
/// # Ok::<_, experience_edge_api::InputError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct WebhookEdit {
    pub(crate) object: Object,
    /// What the service has, which it does not refuse.
    pub(crate) held: Object,
}

impl Webhook {
    /// A change of this webhook: everything that can be edited, known here or not, and nothing that the
    /// service sets.
    pub fn edit(&self) -> WebhookEdit {
        let mut object = self.0.clone();
        for name in [ID, TENANT_ID, CREATED, LAST_RUNS] {
            object.remove(name);
        }
        WebhookEdit {
            held: object.clone(),
            object,
        }
    }
}

impl WebhookEdit {
    /// A webhook that sends `POST` to this URL at the end of each publishing job.
    pub fn new(label: impl Into<String>, uri: impl Into<String>) -> Self {
        let (object, held) = Default::default();
        Self { object, held }
            .execution_mode(ExecutionMode::OnEnd)
            .label(label)
            .method(Method::POST)
            .uri(uri)
    }

    /// What people call it; not empty.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        self.with(LABEL, label.into())
    }

    /// What it calls: an `https` URL. Where the API itself is on the loopback, `http` on the loopback
    /// will do.
    #[must_use]
    pub fn uri(self, uri: impl Into<String>) -> Self {
        self.with(URI, uri.into())
    }

    /// `GET` or `POST`.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        self.with(METHOD, method.as_str())
    }

    /// Sends this header, in place of one of the same name.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        let mut headers = self.take_headers();
        headers.set(name, value.into());
        self.with(HEADERS, headers.0)
    }

    /// Sends this header no more.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        let mut headers = self.take_headers();
        headers.remove(name);
        self.with(HEADERS, headers.0)
    }

    /// Sends this text. For the mode `OnEnd`.
    #[must_use]
    pub fn body(self, body: impl Into<String>) -> Self {
        self.with(BODY, body.into())
    }

    /// Sends no body of its own.
    #[must_use]
    pub fn without_body(mut self) -> Self {
        self.object.remove(BODY);
        self
    }

    /// Adds the members of this JSON object to what is sent. For the mode `OnUpdate`.
    #[must_use]
    pub fn body_include(self, json: impl Into<String>) -> Self {
        self.with(BODY_INCLUDE, json.into())
    }

    /// Adds no members to what is sent.
    #[must_use]
    pub fn without_body_include(mut self) -> Self {
        self.object.remove(BODY_INCLUDE);
        self
    }

    /// Who makes it.
    #[must_use]
    pub fn created_by(self, name: impl Into<String>) -> Self {
        self.with(CREATED_BY, name.into())
    }

    /// When it is called.
    #[must_use]
    pub fn execution_mode(self, mode: ExecutionMode) -> Self {
        self.with(EXECUTION_MODE, mode.as_str())
    }

    /// Whether it is off.
    #[must_use]
    pub fn disabled(self, disabled: bool) -> Self {
        self.with(DISABLED, disabled)
    }

    /// What the service takes. `local` says whether the API is on the loopback.
    pub(crate) fn checked(&self, local: bool) -> Result<Object, InputError> {
        let mut object = self.object.clone();
        let changed = |name| self.object.get(name) != self.held.get(name);
        if changed(LABEL) {
            filled(LABEL, object.text(LABEL).unwrap_or_default())?;
        }
        if changed(URI) {
            check_uri(object.text(URI).unwrap_or_default(), local)?;
        }
        if let Some(method) = object.text(METHOD).map(str::to_ascii_uppercase) {
            if !["GET", "POST"].contains(&method.as_str()) {
                return Err(InputError::invalid(METHOD, "is neither GET nor POST"));
            }
            object.set(METHOD, method);
        }
        if changed(HEADERS) {
            headers(&object).try_for_each(|(name, value)| check_header(name, value))?;
        }
        if object.text(EXECUTION_MODE).is_some() {
            object.set(EXECUTION_MODE, execution_mode(&object).as_str().to_owned());
        }
        match with_body(object.clone()) {
            Err(_)
                if ![EXECUTION_MODE, BODY, BODY_INCLUDE]
                    .into_iter()
                    .any(changed) =>
            {
                Ok(object)
            }
            checked => checked,
        }
    }

    fn take_headers(&mut self) -> Object {
        match self.object.get(HEADERS) {
            Some(Value::Object(headers)) => Object(headers.clone()),
            _ => Object::default(),
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.object.set(name, value);
        self
    }
}

impl fmt::Debug for WebhookEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("WebhookEdit");
        show(&self.object, &mut shown);
        shown.finish_non_exhaustive()
    }
}

fn check_uri(uri: &str, local: bool) -> Result<(), InputError> {
    filled(URI, uri)?;
    let not_one = InputError::invalid(URI, "is not an absolute URL");
    let parsed: Uri = uri.parse().map_err(|_| not_one)?;
    let (authority, host) = (parsed.authority().ok_or(not_one)?, parsed.host());
    // RFC 9110 §4.2.4: a user and a password are not for a URL that others read.
    if authority.as_str().contains('@') {
        return Err(InputError::invalid(URI, "has a user in it"));
    }
    if parsed.port_u16().is_none() && authority.as_str() != authority.host() {
        return Err(InputError::invalid(URI, "has a port that is none"));
    }
    match (parsed.scheme_str(), host) {
        (_, None | Some("")) | (None, _) => Err(not_one),
        (Some("https"), _) => Ok(()),
        (Some("http"), _) if local && edge_oauth_no_io::Origin::is_secure(&parsed) => Ok(()),
        _ => Err(InputError::Insecure { field: URI }),
    }
}

/// One that HTTP can carry, and that does not say what follows from the URL and the body.
fn check_header(name: &str, value: &str) -> Result<(), InputError> {
    match (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        (Ok(CONTENT_LENGTH | HOST | TRANSFER_ENCODING), _) => Err(InputError::invalid(
            HEADERS,
            "has one that follows from the URL or the body",
        )),
        (Ok(_), Ok(_)) => Ok(()),
        _ => Err(InputError::invalid(HEADERS, "has one that cannot be sent")),
    }
}

/// What is sent with a call: a body at the end of a job, an object with each update.
fn with_body(mut object: Object) -> Result<Object, InputError> {
    let include = included(&object)?;
    let body = object.text(BODY).is_some_and(|body| !body.is_empty());
    match execution_mode(&object) {
        ExecutionMode::OnEnd if include.is_some() => Err(misplaced(BODY_INCLUDE, "OnUpdate")),
        ExecutionMode::OnUpdate if body => Err(misplaced(BODY, "OnEnd")),
        _ => {
            // Empty ones are what the service has where there are none.
            if !body {
                object.remove(BODY);
            }
            match include {
                Some(include) => object.set(BODY_INCLUDE, include),
                None => object.remove(BODY_INCLUDE),
            }
            Ok(object)
        }
    }
}

/// The service has an object here; some clients send it as text.
pub(crate) fn included(object: &Object) -> Result<Option<Map<String, Value>>, InputError> {
    let include = match object.get(BODY_INCLUDE) {
        None => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(Value::Object(include)) => Some(include.clone()),
        Some(_) => None,
    };
    match include {
        Some(include) => Ok((!include.is_empty()).then_some(include)),
        None => Err(InputError::invalid(BODY_INCLUDE, "is not a JSON object")),
    }
}

fn misplaced(field: &'static str, belongs_to: &'static str) -> InputError {
    InputError::Misplaced { field, belongs_to }
}
