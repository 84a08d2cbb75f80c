//! A stream that yields to other tasks.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_std::io::{Read, Write};

/// Yields after a few reads. hyper reads as long as bytes arrive, so a server that floods it with interim responses
/// could keep it from ever checking the time.
pub(super) struct Fair<S> {
    stream: S,
    reads_left: u8,
}

impl<S> Fair<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            reads_left: READS,
        }
    }
}

impl<S: Read + Unpin> Read for Fair<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        target: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.reads_left == 0 {
            self.reads_left = READS;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.reads_left -= 1;
        Pin::new(&mut self.stream).poll_read(cx, target)
    }
}

impl<S: Write + Unpin> Write for Fair<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

const READS: u8 = 8;
