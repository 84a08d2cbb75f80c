//! Scripted responses, which test how a client handles faults.

use std::fmt;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, LOCATION, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

/// A fault of one token request or API request: another response, changed parts of the response, a delay, or no response.
///
/// A fault with a status replaces the whole response: no token is issued, nothing is checked or changed, and no limit
/// is used up. A fault without a status serves the request, and then replaces the body and the headers of the same
/// names.
///
/// [`Simulator::script`](crate::Simulator::script), [`Simulator::script_api`](crate::Simulator::script_api) and the
/// methods of [`LocalEdge`](crate::LocalEdge::script) return an error for parts that cannot be sent.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_local::{Simulator, Fault, InvalidFault, Options};
///
/// let mut simulator = Simulator::new(Options::default(), "http://127.0.0.1:1");
/// simulator.script([
///     Fault::status(503).header("retry-after", "7").body("<h1>later</h1>"),
///     Fault::redirect(307, "https://elsewhere.invalid/oauth/token"),
///     Fault::none(),
///     Fault::delay(Duration::from_secs(2)),
/// ])?;
/// assert_eq!(simulator.script([Fault::status(42)]), Err(InvalidFault::Status));
/// # Ok::<(), InvalidFault>(())
/// ```
#[derive(Clone)]
pub struct Fault {
    status: Option<StatusCode>,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    pub(crate) transfer: Transfer,
    invalid: Option<InvalidFault>,
}

/// The way of a response to the client.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Transfer {
    pub(crate) delay: Duration,
    pub(crate) is_lost: bool,
}

/// A [`Fault`] that a server cannot send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidFault {
    /// The status is not a number from 200 to 999.
    Status,
    /// A header name is empty or has characters that are not allowed.
    HeaderName,
    /// A header value has characters that are not allowed.
    HeaderValue,
    /// `Content-Length` and `Transfer-Encoding` follow from the body and cannot be set.
    Framing,
}

impl Fault {
    /// Returns no fault: the request gets the normal response. Use it between other faults.
    #[must_use]
    pub fn none() -> Self {
        Self {
            status: None,
            headers: HeaderMap::new(),
            body: None,
            transfer: Transfer::default(),
            invalid: None,
        }
    }

    /// Returns a fault: an empty response with this status.
    #[must_use]
    pub fn status(status: impl TryInto<StatusCode>) -> Self {
        let mut fault = Self::none();
        match status.try_into() {
            Ok(status) if !status.is_informational() => fault.status = Some(status),
            _ => fault.invalid = Some(InvalidFault::Status),
        }
        fault
    }

    /// Returns a fault: an empty response with this status and a `Location`.
    #[must_use]
    pub fn redirect(status: impl TryInto<StatusCode>, location: impl TryInto<HeaderValue>) -> Self {
        Self::status(status).header(LOCATION, location)
    }

    /// Returns a fault: the normal response after this delay.
    #[must_use]
    pub fn delay(delay: Duration) -> Self {
        Self::none().delayed(delay)
    }

    /// Adds a header. A second call with the same name adds another header.
    #[must_use]
    pub fn header(
        mut self,
        name: impl TryInto<HeaderName>,
        value: impl TryInto<HeaderValue>,
    ) -> Self {
        match header(name, value) {
            Ok((name, value)) => {
                self.headers.append(name, value);
            }
            Err(invalid) => self.invalid = self.invalid.or(Some(invalid)),
        }
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Delays the response by this time.
    #[must_use]
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.transfer.delay = delay;
        self
    }

    /// Loses the response: the connection closes in its place, after the delay if there is one. A fault without a status
    /// has served the request then, so the client cannot know whether it took effect.
    ///
    /// ```
    /// use edge_oauth_local::{Fault, LocalEdge};
    ///
    /// let edge = LocalEdge::start()?;
    /// // The first request creates what it asks for, and the second one nothing. Neither gets a response.
    /// edge.script_api([Fault::none().lost(), Fault::status(503).lost()]).expect("both can be sent");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn lost(mut self) -> Self {
        self.transfer.is_lost = true;
        self
    }

    pub(crate) fn validate(&self) -> Result<(), InvalidFault> {
        self.invalid.map_or(Ok(()), Err)
    }

    pub(crate) fn apply<B: From<Vec<u8>>>(
        self,
        serve: impl FnOnce() -> Response<B>,
    ) -> Response<B> {
        let mut response = match self.status {
            Some(status) => {
                let mut response = Response::new(Vec::new().into());
                *response.status_mut() = status;
                response
            }
            None => serve(),
        };
        if let Some(body) = self.body {
            *response.body_mut() = body.into();
        }
        // `HeaderMap` yields a repeated name only once. So `extend` replaces the earlier headers and keeps all values
        // of one name.
        response.headers_mut().extend(self.headers);
        response
    }
}

fn header(
    name: impl TryInto<HeaderName>,
    value: impl TryInto<HeaderValue>,
) -> Result<(HeaderName, HeaderValue), InvalidFault> {
    let name = name.try_into().map_err(|_| InvalidFault::HeaderName)?;
    let value = value.try_into().map_err(|_| InvalidFault::HeaderValue)?;
    if name == CONTENT_LENGTH || name == TRANSFER_ENCODING {
        return Err(InvalidFault::Framing);
    }
    Ok((name, value))
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().collect();
        f.debug_struct("Fault")
            .field("status", &self.status)
            .field("headers", &names)
            .field("body", &self.body.as_ref().map(Vec::len))
            .field("transfer", &self.transfer)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for InvalidFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Status => "the status of a fault is not a number from 200 to 999",
            Self::HeaderName => "a fault has an invalid header name",
            Self::HeaderValue => "a fault has an invalid header value",
            Self::Framing => "a fault cannot set Content-Length or Transfer-Encoding",
        })
    }
}

impl std::error::Error for InvalidFault {}
