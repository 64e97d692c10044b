//! Error codes: the list of every code of Lipia's own that an [`Error`](crate::Error) can carry, with what each means and
//! what to do.
//!
//! A gateway's own codes stand beside their meaning in [`gateway::codes`](crate::gateway::codes), M-Pesa's result codes in
//! [`result_codes`](crate::result_codes). [`words`](crate::words) looks all of them up, and `docs/errors.md` is made from them.

use crate::error::ErrorKind;
use std::fmt;

/// Declares the codes once: the variant, its word, the kind of its errors, its meaning, and what to do.
macro_rules! error_codes {
    ($($section:literal { $($name:ident = $word:literal, $kind:ident, $meaning:literal, $advice:literal;)* })*) => {
        /// One of Lipia's own error codes. An error without a code that stands here does not compile, but for those that
        /// a gateway names.
        ///
        /// ```
        /// use lipia::error::ErrorCode;
        /// let code = ErrorCode::from_word("amount_fraction").unwrap();
        /// assert_eq!(code.kind().as_str(), "invalid_input");
        /// assert!(code.meaning().contains("whole shillings"));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $meaning] $name,)*)*
        }

        impl ErrorCode {
            /// Every code, in the order of the list.
            pub const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// The word, as it is written in JSON, logs and every language.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($(Self::$name => $word,)*)* }
            }

            /// The kind of the errors that carry the code.
            #[must_use]
            pub const fn kind(self) -> ErrorKind {
                match self { $($(Self::$name => ErrorKind::$kind,)*)* }
            }

            /// The meaning of the code, in one sentence or two.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $($(Self::$name => $meaning,)*)* }
            }

            /// Advice: what to do about the error.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $($(Self::$name => $advice,)*)* }
            }

            /// The part of Lipia that the code belongs to, such as `Amounts` or `Callbacks`.
            #[must_use]
            pub const fn section(self) -> &'static str {
                match self { $($(Self::$name)|* => $section,)* }
            }
        }
    };
}

error_codes! {
    "Phone numbers" {
        PhoneEmpty = "phone_empty", InvalidInput,
            "The phone number is empty.",
            "Give one number, such as 0712345678.";
        PhoneTooShort = "phone_too_short", InvalidInput,
            "The phone number has too few digits.",
            "Give the whole number, such as 0712345678.";
        PhoneTooLong = "phone_too_long", InvalidInput,
            "The phone number has too many digits, or there is more than one number.",
            "Give one number, such as 0712345678.";
        PhoneNotMobile = "phone_not_mobile", InvalidInput,
            "The number is not a mobile number.",
            "Give a number that starts with 07 or 01: M-Pesa prompts mobile phones only.";
        PhoneNotKenyan = "phone_not_kenyan", InvalidInput,
            "The number does not have Kenya's country code, 254.",
            "Give a Kenyan number: M-Pesa in Kenya prompts no other.";
        PhoneUnreadableCharacter = "phone_unreadable_character", InvalidInput,
            "The phone number contains a character that does not belong in one.",
            "Give plain digits: no letters, masks, quotes or extensions.";
        PhoneBadPlus = "phone_bad_plus", InvalidInput,
            "A plus sign stands somewhere else than directly before 254.",
            "Write +254712345678, or 0712345678 without a plus.";
        PhoneBadBrackets = "phone_bad_brackets", InvalidInput,
            "The round brackets in the phone number do not match.",
            "Write +254 (0)712 345 678, or simply 0712345678.";
        PhoneBadSeparator = "phone_bad_separator", InvalidInput,
            "A dot or a dash does not stand between two digits.",
            "Write 0712-345-678, or simply 0712345678.";
    }
    "Amounts" {
        AmountUnreadable = "amount_unreadable", InvalidInput,
            "The amount is not a plain number of shillings.",
            "Write digits only, such as 1000: no commas, signs, exponents or currency.";
        AmountFraction = "amount_fraction", InvalidInput,
            "The amount has a fraction, and M-Pesa takes whole shillings only.",
            "Round it where the customer can see the new price, or allow rounding by name.";
        AmountBelowMinimum = "amount_below_minimum", InvalidInput,
            "The amount is below KES 1.",
            "Ask for 1 shilling or more.";
        AmountAboveMaximum = "amount_above_maximum", InvalidInput,
            "The amount is above the client's limit, which is M-Pesa's own unless you set another.",
            "Ask for less. Raise the limit in the settings only if your gateway allows more.";
        AmountOutOfRange = "amount_out_of_range", InvalidInput,
            "The sum of money is larger than can be held exactly.",
            "Give a sum of at most 90,071,992,547,409.91.";
    }
    "References, descriptions and options of a push" {
        AccountReferenceEmpty = "account_reference_empty", InvalidInput,
            "The account reference is empty.",
            "Say what is paid for, such as an invoice number.";
        AccountReferenceTooLong = "account_reference_too_long", InvalidInput,
            "The account reference has more characters than the gateway takes.",
            "Shorten it, or allow truncation by name if losing the end does no harm.";
        AccountReferenceControlCharacter = "account_reference_control_character", InvalidInput,
            "The account reference contains a line break, a tab or another control character.",
            "Use letters, digits and spaces.";
        TransactionDescEmpty = "transaction_desc_empty", InvalidInput,
            "The description is empty.",
            "Say what is paid for, or leave the description out.";
        TransactionDescTooLong = "transaction_desc_too_long", InvalidInput,
            "The description has more characters than the gateway takes.",
            "Shorten it, or allow truncation by name if losing the end does no harm.";
        TransactionDescControlCharacter = "transaction_desc_control_character", InvalidInput,
            "The description contains a line break, a tab or another control character.",
            "Use letters, digits and spaces.";
        TransactionTypeUnknown = "transaction_type_unknown", InvalidInput,
            "The word is not a transaction type.",
            "Use CustomerPayBillOnline (pay bill) or CustomerBuyGoodsOnline (till).";
        PartyBMissing = "party_b_missing", InvalidInput,
            "Buy Goods needs the till number.",
            "Set `party_b` to the till that is paid; `short_code` is the head office or store number.";
        OptionUnknown = "option_unknown", InvalidInput,
            "The gateway does not have this option of a push.",
            "Leave it out; the error's hint lists the options that the gateway has.";
        ChannelIdMissing = "channel_id_missing", InvalidInput,
            "UpesiPay and PayHero need to know which payment channel is paid.",
            "Set `channel_id` on the client (UPESIPAY_CHANNEL_ID, PAYHERO_CHANNEL_ID), or as an option of the push.";
        ChannelIdUnreadable = "channel_id_unreadable", InvalidInput,
            "The channel id does not have the form that the gateway gives.",
            "Copy it from the gateway's dashboard.";
        CredentialIdUnreadable = "credential_id_unreadable", InvalidInput,
            "The credential id does not have the form that the gateway gives.",
            "Copy it from the gateway's dashboard.";
        CredentialIdNotAvailable = "credential_id_not_available", InvalidInput,
            "Generation 2 of UpesiPay's interface does not have a credential id.",
            "Leave it out, or use generation 1.";
        CustomerNameUnreadable = "customer_name_unreadable", InvalidInput,
            "The customer's name is empty, too long, or contains a control character.",
            "Give 1 to 100 characters on one line.";
    }
    "Callback URLs" {
        CallbackUrlMissing = "callback_url_missing", InvalidInput,
            "A push needs a URL for its result.",
            "Set `callback_url` on the client (MPESA_CALLBACK_URL), or give one with the push.";
        CallbackUrlEmpty = "callback_url_empty", InvalidInput,
            "The callback URL is empty.",
            "Give the public https:// address that the gateway reports to.";
        CallbackUrlUnreadable = "callback_url_unreadable", InvalidInput,
            "The callback URL is not a complete http or https URL.",
            "Write it like https://shop.example.co.ke/pay: no spaces, and other scripts percent-encoded.";
        CallbackUrlTooLong = "callback_url_too_long", InvalidInput,
            "The callback URL is longer than 500 bytes.",
            "Shorten its path or query; Lipia appends the payment's token.";
        CallbackUrlNotHttps = "callback_url_not_https", InvalidInput,
            "The callback URL does not start with https://.",
            "Give a public https:// address; plain http:// is allowed in the sandbox only.";
        CallbackUrlFragment = "callback_url_fragment", InvalidInput,
            "The callback URL has a fragment (#), which is never sent.",
            "Remove the # and what follows it.";
        CallbackUrlUserInfo = "callback_url_user_info", InvalidInput,
            "The callback URL contains a user name or a password.",
            "Remove everything before the @: the gateway does not log in.";
        CallbackUrlIpHost = "callback_url_ip_host", InvalidInput,
            "The callback URL has an IP address instead of a host name.",
            "Give a public host name with a certificate.";
        CallbackUrlPrivateHost = "callback_url_private_host", InvalidInput,
            "The callback URL's host is not reachable from the internet.",
            "Give a public host name, not localhost or a local one.";
        CallbackUrlSegment = "callback_url_segment", InvalidInput,
            "The text cannot be appended to the callback URL's path.",
            "Append a token of letters and digits.";
    }
    "Settings" {
        VariableMissing = "variable_missing", Configuration,
            "Environment variables are missing; the message names all of them.",
            "Set them. The hint names variables that are set under another usual name.";
        QueryVersionUnknown = "query_version_unknown", Configuration,
            "The query version is not one that Daraja has.",
            "Write v1 or v2.";
        VariableMisnamed = "variable_misnamed", Configuration,
            "An environment variable is set under a name that Lipia does not read, so the setting would have no effect.",
            "Rename it to the name that the message gives, or unset it.";
        VariableInQuotes = "variable_in_quotes", Configuration,
            "An environment variable has quotation marks as part of its value.",
            "Write NAME=value without them: `docker run --env-file` and some hosts keep quotation marks.";
        TillNumberOfAPayBill = "till_number_of_a_pay_bill", Configuration,
            "`MPESA_TILL_NUMBER` is set, and `MPESA_TRANSACTION_TYPE` says pay bill.",
            "For a till set `CustomerBuyGoodsOnline`, or leave the type out; for a pay bill leave the till number out.";
        MaxReferenceCharactersOutOfRange = "max_reference_characters_out_of_range", Configuration,
            "The limit of the account reference is zero, or above what the gateway is known to take.",
            "Give 1 to 14 at Daraja and UpesiPay, 1 to 120 at PalPluss.";
        VariableNotText = "variable_not_text", Configuration,
            "An environment variable is not valid UTF-8.",
            "Set it to plain text.";
        EnvironmentUnknown = "environment_unknown", Configuration,
            "The environment is neither sandbox nor production.",
            "Set MPESA_ENVIRONMENT to `sandbox` or `production`.";
        GenerationUnknown = "generation_unknown", Configuration,
            "UpesiPay's interface does not have this generation.",
            "Write 1 or 2.";
        GenerationNotAvailable = "generation_not_available", Configuration,
            "The gateway has generation 1 of the interface only.",
            "Leave `generation` out.";
        GatewayUnknown = "gateway_unknown", InvalidInput,
            "The word is not a gateway that Lipia knows.",
            "Write the gateway's name as the hint lists it.";
        AccountUnknown = "account_unknown", InvalidInput,
            "The name is not one of the accounts in Django's setting `LIPIA`.",
            "Give a name of `LIPIA[\"ACCOUNTS\"]`, or none for the first account.";
        GatewayNotAvailable = "gateway_not_available", Configuration,
            "This version of Lipia does not speak to that gateway.",
            "Update Lipia, or use another gateway.";
        SettingOfAnotherGateway = "setting_of_another_gateway", Configuration,
            "The gateway does not have this setting.",
            "Leave it out, or make a client of the gateway that has it.";
        TimeoutZero = "timeout_zero", Configuration,
            "The time for a call is zero.",
            "Give a few seconds at least; the default is 30.";
        SecondsUnreadable = "seconds_unreadable", InvalidInput,
            "The value is not a length of time.",
            "Give a number that is zero or more: seconds, in Node milliseconds.";
        BaseUrlMissing = "base_url_missing", Configuration,
            "The gateway has no confirmed address, so Lipia has no default for it.",
            "Take the address from the gateway's own documents and give it as `base_url` (PAYHERO_BASE_URL).";
        BaseUrlUnreadable = "base_url_unreadable", Configuration,
            "The base URL is not a URL of a host with an optional path.",
            "Give an address like https://api.safaricom.co.ke.";
        BaseUrlNotHttps = "base_url_not_https", Configuration,
            "The base URL is not https, so credentials would travel in the clear.",
            "Give an https:// address; http:// is allowed to this machine, and to your own sandbox at a host in `cleartext_hosts` (LIPIA_CLEARTEXT_HOSTS).";
        CleartextHostUnreadable = "cleartext_host_unreadable", Configuration,
            "An entry of `cleartext_hosts` is not the name or the address of a host.",
            "List whole host names or IP addresses alone, such as `10.0.2.2` or `sandbox`: without scheme, port and wildcard.";
        CleartextKeys = "cleartext_keys", Configuration,
            "The base URL is http to a host in `cleartext_hosts`, and a secret is not the sandbox's public one. Nothing was sent.",
            "Give an https:// address, or the keys that `lipia sandbox` prints.";
        CleartextInProduction = "cleartext_in_production", Configuration,
            "The environment is production, and the base URL is http to a host in `cleartext_hosts`.",
            "Give an https:// address, or set `environment` to `sandbox`.";
        ProxyUnreadable = "proxy_unreadable", Configuration,
            "An environment variable names a proxy that cannot be used.",
            "Write http://host:port, https://host:port or socks5://host:port; or unset it.";
        ApplicationUnreadable = "application_unreadable", Configuration,
            "The name of the program does not fit into a user agent.",
            "Give a name and a version, such as `duka/2.1`.";
        CaBundleUnreadable = "ca_bundle_unreadable", Configuration,
            "The file of certificates could not be read.",
            "Give the path of a file in PEM that this program may read.";
        TlsRootsUnknown = "tls_roots_unknown", Configuration,
            "The word is not a set of TLS roots.",
            "Write `bundled` or `operating_system`, or give a `ca_bundle`.";
        TlsRootsTwice = "tls_roots_twice", Configuration,
            "`ca_bundle` and `tls_roots` were both given, and exclude each other.",
            "Give one of them.";
        TlsRootsUnreadable = "tls_roots_unreadable", Configuration,
            "The CA bundle is not readable PEM.",
            "Give a PEM file with at least one `BEGIN CERTIFICATE` block.";
        TlsRootsEmpty = "tls_roots_empty", Configuration,
            "The CA bundle holds no certificate that can be used.",
            "Give a PEM file with at least one `BEGIN CERTIFICATE` block.";
        TlsFailed = "tls_failed", Configuration,
            "TLS could not be set up.",
            "Look at the error's causes; with roots of the operating system, check its store.";
        HttpClientFailed = "http_client_failed", Configuration,
            "HTTP could not be set up.",
            "Look at the error's causes.";
        NoEntropy = "no_entropy", Configuration,
            "The operating system gives no random numbers, so no payment id can be made that nobody guesses.",
            "Give the process access to the system's random numbers.";
        SourceAddressesMissing = "source_addresses_missing", Configuration,
            "`trusted_proxies` was given, and no sender's address is checked.",
            "Set `source_addresses` as well, or leave `trusted_proxies` out.";
        SourceAddressUnreadable = "source_address_unreadable", InvalidInput,
            "A source address is not an IP address or a range.",
            "Write 196.201.214.200, or a range like 196.201.214.0/24.";
        TrustedProxyUnreadable = "trusted_proxy_unreadable", InvalidInput,
            "A trusted proxy is not an IP address or a range.",
            "Write 10.0.0.7, or a range like 10.0.0.0/8.";
        CallbackSecretMissing = "callback_secret_missing", Configuration,
            "The list of callback secrets is empty.",
            "Give at least one, or leave the setting out.";
        CallbackSecretTooShort = "callback_secret_too_short", Configuration,
            "A callback secret has fewer than 16 bytes.",
            "Make one with `openssl rand -hex 32`.";
        CallbackSecretByChance = "callback_secret_by_chance", Configuration,
            "The client shares a ledger, and its callback secret would be made by chance: no other process could verify its callbacks.",
            "Give the callback secrets that every process of the ledger has.";
        CallbackSecretsDiffer = "callback_secrets_differ", Configuration,
            "Other processes of the ledger seal their callback URLs with other secrets, so neither side could verify the other's callbacks. Nothing was sent.",
            "Give every process the same callback secrets. To change one, put the new one first and keep the old one for a day.";
    }
    "Credentials" {
        KeysMissing = "keys_missing", Configuration,
            "The client has no credentials, and no provider to ask for them.",
            "Give the credentials, or a provider.";
        KeysTwice = "keys_twice", Configuration,
            "The client has a provider of credentials, and a credential as a setting.",
            "Give one of the two: a provider gives all credentials, with the short code.";
        KeysOfAnotherGateway = "keys_of_another_gateway", Configuration,
            "The provider gave the credentials of another gateway. Nothing was sent.",
            "Give each client a provider of its own gateway's credentials.";
        KeysNotProvided = "keys_not_provided", Storage,
            "The provider gave no credentials, so nothing was sent.",
            "Its own error is this error's cause. Try again once that is mended.";
        KeysNotInTime = "keys_not_in_time", Storage,
            "The provider gave no credentials in time, so nothing was sent.",
            "Try again, or allow the call more time.";
        ConsumerKeyEmpty = "consumer_key_empty", Configuration,
            "The consumer key is empty.",
            "Copy it from your app on the Daraja portal.";
        ConsumerKeyInQuotes = "consumer_key_in_quotes", Configuration,
            "The consumer key begins or ends with a quotation mark.",
            "Remove the quotation marks: `docker run --env-file` and some hosts keep them as part of the value.";
        ConsumerKeyUnreadable = "consumer_key_unreadable", Configuration,
            "The consumer key contains a character that does not belong in one.",
            "Copy it again: no spaces, line breaks or quotes.";
        ConsumerSecretEmpty = "consumer_secret_empty", Configuration,
            "The consumer secret is empty.",
            "Copy it from your app on the Daraja portal.";
        ConsumerSecretInQuotes = "consumer_secret_in_quotes", Configuration,
            "The consumer secret begins or ends with a quotation mark.",
            "Remove the quotation marks: `docker run --env-file` and some hosts keep them as part of the value.";
        ConsumerSecretUnreadable = "consumer_secret_unreadable", Configuration,
            "The consumer secret contains a character that does not belong in one.",
            "Copy it again: no spaces, line breaks or quotes.";
        PassKeyEmpty = "pass_key_empty", Configuration,
            "The pass key is empty.",
            "Copy it from the Daraja portal, or from Safaricom's message about going live.";
        PassKeyInQuotes = "pass_key_in_quotes", Configuration,
            "The pass key begins or ends with a quotation mark.",
            "Remove the quotation marks: `docker run --env-file` and some hosts keep them as part of the value.";
        PassKeyIsPassword = "pass_key_is_password", Configuration,
            "The pass key is the Password of one request: base64 of short code, pass key and timestamp.",
            "Give the Lipa na M-Pesa pass key itself: 64 letters and digits.";
        PassKeyIsSecurityCredential = "pass_key_is_security_credential", Configuration,
            "The pass key is a security credential: an encrypted initiator password, which STK Push does not use.",
            "Give the Lipa na M-Pesa pass key itself: 64 letters and digits.";
        PassKeyUnreadable = "pass_key_unreadable", Configuration,
            "The pass key contains a character that does not belong in one.",
            "Copy it again: no spaces, line breaks or quotes.";
        ShortCodeEmpty = "short_code_empty", Configuration,
            "The short code is empty.",
            "Give the pay bill number; for a till, the head office or store number.";
        ShortCodeUnreadable = "short_code_unreadable", Configuration,
            "The short code, or `party_b`, is not 5 to 7 digits.",
            "Give a number such as 174379, the sandbox's.";
        AccessTokenEmpty = "access_token_empty", Configuration,
            "The access token is empty.",
            "Give the token that the merchant's server gave.";
        AccessTokenInQuotes = "access_token_in_quotes", Configuration,
            "The access token begins or ends with a quotation mark.",
            "Remove the quotation marks: `docker run --env-file` and some hosts keep them as part of the value.";
        AccessTokenUnreadable = "access_token_unreadable", Configuration,
            "The access token cannot stand in an HTTP header.",
            "Give it as the server gave it, without `Bearer` before it.";
        ApiKeyEmpty = "api_key_empty", Configuration,
            "The API key is empty.",
            "Copy it from the PalPluss console.";
        ApiKeyInQuotes = "api_key_in_quotes", Configuration,
            "The API key begins or ends with a quotation mark.",
            "Remove the quotation marks: `docker run --env-file` and some hosts keep them as part of the value.";
        ApiKeyUnreadable = "api_key_unreadable", Configuration,
            "The API key contains a character that does not belong in one.",
            "Copy it again: no spaces, line breaks or quotes.";
        AuthTokenEmpty = "auth_token_empty", Configuration,
            "The token is empty.",
            "Copy it from the gateway's dashboard.";
        AuthTokenInQuotes = "auth_token_in_quotes", Configuration,
            "The token begins or ends with a quotation mark.",
            "Remove the quotation marks: `docker run --env-file` and some hosts keep them as part of the value.";
        AuthTokenUnreadable = "auth_token_unreadable", Configuration,
            "The token contains a character that does not belong in one.",
            "Copy it again: no spaces, line breaks or quotes.";
        UsernameUnreadable = "username_unreadable", Configuration,
            "The user name or the password is empty, or the user name contains a colon.",
            "Give both, or the ready token from the gateway's dashboard.";
    }
    "Payments" {
        PaymentAlreadySent = "payment_already_sent", PaymentState,
            "The payment was pushed before, and is not pushed a second time.",
            "Wait for it to learn what came of it. For another sale, reserve another payment.";
        LearntMeanwhile = "learnt_meanwhile", PaymentState,
            "A callback for the payment arrived while its push was being sent, so the push was not sent again.",
            "Look at the payment, or wait for it. Do not push it again.";
        PaymentNotSent = "payment_not_sent", PaymentState,
            "The payment was not pushed, so there is nothing to wait for.",
            "Push it first, or use `collect`, which does both.";
        NothingToAskBy = "nothing_to_ask_by", PaymentState,
            "No id of the prompt is known: the answer to the push was lost, or it was not pushed.",
            "Wait for the callback: it finds the payment by its URL.";
        PaymentOfAnotherGateway = "payment_of_another_gateway", InvalidInput,
            "The payment was reserved with another gateway than this client's.",
            "Resume it with a client of its own gateway.";
        PaymentUnreadable = "payment_unreadable", InvalidInput,
            "The text is not a payment that Lipia saved.",
            "Give the whole text that was saved.";
        PaymentFormUnknown = "payment_form_unknown", InvalidInput,
            "A later version of Lipia saved the payment.",
            "Update Lipia before you resume it.";
        PaymentIdUnreadable = "payment_id_unreadable", InvalidInput,
            "The text is not the id of a payment.",
            "Give 32 lower-case hexadecimal digits.";
        PaymentNotSaved = "payment_not_saved", Storage,
            "The payment could not be saved, so it was not sent.",
            "Mend the store, then push again.";
        PromptOfAnotherPayment = "prompt_of_another_payment", UnreadableAnswer,
            "The gateway named a prompt that another payment has.",
            "Do not push again. Let a person compare both payments with the gateway's own list.";
        TransactionOfAnotherPayment = "transaction_of_another_payment", UnreadableAnswer,
            "The gateway named a transaction that another payment has.",
            "Do not push again. Let a person compare both payments with the gateway's own list.";
        ReceiptOfAnotherPayment = "receipt_of_another_payment", UnreadableAnswer,
            "The gateway named a receipt that another payment has.",
            "Do not push again. Let a person compare both payments with the gateway's own list.";
        TransactionOfTwoPayments = "transaction_of_two_payments", UnreadableAnswer,
            "One transaction fits two payments whose answers were lost.",
            "Do not push again. Let a person compare both payments with the gateway's own list.";
        CheckoutRequestIdUnreadable = "checkout_request_id_unreadable", InvalidInput,
            "The text is not a CheckoutRequestID.",
            "Give the id that the acceptance carried, like ws_CO_191220191020363925.";
        TransactionUnreadable = "transaction_unreadable", InvalidInput,
            "The value does not hold a transaction of this gateway.",
            "Give the `details` of an acceptance or a status, or the body of a webhook.";
        OutcomeUnknownWord = "outcome_unknown_word", InvalidInput,
            "The word is not an outcome.",
            "Outcomes are written like `success`, `cancelled` or `pending`.";
    }
    "Orders" {
        OrderUnreadable = "order_unreadable", InvalidInput,
            "The text cannot name an order or a shop.",
            "Give printable characters without white space around them, within the length that the message names.";
        OrderNeedsRequest = "order_needs_request", InvalidInput,
            "The verb does not claim orders, and the push names one.",
            "Use `request` or `collect`, or leave the order out.";
        OrderPaidDifferently = "order_paid_differently", PaymentState,
            "The order is paid, and another amount was asked for it.",
            "Look at the payment that the error names. For a further payment, use another order.";
        OrderAskedDifferently = "order_asked_differently", PaymentState,
            "The order has an open payment with another amount or phone number.",
            "Wait for the payment that the error names. Release its order only when that customer cannot pay any more: the prompt has ended, or the statement shows nothing.";
        OrderOfAnotherAccount = "order_of_another_account", PaymentState,
            "The order has a payment of another account, which may yet be paid.",
            "Use the client that pushed it, or give each merchant a shop of its own.";
        OrderBusy = "order_busy", PaymentState,
            "Other processes claimed and freed the order all the time.",
            "Ask for it again.";
        OrderInFlight = "order_in_flight", PaymentState,
            "A push for the order is being sent, so the order cannot be released.",
            "Wait until the push has ended, a minute at most.";
        OrderNotHeld = "order_not_held", PaymentState,
            "No payment holds the order, so there is nothing to release.",
            "Request it: it is free.";
        SenderTooLate = "sender_too_late", PaymentState,
            "The process was stopped for longer than the lease of its claim, so the push was not sent.",
            "Look at the payment, which another process may have taken up.";
        PaymentNotInLedger = "payment_not_in_ledger", InvalidInput,
            "The ledger has no such payment, or more than one whose id begins so.",
            "Give the whole id, or a beginning of at least 8 digits that one payment has.";
        PaymentNotOpen = "payment_not_open", PaymentState,
            "The payment is settled, or is being sent, so there is nothing to resolve.",
            "Look at the payment.";
        NothingToTell = "nothing_to_tell", PaymentState,
            "The payment is open or was not sent, so there is nothing to tell the shop of it.",
            "It is told by itself once its outcome is known.";
        PaymentOfAnotherShop = "payment_of_another_shop", InvalidInput,
            "Another shop, or the other environment, of the ledger has the payment.",
            "Name that shop and environment.";
        ImportNeedsCredentials = "import_needs_credentials", Configuration,
            "The payment may yet be paid, and nobody says which account can ask about it.",
            "Give the credentials of the account that pushed it.";
        ReceiptTaken = "receipt_taken", InvalidInput,
            "Another payment has the receipt.",
            "Compare both payments with the merchant's statement.";
        ReceiptUnreadable = "receipt_unreadable", InvalidInput,
            "The text is not a receipt of M-Pesa's.",
            "Give the letters and digits that the statement shows, such as `SKL1234567`.";
    }
    "Sending and asking" {
        NotConnected = "not_connected", Connection,
            "The gateway could not be reached: no byte of the request left.",
            "Try again. The hint names the usual cause: a name, a firewall, a proxy or a certificate.";
        NotConnectedInTime = "not_connected_in_time", Connection,
            "No connection was made in time: no byte of the request left.",
            "Try again, or allow the call more time. Usually a firewall.";
        AnswerLost = "answer_lost", NoAnswer,
            "The connection broke after the request had left.",
            "After a push a phone may have been prompted: wait, and do not push again. A query may be asked again.";
        NoAnswerInTime = "no_answer_in_time", NoAnswer,
            "The request left, and no whole answer came in time.",
            "After a push a phone may have been prompted: wait, and do not push again. A query may be asked again.";
        UnreadableAnswer = "unreadable_answer", UnreadableAnswer,
            "The gateway's answer has no known shape.",
            "Check the base URL. After a push a phone may have been prompted: wait, and do not push again.";
        NoTokenInTime = "no_token_in_time", Connection,
            "The gateway gave no token in time, so nothing was sent.",
            "Try again, or allow the call more time. Where it never answers, a firewall is usual.";
        TokenUnreadable = "token_unreadable", UnreadableAnswer,
            "The gateway gave a token that cannot stand in an HTTP header. Nothing was sent.",
            "Check the base URL.";
        TokenReplaced = "token_replaced", Connection,
            "The gateway refused every token in time, though the credentials are right. Nothing was sent.",
            "Another program with the same credentials keeps renewing the token: let both share one client, or try again.";
        RequestAbandoned = "request_abandoned", NoAnswer,
            "A request ended before its push left: its runtime ended, or a panic ended it. Nothing was sent.",
            "Request the order again.";
        RuntimeEnded = "runtime_ended", NoAnswer,
            "The Tokio runtime ended while the push was on its way.",
            "A phone may have been prompted. Resume the payment and wait for it; do not push again.";
        NotToldInTime = "not_told_in_time", NoAnswer,
            "A wait ended before the gateway told the outcome.",
            "Ask again later, or wait longer; do not push again.";
        QuestionPaced = "question_paced", RateLimited,
            "The account has asked as many questions as the gateway takes at a time. Nothing was sent.",
            "Ask again later, allow the call more time, or set another pace for questions.";
        GuardPhoneClosed = "guard_phone_closed", Blocked,
            "Nothing was sent: one more failed push to this phone could make the gateway block it.",
            "Wait until the time that the error names. A payment by another way is not affected.";
        GuardAccountClosed = "guard_account_closed", Blocked,
            "Nothing was sent: one more failed push of this account could make the gateway block it.",
            "Wait until the time that the error names; each open push that is paid makes room at once.";
        GuardGatewayBan = "guard_gateway_ban", Blocked,
            "Nothing was sent: the gateway has blocked pushes of this account, or to this phone, for a while.",
            "Wait until the time that the error names.";
        GuardStoreFailed = "guard_store_failed", Storage,
            "The store of the guard did not answer. Nothing was sent.",
            "Mend the store, then push again.";
    }
    "The place of the ledger" {
        LedgerMissing = "ledger_missing", Configuration,
            "The command needs a ledger, and none is named.",
            "Give `--ledger sqlite:///` and the whole path of a file, or set LIPIA_LEDGER.";
        LedgerFailed = "ledger_failed", Storage,
            "The ledger's store did not carry out a command.",
            "Its own error is this error's cause. Mend the store, then try again.";
        LedgerAddressUnknown = "ledger_address_unknown", Configuration,
            "The address of the ledger cannot be read, or is of a kind that this build of Lipia does not have.",
            "Give `sqlite:///` and the whole path of a file (feature `sqlite`), or `postgres://user:password@host/database` (feature `postgres`).";
        LedgerAccountUnreadable = "ledger_account_unreadable", Configuration,
            "The name of the account in the ledger is empty.",
            "Give a name, or leave it out.";
        LedgerPathRefused = "ledger_path_refused", Configuration,
            "The path of the ledger's file cannot be used.",
            "Give the whole path of a file of its own, in a folder that exists and that no deployment replaces.";
        LedgerDiskRefused = "ledger_disk_refused", Configuration,
            "The ledger's file is on a network disk, or in a folder that a virtual machine shares with its host, where SQLite damages it.",
            "Put the file on a disk of this machine, or in a container on a named volume.";
        LedgerReadOnly = "ledger_read_only", Configuration,
            "The ledger's file or its folder, or the ledger's database or its tables, cannot be written to.",
            "Let the user of the process write to both: SQLite keeps two more files beside it. In PostgreSQL, use the primary server and grant the role its rights.";
        LedgerFull = "ledger_full", Storage,
            "The disk of the ledger is full.",
            "Free some space. Until then no push is sent.";
        LedgerLocked = "ledger_locked", Storage,
            "A command of the ledger waited for some seconds, in vain: another process held a lock, or the database was too busy.",
            "End the process or the tool that holds it, such as a `sqlite3` or `psql` shell in a transaction.";
        LedgerCorrupt = "ledger_corrupt", Configuration,
            "The ledger's file or database is damaged, or the file is not a SQLite file.",
            "Put a copy from a backup in its place; keep the damaged file for `sqlite3 FILE .recover`.";
        LedgerOfLaterVersion = "ledger_of_later_version", Configuration,
            "A later version of Lipia has written the ledger, in a form that this version cannot use.",
            "Update Lipia in this process.";
        LedgerOpenBeforeFork = "ledger_open_before_fork", Configuration,
            "The parent of this process had the ledger's file open when it forked.",
            "Close the ledger before the fork; parent and child open it again by themselves.";
        LedgerUnreachable = "ledger_unreachable", Storage,
            "The ledger's database cannot be reached, or takes no connection now.",
            "See whether PostgreSQL runs, whether host and port are right, and how many connections it allows.";
        LedgerLoginRefused = "ledger_login_refused", Configuration,
            "PostgreSQL refuses the user or the password of the ledger's address.",
            "Check both, and `pg_hba.conf`. Characters such as `@` in a password are written as `%40`.";
        LedgerDatabaseMissing = "ledger_database_missing", Configuration,
            "PostgreSQL has no database of the name in the ledger's address.",
            "Create the database, or correct its name.";
        LedgerTlsFailed = "ledger_tls_failed", Configuration,
            "The connection to the ledger's database could not be encrypted, or its certificate not be confirmed.",
            "Give `sslrootcert=` the certificate of its authority, or see what `sslmode` in the address asks for.";
        LedgerNotMigrated = "ledger_not_migrated", Configuration,
            "The ledger's tables are missing or of an earlier version, and the role in its address may not make them.",
            "Run `lipia payments migrate` once with the address of a role that may.";
    }
    "Callbacks" {
        CallbackTokenMissing = "callback_token_missing", InvalidCallback,
            "The request's path carries no token of a payment.",
            "Route everything below the callback URL to Lipia, and hand over the whole path.";
        CallbackTokenWrong = "callback_token_wrong", InvalidCallback,
            "The token in the path was not made with any of our secrets.",
            "It is forged, or the callback secret has changed: keep the old one beside the new one for a day.";
        CallbackAddressMissing = "callback_address_missing", InvalidCallback,
            "The sender's address is to be checked, and was not given.",
            "Give the connection's address, or `unix` for a Unix socket, and the X-Forwarded-For headers.";
        CallbackAddressRefused = "callback_address_refused", InvalidCallback,
            "The callback did not come from an admitted address.",
            "Check `source_addresses`. X-Forwarded-For counts only from `trusted_proxies`.";
        TooLarge = "too_large", InvalidCallback,
            "The body is larger than 64 KiB. A callback is under 1 KiB.",
            "Keep the body and query the payment.";
        EmptyBody = "empty_body", InvalidCallback,
            "The body is empty.",
            "Pass the request's body exactly as it came, and read it before a parser does.";
        InvalidUtf8 = "invalid_utf8", InvalidCallback,
            "The body is not UTF-8.",
            "Pass the request's body exactly as it came, as bytes.";
        InvalidJson = "invalid_json", InvalidCallback,
            "The body is not JSON.",
            "Pass the request's body exactly as it came, as bytes.";
        TooDeep = "too_deep", InvalidCallback,
            "The body is nested more than 64 levels deep.",
            "Keep the body and query the payment.";
        DuplicateKey = "duplicate_key", InvalidCallback,
            "An object has the same name twice, and parsers disagree about which one counts.",
            "Keep the body and query the payment.";
        NotAnObject = "not_an_object", InvalidCallback,
            "The body is JSON, but not an object.",
            "Pass the body exactly as it came: not in a list, and not encoded a second time.";
        UnrecognisedShape = "unrecognised_shape", InvalidCallback,
            "The body does not have the shape of any known callback.",
            "Name the gateway if you know who sent it, and look at the body.";
        MissingBody = "missing_body", InvalidCallback,
            "The body is not a Daraja callback: it has no `Body` object.",
            "Pass the whole body, from the outermost brace; the answer to a query is not a callback.";
        MissingStkCallback = "missing_stk_callback", InvalidCallback,
            "The body is not a callback for an STK push: it has no `Body.stkCallback` object.",
            "Other products of Daraja have callbacks of their own: give each its own URL.";
        BadCheckoutRequestId = "bad_checkout_request_id", InvalidCallback,
            "The callback's id of the prompt is missing, or has a form that no id has.",
            "Do not believe it: query the payments that are still open.";
        BadResultCode = "bad_result_code", InvalidCallback,
            "The callback's result code is missing, or neither an integer nor a short token.",
            "Do not believe it either way: query the payment.";
        UnexpectedEvent = "unexpected_event", InvalidCallback,
            "The PalPluss webhook is not about a transaction.",
            "Pass the whole body, from the outermost brace.";
        MissingTransaction = "missing_transaction", InvalidCallback,
            "The PalPluss webhook has no object `transaction`.",
            "Do not believe it: query the payments that are still open.";
        MissingTransactionId = "missing_transaction_id", InvalidCallback,
            "The PalPluss webhook's transaction has no `id`.",
            "Do not believe it: query the payments that are still open.";
        MissingStatus = "missing_status", InvalidCallback,
            "The callback has no `status`.",
            "Do not believe it either way: query the payment.";
    }
    "The command line" {
        PhoneNotText = "phone_not_text", InvalidInput,
            "An argument of `lipia phone` is not text.",
            "Give the number as UTF-8.";
        FileUnreadable = "file_unreadable", InvalidInput,
            "A file for `lipia callback` could not be read.",
            "Give the path of a file that you may read, or `-` for standard input.";
        CouldNotRun = "could_not_run", Configuration,
            "The command could not run on this machine: a port is taken, say.",
            "The message says what is missing.";
        SandboxInProduction = "sandbox_in_production", Configuration,
            "`--sandbox` was given, and MPESA_ENVIRONMENT does not say sandbox.",
            "Leave `--sandbox` out to prompt a real phone, or unset the variable.";
        PostAddressRefused = "post_address_refused", Configuration,
            "`lipia listen`, `trigger` and `replay` post callbacks to plain `http` on this machine, and this is another address.",
            "Give `http://127.0.0.1:8000`, say. For an app on another machine of your own network, name its host with `--allow-host` too.";
        RelayFileRefused = "relay_file_refused", Configuration,
            "The file in which `lipia listen` keeps callbacks cannot be used.",
            "The message says why. Give another path with `--file`.";
        RelayFileInUse = "relay_file_in_use", Configuration,
            "Another `lipia listen` keeps its callbacks in this file.",
            "End the other one, or give this one a file of its own with `--file`.";
        TriggerInProduction = "trigger_in_production", Configuration,
            "`lipia trigger` tells a shop of a payment that never was, so it is for the sandbox alone.",
            "Set MPESA_ENVIRONMENT=sandbox and give a payment of the sandbox. `lipia replay` posts what is true, in production too.";
        NothingToReplay = "nothing_to_replay", PaymentState,
            "The ledger has no callback of this payment, and does not know enough of it to write one.",
            "Ask the gateway what became of it: `lipia payments ask PAYMENT`.";
        PaymentFileNotRegular = "payment_file_not_regular", InvalidInput,
            "The path is not that of a regular file.",
            "Give the path of a regular file, or of one that does not exist yet. Links are not followed.";
        PaymentFileUnreadable = "payment_file_unreadable", InvalidInput,
            "The payment's file cannot be read.",
            "Give the path of a file that you may read and write.";
        PaymentFileInUse = "payment_file_in_use", PaymentState,
            "The file holds another payment, which was not sent yet.",
            "Give the same phone, amount, reference and options to push that payment, or give another file.";
    }
    "The packages for Python, Node, Kotlin and Swift" {
        TypeNotAccepted = "type_not_accepted", InvalidInput,
            "An argument has a type that does not belong there.",
            "Give the type that the hint names.";
        ArgumentUnknown = "argument_unknown", InvalidInput,
            "An option with this name does not exist.",
            "The hint names the nearest one that does.";
        FitUnknown = "fit_unknown", InvalidInput,
            "The word for what becomes of a text that is too long is not known.",
            "Write `refuse` or `truncate`.";
        TextNotUnicode = "text_not_unicode", InvalidInput,
            "A text holds half a character, which no message can carry.",
            "Decode it with the encoding that it was written in.";
        NumberOutOfRange = "number_out_of_range", InvalidInput,
            "A number is not a whole number within its limits.",
            "Give a number within the limits that the message names.";
        TimeWithoutZone = "time_without_zone", InvalidInput,
            "A time has no zone, so it is not an instant.",
            "Give a time with its zone.";
        TimeNotValid = "time_not_valid", InvalidInput,
            "The instant cannot be written as a timestamp.",
            "Give the time of now.";
        TimeTooShort = "time_too_short", InvalidInput,
            "A length of time is too short: it was perhaps meant in seconds.",
            "Give milliseconds.";
        OrderNotSaved = "order_not_saved", InvalidInput,
            "The Django order has no primary key yet, so nothing can be known by it.",
            "Save the order first.";
        PaymentOfAnotherProcess = "payment_of_another_process", PaymentState,
            "The live payment is held by the process that made it, and this is another one.",
            "Save it there, and resume it here.";
        PaymentClosed = "payment_closed", PaymentState,
            "The live payment was closed.",
            "Find or resume it again.";
        ClientClosed = "client_closed", Configuration,
            "The client was closed.",
            "Make another; payments that were saved can be resumed with it.";
        Aborted = "aborted", NoAnswer,
            "Your `AbortSignal` fired. What has left goes on.",
            "Look at `error.payment`, and wait for it.";
    }
}

impl ErrorCode {
    /// The code with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<ErrorCode> for String {
    fn from(code: ErrorCode) -> Self {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;
    use std::collections::HashSet;

    #[test]
    fn every_code_stands_once_and_explains_itself() {
        let mut words = HashSet::new();
        for code in ErrorCode::ALL {
            assert!(words.insert(code.as_str()), "{code} stands twice");
            assert_eq!(ErrorCode::from_word(code.as_str()), Some(*code));
            for text in [code.meaning(), code.advice()] {
                assert!(
                    text.ends_with('.') && !text.contains("  "),
                    "{code}: {text:?}"
                );
            }
        }
    }

    #[test]
    fn a_variant_is_named_as_its_word() {
        for code in ErrorCode::ALL {
            let word = code.as_str().replace('_', "");
            assert_eq!(format!("{code:?}").to_lowercase(), word);
        }
    }
}
