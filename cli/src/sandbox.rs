//! `lipia sandbox`: runs a sandbox until it is stopped.

use crate::arguments;
use crate::connect::start_sandbox;
use crate::exit::Exit;
use crate::output::{Output, tell};
use crate::stop::Stop;
use lipia_sandbox::{
    CONSUMER_KEY, CONSUMER_SECRET, Gateway, PALPLUSS_API_KEY, PASS_KEY, PAYHERO_CHANNEL_ID,
    PAYHERO_TOKEN, SCENARIOS, SHORT_CODE, SandboxOptions, UPESIPAY_CHANNEL_ID, UPESIPAY_TOKEN,
};
use serde_json::json;

pub(crate) async fn run(arguments: &arguments::Sandbox) -> Exit {
    let output = Output {
        as_json: arguments.json,
        is_sandbox: true,
    };
    if arguments.numbers {
        print_numbers(output);
        return Exit::Done;
    }
    let options = SandboxOptions::default()
        .bind(arguments.bind)
        .port(arguments.port)
        .time_scale(arguments.time_scale)
        .token_lifetime_seconds(token_lifetime(arguments.time_scale));
    let sandbox = match start_sandbox(options).await {
        Ok(sandbox) => sandbox,
        Err(error) => return error.report(output),
    };
    let stop = Stop::listen();
    let news = sandbox.news();
    let address = sandbox.base_url();
    if arguments.json {
        output.json(&json!({
            "base_url": address,
            "port": sandbox.port(),
            "phone_url": sandbox.phone_url(),
        }));
    } else {
        crate::output::line(&address);
    }
    tell(&what_to_export(&address, &sandbox.phone_url()));
    if !arguments.bind.is_loopback() {
        tell(
            "lipia: warning: other machines can connect, push and steer this sandbox. Callbacks are posted to this machine alone.",
        );
    }
    // A thread of its own: whoever reads stderr slowly must not slow the sandbox.
    std::thread::spawn(move || {
        for news in news {
            tell(&news.to_string());
        }
    });
    let ended = stop.asked().await;
    sandbox.stop().await;
    ended
}

/// Tokens live an hour of the client's clock, which runs no faster.
fn token_lifetime(time_scale: f64) -> u32 {
    const HOUR: f64 = 3599.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the scale is at most 100000, and a float is clamped where it is cast"
    )]
    let seconds = (HOUR * time_scale.max(1.0)) as u32;
    seconds
}

/// How to use the sandbox from another terminal, in lines that can be pasted.
fn what_to_export(address: &str, phone: &str) -> String {
    let mut lines = vec![
        String::new(),
        "This plays M-Pesa until you press Ctrl-C.".to_owned(),
        format!("A phone to look at: {phone}"),
        "Open it, and try a push from another terminal:".to_owned(),
        String::new(),
        format!(
            "  lipia push --phone 0712345678 --amount 10 --reference INV-1 --wait --base-url {address}"
        ),
        String::new(),
        "For a program of your own; MPESA_CALLBACK_URL is where it takes callbacks, and LIPIA_LEDGER what its processes share:".to_owned(),
        String::new(),
        "  export MPESA_ENVIRONMENT=sandbox".to_owned(),
        format!("  export MPESA_BASE_URL={address}"),
        "  export MPESA_CALLBACK_URL=http://127.0.0.1:8000/pay".to_owned(),
        "  export LIPIA_LEDGER=\"sqlite://$PWD/payments.db\"".to_owned(),
    ];
    let export = |(variable, value): (&str, &str)| format!("  export {variable}={value}");
    lines.extend(
        [
            ("MPESA_CONSUMER_KEY", CONSUMER_KEY),
            ("MPESA_CONSUMER_SECRET", CONSUMER_SECRET),
            ("MPESA_SHORTCODE", SHORT_CODE),
            ("MPESA_PASSKEY", PASS_KEY),
        ]
        .map(export),
    );
    lines.extend([
        String::new(),
        "Or, in place of the base URL and the keys, for PalPluss, for UpesiPay and for PayHero:".to_owned(),
        String::new(),
        format!("  export PALPLUSS_BASE_URL={address}/v1"),
        export(("PALPLUSS_API_KEY", PALPLUSS_API_KEY)),
        String::new(),
        format!("  export UPESIPAY_BASE_URL={address}"),
        export(("UPESIPAY_AUTH_TOKEN", UPESIPAY_TOKEN)),
        format!("  export UPESIPAY_CHANNEL_ID={UPESIPAY_CHANNEL_ID}"),
        String::new(),
        format!("  export PAYHERO_BASE_URL={address}{}", Gateway::PayHero.base_path()),
        export(("PAYHERO_AUTH_TOKEN", PAYHERO_TOKEN)),
        format!("  export PAYHERO_CHANNEL_ID={PAYHERO_CHANNEL_ID}"),
        String::new(),
        format!(
            "Which phone number does what: lipia sandbox --numbers. Counters: {address}/_sandbox/counters"
        ),
        String::new(),
    ]);
    lines.join("\n")
}

/// Prints which phone number does what.
fn print_numbers(output: Output) {
    for row in SCENARIOS.iter().filter(|row| !row.phone_ending.is_empty()) {
        let phone = format!("071200{}", row.phone_ending);
        if output.as_json {
            output.json(&json!({
                "phone": phone,
                "ending": row.phone_ending,
                "name": row.name,
                "about": row.about,
            }));
        } else {
            crate::output::line(&format!("{phone}  {:<36} {}", row.name, row.about));
        }
    }
    if !output.as_json {
        crate::output::line("any other   pay                                  pays after 17 s");
    }
}
