//! The end of a command that runs until it is stopped.

use crate::exit::Exit;

/// Listens for Ctrl-C, and for whoever started us to ask us to end. Made before a command says that it is ready: a request that
/// comes right after that would else end the process as it stands.
#[cfg(unix)]
pub(crate) struct Stop {
    interrupt: std::io::Result<tokio::signal::unix::Signal>,
    terminate: std::io::Result<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Stop {
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self {
            interrupt: signal(SignalKind::interrupt()),
            terminate: signal(SignalKind::terminate()),
        }
    }

    /// Waits until the command is to end.
    pub(crate) async fn asked(self) -> Exit {
        match (self.interrupt, self.terminate) {
            (Ok(mut interrupt), Ok(mut terminate)) => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                Exit::Done
            }
            (Ok(mut only), Err(_)) | (Err(_), Ok(mut only)) => {
                only.recv().await;
                Exit::Done
            }
            (Err(_), Err(_)) => Exit::CouldNotRun,
        }
    }
}

#[cfg(not(unix))]
pub(crate) struct Stop;

#[cfg(not(unix))]
impl Stop {
    pub(crate) fn listen() -> Self {
        Self
    }

    /// Waits until the command is to end.
    pub(crate) async fn asked(self) -> Exit {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Done,
            Err(_) => Exit::CouldNotRun,
        }
    }
}
