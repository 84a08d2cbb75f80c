//! huskarl over reqwest: a library in which the caller that refreshes waits.

use bytes::Bytes;
use edge_oauth_local::LocalEdge;
use http::{Method, Request, Uri};
use huskarl::authorizer::HttpAuthorizer;
use huskarl::cache::{GrantTokenSource, InMemoryRefreshTokenStore, InMemoryTokenCache};
use huskarl::core::Error;
use huskarl::core::client_auth::ClientSecret;
use huskarl::core::http::{HttpClient, HttpResponse, Idempotency};
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl::core::secrets::{ProvidedSecret, SecretString};
use huskarl::grant::client_credentials::{
    ClientCredentialsGrant, ClientCredentialsGrantParameters,
};

struct Client(reqwest::Client);

impl HttpClient for Client {
    fn execute(
        &self,
        request: Request<Bytes>,
        _: Idempotency,
    ) -> MaybeSendBoxFuture<'_, Result<HttpResponse, Error>> {
        Box::pin(async move {
            // It has no parameter for Experience Edge's audience.
            let audience = b"&audience=https%3A%2F%2Fapi.sitecorecloud.io";
            let mut request = request.map(|body| [&*body, audience].concat());
            request.headers_mut().remove(http::header::CONTENT_LENGTH);
            let request = request.try_into().expect("a URL");
            let response = self.0.execute(request).await.expect("the edge serves");
            Ok(HttpResponse {
                status: response.status(),
                headers: response.headers().clone(),
                body: response.bytes().await.expect("the edge serves"),
            })
        })
    }
}

pub(crate) fn huskarl(edge: &LocalEdge) -> HttpAuthorizer {
    let secret = ProvidedSecret::new(SecretString::new(edge.client_secret()));
    let grant = ClientCredentialsGrant::builder()
        .token_endpoint(edge.token_url().parse().expect("a URL"))
        .client_id(edge.client_id())
        .http_client(Client(
            reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
        ))
        .client_auth(ClientSecret::new(secret))
        .build();
    let source = GrantTokenSource::builder()
        .grant(grant)
        .grant_parameters(ClientCredentialsGrantParameters::new())
        .refresh_store(InMemoryRefreshTokenStore::default())
        .build();
    let cache = InMemoryTokenCache::builder().source(source).build();
    HttpAuthorizer::builder().cache(cache).build()
}

pub(crate) async fn ask(authorizer: &HttpAuthorizer) -> bool {
    let uri = Uri::from_static("https://edge.sitecorecloud.io/api/admin/v1/settings");
    authorizer.get_headers(&Method::GET, &uri).await.is_ok()
}
