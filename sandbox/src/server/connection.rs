//! The server's end of a connection, which a fault can break.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::engine::Engine;
use crate::wire::switch::{CUT_IN_BODY, ConnectionSwitch, Moment, WHOLE};

/// The server's end of a connection. An error from here makes hyper drop the socket, which closes it.
#[derive(Debug)]
pub(crate) struct BreakableStream {
    stream: TcpStream,
    switch: ConnectionSwitch,
    engine: Arc<Engine>,
    /// True until the first byte of a request is read, and again once an answer is written.
    between_requests: bool,
}

impl BreakableStream {
    pub(crate) fn new(stream: TcpStream, switch: ConnectionSwitch, engine: Arc<Engine>) -> Self {
        Self {
            stream,
            switch,
            engine,
            between_requests: true,
        }
    }

    /// Writes the stray bytes that may leave now. The connection's task is woken when more come.
    fn poll_stray(
        &mut self,
        context: &mut Context<'_>,
        moments: &[Moment],
    ) -> Poll<io::Result<()>> {
        let mut stray = self.switch.stray();
        while !stray.bytes.is_empty() && moments.contains(&stray.moment) {
            let mut rest = stray.bytes.clone();
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &rest))?;
            stray.bytes = rest.split_off(written.min(rest.len()));
        }
        stray.waker = Some(context.waker().clone());
        Poll::Ready(Ok(()))
    }

    /// Looks at the request line without taking it from the socket: a connection that is to be refused is closed with
    /// the request unread, and the control API stays reachable.
    fn poll_refused(&self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut peeked = [0_u8; 256];
        let mut buffer = ReadBuf::new(&mut peeked);
        ready!(self.stream.poll_peek(context, &mut buffer))?;
        let asked = path_of(buffer.filled())
            .and_then(|path| Some((path, self.engine.endpoint_of_path(path)?)));
        Poll::Ready(Ok(asked.is_some_and(|(path, endpoint)| {
            self.engine.with(|world| world.take_refusal(endpoint, path))
        })))
    }
}

/// The path in a request line, without its query.
fn path_of(request: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(request.split(|byte| *byte == b'\r').next()?).ok()?;
    let mut words = line.split(' ');
    let path = words.nth(1)?;
    // Without a third word the path may go on in a later packet.
    words.next()?;
    path.split('?').next()
}

/// How much of some bytes may leave when the connection breaks in the body: the head and half of the rest.
fn half_of_body(bytes: &[u8]) -> usize {
    let end_of_head = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map_or(0, |at| at.saturating_add(4));
    let rest = bytes.len().saturating_sub(end_of_head);
    end_of_head.saturating_add(rest / 2)
}

fn broken() -> io::Error {
    io::Error::new(
        io::ErrorKind::ConnectionReset,
        "a fault closes this connection",
    )
}

impl AsyncRead for BreakableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.between_requests {
            ready!(self.poll_stray(context, &[Moment::Now, Moment::AfterAnswer]))?;
            if ready!(self.poll_refused(context))? {
                return Poll::Ready(Err(broken()));
            }
            self.between_requests = false;
            self.switch.stray().moment = Moment::Now;
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for BreakableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.switch.state() == WHOLE {
            ready!(self.poll_stray(context, &[Moment::Now]))?;
        }
        self.between_requests = true;
        match self.switch.state() {
            WHOLE => Pin::new(&mut self.stream).poll_write(context, bytes),
            CUT_IN_BODY => {
                let allowed = bytes.get(..half_of_body(bytes)).unwrap_or(bytes);
                let written = ready!(Pin::new(&mut self.stream).poll_write(context, allowed));
                self.switch.cut();
                Poll::Ready(written)
            }
            _ => Poll::Ready(Err(broken())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.between_requests && self.switch.state() == WHOLE {
            ready!(self.poll_stray(context, &[Moment::Now, Moment::AfterAnswer]))?;
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_read_from_a_whole_request_line_only() {
        assert_eq!(
            path_of(b"GET /a/b?c=d HTTP/1.1\r\nHost: x\r\n"),
            Some("/a/b")
        );
        for unfinished in [&b"GET /a/b"[..], b"GET ", b"", b"\xff\xfe /a HTTP/1.1\r\n"] {
            assert_eq!(path_of(unfinished), None);
        }
    }

    #[test]
    fn half_of_the_body_leaves() {
        assert_eq!(half_of_body(b"HTTP/1.1 200 OK\r\n\r\n123456"), 19 + 3);
        assert_eq!(half_of_body(b"123456"), 3);
    }
}
