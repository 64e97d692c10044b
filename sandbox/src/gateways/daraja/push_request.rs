//! The fields of a push, checked. Pure functions.

use http::Uri;

use super::errors::DarajaError;
use super::fields::{Fields, Merchant, is_short_code};
use crate::records::payment::PushRequest;
use crate::wire::request::LARGEST_AMOUNT;

/// Reads a push. The first thing that is wrong, in the order of the documentation, is what is answered.
pub(super) fn read(fields: &Fields) -> Result<(Merchant, PushRequest), DarajaError> {
    let merchant = Merchant::read(fields)?;
    let transaction_type = fields.checked("TransactionType", |text| {
        matches!(text, "CustomerPayBillOnline" | "CustomerBuyGoodsOnline")
    })?;
    let amount = fields
        .text("Amount")
        .as_deref()
        .and_then(amount)
        .ok_or_else(|| DarajaError::invalid("Amount"))?;
    fields.checked("PartyA", is_phone)?;
    let push = PushRequest {
        amount,
        transaction_type,
        party_b: fields.checked("PartyB", is_short_code)?,
        phone: fields.checked("PhoneNumber", is_phone)?,
        callback_url: fields.checked("CallBackURL", is_callback_url)?,
        reference: fields.checked("AccountReference", |_| true)?,
        description: fields.text("TransactionDesc"),
        short_code: merchant.short_code.clone(),
        ..PushRequest::default()
    };
    Ok((merchant, push))
}

/// Whole shillings, from 1 to the limit per transaction.
fn amount(text: &str) -> Option<u32> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse()
        .ok()
        .filter(|amount| (1..=LARGEST_AMOUNT).contains(amount))
}

/// `2547` or `2541` and eight digits.
fn is_phone(text: &str) -> bool {
    text.len() == 12
        && (text.starts_with("2547") || text.starts_with("2541"))
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A whole URL. Hosts on this machine are fine here; a capital letter in the host is not, as with the real one.
fn is_callback_url(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    matches!(uri.scheme_str(), Some("http" | "https"))
        && !host.is_empty()
        && !host.bytes().any(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_whole_shillings_within_the_limit() {
        assert_eq!(amount("1"), Some(1));
        assert_eq!(amount("250000"), Some(250_000));
        for bad in [
            "",
            "0",
            "-1",
            "+1",
            "1.0",
            "1e3",
            "250001",
            "99999999999999999999",
            " 1",
        ] {
            assert_eq!(amount(bad), None, "{bad}");
        }
    }

    #[test]
    fn callback_urls_are_whole_and_have_a_lower_case_host() {
        for good in [
            "http://127.0.0.1:9/a",
            "https://shop.example/MPESA/a?b=c",
            "http://localhost:1",
        ] {
            assert!(is_callback_url(good), "{good}");
        }
        for bad in [
            "",
            "shop.example/a",
            "/a",
            "ftp://shop.example/",
            "https://Shop.example/",
            "http://",
            "https:///a",
        ] {
            assert!(!is_callback_url(bad), "{bad}");
        }
    }
}
