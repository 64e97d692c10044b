//! Environment variables that hold settings, and the other names under which programs of the field keep them.

use crate::error::Error;
use crate::error::codes::ErrorCode;
use crate::values::gateway_name::GatewayName;
use crate::values::key_text::is_in_quotes;
use std::ffi::OsString;

/// A prefix of Lipia's own variables, with those that other programs write in its place.
struct Prefix {
    own: &'static str,
    others: &'static [&'static str],
}

const MPESA: Prefix = Prefix {
    own: "MPESA_",
    others: &["DARAJA_", "SAFARICOM_", "LIPIA_"],
};
const PALPLUSS: Prefix = Prefix {
    own: "PALPLUSS_",
    others: &["PALPLUS_", "PAL_PLUSS_", "LIPIA_"],
};
const UPESIPAY: Prefix = Prefix {
    own: "UPESIPAY_",
    others: &["UPESI_", "UPESI_PAY_", "LIPIA_"],
};
const PAYHERO: Prefix = Prefix {
    own: "PAYHERO_",
    others: &["PAY_HERO_", "LIPIA_"],
};
const PREFIXES: [&Prefix; 4] = [&MPESA, &PALPLUSS, &UPESIPAY, &PAYHERO];

/// What follows a prefix, with its other spellings.
const SPELLINGS: [(&str, &[&str]); 13] = [
    ("CONSUMER_KEY", &["CONSUMERKEY"]),
    ("CONSUMER_SECRET", &["CONSUMERSECRET"]),
    (
        "SHORTCODE",
        &["SHORT_CODE", "BUSINESS_SHORTCODE", "BUSINESS_SHORT_CODE"],
    ),
    (
        "PASSKEY",
        &[
            "PASS_KEY",
            "LNM_PASSKEY",
            "STK_PASSKEY",
            "LIPA_NA_MPESA_PASSKEY",
        ],
    ),
    ("ENVIRONMENT", &["ENV"]),
    (
        "CALLBACK_URL",
        &["CALLBACKURL", "CALL_BACK_URL", "CALLBACK"],
    ),
    ("BASE_URL", &["BASEURL"]),
    (
        "TRANSACTION_TYPE",
        &["TRANSACTIONTYPE", "TRANSACTION_COMMAND"],
    ),
    ("QUERY_VERSION", &["QUERYVERSION"]),
    ("TILL_NUMBER", &["TILLNUMBER", "TILL_NO", "TILL"]),
    ("API_KEY", &["APIKEY"]),
    ("AUTH_TOKEN", &["TOKEN"]),
    ("CHANNEL_ID", &["CHANNEL"]),
];

/// Names without any prefix that are unmistakable.
const BARE: [&str; 6] = [
    "CONSUMER_KEY",
    "CONSUMER_SECRET",
    "SHORTCODE",
    "SHORT_CODE",
    "PASSKEY",
    "PASS_KEY",
];

/// Whether a variable of this name is read, or pointed out as another name of one that is read.
pub(crate) fn is_wanted(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let mut starts = PREFIXES
        .iter()
        .flat_map(|prefix| prefix.others.iter().chain([&prefix.own]));
    starts.any(|start| name.starts_with(*start)) || BARE.contains(&name.as_str())
}

/// The environment variables of one gateway's settings.
pub(crate) struct Variables<'a> {
    gateway: GatewayName,
    lookup: &'a dyn Fn(&str) -> Option<OsString>,
}

impl<'a> Variables<'a> {
    pub(crate) fn new(gateway: GatewayName, lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { gateway, lookup }
    }

    /// The text of a variable that may be absent.
    ///
    /// # Errors
    /// Also `variable_misnamed`, where the setting stands under another usual name and so would have no effect.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<String>, Error> {
        if let Some(text) = self.text(name)? {
            return Ok(Some(text));
        }
        match self.look_alike(name, false) {
            None => Ok(None),
            Some(found) => Err(Error::configuration(
                ErrorCode::VariableMisnamed,
                format!("The environment variable {found} is set, and Lipia reads {name}."),
            )
            .with_field(name)
            .with_hint(format!(
                "Rename {found} to {name}, or unset it. Under its present name it has no effect."
            ))),
        }
    }

    /// The text of a variable; an empty one counts as absent.
    ///
    /// # Errors
    /// `variable_not_text` and `variable_in_quotes`.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(value) = (self.lookup)(name) else {
            return Ok(None);
        };
        let text = value.into_string().map_err(|_| {
            Error::configuration(
                ErrorCode::VariableNotText,
                format!("The environment variable {name} is not valid UTF-8."),
            )
            .with_field(name)
            .with_hint(format!("Set {name} again, as plain text."))
        })?;
        let text = text.trim();
        if is_in_quotes(text) {
            return Err(Error::configuration(
                ErrorCode::VariableInQuotes,
                format!("The environment variable {name} has quotation marks as part of its value."),
            )
            .with_field(name)
            .with_hint(format!(
                "Write {name}=value without quotation marks: `docker run --env-file` and some hosts keep them."
            )));
        }
        Ok((!text.is_empty()).then(|| text.to_owned()))
    }

    /// The texts of variables that are all needed.
    ///
    /// # Errors
    /// `variable_missing`, naming every one that is not set.
    pub(crate) fn required<const N: usize>(&self, names: [&str; N]) -> Result<[String; N], Error> {
        let mut texts = Vec::with_capacity(N);
        let mut missing = Vec::new();
        for name in names {
            match self.text(name)? {
                Some(text) => texts.push(text),
                None => missing.push(name),
            }
        }
        texts.try_into().map_err(|_| self.missing(&missing))
    }

    /// The error for variables that are not set.
    pub(crate) fn missing(&self, names: &[&str]) -> Error {
        let message = match names {
            [] | [_] => format!("The environment variable {} is not set.", names.concat()),
            [first @ .., last] => format!(
                "The environment variables {} and {last} are not set.",
                first.join(", ")
            ),
        };
        let mut hint =
            "Set what is missing, or give the setting to the client in your program.".to_owned();
        let look_alikes: Vec<String> = names
            .iter()
            .filter_map(|name| {
                let found = self.look_alike(name, true)?;
                Some(format!("{found} is set; Lipia reads {name}."))
            })
            .collect();
        if !look_alikes.is_empty() {
            hint = format!("{} {hint}", look_alikes.join(" "));
        }
        Error::configuration(ErrorCode::VariableMissing, message)
            .with_field(names.first().copied().unwrap_or_default())
            .with_hint(hint)
    }

    /// A variable that is set under another usual name. The general names without a prefix count only where a setting
    /// is missing: `CONSUMER_KEY` may belong to another part of the program.
    fn look_alike(&self, name: &str, with_bare: bool) -> Option<String> {
        let own = PREFIXES
            .iter()
            .find(|prefix| name.starts_with(prefix.own))?;
        let rest = name.strip_prefix(own.own)?;
        let spellings = SPELLINGS
            .iter()
            .find(|(known, _)| *known == rest)
            .map_or(&[][..], |(_, others)| *others);
        // Every gateway reads MPESA_CALLBACK_URL, and people write UPESIPAY_CALLBACK_URL.
        let of_gateway = match self.gateway {
            GatewayName::PalPluss => &PALPLUSS,
            GatewayName::UpesiPay => &UPESIPAY,
            GatewayName::PayHero => &PAYHERO,
            _ => &MPESA,
        };
        let bare = (with_bare && BARE.contains(&rest)).then_some("");
        let prefixes = [own.own, of_gateway.own].into_iter();
        let prefixes = prefixes.chain(own.others.iter().copied()).chain(bare);
        prefixes
            .flat_map(|prefix| {
                [&rest]
                    .into_iter()
                    .chain(spellings)
                    .map(move |rest| format!("{prefix}{rest}"))
            })
            .flat_map(|candidate| [candidate.to_ascii_lowercase(), candidate])
            .find(|candidate| candidate != name && self.is_set(candidate))
    }

    fn is_set(&self, name: &str) -> bool {
        (self.lookup)(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty())
    }
}
