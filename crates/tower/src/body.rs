//! A body of which the beginning was read, and is still there.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{fmt, mem};

use bytes::{Buf, Bytes};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

/// The body of a request or of a response whose beginning may have been read by the layer, and put back.
///
/// It has the frames, the trailers and the errors of the body inside. A request body is kept for a second attempt if it
/// was read to its end; a response body is read if status and headers do not tell whether the API rejects the token.
///
/// ```
/// use bytes::Bytes;
/// use edge_oauth_tower::PeekedBody;
/// use http_body::Body;
/// use http_body_util::Full;
///
/// let body = PeekedBody::from(Full::new(Bytes::from("abc")));
/// assert_eq!(body.size_hint().exact(), Some(3));
/// ```
pub struct PeekedBody<B: Body> {
    read: VecDeque<Part>,
    rest: Rest<B>,
}

enum Rest<B: Body> {
    /// Boxed, so that it can be moved while a part of it was read.
    Unread(Pin<Box<B>>),
    Failed(B::Error),
    Ended,
}

/// A frame that can be sent twice.
#[derive(Clone)]
enum Part {
    Data(Bytes),
    Trailers(HeaderMap),
}

/// The behavior of a reader if data is not there yet.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Wait {
    Yes,
    No,
}

impl<B: Body> PeekedBody<B> {
    /// Reads the body up to its end, or until it has more bytes than `limit`. An error is put back too. If the future is
    /// dropped before it is ready, the part that was read is kept.
    pub(crate) async fn read(&mut self, limit: usize, wait: Wait) {
        let mut size = 0;
        poll_fn(|cx| {
            while let Rest::Unread(rest) = &mut self.rest {
                match rest.as_mut().poll_frame(cx) {
                    Poll::Ready(Some(Ok(frame))) => {
                        let part = Part::from(frame);
                        if let Part::Data(data) = &part {
                            size += data.len();
                            if data.is_empty() {
                                continue;
                            }
                        }
                        self.read.push_back(part);
                        if size > limit {
                            break;
                        }
                    }
                    Poll::Ready(Some(Err(error))) => self.rest = Rest::Failed(error),
                    Poll::Ready(None) => self.rest = Rest::Ended,
                    Poll::Pending if wait == Wait::Yes => return Poll::Pending,
                    Poll::Pending => break,
                }
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Returns a copy if all of the body was read.
    pub(crate) fn copy(&self) -> Option<Self> {
        let is_whole = matches!(self.rest, Rest::Ended);
        is_whole.then(|| Self {
            read: self.read.clone(),
            rest: Rest::Ended,
        })
    }

    /// Returns the data that was read.
    pub(crate) fn data(&self) -> Vec<u8> {
        let data = self.read.iter().filter_map(Part::data);
        data.flat_map(|data| data.iter().copied()).collect()
    }
}

impl<B: Body> From<B> for PeekedBody<B> {
    fn from(body: B) -> Self {
        let rest = match body.is_end_stream() {
            true => Rest::Ended,
            false => Rest::Unread(Box::pin(body)),
        };
        Self {
            read: VecDeque::new(),
            rest,
        }
    }
}

/// The body inside is boxed, and nothing else is ever pinned.
impl<B: Body> Unpin for PeekedBody<B> {}

impl<B: Body> Body for PeekedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if let Some(part) = self.read.pop_front() {
            return Poll::Ready(Some(Ok(part.into())));
        }
        match &mut self.rest {
            Rest::Unread(rest) => rest
                .as_mut()
                .poll_frame(cx)
                .map_ok(|frame| Part::from(frame).into()),
            Rest::Failed(_) => match mem::replace(&mut self.rest, Rest::Ended) {
                Rest::Failed(error) => Poll::Ready(Some(Err(error))),
                _ => Poll::Ready(None),
            },
            Rest::Ended => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty()
            && match &self.rest {
                Rest::Unread(rest) => rest.is_end_stream(),
                Rest::Failed(_) => false,
                Rest::Ended => true,
            }
    }

    fn size_hint(&self) -> SizeHint {
        let sizes = self.read.iter().filter_map(Part::data).map(Bytes::len);
        let read = sizes.sum::<usize>() as u64;
        let rest = match &self.rest {
            Rest::Unread(rest) => rest.size_hint(),
            Rest::Failed(_) => SizeHint::new(),
            Rest::Ended => SizeHint::with_exact(0),
        };
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(read));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(read));
        }
        hint
    }
}

/// A body may hold anything.
impl<B: Body> fmt::Debug for PeekedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeekedBody").finish_non_exhaustive()
    }
}

impl Part {
    fn data(&self) -> Option<&Bytes> {
        match self {
            Self::Data(data) => Some(data),
            Self::Trailers(_) => None,
        }
    }
}

impl<D: Buf> From<Frame<D>> for Part {
    fn from(frame: Frame<D>) -> Self {
        match frame.into_data() {
            // `Bytes` are not copied by this.
            Ok(mut data) => Self::Data(data.copy_to_bytes(data.remaining())),
            // There are two kinds of frames.
            Err(frame) => Self::Trailers(frame.into_trailers().unwrap_or_default()),
        }
    }
}

impl From<Part> for Frame<Bytes> {
    fn from(part: Part) -> Self {
        match part {
            Part::Data(data) => Self::data(data),
            Part::Trailers(trailers) => Self::trailers(trailers),
        }
    }
}
