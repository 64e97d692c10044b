//! The names of spans, attributes and counters: one table for `tracing`, for observers and for every language's bridge.
//!
//! What OpenTelemetry's semantic conventions name has their names; everything else begins with `lipia.`.

/// Declares an enum of names, with `ALL` and `as_str`.
macro_rules! names {
    ($(#[$kind:meta])+ $name:ident { $($(#[$doc:meta])+ $variant:ident = $text:literal,)+ }) => {
        $(#[$kind])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$doc])+ $variant,)+ }

        impl $name {
            /// Every name, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as a collector shows it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

names! {
    /// The name of a span.
    ///
    /// ```
    /// assert_eq!(lipia::telemetry::SpanName::Push.as_str(), "lipia.push");
    /// ```
    SpanName {
        /// One push: from its credentials to what came of it.
        Push = "lipia.push",
        /// One question about a prompt or a payment.
        Query = "lipia.query",
        /// A token that is fetched, or taken from the processes of the ledger.
        Token = "lipia.token",
        /// One callback that is taken in.
        Callback = "lipia.callback",
        /// One call of the handler of outcomes.
        Telling = "lipia.telling",
        /// A pass over the ledger, or one payment or callback that the background work takes up.
        Reconcile = "lipia.reconcile",
        /// One HTTP request with the method GET.
        Get = "GET",
        /// One HTTP request with the method POST.
        Post = "POST",
    }
}

impl SpanName {
    /// The counter of finished spans of this name.
    #[must_use]
    pub const fn counter(self) -> Option<&'static str> {
        match self {
            Self::Push => Some("lipia.pushes"),
            Self::Query => Some("lipia.queries"),
            Self::Token => Some("lipia.tokens"),
            Self::Callback => Some("lipia.callbacks"),
            Self::Telling => Some("lipia.tellings"),
            Self::Reconcile => Some("lipia.reconciliations"),
            Self::Get | Self::Post => None,
        }
    }

    /// Whether the span is a request to a server: OpenTelemetry's kind `CLIENT`. Every other span is `INTERNAL`.
    #[must_use]
    pub const fn is_client(self) -> bool {
        matches!(self, Self::Get | Self::Post)
    }
}

names! {
    /// The name of an attribute. None ever holds a secret, a whole phone number, or an id that embeds one.
    ///
    /// ```
    /// assert_eq!(lipia::telemetry::Attribute::ErrorType.as_str(), "error.type");
    /// ```
    Attribute {
        /// The gateway: `daraja`, `palpluss`, `upesipay` or `payhero`.
        Gateway = "lipia.gateway",
        /// `sandbox` or `production`.
        Environment = "lipia.environment",
        /// How it ended, in one word; `cancelled` where its caller left.
        Result = "lipia.result",
        /// The outcome of the payment, as far as it is known.
        Outcome = "lipia.outcome",
        /// What an error says about the money.
        Disposition = "lipia.disposition",
        /// The id of the payment.
        PaymentId = "lipia.payment.id",
        /// The shop's order, its customer's number masked.
        Order = "lipia.order",
        /// The customer's phone number, masked.
        PhoneNumber = "lipia.phone_number",
        /// How often the payment was told, this telling included.
        Attempt = "lipia.telling.attempt",
        /// The code of the error.
        ErrorType = "error.type",
        /// The method of an HTTP request.
        HttpRequestMethod = "http.request.method",
        /// How often the request was sent before.
        HttpRequestResendCount = "http.request.resend_count",
        /// The status of the answer.
        HttpResponseStatusCode = "http.response.status_code",
        /// The gateway's host.
        ServerAddress = "server.address",
        /// The gateway's port.
        ServerPort = "server.port",
    }
}

impl Attribute {
    /// Whether counters are kept apart by this attribute: it has few values.
    #[must_use]
    pub const fn is_counted_by(self) -> bool {
        matches!(
            self,
            Self::Gateway | Self::Environment | Self::Result | Self::Outcome | Self::ErrorType
        )
    }
}
