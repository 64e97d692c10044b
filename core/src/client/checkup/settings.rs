//! Settings that no client can be made of: the line of the checkup that each belongs to.

use super::{CheckLine, CheckPart, Checkup};
use crate::error::Error;

/// Words in the names of settings and variables, and the part that such a setting belongs to. The first that fits counts.
const PARTS: [(&str, CheckPart); 23] = [
    ("callback", CheckPart::Callback),
    ("source_addresses", CheckPart::Callback),
    ("pass_key", CheckPart::PassKey),
    ("passkey", CheckPart::PassKey),
    ("consumer", CheckPart::Credentials),
    ("api_key", CheckPart::Credentials),
    ("auth_token", CheckPart::Credentials),
    ("access_token", CheckPart::Credentials),
    ("username", CheckPart::Credentials),
    ("password", CheckPart::Credentials),
    ("credentials", CheckPart::Credentials),
    ("short_code", CheckPart::Till),
    ("shortcode", CheckPart::Till),
    ("transaction_type", CheckPart::Till),
    ("party_b", CheckPart::Till),
    ("till", CheckPart::Till),
    ("channel", CheckPart::Till),
    ("base_url", CheckPart::Connection),
    ("cleartext_hosts", CheckPart::Connection),
    ("ca_file", CheckPart::Connection),
    ("ledger", CheckPart::Ledger),
    ("spool", CheckPart::Ledger),
    ("shop", CheckPart::Ledger),
];

/// The part that a setting or variable of this name belongs to.
fn part_of_setting(name: &str) -> CheckPart {
    let name = name.to_ascii_lowercase();
    let known = PARTS.iter().find(|(word, _)| name.contains(word));
    known.map_or(CheckPart::Settings, |(_, part)| *part)
}

fn part_of(error: &Error) -> CheckPart {
    if error.is_of_the_ledger() {
        return CheckPart::Ledger;
    }
    error.field().map_or(CheckPart::Settings, part_of_setting)
}

pub(super) fn of_refused(error: &Error) -> Checkup {
    let broken = part_of(error);
    let line = |part| {
        if part == broken {
            CheckLine::broken(part, error)
        } else {
            CheckLine::not_checked(part, broken)
        }
    };
    Checkup {
        lines: CheckPart::ALL.into_iter().map(line).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{CheckPart, part_of_setting};

    #[test]
    fn a_setting_belongs_to_the_line_where_a_person_looks_for_it() {
        for (name, part) in [
            ("MPESA_CONSUMER_KEY", CheckPart::Credentials),
            ("consumer_secret", CheckPart::Credentials),
            ("PALPLUSS_API_KEY", CheckPart::Credentials),
            ("UPESIPAY_CHANNEL_ID", CheckPart::Till),
            ("MPESA_SHORTCODE", CheckPart::Till),
            ("short_code", CheckPart::Till),
            ("MPESA_TILL_NUMBER", CheckPart::Till),
            ("MPESA_PASSKEY", CheckPart::PassKey),
            ("pass_key", CheckPart::PassKey),
            ("callback_secrets", CheckPart::Callback),
            ("MPESA_CALLBACK_URL", CheckPart::Callback),
            ("MPESA_BASE_URL", CheckPart::Connection),
            ("cleartext_hosts", CheckPart::Connection),
            ("LIPIA_SPOOL", CheckPart::Ledger),
            ("MPESA_ENVIRONMENT", CheckPart::Settings),
        ] {
            assert_eq!(part_of_setting(name), part, "{name}");
        }
    }
}
