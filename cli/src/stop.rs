//! The end of a command that runs until it is stopped.

use crate::exit::Exit;
use crate::output::complain;
use axum::Router;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long answers and forwarding that have begun may take once a command is asked to end.
pub(crate) const LONGEST_END: Duration = Duration::from_secs(3);

/// Serves until the command is asked to end, and then lets begun answers end. `end` becomes true at that moment. `broken` is
/// what is said where the socket fails.
pub(crate) async fn serve_until_asked(
    socket: TcpListener,
    router: Router,
    stop: Stop,
    end: &watch::Sender<bool>,
    broken: &str,
) -> Exit {
    let mut asked = end.subscribe();
    let until_asked = async move {
        let _ = asked.changed().await;
    };
    let serving = axum::serve(socket, router).with_graceful_shutdown(until_asked);
    let mut serving = tokio::spawn(serving.into_future());
    let exit = tokio::select! {
        exit = stop.asked() => exit,
        _ = &mut serving => {
            complain(broken);
            Exit::CouldNotRun
        }
    };
    let _ = end.send(true);
    if !serving.is_finished() {
        let _ = tokio::time::timeout(LONGEST_END, &mut serving).await;
    }
    serving.abort();
    exit
}

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
