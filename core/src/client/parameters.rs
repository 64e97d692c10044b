//! The parameters of clients and of pushes, each described once for every language: `make documents` makes the settings and the
//! parts of a push of Python and Node from these tables.

use crate::values::gateway_name::GatewayName::{self, Daraja, PalPluss, PayHero, UpesiPay};

/// A setting of a client, or a part of a push, as the languages declare it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name, such as `callback_url`. A language spells it in its own case.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// The gateways that have it; empty for all of them.
    pub owners: &'static [GatewayName],
    /// The gateways that need it. Everybody else may leave it out.
    pub needed_by: &'static [GatewayName],
    /// What it means, in sentences. Names of parameters stand between backticks.
    pub doc: &'static str,
    /// What it means with one gateway, where that is not the same.
    pub doc_of: &'static [(GatewayName, &'static str)],
}

/// The kind of a parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Text.
    Text,
    /// Text that may be written as a number, such as a short code.
    TextOrNumber,
    /// One of these words.
    Words(&'static [&'static str]),
    /// One of these numbers, or its digits.
    Numbers(&'static [&'static str]),
    /// Yes or no.
    Flag,
    /// A whole number from zero on.
    Count,
    /// A time: seconds in the core, and in each language what it counts times in.
    Seconds,
    /// A list of texts.
    Texts,
    /// The path of a file.
    Path,
    /// A sum of money in whole KES, which is never a binary fraction.
    Amount,
    /// The address of a ledger, or a ledger of one's own where the language has such.
    Ledger,
}

impl Parameter {
    /// Whether the clients of a gateway have the parameter.
    #[must_use]
    pub fn belongs_to(&self, gateway: GatewayName) -> bool {
        self.owners.is_empty() || self.owners.contains(&gateway)
    }

    /// What the parameter means with a gateway.
    #[must_use]
    pub fn doc_for(&self, gateway: GatewayName) -> &'static str {
        let own = self.doc_of.iter().find(|(name, _)| *name == gateway);
        own.map_or(self.doc, |(_, doc)| doc)
    }
}

/// The parts of a push, in the order of the documentation. A part that has owners is an option of those gateways. The settings of
/// clients: [`ClientSettings::parameters`](crate::client::ClientSettings::parameters).
///
/// ```
/// use lipia::client::parameters;
/// let amount = parameters::push().iter().find(|part| part.name == "amount").unwrap();
/// assert_eq!(amount.needed_by.len(), 4);
/// ```
#[must_use]
pub const fn push() -> &'static [Parameter] {
    PUSH
}

const fn part(name: &'static str, kind: Kind, doc: &'static str) -> Parameter {
    Parameter {
        name,
        kind,
        owners: &[],
        needed_by: &[],
        doc,
        doc_of: &[],
    }
}

const EVERY_GATEWAY: &[GatewayName] = &[Daraja, PalPluss, UpesiPay, PayHero];

const PUSH: &[Parameter] = &[
    Parameter {
        needed_by: EVERY_GATEWAY,
        ..part(
            "phone_number",
            Kind::TextOrNumber,
            "The payer's Kenyan mobile number, in any usual spelling.",
        )
    },
    Parameter {
        needed_by: EVERY_GATEWAY,
        ..part("amount", Kind::Amount, "The amount in whole KES.")
    },
    Parameter {
        needed_by: EVERY_GATEWAY,
        ..part(
            "account_reference",
            Kind::TextOrNumber,
            "The reference of the sale, such as an invoice number. The customer sees it. With Daraja at most 12 characters.",
        )
    },
    part(
        "transaction_desc",
        Kind::Text,
        "A description of the sale, at most 13 characters. Default: the reference.",
    ),
    part(
        "callback_url",
        Kind::Text,
        "The URL for the result of this push, used exactly as given. Default: the client's callback URL with this payment's own \
         token.",
    ),
    part(
        "fit",
        Kind::Words(&["refuse", "truncate"]),
        "Whether a text that is too long is refused (`refuse`, the default) or cut (`truncate`).",
    ),
    part(
        "round_amount",
        Kind::Flag,
        "Whether a fraction of a shilling is rounded half up. By default it is refused.",
    ),
    part(
        "order",
        Kind::TextOrNumber,
        "The shop's own name for the sale, of 1 to 128 characters. It has one open or paid payment, however often it is requested. \
         For `request` and `collect`.",
    ),
    Parameter {
        owners: &[Daraja],
        ..part(
            "transaction_type",
            Kind::Words(TRANSACTION_TYPES),
            "Pay bill or till, for this push. Default: the client's.",
        )
    },
    Parameter {
        owners: &[Daraja],
        ..part(
            "party_b",
            Kind::TextOrNumber,
            "The till that receives the money of this push. Default: the client's.",
        )
    },
    Parameter {
        owners: &[PalPluss, UpesiPay, PayHero],
        ..part(
            "channel_id",
            Kind::TextOrNumber,
            "The payment channel that receives the money. Default: the client's.",
        )
    },
    Parameter {
        owners: &[PalPluss, UpesiPay, PayHero],
        ..part(
            "credential_id",
            Kind::Text,
            "The id of the merchant's own Daraja credentials at the gateway. Default: the client's.",
        )
    },
    Parameter {
        owners: &[UpesiPay, PayHero],
        ..part("customer_name", Kind::Text, "The payer's name.")
    },
];

/// Pay bill or till, as Daraja says it and in short.
pub(crate) const TRANSACTION_TYPES: &[&str] = &[
    "CustomerPayBillOnline",
    "CustomerBuyGoodsOnline",
    "pay_bill",
    "buy_goods",
];
