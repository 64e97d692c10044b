//! Options of calls: how long one may take.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::values::clock::seconds_of;
use std::time::Duration;

/// Options of the calls of one client.
///
/// ```
/// use lipia::client::CallOptions;
/// use std::time::Duration;
/// let options = CallOptions::default().timeout(Duration::from_secs(10));
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// The time for one call: token, request, answer and whatever is resent. Default: 30 seconds.
    pub timeout: Duration,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
        }
    }
}

impl CallOptions {
    /// The time for one call, in seconds.
    ///
    /// # Errors
    /// `seconds_unreadable` where it is not a time, `timeout_zero` where it is none.
    pub fn timeout_seconds(self, seconds: f64) -> Result<Self, Error> {
        let timeout = seconds_of("timeout", seconds)?;
        if timeout.is_zero() {
            return Err(no_time());
        }
        Ok(self.timeout(timeout))
    }

    /// The time for one call.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// The error for a timeout of zero.
pub(crate) fn no_time() -> Error {
    Error::configuration(ErrorCode::TimeoutZero, "A call needs some time.")
        .with_field("timeout")
        .with_hint("Give a timeout of a few seconds at least; the default is 30.")
}
