//! The closed lists of the core, as enums of each language.

/// Makes an enum of one of the core's, with the same words. `otherwise` stands for what the core may add one day; that
/// nothing is missing today is tested below.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident of $theirs:ty $(, otherwise $otherwise:ident)?;
        $($(#[$variant_doc:meta])* $variant:ident = $core:ident,)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, uniffi::Enum)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        #[uniffi::export]
        impl $name {
            /// The word for it in JSON, on the command line and in every other language.
            pub fn word(&self) -> String {
                <$theirs>::from(*self).as_str().to_owned()
            }
        }

        impl From<$theirs> for $name {
            fn from(core: $theirs) -> Self {
                match core {
                    $(<$theirs>::$core => Self::$variant,)*
                    $(_ => Self::$otherwise,)?
                }
            }
        }

        impl From<$name> for $theirs {
            fn from(ours: $name) -> Self {
                match ours {
                    $($name::$variant => Self::$core,)*
                }
            }
        }
    };
}

words! {
    /// What became of a push: a closed list, the same in every language. Only `success` is money received; `pending` and
    /// `unknown` are still being asked.
    Outcome of lipia::Outcome;
    /// The customer paid.
    Success = Success,
    /// The customer cancelled the prompt.
    Cancelled = Cancelled,
    /// The phone could not be reached, or nobody answered the prompt.
    Timeout = Timeout,
    /// The customer's balance, with any overdraft, is too low.
    InsufficientFunds = InsufficientFunds,
    /// The customer entered a wrong M-Pesa PIN.
    WrongPin = WrongPin,
    /// A limit on amount, day or balance stands in the way.
    Limit = Limit,
    /// The prompt or its session ran out before it was completed.
    Expired = Expired,
    /// The prompt never reached the phone.
    PushNotDelivered = PushNotDelivered,
    /// The customer has another M-Pesa session open.
    SubscriberBusy = SubscriberBusy,
    /// The customer's PIN is locked.
    CustomerLocked = CustomerLocked,
    /// The customer's M-Pesa account does not allow the payment.
    CustomerAccountState = CustomerAccountState,
    /// Something in the merchant's settings or account stands in the way.
    MerchantConfig = MerchantConfig,
    /// M-Pesa or the gateway failed.
    ProviderError = ProviderError,
    /// It failed, and the code does not tell why.
    Failed = Failed,
    /// It was paid and then taken back.
    Reversed = Reversed,
    /// The customer has yet to answer, or M-Pesa is still at it.
    Pending = Pending,
    /// Nobody can tell yet. It may have been paid: look, do not push again.
    Unknown = Unknown,
}

#[uniffi::export]
impl Outcome {
    /// Whether the money was received.
    pub fn is_paid(&self) -> bool {
        lipia::Outcome::from(*self).is_paid()
    }

    /// Whether no later answer for the same push is expected to change it.
    pub fn is_final(&self) -> bool {
        lipia::Outcome::from(*self).is_final()
    }
}

words! {
    /// What an error says about the customer's money.
    Disposition of lipia::Disposition;
    /// Nothing left this phone, or the gateway refused before it acted. Nobody was prompted.
    NotSent = NotSent,
    /// The gateway read the request and said no. Nobody was prompted.
    Rejected = Rejected,
    /// A customer may have been prompted. Look; do not send again.
    Unknown = Unknown,
}

words! {
    /// What kind of trouble it is: a closed list, named for what the developer looks at next.
    ErrorKind of lipia::ErrorKind;
    /// An argument is not valid; the error's `field` names it. Found before anything was sent.
    InvalidInput = InvalidInput,
    /// A setting is missing or not valid. Found before anything was sent.
    Configuration = Configuration,
    /// The step does not fit the payment's state: it was sent already, or is settled.
    PaymentState = PaymentState,
    /// The gateway does not accept the keys.
    Authentication = Authentication,
    /// The gateway accepts the keys but not the short code and pass key.
    Credentials = Credentials,
    /// The gateway refused the request as it stands.
    InvalidRequest = InvalidRequest,
    /// The customer has another M-Pesa prompt open; nothing was sent to the phone.
    SubscriberBusy = SubscriberBusy,
    /// Too many requests, and no time left in this call to wait it out.
    RateLimited = RateLimited,
    /// The gateway, or Lipia's own guard ahead of it, has closed the door for a while.
    Blocked = Blocked,
    /// The gateway could not be reached: no byte of the request left.
    Connection = Connection,
    /// The request left and no whole answer came back in time.
    NoAnswer = NoAnswer,
    /// The gateway answered that it failed.
    ProviderError = ProviderError,
    /// The gateway's answer fits no known shape.
    UnreadableAnswer = UnreadableAnswer,
    /// A callback body is not one, or not one that can be trusted.
    InvalidCallback = InvalidCallback,
    /// Something of the app's own failed (its payment store, its credentials provider), so nothing was sent.
    Storage = Storage,
}

words! {
    /// What to do about an error: a closed list.
    Remedy of lipia::Remedy;
    /// Correct the argument that the error's `field` names.
    CorrectInput = CorrectInput,
    /// Correct the settings or credentials.
    CorrectSettings = CorrectSettings,
    /// The step does not fit the payment as it is: look at the payment, and do not push it again.
    LookAtPayment = LookAtPayment,
    /// A customer may have been prompted: wait for the outcome, and do not send again.
    FindOut = FindOut,
    /// It is safe to send again, after the error's `retryAfter` where that is known.
    TryAgain = TryAgain,
    /// Send nothing for a while: the gateway, or the guard ahead of it, has closed the door.
    HoldBack = HoldBack,
    /// The gateway refused this request; sending it again as it stands brings the same.
    ChangeRequest = ChangeRequest,
    /// Believe nothing of this callback.
    Disbelieve = Disbelieve,
}

words! {
    /// Where pushes are sent.
    GatewayName of lipia::GatewayName, otherwise Daraja;
    /// Safaricom's own API.
    Daraja = Daraja,
    /// PalPluss.
    PalPluss = PalPluss,
    /// UpesiPay.
    UpesiPay = UpesiPay,
}

words! {
    /// How far a payment has come.
    PaymentState of lipia::PaymentState;
    /// It exists and nothing of it was sent, or what was sent was refused: pushing it prompts nobody twice.
    Reserved = Reserved,
    /// Its push is on the way. Read from storage after a crash, this means: it may have been sent.
    Sending = Sending,
    /// The answer to its push was lost. The customer may have been prompted; it is never pushed again.
    Unknown = Unknown,
    /// The gateway took the push. Not a payment yet.
    Accepted = Accepted,
    /// Its outcome is known.
    Settled = Settled,
}

words! {
    /// What was made of a callback.
    Verdict of lipia::Verdict;
    /// It fits, and the payment has moved forward.
    Believed = Believed,
    /// The payment knew it already.
    Duplicate = Duplicate,
    /// It does not fit this payment. It is kept with the payment, flagged, and changed nothing.
    Mismatch = Mismatch,
    /// It says that money came, and the gateway did not confirm that when asked. The payment is still open.
    NotConfirmed = NotConfirmed,
}

words! {
    /// What handing something to a payment did.
    Change of lipia::Change;
    /// It moved forward.
    Moved = Moved,
    /// It knew that already: a duplicate, or older news.
    Nothing = Nothing,
    /// It does not fit this payment. It is kept and flagged, and nothing was believed.
    Flagged = Flagged,
}

words! {
    /// How one field of an event compares with what was asked for.
    FieldComparison of lipia::FieldCheck;
    /// Both sides say the same.
    Matches = Matches,
    /// They say different things.
    Differs = Differs,
    /// One side says nothing, or hides too much to tell.
    NotStated = NotStated,
}

words! {
    /// Who can do something about an outcome.
    Fault of lipia::Fault;
    /// Nobody: nothing is wrong.
    Nobody = None,
    /// The payer.
    Customer = Customer,
    /// The merchant, or the merchant's developer.
    Merchant = Merchant,
    /// Safaricom, or the gateway.
    Provider = Provider,
    /// The payer or Safaricom; the code does not tell.
    CustomerOrProvider = CustomerOrProvider,
    /// The merchant or Safaricom; the code does not tell.
    MerchantOrProvider = MerchantOrProvider,
    /// Not known.
    Unknown = Unknown,
}

words! {
    /// How well the meaning of a result code is known.
    Confidence of lipia::Confidence;
    /// Seen in real traffic.
    Observed = Observed,
    /// Two or more independent sources agree.
    Confirmed = Confirmed,
    /// One source says so.
    OneSource = OneSource,
    /// Sources contradict each other.
    Contested = Contested,
    /// Carried over from another product, or inferred.
    Guess = Guess,
    /// No source at all.
    NotFound = NotFound,
}

words! {
    /// Which of the merchant's products is paid. Daraja alone.
    TransactionType of lipia::TransactionType;
    /// A pay bill number.
    PayBill = PayBill,
    /// A till. Needs `partyB`.
    BuyGoods = BuyGoods,
}

words! {
    /// Which generation of UpesiPay's interface takes the pushes.
    UpesiPayGeneration of lipia::UpesiPayGeneration;
    /// `/api/v2/payments`: the one that UpesiPay documents.
    One = One,
    /// `/api/v2/collections/initiate/`: the one that programs of 2026 use.
    Two = Two,
}

words! {
    /// Which of a gateway's systems is spoken to.
    GatewayEnvironment of lipia::Environment;
    /// Safaricom's test system. A prompt to a real Safaricom phone still moves real money there.
    Sandbox = Sandbox,
    /// The real thing.
    Production = Production,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gateway_of_the_core_keeps_its_word() {
        for gateway in lipia::GatewayName::ALL {
            assert_eq!(GatewayName::from(gateway).word(), gateway.as_str());
        }
    }
}
