//! A table of many payments: the time of claims and look-ups in it, and its size.

use crate::by_hand::{
    BY_ID, BY_ORDER, BY_PHONE, BY_RECEIPT, ByHand, connect, id, name_of_row, phone, receipt,
};
use crate::claims::take_turns;
use crate::figures::{Line, Times, Unit};
use crate::place::{self, Place};
use crate::shop::Shop;
use crate::{Amounts, Trouble};
use futures_util::SinkExt as _;
use lipia::ledger::{LedgerStore, Order, Scope, Search};
use lipia::payment::{Payment, PaymentId};
use lipia::values::{Environment, PhoneNumber};
use rusqlite::{Connection, params};
use std::fmt::Write as _;
use std::io::Cursor;
use std::path::PathBuf;
use std::time::Instant;

/// The name of the ledger with many payments.
const LEDGER: &str = "million";

/// The payment of which all others are copies.
const TEMPLATE: &str = "Z9999999";

pub(crate) async fn measure(
    place: &Place,
    amounts: &Amounts,
    tell: fn(&str),
) -> Result<Vec<Line>, Trouble> {
    let address = place.ledger(LEDGER);
    let shop = Shop::open(&address)?;
    let template = lived(&shop).await?;
    let by_hand = ByHand::open(place).await?;
    tell("  filling it");
    match place {
        Place::Sqlite(folder) => fill_file(folder.join(LEDGER), &template, amounts.rows)?,
        Place::Postgres(server) => fill_schema(&server.address(), &template, amounts.rows).await?,
    }
    by_hand.fill(amounts.rows).await?;
    tell("  looking into it");
    let store = place::open(&address)?;
    let store = store.as_ref();
    let mut lines = Vec::new();
    let names = [
        "a claim in a table of ROWS, half within",
        "the same claim, 99 of 100 within",
    ];
    lines.extend(take_turns(&shop, store, &by_hand, ('M', amounts.claims), names).await?);
    for (sql, names) in [
        (
            BY_ORDER,
            [
                "an order's payments among ROWS, half within",
                "an order's payments, 99 of 100 within",
            ],
        ),
        (
            BY_ID,
            [
                "a payment by its id, half within",
                "a payment by its id, 99 of 100 within",
            ],
        ),
        (
            BY_RECEIPT,
            [
                "a payment by its receipt, half within",
                "a payment by its receipt, 99 of 100 within",
            ],
        ),
        (
            BY_PHONE,
            [
                "the payments of a phone, half within",
                "the payments of a phone, 99 of 100 within",
            ],
        ),
    ] {
        lines.extend(look_up(store, &by_hand, sql, names, amounts).await?);
    }
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    lines.push(Line::new(
        "ROWS payments on the disk",
        Unit::Megabytes,
        megabytes(size(place).await?),
        megabytes(by_hand.size().await?),
    ));
    Ok(lines)
}

/// A payment that was paid and told, with everything that the ledger keeps of one.
async fn lived(shop: &Shop) -> Result<Payment, Trouble> {
    shop.listen();
    let requested = shop.request(TEMPLATE).await?;
    shop.pay(TEMPLATE).await?;
    shop.has_told(1).await;
    shop.client.stop().await;
    let paid = shop.client.payments().get(requested.id().as_str()).await?;
    Ok(paid.payment().clone())
}

/// Looks payments up on both sides in turn.
async fn look_up(
    store: &dyn LedgerStore,
    by_hand: &ByHand,
    sql: &'static str,
    names: [&'static str; 2],
    amounts: &Amounts,
) -> Result<Vec<Line>, Trouble> {
    let scope = Scope::default_of(Environment::Sandbox);
    let (mut lipia, mut hand) = (Times::default(), Times::default());
    for turn in 0..amounts.look_ups {
        // Far from each other, so that not all of them are in a cache.
        let number = u64::try_from(turn)?.wrapping_mul(0x9E37_79B9_7F4A_7C15) % amounts.rows;
        let name = name_of_row(number);
        let mut search = Search::of(scope.clone());
        let value = match sql {
            BY_ORDER => name.clone(),
            BY_ID => id(&name),
            BY_RECEIPT => receipt(&name),
            _ => phone(&name),
        };
        let began = Instant::now();
        let found = match sql {
            BY_ORDER => store
                .earlier(&scope, &Order::parse(&value)?)
                .await?
                .rows
                .len(),
            BY_ID => usize::from(store.load(&value.parse::<PaymentId>()?).await?.is_some()),
            _ => {
                if sql == BY_RECEIPT {
                    search.receipt = Some(value.clone());
                } else {
                    search.phone_number = Some(PhoneNumber::parse(&value)?);
                }
                store.list(&search, None, 20).await?.len()
            }
        };
        lipia.push(began.elapsed());
        let began = Instant::now();
        let found_by_hand = by_hand.look_up(sql, &value).await?;
        hand.push(began.elapsed());
        if found == 0 || found_by_hand == 0 {
            return Err(format!("{value} is not found: {found}, {found_by_hand}").into());
        }
    }
    Ok(Times::lines(&lipia, &hand, names, Unit::Microseconds).into())
}

/// How a statement writes what differs between copies of a payment.
struct Different {
    id: &'static str,
    order: &'static str,
    phone: &'static str,
    receipt: &'static str,
    prompt: &'static str,
    /// The column of the payment's JSON as a text, and what makes JSON of a text.
    json: [&'static str; 3],
}

impl Different {
    /// The columns of the table of payments, and what a copy of the template has in them.
    fn copied(&self, columns: &[String], template: &Payment) -> Result<[String; 2], Trouble> {
        let [json, opens, closes] = self.json;
        let mut payment = json.to_owned();
        for (old, new) in [
            (template.id().as_str(), self.id),
            (
                template.receipt().ok_or("no receipt")?.as_str(),
                self.receipt,
            ),
            (
                template.checkout_request_id().ok_or("no prompt")?.as_str(),
                self.prompt,
            ),
            (template.push().phone_number.as_str(), self.phone),
        ] {
            payment = format!("replace({payment}, '{old}', {new})");
        }
        payment = format!("{opens}{payment}{closes}");
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for column in columns.iter().filter(|column| *column != "seq") {
            names.push(column.as_str());
            values.push(match column.as_str() {
                "id" => self.id,
                "order_name" => self.order,
                "phone" => self.phone,
                "receipt" => self.receipt,
                "checkout_request_id" => self.prompt,
                "payment" => payment.as_str(),
                other => other,
            });
        }
        Ok([names.join(", "), values.join(", ")])
    }
}

fn fill_file(file: PathBuf, template: &Payment, rows: u64) -> Result<(), Trouble> {
    let mut connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA busy_timeout = 10000; PRAGMA synchronous = OFF;")?;
    let columns: Vec<String> = connection
        .prepare("SELECT name FROM pragma_table_info('payments')")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let different = Different {
        id: "?1",
        order: "?2",
        phone: "?3",
        receipt: "?4",
        prompt: "?5",
        json: ["payment", "", ""],
    };
    let [names, values] = different.copied(&columns, template)?;
    let of_template = template.id().as_str();
    let transaction = connection.transaction()?;
    {
        let mut payment = transaction.prepare(&format!(
            "INSERT INTO payments ({names}) SELECT {values} FROM payments WHERE id = '{of_template}'"
        ))?;
        let mut callback = transaction.prepare(&format!(
            "INSERT INTO callbacks (payment, digest, body, received_at, verdict)
             SELECT ?1, digest, body, received_at, verdict FROM callbacks WHERE payment = '{of_template}'"
        ))?;
        let named: i64 = transaction.query_row(
            "SELECT count(*) FROM names WHERE payment = ?1",
            [of_template],
            |row| row.get(0),
        )?;
        let mut name = transaction.prepare("INSERT INTO names VALUES (?1, ?2)")?;
        for number in 0..rows {
            let order = name_of_row(number);
            let own = id(&order);
            let prompt = format!("ws_CO_{order}");
            payment.execute(params![own, order, phone(&order), receipt(&order), prompt])?;
            callback.execute([&own])?;
            for place in 0..u64::try_from(named)? {
                name.execute([&id(&format!("N{}", number * 16 + place)), &own])?;
            }
        }
    }
    transaction.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

async fn fill_schema(address: &str, template: &Payment, rows: u64) -> Result<(), Trouble> {
    let (mut client, _listens) = connect(address).await?;
    client
        .batch_execute("CREATE UNLOGGED TABLE row_ids (n bigint NOT NULL, id text NOT NULL)")
        .await?;
    // The ids are made here, so that both stores have the same.
    let sink = client
        .copy_in::<_, Cursor<Vec<u8>>>("COPY row_ids FROM STDIN")
        .await?;
    let mut sink = Box::pin(sink);
    let mut lines = String::new();
    for number in 0..rows {
        writeln!(lines, "{number}\t{}", id(&name_of_row(number)))?;
        if lines.len() > 60_000 || number + 1 == rows {
            let part = std::mem::take(&mut lines).into_bytes();
            sink.send(Cursor::new(part)).await?;
        }
    }
    sink.as_mut().finish().await?;
    let columns = client
        .query(
            "SELECT column_name::text FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'payments'",
            &[&LEDGER],
        )
        .await?;
    let columns: Vec<String> = columns.iter().map(|row| row.get(0)).collect();
    let different = Different {
        id: "ids.id",
        order: "'R' || n",
        phone: "'2547' || lpad(n::text, 8, '0')",
        receipt: "'T' || lpad(n::text, 9, '0')",
        prompt: "'ws_CO_R' || n",
        json: ["payment::text", "(", ")::jsonb"],
    };
    let [names, values] = different.copied(&columns, template)?;
    let of_template = template.id().as_str();
    let transaction = client.transaction().await?;
    transaction
        .batch_execute(&format!(
            "INSERT INTO {LEDGER}.payments ({names}) SELECT {values} FROM {LEDGER}.payments AS one, row_ids AS ids WHERE one.id = '{of_template}';
             INSERT INTO {LEDGER}.callbacks (payment, digest, body, received_at, verdict)
             SELECT ids.id, digest, body, received_at, verdict FROM {LEDGER}.callbacks, row_ids AS ids WHERE payment = '{of_template}';
             INSERT INTO {LEDGER}.names SELECT md5(name || ids.n), ids.id FROM {LEDGER}.names, row_ids AS ids WHERE payment = '{of_template}';"
        ))
        .await?;
    transaction.commit().await?;
    client.batch_execute("VACUUM ANALYZE").await?;
    Ok(())
}

/// Bytes of the ledger on the disk.
async fn size(place: &Place) -> Result<u64, Trouble> {
    match place {
        Place::Sqlite(folder) => Ok(std::fs::metadata(folder.join(LEDGER))?.len()),
        Place::Postgres(server) => {
            let (client, _listens) = connect(&server.address()).await?;
            let size = "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
                 WHERE relnamespace = to_regnamespace($1::text) AND relkind = 'r'";
            let row = client.query_one(size, &[&LEDGER]).await?;
            Ok(u64::try_from(row.get::<_, i64>(0))?)
        }
    }
}
