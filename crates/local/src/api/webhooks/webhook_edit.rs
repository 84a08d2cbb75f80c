//! The members of a webhook that a client may write, read and checked.

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde_json::{Map, Value, json};

use crate::api::error::ApiError;
use crate::api::json_body::Members;
use crate::http::loopback;

/// The configuration of a webhook.
pub(crate) struct WebhookEdit {
    /// The members as the API shows them: known members under their usual names, unknown ones unchanged.
    pub(crate) shown: Map<String, Value>,
    pub(crate) disabled: Option<bool>,
    pub(crate) uri: Uri,
    pub(crate) method: Method,
    /// The headers of the client, and `Host`.
    pub(crate) headers: HeaderMap,
    pub(crate) body: WebhookBody,
}

/// The body of a run.
pub(crate) enum WebhookBody {
    /// `OnEnd` sends this text.
    OnEnd(Option<String>),
    /// `OnUpdate` sends the payload with these members.
    OnUpdate(Map<String, Value>),
}

impl WebhookEdit {
    pub(crate) fn read(mut members: Members) -> Result<Self, ApiError> {
        for name in READ_ONLY {
            members.take(name);
        }
        let label = members.required_text("label")?;
        let (uri_text, uri) = uri(&mut members)?;
        let method = method(&mut members)?;
        let (shown_headers, headers) = headers(&mut members, &uri)?;
        let body = WebhookBody::read(&mut members)?;
        if matches!(body, WebhookBody::OnUpdate(_)) && method == Method::GET {
            return Err(ApiError::invalid_field(
                "method",
                "GET goes with OnEnd only.",
            ));
        }
        let created_by = members.text("createdBy")?;
        let disabled = members.flag("disabled")?;
        let mut shown = members.unknown();
        for (name, value) in [
            ("label", json!(label)),
            ("uri", json!(uri_text)),
            ("method", json!(method.as_str())),
            ("headers", Value::Object(shown_headers)),
            ("executionMode", json!(body.mode())),
        ] {
            shown.insert(name.to_owned(), value);
        }
        if let Some(created_by) = created_by {
            shown.insert("createdBy".to_owned(), json!(created_by));
        }
        if let Some((name, value)) = body.member() {
            shown.insert(name.to_owned(), value);
        }
        Ok(Self {
            shown,
            disabled,
            uri,
            method,
            headers,
            body,
        })
    }
}

impl WebhookBody {
    fn read(members: &mut Members) -> Result<Self, ApiError> {
        let body = members.text("body")?;
        let include = include(members)?;
        let mode = members.text("executionMode")?;
        let mode = mode.map(|mode| mode.to_ascii_lowercase());
        match mode.as_deref() {
            None | Some("onend") if include.is_some() => Err(ApiError::invalid_field(
                "bodyInclude",
                "It goes with OnUpdate only.",
            )),
            None | Some("onend") => Ok(Self::OnEnd(body)),
            Some("onupdate") if body.is_some() => {
                Err(ApiError::invalid_field("body", "It goes with OnEnd only."))
            }
            Some("onupdate") => Ok(Self::OnUpdate(include.unwrap_or_default())),
            Some(_) => {
                let reason = "It has to be OnEnd or OnUpdate.";
                Err(ApiError::invalid_field("executionMode", reason))
            }
        }
    }

    fn mode(&self) -> &'static str {
        match self {
            Self::OnEnd(_) => "OnEnd",
            Self::OnUpdate(_) => "OnUpdate",
        }
    }

    fn member(&self) -> Option<(&'static str, Value)> {
        match self {
            Self::OnEnd(body) => body.as_ref().map(|body| ("body", json!(body))),
            Self::OnUpdate(include) if include.is_empty() => None,
            Self::OnUpdate(include) => Some(("bodyInclude", json!(include))),
        }
    }
}

fn uri(members: &mut Members) -> Result<(String, Uri), ApiError> {
    let text = members.required_text("uri")?;
    let uri = text.parse().ok().filter(is_allowed);
    let reason = "It has to be an https URL; here it may be http on the loopback.";
    let uri = uri.ok_or_else(|| ApiError::invalid_field("uri", reason))?;
    Ok((text, uri))
}

fn is_allowed(uri: &Uri) -> bool {
    let (Some(authority), Some(host)) = (uri.authority(), uri.host()) else {
        return false;
    };
    // A URL has no user and password (RFC 9110 §4.2.4), and a valid port if it has one.
    let port = uri.port().map(|port| format!("{host}:{}", port.as_str()));
    let is_plain = authority.as_str() == port.as_deref().unwrap_or(host);
    let is_https = uri.scheme_str() == Some("https") && !host.is_empty();
    is_plain && (is_https || !loopback::addresses(uri).is_empty())
}

fn method(members: &mut Members) -> Result<Method, ApiError> {
    let method = members.text("method")?;
    match method.map(|method| method.to_ascii_uppercase()).as_deref() {
        Some("GET") => Ok(Method::GET),
        Some("POST") | None => Ok(Method::POST),
        Some(_) => Err(ApiError::invalid_field(
            "method",
            "It has to be GET or POST.",
        )),
    }
}

/// Returns the headers as they were written, and as they are sent.
fn headers(members: &mut Members, uri: &Uri) -> Result<(Map<String, Value>, HeaderMap), ApiError> {
    let wrong = |reason| ApiError::invalid_field("headers", reason);
    let shown = match members.take("headers") {
        Some(Value::Object(headers)) => headers,
        Some(_) => return Err(wrong("It has to be an object.")),
        None => Map::new(),
    };
    let mut headers = HeaderMap::new();
    for (name, value) in &shown {
        let name = HeaderName::try_from(name).map_err(|_| wrong("A name is not allowed."))?;
        if name == CONTENT_LENGTH || name == TRANSFER_ENCODING {
            return Err(wrong("The framing follows from the body."));
        }
        let value = value
            .as_str()
            .ok_or_else(|| wrong("A value is not text."))?;
        let mut value =
            HeaderValue::try_from(value).map_err(|_| wrong("A value is not allowed."))?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    let host = uri.authority().map(|authority| authority.as_str());
    if let Some(host) = host.and_then(|host| HeaderValue::try_from(host).ok()) {
        headers.entry(HOST).or_insert(host);
    }
    Ok((shown, headers))
}

/// Some clients send the object as a JSON text in a string.
fn include(members: &mut Members) -> Result<Option<Map<String, Value>>, ApiError> {
    let include = match members.take("bodyInclude") {
        Some(Value::String(text)) => {
            serde_json::from_str(&text).unwrap_or(Some(Value::String(text)))
        }
        other => other,
    };
    match include {
        Some(Value::Object(include)) => Ok(Some(include)),
        None => Ok(None),
        Some(_) => Err(ApiError::invalid_field(
            "bodyInclude",
            "It has to be an object.",
        )),
    }
}

/// A client that edits what it has read sends these members back, although it may not write them.
const READ_ONLY: [&str; 4] = ["id", "tenantId", "created", "lastRuns"];
