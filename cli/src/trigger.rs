//! `lipia trigger`: posts to a shop what the gateway would post for an outcome.
//!
//! The callback comes on the payment's own sealed URL, so the shop believes it. It is therefore for payments of the sandbox,
//! where no money moves.

use crate::arguments::{self, Gateway};
use crate::endings::outcome_of;
use crate::exit::Exit;
use crate::ledger_place::LedgerAt;
use crate::output::{Output, reported};
use crate::refusal::Refusal;
use crate::shop_post::{Shop, facts_of};
use crate::target::Target;
use lipia::client::Ledger;
use lipia::error::ErrorCode;
use lipia::ledger::Search;
use lipia::payment::PaymentState;
use lipia::values::Environment;
use lipia::{GatewayName, Payment};
use lipia_sandbox::write_callback;
use serde_json::json;

pub(crate) async fn run(arguments: &arguments::Trigger) -> Exit {
    triggered(arguments).await.unwrap_or_else(|exit| exit)
}

async fn triggered(arguments: &arguments::Trigger) -> Result<Exit, Exit> {
    let connection = &arguments.connection;
    let output = Output::of(connection);
    let report = |refusal: Box<Refusal>| refusal.report(output);
    let target = Target::of(connection).map_err(report)?;
    if target.may_move_money() {
        return Err(report(in_production(None)));
    }
    let output = Output {
        is_sandbox: true,
        ..output
    };
    let report = |refusal: Box<Refusal>| refusal.report(output);
    let ledger = LedgerAt::opened(&arguments.ledger, connection, output)?;
    let id = match &arguments.payment {
        Some(id) => id.clone(),
        None => newest(&ledger, output).await?,
    };
    let story = ledger.story(&id).await.map_err(reported(output))?;
    let payment = &story.row.payment;
    if story.row.scope.environment() != Environment::Sandbox.as_str() {
        return Err(report(in_production(Some(payment))));
    }
    check_gateway(payment, connection.gateway).map_err(report)?;
    let shop = Shop::of(payment, &arguments.to).map_err(report)?;
    let facts = facts_of(payment);
    let written = facts.and_then(|facts| {
        let gateway = lipia_sandbox::Gateway::from_name(payment.gateway().as_str())?;
        write_callback(gateway, &facts, arguments.outcome)
    });
    let Some(written) = written else {
        return Err(report(not_accepted(payment)));
    };
    let outcome = outcome_of(arguments.outcome);
    let members = json!({ "payment_id": payment.id(), "outcome": outcome });
    let id = payment.id().as_str();
    let what = format!("{} of {}", outcome, id.get(..8).unwrap_or(id));
    let exit = shop
        .post(&written.content_type, written.body, members, &what, output)
        .await;
    Ok(exit)
}

/// The id of the newest payment of the ledger whose customer may yet answer.
async fn newest(ledger: &Ledger, output: Output) -> Result<String, Exit> {
    let mut search = Search::of(ledger.scope().clone());
    search.state = Some(PaymentState::Accepted);
    let page = ledger
        .search(&search, None, 1)
        .await
        .map_err(reported(output))?;
    match page.payments.first() {
        Some(payment) => Ok(payment.id().as_str().to_owned()),
        None => Err(nobody_is_prompted().report(output)),
    }
}

fn check_gateway(payment: &Payment, given: Gateway) -> Result<(), Box<Refusal>> {
    let name = match given {
        Gateway::Daraja => GatewayName::Daraja,
        Gateway::Palpluss => GatewayName::PalPluss,
        Gateway::Upesipay => GatewayName::UpesiPay,
        Gateway::Payhero => GatewayName::PayHero,
    };
    if payment.gateway() == name {
        return Ok(());
    }
    Err(Box::new(Refusal {
        code: ErrorCode::PaymentOfAnotherGateway,
        field: "gateway",
        message: format!("The payment was pushed through {}.", payment.gateway()),
        hint: format!("Give --gateway {}.", payment.gateway()),
        payment_id: Some(payment.id().as_str().to_owned()),
        exit: Exit::RefusedBeforeSending,
    }))
}

fn in_production(payment: Option<&Payment>) -> Box<Refusal> {
    Box::new(Refusal {
        code: ErrorCode::TriggerInProduction,
        field: "payment",
        message: "These settings may be production's, and a triggered callback is one that the shop believes: it would hand over goods \
                  for a payment that never was."
            .to_owned(),
        hint: "Trigger payments of the sandbox: MPESA_ENVIRONMENT=sandbox, at Safaricom's sandbox or one of this machine (`lipia sandbox`). \
               `lipia replay` posts what is true, in production too."
            .to_owned(),
        payment_id: payment.map(|payment| payment.id().as_str().to_owned()),
        exit: Exit::RefusedBeforeSending,
    })
}

fn nobody_is_prompted() -> Box<Refusal> {
    Box::new(Refusal {
        code: ErrorCode::PaymentNotSent,
        field: "payment",
        message: "No payment of this ledger waits for its customer.".to_owned(),
        hint: "Push one: `lipia push --ledger …`. Or name one that has ended: --payment."
            .to_owned(),
        payment_id: None,
        exit: Exit::RefusedBeforeSending,
    })
}

fn not_accepted(payment: &Payment) -> Box<Refusal> {
    Box::new(Refusal {
        code: ErrorCode::PaymentNotSent,
        field: "payment",
        message: "The gateway has not accepted this payment, or its data was deleted: there is no prompt that could end."
            .to_owned(),
        hint: "Push a payment first: `lipia push --ledger …`.".to_owned(),
        payment_id: Some(payment.id().as_str().to_owned()),
        exit: Exit::RefusedBeforeSending,
    })
}
