//! huskarl over its own client, with its cache.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use huskarl::cache::{GrantTokenSource, InMemoryRefreshTokenStore, InMemoryTokenCache};
use huskarl::core::client_auth::{Audience, ClientAuthentication, ClientSecret, JwtBearer};
use huskarl::core::crypto::signer::{JwsSigner, JwsSignerSelector};
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl::core::secrets::{ProvidedSecret, SecretString};
use huskarl::core::{EndpointUrl, Error};
use huskarl::grant::client_credentials::{
    ClientCredentialsGrant, ClientCredentialsGrantParameters,
};
use huskarl::prelude::*;
use huskarl_reqwest::ReqwestClient;
use serde_json::{Value, json};

use crate::{params, text, unsupported};

pub(crate) fn answer(call: &Value) -> Value {
    if text(call, "do") == "challenge" {
        return unsupported();
    }
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        // It has no parameters but the grant's own.
        if !params(call).is_empty() {
            return json!({"error": "it has no extra parameters"});
        }
        let grant = grant(call).await;
        let parameters = parameters(call);
        if text(call, "do") == "calls" {
            return calls(call, grant, parameters).await;
        }
        match grant.exchange(parameters).await {
            Ok(response) => {
                let token = response.access_token();
                let lifetime = token.effective_lifetime(Duration::MAX);
                json!({
                    "token": token.token().expose_secret(),
                    "expires_in": (lifetime != Duration::MAX).then(|| lifetime.as_secs_f64()),
                })
            }
            Err(error) => error_json(&error),
        }
    })
}

fn error_json(error: &Error) -> Value {
    let code = error.verdict().map(|verdict| verdict.code().as_str());
    json!({"code": code, "error": error.to_string()})
}

async fn grant(call: &Value) -> ClientCredentialsGrant {
    let secret = ProvidedSecret::new(SecretString::new(text(call, "client_secret")));
    let secret = ClientSecret::builder().client_secret(secret);
    let auth: Arc<dyn ClientAuthentication> = match text(call, "auth") {
        "private_key_jwt" => Arc::new(
            JwtBearer::builder()
                .signer(Signer(call["key_id"].as_str().map(str::to_owned)))
                .audience(Audience::TargetEndpoint)
                .build(),
        ),
        auth => {
            let is_basic = auth == "client_secret_basic";
            Arc::new(secret.prefer_basic_auth(is_basic).build())
        }
    };
    let client = ReqwestClient::builder().build().await.expect("a client");
    let endpoint: EndpointUrl = text(call, "url").parse().expect("a URL");
    ClientCredentialsGrant::builder()
        .token_endpoint(endpoint)
        .client_id(text(call, "client_id"))
        .http_client(client)
        .client_auth(auth)
        .build()
}

fn parameters(call: &Value) -> ClientCredentialsGrantParameters {
    let scope = call["scope"].as_str();
    let scope = scope.map(|scope| scope.split(' ').map(str::to_owned).collect());
    ClientCredentialsGrantParameters::builder()
        .maybe_scope(scope)
        .build()
}

async fn calls(
    call: &Value,
    grant: ClientCredentialsGrant,
    parameters: ClientCredentialsGrantParameters,
) -> Value {
    let source = GrantTokenSource::builder()
        .grant(grant)
        .grant_parameters(parameters)
        .refresh_store(InMemoryRefreshTokenStore::default())
        .build();
    let cache = Arc::new(InMemoryTokenCache::builder().source(source).build());
    let mut running = Vec::new();
    for _ in 0..call["calls"].as_u64().unwrap_or_default() {
        let cache = Arc::clone(&cache);
        let one = tokio::spawn(async move { cache.token().await.is_ok() });
        if call["at_once"] == true {
            running.push(one);
        } else {
            one.await.expect("no panic");
        }
    }
    for one in running {
        one.await.expect("no panic");
    }
    json!({})
}

/// Signs with nothing: only the header and the claims are looked at.
#[derive(Clone, Debug)]
struct Signer(Option<String>);

impl JwsSignerSelector for Signer {
    fn select_signer(&self) -> MaybeSendBoxFuture<'_, Arc<dyn JwsSigner>> {
        let signer = Arc::new(self.clone());
        Box::pin(async move { signer as Arc<dyn JwsSigner> })
    }
}

impl JwsSigner for Signer {
    fn jws_algorithm(&self) -> Cow<'_, str> {
        "ES256".into()
    }

    fn key_id(&self) -> Option<Cow<'_, str>> {
        self.0.as_deref().map(Cow::from)
    }

    fn sign<'a>(&'a self, _: &'a [u8]) -> MaybeSendBoxFuture<'a, Result<Vec<u8>, Error>> {
        Box::pin(async { Ok(vec![0; 64]) })
    }
}
