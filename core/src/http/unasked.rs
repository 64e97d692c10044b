//! What comes on a connection that was asked for nothing.

use hyper_util::client::legacy::connect::{Connected, Connection};
use socket2::SockRef;
use std::io::{self, ErrorKind, IoSlice, Read};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A connection that has been answered hides nothing that the machine has received since.
///
/// The HTTP library reads before it writes a request, and lets go of a connection that says something unasked: that would be
/// taken for the answer to the next request, and one payment would get another's ids. But the runtime tells of bytes only once
/// it has looked for them, and a request can be quicker. So where it knows of none, the socket itself is asked.
#[derive(Debug)]
pub(super) struct Unasked {
    stream: TcpStream,
    /// Something was read and nothing written since.
    answered: bool,
}

impl Unasked {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            answered: false,
        }
    }

    fn read_from_socket(&self, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 512];
        let room = buffer.remaining().min(bytes.len());
        let Some(bytes) = bytes.get_mut(..room) else {
            return Poll::Pending;
        };
        match (&*SockRef::from(&self.stream)).read(bytes) {
            Ok(count) => {
                buffer.put_slice(bytes.get(..count).unwrap_or_default());
                Poll::Ready(Ok(()))
            }
            // Nothing is there, and who waits is woken when something is.
            Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl Connection for Unasked {
    fn connected(&self) -> Connected {
        self.stream.connected()
    }
}

impl AsyncRead for Unasked {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Pending if self.answered => self.read_from_socket(buffer),
            read => read,
        };
        self.answered |= read.is_ready();
        read
    }
}

impl AsyncWrite for Unasked {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.answered = false;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.answered = false;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a broken expectation should stop the test where it stands"
)]
mod tests {
    use super::{AsyncRead, Pin, Poll, ReadBuf, SockRef, TcpStream, Unasked};
    use futures_util::task::noop_waker_ref;
    use std::io::Write;
    use std::mem::MaybeUninit;
    use std::net::TcpListener;
    use std::task::Context;
    use std::time::{Duration, Instant};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Waits until the machine has what the other side said, and keeps the runtime from looking.
    fn is_received(stream: &TcpStream) {
        let until = Instant::now() + Duration::from_secs(20);
        while SockRef::from(stream)
            .peek(&mut [MaybeUninit::uninit()])
            .is_err()
        {
            assert!(Instant::now() < until, "nothing was received");
            std::thread::yield_now();
        }
    }

    /// What one look finds: `None` where that is nothing, empty where the other side has closed.
    fn look(stream: impl AsyncRead + Unpin) -> Option<Vec<u8>> {
        let mut stream = stream;
        let mut bytes = [0; 64];
        let mut buffer = ReadBuf::new(&mut bytes);
        let context = &mut Context::from_waker(noop_waker_ref());
        match Pin::new(&mut stream).poll_read(context, &mut buffer) {
            Poll::Ready(read) => {
                read.unwrap();
                Some(buffer.filled().to_vec())
            }
            Poll::Pending => None,
        }
    }

    #[tokio::test]
    async fn what_comes_after_an_answer_is_seen_before_the_runtime_tells_of_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut stream = Unasked::new(TcpStream::connect(address).await.unwrap());
        let (mut gateway, _) = listener.accept().unwrap();
        stream.write_all(b"request").await.unwrap();
        gateway.write_all(b"answer").unwrap();
        let mut answer = [0; 64];
        assert_eq!(stream.read(&mut answer).await.unwrap(), 6);
        assert_eq!(look(&mut stream), None);

        gateway.write_all(b"again").unwrap();
        is_received(&stream.stream);
        assert_eq!(
            look(&mut stream.stream),
            None,
            "the runtime knows of nothing"
        );
        assert_eq!(look(&mut stream).unwrap(), b"again");
        assert_eq!(look(&mut stream), None);

        drop(gateway);
        is_received(&stream.stream);
        assert_eq!(look(&mut stream).unwrap(), b"", "it is closed");
    }
}
