//! The promises of the ledger, judged by the evidence that a run leaves behind. Pure: the same evidence, the same findings.

use crate::evidence::{Delivered, Ended, Evidence, LedgerRow, Prompt, Told};
use std::collections::BTreeMap;

/// A promise that is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Promise {
    /// No phone is prompted for an order while another prompt of it is open or paid.
    OnePrompt,
    /// At most one payment of the ledger holds an order.
    OneHolder,
    /// What was answered with 200 is in the ledger.
    KeptBeforeAnswered,
    /// The shop is told of every outcome that the ledger knows.
    Told,
    /// A process that lives on tells the same news once.
    ToldOnce,
    /// The shop is told of no payment that the gateway's books do not have.
    TrueNews,
    /// Nothing stays open that a question could settle; without faults nothing at all.
    NothingOpen,
    /// Every request is answered.
    Answered,
}

impl Promise {
    /// Every promise, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::OnePrompt,
        Self::OneHolder,
        Self::KeptBeforeAnswered,
        Self::Told,
        Self::ToldOnce,
        Self::TrueNews,
        Self::NothingOpen,
        Self::Answered,
    ];

    /// The promise in a sentence.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::OnePrompt => "one open or paid prompt for an order",
            Self::OneHolder => "one payment holds an order",
            Self::KeptBeforeAnswered => "a callback answered with 200 is kept",
            Self::Told => "every outcome that is known is told",
            Self::ToldOnce => "told once where no process died",
            Self::TrueNews => "no news of money that did not come",
            Self::NothingOpen => "nothing open that could be settled",
            Self::Answered => "every request is answered",
        }
    }
}

/// What was found of a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The promise.
    pub promise: Promise,
    /// How many cases were looked at.
    pub checked: usize,
    /// What broke it, a sentence each.
    pub broken: Vec<String>,
}

/// Compares the evidence of a run with every promise.
#[must_use]
pub fn judge(evidence: &Evidence) -> Vec<Finding> {
    let cases = |promise| match promise {
        Promise::OnePrompt => one_prompt(evidence),
        Promise::OneHolder => one_holder(evidence),
        Promise::KeptBeforeAnswered => kept(evidence),
        Promise::Told => told(evidence),
        Promise::ToldOnce => told_once(evidence),
        Promise::TrueNews => true_news(evidence),
        Promise::NothingOpen => nothing_open(evidence),
        Promise::Answered => (
            evidence.prompts.len() + evidence.unanswered.len(),
            evidence.unanswered.clone(),
        ),
    };
    Promise::ALL
        .into_iter()
        .map(|promise| {
            let (checked, broken) = cases(promise);
            Finding {
                promise,
                checked,
                broken,
            }
        })
        .collect()
}

type Cases = (usize, Vec<String>);

fn one_prompt(evidence: &Evidence) -> Cases {
    let mut orders: BTreeMap<&str, Vec<&Prompt>> = BTreeMap::new();
    for prompt in &evidence.prompts {
        orders.entry(&prompt.order).or_default().push(prompt);
    }
    let mut broken = Vec::new();
    for (order, prompts) in &mut orders {
        prompts.sort_by(|one, other| one.accepted_at.total_cmp(&other.accepted_at));
        for (at, later) in prompts.iter().enumerate() {
            let earlier = prompts.iter().take(at);
            let holder = earlier
                .rev()
                .find(|earlier| holds(earlier, later.accepted_at));
            if let Some(holder) = holder {
                broken.push(format!(
                    "{order} was prompted for {} while {} was {}",
                    later.payment,
                    holder.payment,
                    match holder.ended {
                        Ended::Paid { .. } => "open or paid",
                        Ended::Open | Ended::NotPaid { .. } => "open",
                    }
                ));
            }
        }
    }
    (orders.len(), broken)
}

/// Whether a prompt was open at that time, or was open or paid.
fn holds(prompt: &Prompt, at: f64) -> bool {
    match prompt.ended {
        Ended::Open | Ended::Paid { .. } => true,
        Ended::NotPaid { at: ended_at } => ended_at > at,
    }
}

fn one_holder(evidence: &Evidence) -> Cases {
    let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &evidence.rows {
        *holders.entry(&row.order).or_default() += usize::from(row.holds_order);
    }
    let crowded = holders.iter().filter(|(_, holders)| **holders > 1);
    let broken = crowded.map(|(order, holders)| format!("{holders} payments hold {order}"));
    (holders.len(), broken.collect())
}

fn kept(evidence: &Evidence) -> Cases {
    let rows = by_payment(&evidence.rows);
    let is_kept = |callback: &Delivered| {
        let row = rows.get(callback.payment.as_str());
        row.is_some_and(|row| match callback.is_success {
            true => row.news.is_paid,
            false => row.is_settled,
        })
    };
    let lost = evidence
        .delivered
        .iter()
        .filter(|callback| !is_kept(callback));
    let broken = lost.map(|callback| {
        let says = if callback.is_success {
            "a success"
        } else {
            "a failure"
        };
        format!(
            "{says} of {} was answered with 200 and is lost",
            callback.payment
        )
    });
    (evidence.delivered.len(), broken.collect())
}

fn told(evidence: &Evidence) -> Cases {
    let mut last: BTreeMap<&str, &Told> = BTreeMap::new();
    for told in &evidence.told {
        let newest = last.entry(&told.payment).or_insert(told);
        if told.attempt >= newest.attempt {
            *newest = told;
        }
    }
    let settled: Vec<&LedgerRow> = evidence.rows.iter().filter(|row| row.is_settled).collect();
    let mut broken = Vec::new();
    for row in &settled {
        let heard = last.get(row.payment.as_str()).map(|told| &told.news);
        if row.is_owed && is_put_off(row, &evidence.rows) {
            continue;
        }
        if row.is_owed {
            broken.push(format!("{} is still owed to the shop", row.payment));
        } else if heard != Some(&row.news) && !is_superseded(row, &evidence.rows) {
            broken.push(format!(
                "{} of {} ended as {:?} and the shop heard {heard:?}",
                row.payment, row.order, row.news
            ));
        }
    }
    (settled.len(), broken)
}

/// Whether a failure is not told yet: another payment holds its order, and it is not known whether its push left.
fn is_put_off(row: &LedgerRow, rows: &[LedgerRow]) -> bool {
    let mut others = rows.iter().filter(|other| other.payment != row.payment);
    !row.news.is_paid && others.any(|other| other.order == row.order && other.holds_order)
}

/// Whether a failure need not be told: its order was paid, or claimed by another payment.
fn is_superseded(row: &LedgerRow, rows: &[LedgerRow]) -> bool {
    let mut others = rows.iter().filter(|other| other.order == row.order);
    let is_overtaken = others.any(|other| other.seq > row.seq || other.news.is_paid);
    !row.news.is_paid && is_overtaken
}

fn told_once(evidence: &Evidence) -> Cases {
    let mut tellings: Vec<&Told> = evidence.told.iter().collect();
    tellings.sort_by_key(|told| (&told.payment, told.attempt));
    let is_excused =
        |told: &Told| evidence.database_crashed || evidence.troubled.contains(&told.life);
    let twice = tellings
        .iter()
        .zip(tellings.iter().skip(1))
        .filter(|(one, other)| {
            one.payment == other.payment && one.news == other.news && !is_excused(one)
        });
    let broken = twice.map(|(one, other)| {
        format!(
            "{} was told at attempts {} and {}, and process {} lived on",
            one.payment, one.attempt, other.attempt, one.life
        )
    });
    (tellings.len(), broken.collect())
}

fn true_news(evidence: &Evidence) -> Cases {
    let mut receipts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for prompt in &evidence.prompts {
        if let Ended::Paid { receipt } = &prompt.ended {
            receipts.entry(&prompt.payment).or_default().push(receipt);
        }
    }
    let good: Vec<&Told> = evidence
        .told
        .iter()
        .filter(|told| told.news.is_paid)
        .collect();
    let false_ones = good.iter().filter(|told| {
        let paid = receipts.get(told.payment.as_str());
        paid.is_none_or(|receipts| {
            let told = told.news.receipt.as_deref();
            told.is_some_and(|told| !receipts.contains(&told))
        })
    });
    let broken = false_ones.map(|told| {
        format!(
            "{} was told as paid with {:?}, and the gateway's books differ",
            told.payment, told.news.receipt
        )
    });
    (good.len(), broken.collect())
}

fn nothing_open(evidence: &Evidence) -> Cases {
    let mut ended: BTreeMap<&str, &Ended> = BTreeMap::new();
    for prompt in &evidence.prompts {
        ended.insert(&prompt.payment, &prompt.ended);
    }
    let stays = |row: &&LedgerRow| {
        let is_decided = ended
            .get(row.payment.as_str())
            .is_some_and(|ended| **ended != Ended::Open);
        !row.is_settled
            && !row.is_not_sent
            && (evidence.is_calm || (row.can_be_asked && is_decided))
    };
    let broken = evidence
        .rows
        .iter()
        .filter(stays)
        .map(|row| format!("{} of {} is open", row.payment, row.order));
    (evidence.rows.len(), broken.collect())
}

fn by_payment(rows: &[LedgerRow]) -> BTreeMap<&str, &LedgerRow> {
    rows.iter().map(|row| (row.payment.as_str(), row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::News;

    fn prompt(payment: &str, order: &str, accepted_at: f64, ended: Ended) -> Prompt {
        Prompt {
            payment: payment.to_owned(),
            order: order.to_owned(),
            accepted_at,
            ended,
        }
    }

    fn paid() -> Ended {
        Ended::Paid {
            receipt: "R1".to_owned(),
        }
    }

    fn news(is_paid: bool) -> News {
        News {
            outcome: if is_paid { "success" } else { "cancelled" }.to_owned(),
            is_paid,
            receipt: is_paid.then(|| "R1".to_owned()),
            is_paid_twice: false,
        }
    }

    fn row(payment: &str, is_paid: bool) -> LedgerRow {
        LedgerRow {
            seq: 1,
            payment: payment.to_owned(),
            order: "17".to_owned(),
            is_settled: true,
            is_not_sent: false,
            news: news(is_paid),
            can_be_asked: true,
            is_owed: false,
            holds_order: is_paid,
        }
    }

    fn open(payment: &str) -> LedgerRow {
        LedgerRow {
            is_settled: false,
            holds_order: true,
            ..row(payment, false)
        }
    }

    fn telling(payment: &str, is_paid: bool, attempt: u32, life: u64) -> Told {
        Told {
            payment: payment.to_owned(),
            order: "17".to_owned(),
            news: news(is_paid),
            attempt,
            life,
        }
    }

    /// A sale as it should be.
    fn good() -> Evidence {
        Evidence {
            prompts: vec![prompt("a", "17", 1.0, paid())],
            delivered: vec![Delivered {
                payment: "a".to_owned(),
                is_success: true,
            }],
            told: vec![telling("a", true, 1, 1)],
            rows: vec![row("a", true)],
            ..Evidence::default()
        }
    }

    fn broken(evidence: &Evidence) -> Vec<Promise> {
        let findings = judge(evidence).into_iter();
        findings
            .filter(|finding| !finding.broken.is_empty())
            .map(|finding| finding.promise)
            .collect()
    }

    #[test]
    fn a_sale_as_it_should_be_breaks_nothing() {
        assert_eq!(broken(&good()), []);
        assert_eq!(
            broken(&Evidence {
                is_calm: true,
                ..good()
            }),
            []
        );
        assert_eq!(judge(&good())[0].checked, 1);
    }

    #[test]
    fn a_prompt_while_another_is_open_or_paid_is_found() {
        for (ended, is_second) in [
            (paid(), true),
            (Ended::Open, true),
            (Ended::NotPaid { at: 3.0 }, true),
            (Ended::NotPaid { at: 2.0 }, false),
        ] {
            let mut evidence = good();
            evidence.prompts = vec![
                prompt("b", "17", 2.5, Ended::NotPaid { at: 9.0 }),
                prompt("a", "17", 1.0, ended.clone()),
                prompt("c", "18", 2.5, paid()),
            ];
            evidence.told.clear();
            evidence.rows.clear();
            evidence.delivered.clear();
            let wanted: &[Promise] = if is_second {
                &[Promise::OnePrompt]
            } else {
                &[]
            };
            assert_eq!(broken(&evidence), wanted, "{ended:?}");
        }
    }

    #[test]
    fn a_callback_that_was_answered_and_is_lost_is_found() {
        let evidence = Evidence {
            rows: vec![],
            ..good()
        };
        assert_eq!(broken(&evidence), [Promise::KeptBeforeAnswered]);
        let evidence = Evidence {
            rows: vec![row("a", false)],
            ..good()
        };
        assert!(broken(&evidence).contains(&Promise::KeptBeforeAnswered));
        let mut evidence = Evidence {
            rows: vec![open("a")],
            ..good()
        };
        evidence.delivered[0].is_success = false;
        assert!(broken(&evidence).contains(&Promise::KeptBeforeAnswered));
    }

    #[test]
    fn an_outcome_that_the_shop_never_heard_is_found() {
        let untold = Evidence {
            told: vec![],
            ..good()
        };
        assert_eq!(broken(&untold), [Promise::Told]);
        let stale = Evidence {
            told: vec![telling("a", false, 1, 1)],
            ..good()
        };
        assert_eq!(broken(&stale), [Promise::Told]);
        let mut owed = good();
        owed.rows[0].is_owed = true;
        assert_eq!(broken(&owed), [Promise::Told]);
    }

    #[test]
    fn a_failure_whose_order_was_paid_or_claimed_since_need_not_be_told() {
        let mut evidence = good();
        evidence.rows.push(row("b", false));
        assert_eq!(broken(&evidence), []);
        evidence.rows[1].order = "18".to_owned();
        assert_eq!(broken(&evidence), [Promise::Told]);
        evidence.rows.push(LedgerRow {
            seq: 2,
            order: "18".to_owned(),
            is_settled: false,
            can_be_asked: false,
            ..row("c", false)
        });
        assert_eq!(broken(&evidence), [], "claimed since");
        evidence.rows[2].seq = 0;
        assert_eq!(broken(&evidence), [Promise::Told], "claimed before");
    }

    #[test]
    fn a_failure_is_owed_while_nobody_knows_whether_its_order_was_pushed_again() {
        let mut failed = row("a", false);
        failed.is_owed = true;
        let unknown = LedgerRow {
            seq: 2,
            can_be_asked: false,
            ..open("b")
        };
        let mut evidence = Evidence {
            rows: vec![failed, unknown],
            ..Evidence::default()
        };
        assert_eq!(broken(&evidence), []);
        evidence.rows[1].holds_order = false;
        assert_eq!(broken(&evidence), [Promise::Told]);
    }

    #[test]
    fn two_payments_that_hold_one_order_are_found() {
        let mut evidence = good();
        evidence.rows.push(row("b", false));
        assert_eq!(broken(&evidence), []);
        evidence.rows[1].holds_order = true;
        assert_eq!(broken(&evidence), [Promise::OneHolder]);
        evidence.rows[1].order = "18".to_owned();
        evidence.told.push(Told {
            order: "18".to_owned(),
            ..telling("b", false, 1, 1)
        });
        assert_eq!(broken(&evidence), []);
    }

    #[test]
    fn the_same_news_twice_is_found_unless_the_process_died() {
        let mut evidence = good();
        evidence.told.push(telling("a", true, 2, 2));
        assert_eq!(broken(&evidence), [Promise::ToldOnce]);
        evidence.troubled.insert(2);
        assert_eq!(
            broken(&evidence),
            [Promise::ToldOnce],
            "the later one died, not the first"
        );
        evidence.troubled.insert(1);
        assert_eq!(broken(&evidence), []);
        evidence.troubled.clear();
        evidence.database_crashed = true;
        assert_eq!(broken(&evidence), []);
        let mut further = good();
        further.told.insert(0, telling("a", false, 1, 1));
        further.told[1].attempt = 2;
        assert_eq!(broken(&further), [], "other news is told once more");
    }

    #[test]
    fn news_of_money_that_did_not_come_is_found() {
        let mut evidence = good();
        evidence.prompts[0].ended = Ended::NotPaid { at: 2.0 };
        assert_eq!(broken(&evidence), [Promise::TrueNews]);
        let mut evidence = good();
        evidence.prompts[0].ended = Ended::Paid {
            receipt: "R2".to_owned(),
        };
        assert_eq!(broken(&evidence), [Promise::TrueNews]);
    }

    #[test]
    fn what_a_question_could_settle_must_not_stay_open() {
        let mut evidence = Evidence {
            rows: vec![open("a")],
            told: vec![],
            delivered: vec![],
            ..good()
        };
        assert_eq!(broken(&evidence), [Promise::NothingOpen]);
        evidence.rows[0].can_be_asked = false;
        assert_eq!(
            broken(&evidence),
            [],
            "its push's answer was lost, and its callback too"
        );
        evidence.is_calm = true;
        assert_eq!(
            broken(&evidence),
            [Promise::NothingOpen],
            "without faults nothing is lost"
        );
        evidence.rows[0].is_not_sent = true;
        assert_eq!(broken(&evidence), []);
    }

    #[test]
    fn a_request_that_was_not_answered_is_found() {
        let mut evidence = good();
        evidence.unanswered.push("17".to_owned());
        assert_eq!(broken(&evidence), [Promise::Answered]);
    }
}
