//! Other libraries, each with a cached token. If a library returns no header value, it is made from the token, as its
//! users have to do.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aliri_clock::DurationSecs;
use aliri_tokens::sources::ConstTokenSource;
use aliri_tokens::{AccessToken, TokenWatcher, backoff, jitter};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::client::identity::http::Token;
use aws_smithy_runtime_api::client::identity::{
    Identity, IdentityFuture, ResolveCachedIdentity, ResolveIdentity, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;
use azure_core::credentials::TokenCredential;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, ClientOptions, HttpClient, StatusCode, Transport};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};
use bytes::Bytes;
use edge_oauth_driver::testing::block_on;
use google_cloud_auth::credentials::{CacheableResource, Credentials, EntityTag, user_account};
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Uri};
use huskarl::authorizer::HttpAuthorizer;
use huskarl::cache::{GrantTokenSource, InMemoryRefreshTokenStore, InMemoryTokenCache};
use huskarl::core::client_auth::ClientSecret;
use huskarl::core::http::{HttpResponse, Idempotency};
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl::core::secrets::{ProvidedSecret, SecretString};
use huskarl::grant::client_credentials::{
    ClientCredentialsGrant, ClientCredentialsGrantParameters,
};
use yup_oauth2::AccessTokenAuthenticator;

use crate::case::{Run, runtime};
use crate::endpoint::Endpoint;
use crate::sample;

fn bearer(token: &str) -> HeaderValue {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).expect("it is printable");
    value.set_sensitive(true);
    value
}

/// Runs on the calling thread, within the runtime, which has the timers and the background tasks.
fn run<F: Future<Output = HeaderValue>>(call: impl Fn() -> F + Send + Sync + 'static) -> Run {
    Arc::new(move |times| {
        let _runtime = runtime().enter();
        block_on(async {
            for _ in 0..times {
                black_box(call().await);
            }
        });
    })
}

fn watcher() -> TokenWatcher {
    let token = AccessToken::new(sample::token().to_owned());
    let source = ConstTokenSource::new(token).with_token_valid_for(DurationSecs(86_400));
    let watcher = TokenWatcher::spawn_from_token_source(
        source,
        jitter::NullJitter,
        backoff::ErrorBackoffConfig::default(),
    );
    runtime().block_on(watcher).expect("the source has a token")
}

pub(crate) fn aliri() -> Run {
    let watcher = watcher();
    Arc::new(move |times| {
        for _ in 0..times {
            black_box(bearer(watcher.token().access_token().as_str()));
        }
    })
}

/// Keeps the header in the thread while the token is the same: what an expert writes.
pub(crate) fn aliri_best() -> Run {
    thread_local! {
        static KEPT: RefCell<Option<(*const u8, HeaderValue)>> = const { RefCell::new(None) };
    }
    let watcher = watcher();
    Arc::new(move |times| {
        for _ in 0..times {
            let token = watcher.token();
            let token = token.access_token().as_str();
            let value = KEPT.with_borrow_mut(|kept| match kept {
                Some((place, value)) if *place == token.as_ptr() => value.clone(),
                _ => {
                    let value = bearer(token);
                    *kept = Some((token.as_ptr(), value.clone()));
                    value
                }
            });
            black_box(value);
        }
    })
}

#[derive(Debug)]
struct Resolver;

impl ResolveIdentity for Resolver {
    fn resolve_identity<'a>(
        &'a self,
        _: &'a RuntimeComponents,
        _: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        let expires = SystemTime::now() + Duration::from_secs(86_400);
        let token = Token::new(sample::token(), Some(expires));
        IdentityFuture::ready(Ok(Identity::new(token, Some(expires))))
    }
}

pub(crate) fn aws() -> Run {
    let cache = IdentityCache::lazy().build();
    let resolver = SharedIdentityResolver::new(Resolver);
    let components = RuntimeComponentsBuilder::for_tests()
        .with_time_source(Some(SharedTimeSource::new(SystemTimeSource::new())))
        .with_sleep_impl(Some(SharedAsyncSleep::new(TokioSleep::new())))
        .build()
        .expect("all components are there");
    let bag = ConfigBag::base();
    let state = Arc::new((cache, resolver, components, bag));
    run(move || {
        let state = Arc::clone(&state);
        async move {
            let (cache, resolver, components, bag) = &*state;
            let identity = cache
                .resolve_cached_identity(resolver.clone(), components, bag)
                .await
                .expect("the resolver has one");
            bearer(identity.data::<Token>().expect("it is a token").token())
        }
    })
}

#[derive(Debug)]
struct AzureResponse;

#[async_trait::async_trait]
impl HttpClient for AzureResponse {
    async fn execute_request(
        &self,
        _: &azure_core::http::Request,
    ) -> azure_core::Result<AsyncRawResponse> {
        Ok(AsyncRawResponse::from_bytes(
            StatusCode::Ok,
            Headers::new(),
            sample::response(),
        ))
    }
}

pub(crate) fn azure() -> Run {
    let options = ClientSecretCredentialOptions {
        client_options: ClientOptions {
            transport: Some(Transport::new(Arc::new(AzureResponse))),
            ..Default::default()
        },
    };
    let secret = sample::SECRET.to_owned();
    let credential = ClientSecretCredential::new(
        "tenant",
        sample::ID.to_owned(),
        secret.into(),
        Some(options),
    );
    let credential = credential.expect("the sample is valid");
    run(move || {
        let credential = Arc::clone(&credential);
        async move {
            let token = credential.get_token(&[sample::AUDIENCE], None).await;
            bearer(token.expect("it is cached").token.secret())
        }
    })
}

fn google_credentials() -> Credentials {
    let endpoint = Endpoint::start("200 OK", sample::response().to_owned(), Duration::ZERO);
    let _runtime = runtime().enter();
    let credentials = user_account::Builder::new(serde_json::json!({
        "type": "authorized_user",
        "client_id": sample::ID,
        "client_secret": sample::SECRET,
        "refresh_token": "refresh",
        "token_uri": endpoint.url(),
    }));
    credentials.build().expect("the sample is valid")
}

pub(crate) fn google() -> Run {
    let credentials = google_credentials();
    run(move || {
        let credentials = credentials.clone();
        async move {
            let headers = credentials
                .headers(Extensions::new())
                .await
                .expect("it is cached");
            match headers {
                CacheableResource::New { data, .. } => taken(data),
                _ => unreachable!("no tag was given"),
            }
        }
    })
}

/// Keeps the header in the thread with its entity tag, as its documentation says.
pub(crate) fn google_best() -> Run {
    thread_local! {
        static KEPT: RefCell<Option<(EntityTag, HeaderValue)>> = const { RefCell::new(None) };
    }
    let credentials = google_credentials();
    run(move || {
        let credentials = credentials.clone();
        async move {
            let mut extensions = Extensions::new();
            if let Some(tag) = KEPT.with_borrow(|kept| kept.as_ref().map(|kept| kept.0.clone())) {
                extensions.insert(tag);
            }
            let headers = credentials.headers(extensions).await;
            match headers.expect("it is cached") {
                CacheableResource::New { entity_tag, data } => {
                    let value = taken(data);
                    KEPT.set(Some((entity_tag, value.clone())));
                    value
                }
                CacheableResource::NotModified => KEPT
                    .with_borrow(|kept| kept.as_ref().map(|kept| kept.1.clone()))
                    .expect("the tag was kept with it"),
            }
        }
    })
}

fn taken(mut headers: HeaderMap) -> HeaderValue {
    headers
        .remove(http::header::AUTHORIZATION)
        .expect("it is there")
}

#[derive(Debug)]
struct HuskarlResponse;

impl huskarl::core::http::HttpClient for HuskarlResponse {
    fn execute(
        &self,
        _: Request<Bytes>,
        _: Idempotency,
    ) -> MaybeSendBoxFuture<'_, Result<HttpResponse, huskarl::core::Error>> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Box::pin(async move {
            Ok(HttpResponse {
                status: http::StatusCode::OK,
                headers,
                body: Bytes::from_static(sample::response().as_bytes()),
            })
        })
    }
}

pub(crate) fn huskarl() -> Run {
    let secret = ProvidedSecret::new(SecretString::new(sample::SECRET));
    let grant = ClientCredentialsGrant::builder()
        .token_endpoint(sample::ENDPOINT.parse().expect("the sample is valid"))
        .client_id(sample::ID)
        .http_client(HuskarlResponse)
        .client_auth(ClientSecret::new(secret))
        .build();
    let source = GrantTokenSource::builder()
        .grant(grant)
        .grant_parameters(ClientCredentialsGrantParameters::builder().build())
        .refresh_store(InMemoryRefreshTokenStore::default())
        .build();
    let cache = InMemoryTokenCache::builder().source(source).build();
    let authorizer = Arc::new(HttpAuthorizer::builder().cache(cache).build());
    let uri = Uri::from_static("https://edge.sitecorecloud.io/api/admin/v1/settings");
    run(move || {
        let (authorizer, uri) = (Arc::clone(&authorizer), uri.clone());
        async move {
            let headers = authorizer.get_headers(&Method::GET, &uri).await;
            taken(headers.expect("it is cached"))
        }
    })
}

/// Its token has no expiry, which saves one reading of a clock.
pub(crate) fn yup() -> Run {
    let authenticator = AccessTokenAuthenticator::builder(sample::token().to_owned()).build();
    let authenticator = runtime().block_on(authenticator).expect("nothing is asked");
    let authenticator = Arc::new(authenticator);
    run(move || {
        let authenticator = Arc::clone(&authenticator);
        async move {
            let token = authenticator
                .token(&[sample::AUDIENCE])
                .await
                .expect("it is cached");
            bearer(token.token().expect("it has one"))
        }
    })
}
