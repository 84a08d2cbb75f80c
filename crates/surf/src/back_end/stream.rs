//! An async-std stream in the shape that hyper wants.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_std::io::{Read, Write};
use hyper::rt::{self, ReadBufCursor};
use zeroize::Zeroizing;

/// hyper lends memory that is not initialized, async-std wants it initialized: bytes that are read
/// stop over in a buffer, which is wiped in the end.
///
/// hyper reads on for as long as there is something to read, and a server that floods it with early
/// answers could keep it from ever looking at the time: so every few reads, the others have a turn.
pub(crate) struct Stream<S> {
    stream: S,
    buffer: Zeroizing<Vec<u8>>,
    reads_left: u8,
}

impl<S> Stream<S> {
    pub(crate) fn new(stream: S) -> Self {
        let buffer = Zeroizing::new(vec![0; BUFFER]);
        Self {
            stream,
            buffer,
            reads_left: READS,
        }
    }
}

impl<S: Read + Unpin> rt::Read for Stream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut target: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let Self {
            stream,
            buffer,
            reads_left,
        } = self.get_mut();
        if *reads_left == 0 {
            *reads_left = READS;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        *reads_left -= 1;
        let room = target.remaining().min(buffer.len());
        let length = ready!(Pin::new(stream).poll_read(cx, &mut buffer[..room]))?;
        target.put_slice(&buffer[..length]);
        Poll::Ready(Ok(()))
    }
}

impl<S: Write + Unpin> rt::Write for Stream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_close(cx)
    }
}

const BUFFER: usize = 8 * 1024;
const READS: u8 = 8;
