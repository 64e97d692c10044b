//! The departure of a request: whether any byte of it has left.

use crate::values::deadline::Deadline;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

/// Whether a request has begun to leave. It begins, or it is called off, and never both: a body that is asked for
/// in the very moment in which the time is up cannot leave after all. Nor can one of a process that was stopped until then, or of
/// a machine that slept, whichever of its tasks runs first.
#[derive(Debug)]
pub(super) struct Departure {
    state: AtomicU8,
    /// Until when it may begin.
    latest: Deadline,
}

const WAITING: u8 = 0;
const LEFT: u8 = 1;
const CALLED_OFF: u8 = 2;

impl Departure {
    pub(super) fn until(latest: Deadline) -> Self {
        Self {
            state: AtomicU8::new(WAITING),
            latest,
        }
    }

    /// Begins, unless it was called off or its time is over. Whether it may go on.
    pub(super) fn begin(&self) -> bool {
        if self.latest.is_over() {
            self.call_off();
        }
        self.move_to(LEFT) != CALLED_OFF
    }

    /// Calls it off, unless it has begun. Whether it had.
    pub(super) fn call_off(&self) -> bool {
        self.move_to(CALLED_OFF) == LEFT
    }

    /// Moves on from waiting; what was there before.
    fn move_to(&self, next: u8) -> u8 {
        match self
            .state
            .compare_exchange(WAITING, next, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(before) | Err(before) => before,
        }
    }
}

/// A body that tells when it is asked for. The HTTP library asks only once a connection stands and just before it
/// writes the first byte of the request: before that, nothing can have left.
pub(super) struct MarkedBody {
    data: Option<Bytes>,
    departure: Arc<Departure>,
}

impl MarkedBody {
    pub(super) fn new(data: Bytes, departure: Arc<Departure>) -> Self {
        Self {
            data: Some(data),
            departure,
        }
    }
}

/// The caller's time was up before the request could leave.
#[derive(Debug)]
pub(super) struct CalledOff;

impl fmt::Display for CalledOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request was called off before it left")
    }
}

impl std::error::Error for CalledOff {}

impl Body for MarkedBody {
    type Data = Bytes;
    type Error = CalledOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CalledOff>>> {
        if !self.departure.begin() {
            return Poll::Ready(Some(Err(CalledOff)));
        }
        Poll::Ready(self.data.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let bytes = self.data.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(bytes as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::Departure;
    use crate::values::clock::{Clock, SystemClock};
    use crate::values::deadline::Deadline;
    use std::sync::Arc;
    use std::time::Duration;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn departure_in(time: Duration) -> Departure {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Departure::until(Deadline::after(time, &clock))
    }

    #[test]
    fn a_request_does_not_begin_once_its_time_is_over() {
        let departure = departure_in(Duration::ZERO);
        assert!(!departure.begin());
        assert!(!departure.call_off(), "it had not left");
    }

    #[test]
    fn a_request_leaves_or_is_called_off_and_never_both() {
        let departure = departure_in(HOUR);
        assert!(departure.begin());
        assert!(departure.call_off(), "it had left");
        assert!(departure.begin(), "and goes on leaving");

        let departure = departure_in(HOUR);
        assert!(!departure.call_off(), "it had not left");
        assert!(!departure.begin(), "and never will");
        assert!(!departure.call_off());
    }
}
