//! Callbacks that come while the server is away: kept in a folder of the process's user, which no setting names.

use crate::child;
use crate::rows::scope;
use crate::server::{free_port, new_name};
use lipia::callback::Confirm;
use lipia::{Daraja, IncomingCallback, StkPush};
use lipia_sandbox::{CONSUMER_KEY, CONSUMER_SECRET, PASS_KEY, SHORT_CODE};
use std::path::Path;

/// Takes a callback while the ledger is away, and tells what came of it.
pub async fn take_callback(address: &str) {
    let client = Daraja::builder()
        .consumer_key(CONSUMER_KEY)
        .consumer_secret(CONSUMER_SECRET)
        .short_code(SHORT_CODE)
        .pass_key(PASS_KEY)
        .environment(scope().environment())
        .callback_url("https://shop.example/pay")
        .ledger_at(address)
        .build()
        .unwrap();
    let payment = client.reserve(StkPush::new("0712345678", 150, "INV-001"));
    let url = payment
        .unwrap()
        .snapshot()
        .push()
        .callback_url
        .as_str()
        .to_owned();
    let path = format!("/{}", url.splitn(4, '/').nth(3).unwrap());
    let body = br#"{"Body":{"stkCallback":{"MerchantRequestID":"1","CheckoutRequestID":"ws_CO_1","ResultCode":1032,"ResultDesc":"No."}}}"#;
    let received = client
        .receive_callback(IncomingCallback::new(&path, body), Confirm::Never)
        .await;
    child::tell(&match received {
        Ok(received) => format!("kept: {}", received.is_kept()),
        Err(error) => error.code().to_owned(),
    });
}

/// What a process tells that has this folder for its state and this one for its home.
fn with(state: &Path, home: &Path) -> String {
    let address = format!("postgres://shop@127.0.0.1:{}/shop", free_port());
    let mut command = child::command("take_callback", &address);
    command.env("STATE_DIRECTORY", state).env("HOME", home);
    let output = command.env_remove("XDG_STATE_HOME").output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    child::told(&output).join(" ")
}

#[test]
fn a_callback_is_kept_in_the_state_folder_though_no_setting_names_one() {
    let folder = std::env::temp_dir().join(new_name("lipia-state"));
    std::fs::create_dir_all(&folder).unwrap();
    let missing = folder.join("missing");
    assert_eq!(with(&folder, &missing), "kept: true");
    let entries = std::fs::read_dir(&folder).unwrap();
    let spools: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(spools.len(), 1, "{spools:?}");
    for spool in spools {
        assert_eq!(std::fs::read_dir(&spool).unwrap().count(), 1, "{spool:?}");
    }
    // The gateway is told with HTTP 503 that nobody has it.
    assert_eq!(with(&missing, &missing), "ledger_unreachable");
    std::fs::remove_dir_all(&folder).unwrap();
}
