//! oauth2 over ureq. It keeps no token, and has no assertions.

use oauth2::basic::BasicClient;
use oauth2::{
    AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, RequestTokenError, Scope,
    TokenResponse, TokenUrl,
};
use serde_json::{Value, json};

use crate::{params, text, unsupported};

pub(crate) fn answer(call: &Value) -> Value {
    let auth_type = match text(call, "auth") {
        _ if text(call, "do") != "token" => return unsupported(),
        "client_secret_basic" => AuthType::BasicAuth,
        "client_secret_post" => AuthType::RequestBody,
        _ => return unsupported(),
    };
    // As its documentation asks: without redirects.
    let agent = ureq::Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .new_agent();
    let send = |request: HttpRequest| -> Result<HttpResponse, ureq::Error> {
        let (parts, mut body) = agent.run(request)?.into_parts();
        Ok(HttpResponse::from_parts(parts, body.read_to_vec()?))
    };
    let client = BasicClient::new(ClientId::new(text(call, "client_id").to_owned()))
        .set_client_secret(ClientSecret::new(text(call, "client_secret").to_owned()))
        .set_auth_type(auth_type)
        .set_token_uri(TokenUrl::new(text(call, "url").to_owned()).expect("a URL"));
    let mut request = client.exchange_client_credentials();
    if let Some(scope) = call["scope"].as_str() {
        request = request.add_scope(Scope::new(scope.to_owned()));
    }
    for (name, value) in params(call) {
        request = request.add_extra_param(name, value);
    }
    match request.request(&send) {
        Ok(token) => json!({
            "token": token.access_token().secret(),
            "expires_in": token.expires_in().map(|lifetime| lifetime.as_secs_f64()),
        }),
        Err(RequestTokenError::ServerResponse(error)) => {
            json!({"code": error.error().as_ref(), "error": error.to_string()})
        }
        Err(error) => json!({"error": error.to_string()}),
    }
}
