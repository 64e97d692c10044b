//! Outcomes, and the endings of the sandbox whose callbacks tell them.

use lipia::Outcome;
use lipia_sandbox::Ending;

/// Every outcome that a callback can tell, with the ending that the sandbox words it by.
const ENDINGS: [(Outcome, Ending); 13] = [
    (Outcome::Success, Ending::Pay),
    (Outcome::Cancelled, Ending::Cancel),
    (Outcome::Timeout, Ending::TimeOut),
    (Outcome::InsufficientFunds, Ending::NoMoney),
    (Outcome::WrongPin, Ending::WrongPin),
    (Outcome::Limit, Ending::DailyLimit),
    (Outcome::Expired, Ending::Expire),
    (Outcome::PushNotDelivered, Ending::NotDelivered),
    (Outcome::SubscriberBusy, Ending::Busy),
    (Outcome::CustomerLocked, Ending::PinLocked),
    (Outcome::CustomerAccountState, Ending::AccountState),
    (Outcome::MerchantConfig, Ending::TillMismatch),
    (Outcome::ProviderError, Ending::SystemBusy),
];

/// Other usual words for an outcome.
const ALIASES: [(&str, Outcome); 2] = [("paid", Outcome::Success), ("timed_out", Outcome::Timeout)];

/// The ending that a word of the command line names.
pub(crate) fn ending_of_word(word: &str) -> Result<Ending, String> {
    let word = word.replace('-', "_");
    let alias = ALIASES.into_iter().find(|(alias, _)| *alias == word);
    let known = ENDINGS.into_iter().find(|(outcome, _)| match alias {
        Some((_, meant)) => *outcome == meant,
        None => outcome.as_str() == word,
    });
    known.map(|(_, ending)| ending).ok_or_else(|| {
        let words: Vec<&str> = ENDINGS.iter().map(|(it, _)| it.as_str()).collect();
        format!("give one of {}", words.join(", "))
    })
}

/// The outcome that an ending tells.
pub(crate) fn outcome_of(ending: Ending) -> Outcome {
    let known = ENDINGS.into_iter().find(|(_, own)| *own == ending);
    known.map_or(Outcome::Unknown, |(outcome, _)| outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lipia_sandbox::{CallbackFacts, Gateway, write_callback};

    #[test]
    fn a_callback_of_daraja_tells_the_outcome_that_the_table_says() {
        let facts = CallbackFacts {
            phone: "254712345678".to_owned(),
            amount: 10,
            checkout_request_id: "ws_CO_1".to_owned(),
            merchant_request_id: "1".to_owned(),
            ..CallbackFacts::default()
        };
        for (outcome, ending) in ENDINGS {
            let written = write_callback(Gateway::Daraja, &facts, ending).unwrap();
            let event = lipia::parse_callback(None, &written.body).unwrap();
            assert_eq!(event.outcome, outcome);
        }
    }

    #[test]
    fn every_gateway_tells_a_success_and_a_failure_in_its_own_form() {
        let facts = CallbackFacts {
            phone: "254712345678".to_owned(),
            amount: 10,
            reference: "INV-1".to_owned(),
            checkout_request_id: "ws_CO_1".to_owned(),
            merchant_request_id: "1".to_owned(),
            transaction_id: Some("0c51c758-0c51-4c75-80c5-1c7580c51c75".to_owned()),
            receipt: Some("UAB1CD2EF3".to_owned()),
            ..CallbackFacts::default()
        };
        for gateway in Gateway::ALL {
            for (ending, outcome) in [
                (Ending::Pay, Outcome::Success),
                (Ending::Cancel, Outcome::Cancelled),
            ] {
                let written = write_callback(gateway, &facts, ending).unwrap();
                assert!(written.content_type.starts_with("application/json"));
                let event = lipia::parse_callback(None, &written.body).unwrap();
                assert_eq!(event.outcome, outcome, "{gateway:?}");
                let receipt = event.receipt.map(|receipt| receipt.as_str().to_owned());
                let told = outcome.is_paid().then(|| "UAB1CD2EF3".to_owned());
                assert_eq!(receipt, told, "{gateway:?}");
            }
        }
    }

    #[test]
    fn every_outcome_of_a_payment_that_ended_has_an_ending() {
        let without = Outcome::ALL
            .into_iter()
            .filter(|outcome| ENDINGS.iter().all(|(own, _)| own != outcome));
        let without: Vec<&str> = without.map(Outcome::as_str).collect();
        assert_eq!(without, ["failed", "reversed", "pending", "unknown"]);
    }

    #[test]
    fn an_outcome_has_its_word_and_the_usual_others() {
        for (word, ending) in [
            ("success", Ending::Pay),
            ("paid", Ending::Pay),
            ("cancelled", Ending::Cancel),
            ("timeout", Ending::TimeOut),
            ("timed-out", Ending::TimeOut),
            ("insufficient-funds", Ending::NoMoney),
            ("wrong_pin", Ending::WrongPin),
        ] {
            assert_eq!(ending_of_word(word), Ok(ending), "{word}");
        }
        for word in ["", "pending", "unknown", "won"] {
            assert!(ending_of_word(word).is_err(), "{word}");
        }
    }
}
