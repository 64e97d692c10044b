//! `lipia sandbox`: an M-Pesa of your own.

use crate::connect::start_sandbox;
use crate::exit::Exit;
use crate::{arguments, output};
use lipia_sandbox::SandboxOptions;
use serde_json::json;

pub(crate) async fn run(arguments: &arguments::Sandbox) -> Exit {
    let options = SandboxOptions::default()
        .port(arguments.port)
        .time_scale(arguments.time_scale);
    let keys = options.clone();
    let sandbox = match start_sandbox(options).await {
        Ok(sandbox) => sandbox,
        Err(trouble) => return trouble.report(arguments.json),
    };
    let address = sandbox.base_url();
    if arguments.json {
        output::json_line(&json!({ "base_url": address, "port": sandbox.port() }));
    } else {
        output::line(&address);
    }
    output::tell(&format!(
        "\nThis plays M-Pesa until you press Ctrl-C. In another terminal:\n\n  \
         export MPESA_BASE_URL={address}\n  \
         export MPESA_CONSUMER_KEY={} MPESA_CONSUMER_SECRET={}\n  \
         export MPESA_SHORTCODE={} MPESA_PASSKEY={}\n  \
         lipia push --phone 0712345678 --amount 10 --reference INV-1 --wait\n\n\
         Which number pays, cancels or stays silent: see the sandbox's README. Counters: {address}/_sandbox/counters",
        keys.consumer_key, keys.consumer_secret, keys.short_code, keys.pass_key
    ));
    let ended = ended().await;
    sandbox.stop().await;
    ended
}

/// Waits for Ctrl-C, or for whoever started us to ask us to end.
async fn ended() -> Exit {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut asked) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = asked.recv() => {}
            }
            return Exit::Done;
        }
    }
    match tokio::signal::ctrl_c().await {
        Ok(()) => Exit::Done,
        Err(_) => Exit::CouldNotRun,
    }
}
