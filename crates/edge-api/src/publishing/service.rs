//! The URL of the Publishing API, and so the entry to its operations.

use http::Method;

use crate::base_url::BaseUrl;
use crate::http::call::Call;
use crate::http::path_segment;
use crate::input_error::InputError;

/// The Publishing API at one URL. Its methods return the operations.
///
/// One host serves all environments: the token alone names the environment. It is the token of an environment
/// automation client, and that of an Edge administration client is rejected.
///
/// ```
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::{NewJob, PublishMode, Publishing};
///
/// let job = NewJob::environment("nightly", "my-program", PublishMode::Smart).locale("en");
/// let request = Publishing::new().create_job(&job)?.request();
/// assert_eq!(
///     request.uri(),
///     "https://edge-platform.sitecorecloud.io/authoring/publishing/v1/jobs",
/// );
/// # Ok::<_, experience_edge_api::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Publishing {
    base_url: BaseUrl,
}

impl Publishing {
    /// Returns the API of the real service, `https://edge-platform.sitecorecloud.io`.
    pub fn new() -> Self {
        Self {
            base_url: BaseUrl::of_service(SERVICE),
        }
    }

    /// Returns the API at another URL, such as a local Edge or a gateway. The URL may have a path, which precedes the
    /// paths of the API.
    ///
    /// # Errors
    ///
    /// If the URL is not `https`, or `http` on the loopback; if it has a user, a query or a fragment; or if it has more
    /// than 2048 bytes.
    ///
    /// ```
    /// use experience_edge_api::Publishing;
    ///
    /// assert!(Publishing::at("http://127.0.0.1:8080").is_ok());
    /// assert_eq!(Publishing::at("http://gateway.example").unwrap_err().field(), "url");
    /// ```
    pub fn at(url: &str) -> Result<Self, InputError> {
        Ok(Self {
            base_url: BaseUrl::checked(url)?,
        })
    }

    /// Returns the URL that precedes the paths of the API, without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.base_url.as_str()
    }

    /// Returns a call that reads. `path` is encoded, and begins after `/jobs`.
    pub(crate) fn read(&self, path: &str) -> Call {
        self.call(Method::GET, path).client_hint(READER)
    }

    /// Returns a call that creates or cancels.
    pub(crate) fn write(&self, path: &str) -> Call {
        self.call(Method::POST, path).client_hint(WRITER)
    }

    fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.base_url, method, &format!("{JOBS}{path}"))
    }
}

impl Default for Publishing {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns the path of a job after `/jobs`.
pub(crate) fn job_path(id: &str) -> Result<String, InputError> {
    if OTHER_PATHS.contains(&id) {
        return Err(InputError::invalid(
            "id",
            "is the path of another operation",
        ));
    }
    Ok(format!("/{}", path_segment::encode("id", id)?))
}

/// Paths beside those of the jobs.
const OTHER_PATHS: [&str; 3] = ["summary", "filters", "permissions"];

const SERVICE: &str = "https://edge-platform.sitecorecloud.io";
const JOBS: &str = "/authoring/publishing/v1/jobs";

const READER: &str = "the service does not let this client read publishing jobs: create an environment automation \
     client in the Deploy app; its token needs xmcloud.cm:admin and a scope that reads jobs, such as xmcpub.jobs.a:r";
const WRITER: &str = "the service does not let this client publish: create an environment automation client in the \
     Deploy app; its token needs xmcloud.cm:admin and a scope that writes jobs, such as xmcpub.jobs.a:w";
