//! The lists. Made from the core's lists by `make documents`: do not edit.

words! {
    /// What came of a push. Only `success` is money received.
    ///
    /// `pending` and `unknown` are *not* failures: the customer may still pay or may have paid already, so neither is
    /// ever a reason to prompt again.
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
    /// The merchant's short code, till or product is not set up for this.
    MerchantConfig = MerchantConfig,
    /// M-Pesa or the gateway failed.
    ProviderError = ProviderError,
    /// Not paid, and no reason is known.
    Failed = Failed,
    /// Paid, and the money was returned.
    Reversed = Reversed,
    /// The prompt is live or the payment is being processed.
    Pending = Pending,
    /// Nobody can say yet: it may have been paid. Ask, do not prompt again.
    Unknown = Unknown,
}

words! {
    /// What an error says about the customer's money.
    Disposition of lipia::Disposition;
    /// Nothing left this device, or the gateway refused before it acted. No phone was prompted.
    NotSent = NotSent,
    /// The gateway refused the request. No phone was prompted.
    Rejected = Rejected,
    /// A phone may have been prompted. Wait for the callback or query; do not send again.
    Unknown = Unknown,
}

words! {
    /// What kind of trouble an error is, named for what the developer looks at next.
    ErrorKind of lipia::ErrorKind;
    /// An argument is not valid; the error's `field` names it. Found before anything was sent.
    InvalidInput = InvalidInput,
    /// A setting is missing or not valid. Found before anything was sent.
    Configuration = Configuration,
    /// The step does not fit the payment's state: it was sent already, or is settled.
    PaymentState = PaymentState,
    /// The gateway does not accept the credentials.
    Authentication = Authentication,
    /// The gateway accepts the API credentials, but not the short code and pass key.
    Credentials = Credentials,
    /// The gateway refused the request as it stands.
    InvalidRequest = InvalidRequest,
    /// The customer has another M-Pesa prompt open; nothing was sent to the phone.
    SubscriberBusy = SubscriberBusy,
    /// Too many requests, and no time left in this call to wait it out.
    RateLimited = RateLimited,
    /// The gateway, or Lipia's own guard ahead of it, refuses all pushes for a while.
    Blocked = Blocked,
    /// The gateway could not be reached: no byte of the request left.
    Connection = Connection,
    /// The request left and no whole answer came back in time.
    NoAnswer = NoAnswer,
    /// The gateway answered that it failed.
    ProviderError = ProviderError,
    /// The gateway's answer fits no known shape.
    UnreadableAnswer = UnreadableAnswer,
    /// The body is not a callback, or not one that can be trusted.
    InvalidCallback = InvalidCallback,
    /// The caller's store or credentials provider failed. Nothing was sent.
    Storage = Storage,
}

words! {
    /// What to do about an error: a closed list. Where a language has exception classes, each of these is one.
    Remedy of lipia::Remedy;
    /// Correct the argument that the error's `field` names.
    CorrectInput = CorrectInput,
    /// Correct the settings or credentials.
    CorrectSettings = CorrectSettings,
    /// The step does not fit the payment as it is: look at the payment, and do not push it again.
    LookAtPayment = LookAtPayment,
    /// A phone may have been prompted: wait for the callback or query, and do not send again.
    FindOut = FindOut,
    /// It is safe to send again, after the error's `retryAfter` where that is known.
    TryAgain = TryAgain,
    /// Send nothing for a while: the gateway, or the guard ahead of it, refuses all pushes.
    HoldBack = HoldBack,
    /// The gateway refused this request; sending it again as it stands brings the same.
    ChangeRequest = ChangeRequest,
    /// Believe nothing of this callback.
    Disbelieve = Disbelieve,
}

words! {
    /// The gateway of a push or an event.
    GatewayName of lipia::GatewayName, otherwise Daraja;
    /// Safaricom's own API.
    Daraja = Daraja,
    /// PalPluss.
    PalPluss = PalPluss,
    /// UpesiPay.
    UpesiPay = UpesiPay,
    /// PayHero, which speaks the first generation of UpesiPay's interface.
    PayHero = PayHero,
}

words! {
    /// How far a payment has come.
    PaymentState of lipia::payment::PaymentState;
    /// Nothing was sent, or the push was refused.
    Reserved = Reserved,
    /// Its push is on the way. Read from storage after a crash, this means: it may have been sent.
    Sending = Sending,
    /// The answer to its push was lost. The phone may have been prompted; it is never pushed again.
    Unknown = Unknown,
    /// The gateway took the push. Not a payment yet.
    Accepted = Accepted,
    /// Its outcome is known.
    Settled = Settled,
}

words! {
    /// The verdict on a callback.
    Verdict of lipia::Verdict;
    /// It fits, and the payment has moved forward.
    Believed = Believed,
    /// The payment knew it already.
    Duplicate = Duplicate,
    /// It does not fit this payment. It is kept with the payment, flagged, and changed nothing.
    Mismatch = Mismatch,
    /// It says that money came, and the gateway did not confirm that when asked. The payment is still open: wait for
    /// it, or ask again later.
    NotConfirmed = NotConfirmed,
    /// It is about this payment, and says neither that it was paid nor that it failed: its code is not in the table of
    /// result codes, or it contradicts itself. It is kept with the payment, flagged. Said once: a repeat is a
    /// duplicate.
    NotUnderstood = NotUnderstood,
}

words! {
    /// What handing something to a payment did.
    Change of lipia::payment::Change;
    /// The payment moved forward.
    Applied = Applied,
    /// The payment knew it already: a duplicate, or older news.
    Unchanged = Unchanged,
    /// It does not fit this payment. It is kept and flagged, and nothing was believed.
    Suspicious = Suspicious,
}

words! {
    /// How one field of an event compares with what was asked for.
    FieldComparison of lipia::event::FieldCheck;
    /// Both sides say the same.
    Matches = Matches,
    /// They say different things, or the event says something that cannot be read.
    Differs = Differs,
    /// One side says nothing, or hides too much to tell.
    NotStated = NotStated,
}

words! {
    /// On whose side the cause of a result code lies.
    Fault of lipia::result_codes::Fault;
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
    /// How well the meaning of a result code is known. Safaricom does not publish a complete list.
    Confidence of lipia::result_codes::Confidence;
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
    /// Which of the merchant's products is paid.
    TransactionType of lipia::gateway::TransactionType;
    /// `CustomerPayBillOnline`: a pay bill number.
    PayBill = PayBill,
    /// `CustomerBuyGoodsOnline`: a till. Needs `partyB`.
    BuyGoods = BuyGoods,
}

words! {
    /// Which version of Daraja's STK query asks what became of a push.
    QueryVersion of lipia::gateway::QueryVersion;
    /// `/mpesa/stkpushquery/v1/query`: the one that Safaricom documents. A success has no receipt.
    V1 = V1,
    /// `/mpesa/stkpushquery/v2/query`: a success carries the receipt, as programs that use it report. Safaricom does
    /// not document it. Where the address does not exist, the client asks version 1 from then on.
    V2 = V2,
}

words! {
    /// Which generation of UpesiPay's interface takes the pushes.
    UpesiPayGeneration of lipia::gateway::UpesiPayGeneration;
    /// `/api/v2/payments`: the one that UpesiPay documents.
    One = One,
    /// `/api/v2/collections/initiate/`: the one that programs of 2026 use.
    Two = Two,
}

words! {
    /// Where Daraja is spoken to. There is no default: which one moves real money should be read, not remembered.
    GatewayEnvironment of lipia::values::Environment;
    /// Safaricom's test system. A prompt to a real Safaricom phone still moves real money there.
    Sandbox = Sandbox,
    /// The real thing.
    Production = Production,
}
