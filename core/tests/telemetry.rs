//! Spans and counters, as an observer is given them. A process of its own, because the observer is the whole process's.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a broken expectation should stop the test where it stands"
)]

mod support;

use lipia::callback::Confirm;
use lipia::client::DarajaBuilder;
use lipia::ledger::{LedgerStore, MemoryLedger};
use lipia::telemetry::{
    Attribute, AttributeValue, Attributes, Caller, CountRecord, Observer, SpanName, SpanRecord,
    set_observer,
};
use lipia::{Error, IncomingCallback, Outcome};
use lipia_sandbox::{FaultKind, PASS_KEY, Sandbox, Step};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use support::*;

const KEY: &str = "ckey-8d2b41";
const SECRET: &str = "csecret-0a97fe";
const CALLBACK_SECRET: &str = "callback-secret-51c0de";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[derive(Clone, Default)]
struct Kept {
    begun: Arc<Mutex<Vec<SpanRecord>>>,
    ended: Arc<Mutex<Vec<SpanRecord>>>,
    counts: Arc<Mutex<Vec<CountRecord>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer for Kept {
    fn started(&self, span: &SpanRecord) {
        locked(&self.begun).push(span.clone());
    }

    fn finished(&self, span: SpanRecord) {
        locked(&self.ended).push(span);
    }

    fn counted(&self, count: CountRecord) {
        locked(&self.counts).push(count);
    }
}

impl Kept {
    fn clear(&self) {
        locked(&self.begun).clear();
        locked(&self.ended).clear();
        locked(&self.counts).clear();
    }

    fn ended(&self) -> Vec<SpanRecord> {
        locked(&self.ended).clone()
    }

    /// The one span of that name.
    fn one(&self, name: SpanName) -> SpanRecord {
        let ended = self.ended();
        let named: Vec<_> = ended.iter().filter(|span| span.name == name).collect();
        let [span] = named[..] else {
            panic!("one {} among {ended:#?}", name.as_str());
        };
        span.clone()
    }

    /// Counters as `counter result outcome`.
    fn counts(&self) -> Vec<String> {
        let mut counts: Vec<String> = locked(&self.counts)
            .iter()
            .map(|count| {
                let result = text(&count.attributes, Attribute::Result);
                let outcome = text(&count.attributes, Attribute::Outcome);
                format!("{} {result} {outcome}", count.counter)
                    .trim_end()
                    .to_owned()
            })
            .collect();
        counts.sort();
        counts
    }
}

fn text(attributes: &Attributes, attribute: Attribute) -> String {
    match attributes.get(attribute) {
        Some(AttributeValue::Text(text)) => text.clone(),
        Some(AttributeValue::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn children(spans: &[SpanRecord], of: &SpanRecord) -> Vec<SpanName> {
    let children = spans.iter().filter(|span| span.parent == Some(of.id));
    children.map(|span| span.name).collect()
}

fn secretive(base_url: &str) -> DarajaBuilder {
    builder(base_url)
        .consumer_key(KEY)
        .consumer_secret(SECRET)
        .callback_secrets([CALLBACK_SECRET])
}

async fn sandbox() -> Sandbox {
    Sandbox::start(fast().credentials(KEY, SECRET))
        .await
        .unwrap()
}

/// One test, since the observer is one: each part clears what the one before it left.
#[tokio::test]
async fn an_observer_sees_every_call_and_no_secret() {
    let kept = Kept::default();
    assert!(set_observer(kept.clone()));
    assert!(!set_observer(kept.clone()), "there is one already");
    let mut shown = Vec::new();
    let mut phones = Vec::new();
    a_push_is_one_tree(&kept).await;
    shown.extend(all_shown(&kept));
    phones.extend(a_sale_with_a_ledger_is_told(&kept).await);
    shown.extend(all_shown(&kept));
    what_fails_says_why(&kept).await;
    shown.extend(all_shown(&kept));
    a_caller_that_leaves_is_seen(&kept).await;
    shown.extend(all_shown(&kept));
    let mut failures = Vec::new();
    let secrets = [
        KEY,
        SECRET,
        CALLBACK_SECRET,
        PASS_KEY,
        "Bearer",
        "Basic",
        "ws_CO_",
    ];
    let secrets = secrets.map(str::to_owned).into_iter();
    phones.push(PAYS.to_owned());
    let numbers = phones.iter().flat_map(|phone| {
        // With the country's code, and as the customer writes it.
        [phone.clone(), phone.trim_start_matches("254").to_owned()]
    });
    for secret in secrets.chain(numbers.collect::<Vec<_>>()) {
        failures.extend(
            (shown.iter().filter(|line| line.contains(&secret)))
                .map(|line| format!("{secret} stands in {line}")),
        );
    }
    none_of(&failures);
    assert!(
        shown.len() > 40,
        "{} spans and counts were seen",
        shown.len()
    );
}

/// Every span and count as JSON.
fn all_shown(kept: &Kept) -> Vec<String> {
    let json = |record: &SpanRecord| serde_json::to_string(record).unwrap();
    let mut shown: Vec<String> = kept.ended().iter().map(json).collect();
    shown.extend(locked(&kept.begun).iter().map(json));
    let counts = locked(&kept.counts);
    shown.extend(
        counts
            .iter()
            .map(|count| serde_json::to_string(count).unwrap()),
    );
    shown
}

async fn a_push_is_one_tree(kept: &Kept) {
    kept.clear();
    let sandbox = sandbox().await;
    let client = secretive(&sandbox.base_url()).build().unwrap();
    let caller = Caller::of(Some(TRACEPARENT.to_owned()));
    let payment = caller
        .run(pin!(client.collect(sale(PAYS), hurried())))
        .await
        .unwrap();
    client.drain().await;
    assert_eq!(payment.outcome(), Outcome::Success);
    let spans = kept.ended();
    let push = kept.one(SpanName::Push);
    assert_eq!(push.caller.as_deref(), Some(TRACEPARENT));
    assert_eq!(push.parent, None);
    assert!(push.duration_micros.is_some() && !push.is_error);
    for (attribute, value) in [
        (Attribute::Gateway, "daraja"),
        (Attribute::Environment, "sandbox"),
        (Attribute::Result, "accepted"),
        (Attribute::PaymentId, payment.id().as_str()),
        (Attribute::PhoneNumber, "2547***111"),
    ] {
        assert_eq!(text(&push.attributes, attribute), value);
    }
    // The token, and the push itself.
    assert_eq!(children(&spans, &push), [SpanName::Token, SpanName::Post]);
    let token = kept.one(SpanName::Token);
    assert_eq!(text(&token.attributes, Attribute::Result), "fetched");
    assert_eq!(children(&spans, &token), [SpanName::Get]);
    let sent = spans
        .iter()
        .find(|span| span.name == SpanName::Post && span.parent == Some(push.id));
    let sent = sent.unwrap();
    assert_eq!(
        text(&sent.attributes, Attribute::HttpResponseStatusCode),
        "200"
    );
    assert_eq!(
        text(&sent.attributes, Attribute::ServerAddress),
        "127.0.0.1"
    );
    let queries: Vec<_> = spans
        .iter()
        .filter(|span| span.name == SpanName::Query)
        .collect();
    let last = queries.last().unwrap();
    assert_eq!(text(&last.attributes, Attribute::Outcome), "success");
    assert_eq!(last.caller.as_deref(), Some(TRACEPARENT));
    // Each is announced before it ends, with what is known by then.
    let begun = locked(&kept.begun).clone();
    assert_eq!(begun.len(), spans.len());
    let announced = begun.iter().find(|span| span.id == push.id).unwrap();
    assert_eq!(announced.duration_micros, None);
    assert_eq!(
        text(&announced.attributes, Attribute::PhoneNumber),
        "2547***111"
    );
    assert_eq!(text(&announced.attributes, Attribute::Result), "");
    let counts = kept.counts();
    for count in [
        "lipia.pushes accepted",
        "lipia.queries answered success",
        "lipia.tokens fetched",
    ] {
        assert!(
            counts.iter().any(|counted| counted == count),
            "{count} of {counts:?}"
        );
    }
    sandbox.stop().await;
}

/// An order that is paid: its callback, its telling, and a pass that has nothing to do. Returns the phones.
async fn a_sale_with_a_ledger_is_told(kept: &Kept) -> Vec<String> {
    kept.clear();
    let sandbox = sandbox().await;
    let store: Arc<dyn LedgerStore> = Arc::new(MemoryLedger::default());
    let shop = Shop::open(secretive(&sandbox.base_url()).ledger(store)).await;
    shop.client.on_outcome(|payment| async move {
        match payment.order() {
            Some("order-17") => Err("the shop is closed"),
            _ => Ok(()),
        }
    });
    let phone = paying_phone(7);
    // Shops name orders by their customers.
    let order = format!("order-{phone}");
    let push = sale(&phone).order(&order);
    let waits = without_asking(std::time::Duration::from_secs(30));
    let payment = bounded(shop.client.collect(push, waits)).await.unwrap();
    assert_eq!(payment.outcome(), Outcome::Success);
    let other = sale(&paying_phone(6)).order("order-17");
    bounded(shop.client.request(other)).await.unwrap();
    eventually("both tellings are seen", || {
        let ended = kept.ended();
        ended
            .iter()
            .filter(|span| span.name == SpanName::Telling)
            .count()
            >= 2
    })
    .await;
    bounded(shop.client.stop()).await;
    shop.client.payments().reconcile().await.unwrap();
    let of_payment = |name| {
        let ended = kept.ended();
        let id = payment.id().as_str();
        let named = ended.into_iter().filter(|span| span.name == name);
        let mut named = named.filter(|span| text(&span.attributes, Attribute::PaymentId) == id);
        named.next().unwrap()
    };
    let push = of_payment(SpanName::Push);
    assert_eq!(text(&push.attributes, Attribute::Order), "order-2547***075");
    let callback = of_payment(SpanName::Callback);
    assert_eq!(text(&callback.attributes, Attribute::Result), "believed");
    assert_eq!(text(&callback.attributes, Attribute::Outcome), "success");
    assert_eq!(
        text(&callback.attributes, Attribute::PaymentId),
        payment.id().as_str()
    );
    let ended = kept.ended();
    let tellings = ended.iter().filter(|span| span.name == SpanName::Telling);
    let tellings: Vec<_> = tellings
        .map(|span| {
            let shown = |attribute| text(&span.attributes, attribute);
            (
                shown(Attribute::Order),
                shown(Attribute::Result),
                span.is_error,
            )
        })
        .collect();
    let told =
        |order: &str, result: &str, is_error| (order.to_owned(), result.to_owned(), is_error);
    assert_eq!(
        tellings,
        [
            told("order-2547***075", "taken", false),
            told("order-17", "not_taken", true)
        ]
    );
    let passed = ended.iter().filter(|span| span.name == SpanName::Reconcile);
    assert!(passed.count() >= 1, "{ended:#?}");
    let counts = kept.counts();
    for count in [
        "lipia.callbacks believed success",
        "lipia.tellings not_taken success",
        "lipia.tellings taken success",
        "lipia.reconciliations done",
    ] {
        assert!(
            counts.iter().any(|counted| counted == count),
            "{count} of {counts:?}"
        );
    }
    sandbox.stop().await;
    vec![
        phone,
        paying_phone(6),
        paying_phone(8),
        paying_phone(9),
        paying_phone(10),
    ]
}

async fn what_fails_says_why(kept: &Kept) {
    kept.clear();
    let sandbox = sandbox().await;
    let client = secretive(&sandbox.base_url()).build().unwrap();
    client.stk_push(sale(PAYS)).await.unwrap();
    // The token is renewed, and the push sent once more.
    kept.clear();
    sandbox.kill_tokens();
    client.stk_push(sale(&paying_phone(8))).await.unwrap();
    let push = kept.one(SpanName::Push);
    let ended = kept.ended();
    let sent = ended
        .iter()
        .filter(|span| span.name == SpanName::Post && span.parent == Some(push.id));
    let sent: Vec<_> = sent
        .map(|span| {
            let status = text(&span.attributes, Attribute::HttpResponseStatusCode);
            (
                status,
                text(&span.attributes, Attribute::HttpRequestResendCount),
                span.is_error,
            )
        })
        .collect();
    let seen =
        |status: &str, count: &str, is_error| (status.to_owned(), count.to_owned(), is_error);
    assert!(
        matches!(&sent[..], [first, second]
        if first.2 && first.1.is_empty() && *second == seen("200", "1", false)),
        "{sent:?}"
    );
    assert!(!push.is_error);
    // The answer is lost.
    kept.clear();
    inject(&sandbox, Step::Push, FaultKind::AnswerLost);
    let lost = client.stk_push(sale(&paying_phone(9))).await.unwrap_err();
    is_shown(&kept.one(SpanName::Push), &lost, "unknown");
    // The gateway says no.
    kept.clear();
    let refused = client.stk_query("ws_CO_191220191020363925").await;
    if let Err(error) = &refused {
        is_shown(&kept.one(SpanName::Query), error, "failed");
    }
    // A stranger's callback.
    kept.clear();
    let incoming = IncomingCallback::new("/pay/nothing", b"{}");
    let strange = client
        .receive_callback(incoming, Confirm::Never)
        .await
        .unwrap_err();
    is_shown(&kept.one(SpanName::Callback), &strange, "refused");
    // Nobody is there.
    kept.clear();
    sandbox.stop().await;
    let unreached = client.stk_push(sale(&paying_phone(10))).await.unwrap_err();
    is_shown(&kept.one(SpanName::Push), &unreached, "not_sent");
}

fn is_shown(span: &SpanRecord, error: &Error, result: &str) {
    assert!(span.is_error, "{span:?}");
    assert_eq!(text(&span.attributes, Attribute::ErrorType), error.code());
    assert_eq!(text(&span.attributes, Attribute::Result), result);
    let disposition = text(&span.attributes, Attribute::Disposition);
    assert_eq!(disposition, error.disposition().as_str());
}

/// A question whose caller leaves ends at once; a push goes on, and ends as it would have.
async fn a_caller_that_leaves_is_seen(kept: &Kept) {
    kept.clear();
    let server = RawServer::start(|_| Play::Hang).await;
    let client = builder(&server.base_url).build().unwrap();
    let asking = tokio::spawn({
        let client = client.clone();
        async move { client.stk_query("ws_CO_191220191020363925").await }
    });
    eventually("the question has begun", || !locked(&kept.begun).is_empty()).await;
    asking.abort();
    eventually("the question has ended", || {
        kept.ended().iter().any(|span| span.name == SpanName::Query)
    })
    .await;
    let query = kept.one(SpanName::Query);
    assert_eq!(text(&query.attributes, Attribute::Result), "cancelled");
}
