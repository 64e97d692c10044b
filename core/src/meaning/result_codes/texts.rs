//! Sentences for the payer about a result code, in English and in Swahili. Codes share these, so that each is worded once.

use crate::meaning::outcome::Outcome;
use serde::Serialize;

/// A sentence or two for the payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CustomerMessage {
    /// English.
    pub en: &'static str,
    /// Swahili.
    pub sw: &'static str,
}

const fn says(en: &'static str, sw: &'static str) -> CustomerMessage {
    CustomerMessage { en, sw }
}

pub(super) const PAID: CustomerMessage = says(
    "Payment received. Thank you.",
    "Malipo yamepokelewa. Asante.",
);

pub(super) const CANCELLED: CustomerMessage = says(
    "You cancelled the payment. You can try again whenever you are ready.",
    "Umeghairi malipo. Unaweza kujaribu tena wakati wowote ukiwa tayari.",
);

pub(super) const NO_ANSWER: CustomerMessage = says(
    "We could not reach your phone, or the request was not answered. Please check that your phone is on and has network, and try again. If it happens again, update your SIM by dialling *234*1*6#.",
    "Hatukuweza kuifikia simu yako, au ombi halikujibiwa. Tafadhali hakikisha simu yako imewashwa na ina mtandao, kisha ujaribu tena. Ikitokea tena, sasisha laini yako kwa kupiga *234*1*6#.",
);

pub(super) const LOW_BALANCE: CustomerMessage = says(
    "Your M-Pesa balance is too low for this payment. Please top up and try again.",
    "Salio lako la M-Pesa halitoshi kwa malipo haya. Tafadhali ongeza pesa kisha ujaribu tena.",
);

pub(super) const WRONG_PIN: CustomerMessage = says(
    "The M-Pesa PIN was not correct. Please try again carefully.",
    "PIN ya M-Pesa uliyoweka si sahihi. Tafadhali jaribu tena kwa makini.",
);

pub(super) const LIMIT: CustomerMessage = says(
    "This payment goes beyond an M-Pesa limit. Please try a smaller amount, or try again later.",
    "Malipo haya yamepita kikomo cha M-Pesa. Tafadhali jaribu kiasi kidogo, au ujaribu tena baadaye.",
);

pub(super) const DAILY_LIMIT: CustomerMessage = says(
    "You have reached your M-Pesa limit for today. Please try a smaller amount, or try again tomorrow.",
    "Umefikia kikomo chako cha M-Pesa cha leo. Tafadhali jaribu kiasi kidogo, au ujaribu tena kesho.",
);

pub(super) const AMOUNT_NOT_ALLOWED: CustomerMessage = says(
    "M-Pesa does not allow a payment of this amount. Please tell the shop.",
    "M-Pesa hairuhusu malipo ya kiasi hiki. Tafadhali mjulishe mwenye duka.",
);

pub(super) const WAIT_TWO_MINUTES: CustomerMessage = says(
    "M-Pesa could not take this payment just now. Please wait at least two minutes and try again.",
    "M-Pesa haikuweza kupokea malipo haya kwa sasa. Tafadhali subiri angalau dakika mbili kisha ujaribu tena.",
);

pub(super) const EXPIRED: CustomerMessage = says(
    "The payment request ran out of time. Please try again.",
    "Muda wa ombi la malipo umekwisha. Tafadhali jaribu tena.",
);

pub(super) const NOT_DELIVERED: CustomerMessage = says(
    "The payment request did not reach your phone. Please try again in a minute or two.",
    "Ombi la malipo halikufika kwenye simu yako. Tafadhali jaribu tena baada ya dakika moja au mbili.",
);

pub(super) const BUSY: CustomerMessage = says(
    "Another M-Pesa request is open on your phone. Please finish or close it, wait a minute or two, and try again.",
    "Kuna ombi lingine la M-Pesa kwenye simu yako. Tafadhali likamilishe au lifunge, subiri dakika moja au mbili, kisha ujaribu tena.",
);

pub(super) const LOCKED: CustomerMessage = says(
    "Your M-Pesa PIN is locked. Please contact Safaricom to unlock it.",
    "PIN yako ya M-Pesa imefungwa. Tafadhali wasiliana na Safaricom ili ifunguliwe.",
);

pub(super) const ACCOUNT: CustomerMessage = says(
    "Your M-Pesa account cannot make this payment. Please contact Safaricom.",
    "Akaunti yako ya M-Pesa haiwezi kufanya malipo haya. Tafadhali wasiliana na Safaricom.",
);

pub(super) const SHOP: CustomerMessage = says(
    "The shop cannot take this payment at the moment. Please tell the shop.",
    "Kwa sasa duka haliwezi kupokea malipo haya. Tafadhali mjulishe mwenye duka.",
);

pub(super) const SYSTEM: CustomerMessage = says(
    "M-Pesa could not complete the payment. Please wait a little and try again.",
    "M-Pesa haikuweza kukamilisha malipo. Tafadhali subiri kidogo kisha ujaribu tena.",
);

pub(super) const FAILED: CustomerMessage = says(
    "The payment did not go through. Please try again.",
    "Malipo hayakufaulu. Tafadhali jaribu tena.",
);

pub(super) const REVERSED: CustomerMessage = says(
    "The payment was returned to your M-Pesa account.",
    "Malipo yamerudishwa kwenye akaunti yako ya M-Pesa.",
);

pub(super) const PENDING: CustomerMessage = says(
    "Your payment is being processed. Please do not pay again.",
    "Malipo yako yanashughulikiwa. Tafadhali usilipe tena.",
);

pub(super) const CHECKING: CustomerMessage = says(
    "We are still checking your payment. Please do not pay again for now.",
    "Bado tunathibitisha malipo yako. Tafadhali usilipe tena kwa sasa.",
);

pub(super) const PHONE: CustomerMessage = says(
    "This phone number does not look right. Please check it and try again.",
    "Nambari hii ya simu haionekani kuwa sahihi. Tafadhali iangalie kisha ujaribu tena.",
);

pub(super) const AMOUNT: CustomerMessage = says(
    "This amount cannot be paid with M-Pesa. Please check it and try again.",
    "Kiasi hiki hakiwezi kulipwa kwa M-Pesa. Tafadhali kiangalie kisha ujaribu tena.",
);

pub(super) const PAUSED: CustomerMessage = says(
    "M-Pesa payments are paused for a while. Please try again later.",
    "Malipo ya M-Pesa yamesimamishwa kwa muda. Tafadhali jaribu tena baadaye.",
);

pub(super) const fn of_outcome(outcome: Outcome) -> CustomerMessage {
    match outcome {
        Outcome::Success => PAID,
        Outcome::Cancelled => CANCELLED,
        Outcome::Timeout => NO_ANSWER,
        Outcome::InsufficientFunds => LOW_BALANCE,
        Outcome::WrongPin => WRONG_PIN,
        Outcome::Limit => LIMIT,
        Outcome::Expired => EXPIRED,
        Outcome::PushNotDelivered => NOT_DELIVERED,
        Outcome::SubscriberBusy => BUSY,
        Outcome::CustomerLocked => LOCKED,
        Outcome::CustomerAccountState => ACCOUNT,
        Outcome::MerchantConfig => SHOP,
        Outcome::ProviderError => SYSTEM,
        Outcome::Failed => FAILED,
        Outcome::Reversed => REVERSED,
        Outcome::Pending => PENDING,
        Outcome::Unknown => CHECKING,
    }
}
