//! `lipia callback`: reads callback bodies, and prints one line of JSON for each.

use crate::arguments::CallbackGateway;
use crate::exit::Exit;
use crate::{arguments, output};
use lipia::error::ErrorCode;
use lipia::{Event, GatewayName};
use serde_json::{Map, Value, json};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};

/// One byte more than any callback may have, so that a larger one is seen to be larger without being read whole.
const MAX_BYTES: u64 = 64 * 1024 + 1;

pub(crate) fn run(arguments: &arguments::Callback) -> Exit {
    let mut exit = Exit::Done;
    for file in &arguments.files {
        let name = file.to_string_lossy();
        let mut line = match read(file) {
            Ok(body) => describe(arguments.gateway, &body),
            Err(error) => {
                output::complain(&format!("{name}: {error}"));
                exit = Exit::CouldNotRun;
                refused(None, ErrorCode::FileUnreadable.as_str())
            }
        };
        line.insert("file".to_owned(), json!(name));
        output::json_line(&line);
    }
    exit
}

fn read(file: &OsStr) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if file == "-" {
        io::stdin().lock().take(MAX_BYTES).read_to_end(&mut body)?;
    } else {
        File::open(file)?.take(MAX_BYTES).read_to_end(&mut body)?;
    }
    Ok(body)
}

fn describe(gateway: CallbackGateway, body: &[u8]) -> Map<String, Value> {
    let gateway = match gateway {
        CallbackGateway::Auto => None,
        CallbackGateway::Daraja => Some(GatewayName::Daraja),
        CallbackGateway::Palpluss => Some(GatewayName::PalPluss),
        CallbackGateway::Upesipay => Some(GatewayName::UpesiPay),
        CallbackGateway::Payhero => Some(GatewayName::PayHero),
    };
    match lipia::parse_callback(gateway, body) {
        Ok(event) => parsed(&event),
        Err(error) => refused(gateway, error.code()),
    }
}

fn parsed(event: &Event) -> Map<String, Value> {
    let mut line = match serde_json::to_value(event) {
        Ok(Value::Object(line)) => line,
        _ => Map::new(),
    };
    line.insert("parses".to_owned(), json!(true));
    line.insert("error".to_owned(), Value::Null);
    line
}

/// The same members as for a body that parses, so that a reader never has to look whether one is there.
fn refused(gateway: Option<GatewayName>, code: &str) -> Map<String, Value> {
    const ABSENT: [&str; 12] = [
        "outcome",
        "final",
        "complete",
        "result_code",
        "receipt",
        "amount",
        "amount_cents",
        "phone",
        "date",
        "checkout_request_id",
        "merchant_request_id",
        "reference",
    ];
    let mut line: Map<String, Value> = ABSENT
        .iter()
        .map(|name| ((*name).to_owned(), Value::Null))
        .collect();
    line.insert("phone_raw".to_owned(), Value::Null);
    line.insert("parses".to_owned(), json!(false));
    line.insert("error".to_owned(), json!(code));
    line.insert(
        "provider".to_owned(),
        json!(gateway.map(GatewayName::as_str)),
    );
    line.insert("warnings".to_owned(), json!([]));
    line
}
