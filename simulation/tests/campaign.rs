//! Campaigns of many worlds: their counts and their reports.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

use lipia_simulation::plan::Plan;
use lipia_simulation::{Campaign, Counts, End, FaultKind, Tally, grouped, picture, table};
use roxmltree::{Document, Node};
use std::num::NonZeroUsize;

fn run(first_seed: u64, payments: u64, threads: usize) -> Tally {
    let campaign = Campaign {
        first_seed,
        payments,
        threads: NonZeroUsize::new(threads).expect("one at least"),
    };
    let mut seen = 0;
    let ending = campaign
        .run(|tally| {
            assert!(tally.total.payments > seen, "each world has a sale");
            seen = tally.total.payments;
        })
        .expect("an ending");
    assert_eq!(ending.broken, None);
    ending.tally
}

#[test]
fn one_thread_and_three_count_the_same() {
    let one = run(30, 400, 1);
    let three = run(30, 400, 3);
    assert_eq!(one, three);
    assert_eq!(table(&one), table(&three));
    assert_eq!(picture(&one), picture(&three));
    let elsewhere = run(31, 400, 1);
    assert_ne!(one, elsewhere, "other seeds, other worlds");
}

#[test]
fn it_counts_what_the_worlds_report() {
    let tally = run(0, 300, 2);
    let mut ended = [0; 4];
    let (mut payments, mut prompts, mut lost_answers, mut unharmed) = (0, 0, 0, 0);
    let mut open_and_paid = 0;
    for seed in 0..tally.worlds {
        assert!(payments < 300, "a world too many");
        for sale in Plan::of(seed).run(false).expect("a runtime").sales {
            payments += 1;
            prompts += u64::try_from(sale.prompts).expect("few");
            lost_answers += u64::from(sale.faults.has(FaultKind::AnswerLost));
            unharmed += u64::from(sale.faults == FaultKind::NONE);
            open_and_paid += u64::from(sale.end == End::Open && sale.is_paid);
            let place = match sale.end {
                End::Paid => 0,
                End::NotPaid => 1,
                End::NotPrompted => 2,
                End::Open => 3,
            };
            ended[place] += 1;
        }
    }
    let total = tally.total;
    assert!(payments >= 300);
    assert_eq!(total.payments, payments);
    assert_eq!(
        [total.paid, total.not_paid, total.not_prompted, total.open],
        ended
    );
    assert_eq!(total.open_and_paid, open_and_paid);
    assert_eq!(tally.prompts, prompts);
    let of = |kind: FaultKind| {
        let place = FaultKind::ALL.iter().position(|(one, _)| *one == kind);
        tally.by_fault[place.expect("a row")].1.payments
    };
    assert_eq!(of(FaultKind::AnswerLost), lost_answers);
    assert_eq!(of(FaultKind::Nothing), unharmed);
    assert!(lost_answers > 0 && unharmed > 0, "or nothing is shown");
}

#[test]
fn every_row_adds_up() {
    let tally = run(0, 2_000, 2);
    let mut rows = tally.by_fault.clone();
    rows.push(("all", tally.total));
    for (name, counts) in &rows {
        let Counts {
            payments,
            paid,
            not_paid,
            not_prompted,
            open,
            open_and_paid,
        } = counts;
        assert_eq!(paid + not_paid + not_prompted + open, *payments, "{name}");
        assert!(open_and_paid <= open, "{name}");
        assert!(*payments <= tally.total.payments, "{name}");
        assert!(*payments > 0, "{name}: nothing in 2,000 payments met it");
    }
    let in_all_rows: u64 = tally
        .by_fault
        .iter()
        .map(|(_, counts)| counts.payments)
        .sum();
    assert!(in_all_rows >= tally.total.payments, "each is in some row");
    assert_eq!(
        tally.by_gateway.iter().map(|(_, count)| count).sum::<u64>(),
        tally.total.payments
    );
    assert_eq!(tally.most_prompts_of_one_payment, 1);
    let (name, unharmed) = tally.by_fault[0];
    assert_eq!(name, "nothing went wrong");
    assert_eq!(unharmed.open, 0, "of these everything is known");
}

#[test]
fn the_table_has_a_row_for_each_kind() {
    let tally = run(0, 300, 2);
    let table = table(&tally);
    for (name, counts) in &tally.by_fault {
        let row = table
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")))
            .unwrap_or_else(|| panic!("no row for {name} in\n{table}"));
        let cells: Vec<&str> = row[name.len()..].split_whitespace().collect();
        let expected = [
            counts.payments,
            counts.paid,
            counts.not_paid,
            counts.not_prompted,
            counts.open,
            counts.open_and_paid,
        ]
        .map(grouped);
        assert_eq!(cells, expected, "{name}");
    }
    assert!(table.lines().all(|line| line.trim_end() == line));
}

fn has_class(node: &Node<'_, '_>, class: &str) -> bool {
    node.attribute("class") == Some(class)
}

/// The rows of a picture: name, payments, and the widths of the bar's parts in pixels.
fn rows(document: &Document<'_>) -> Vec<(String, String, Vec<f64>)> {
    let text_of = |row: &Node<'_, '_>, class: &str| {
        row.children()
            .find(|child| has_class(child, class))
            .and_then(|child| child.text().map(str::to_owned))
            .expect(class)
    };
    document
        .descendants()
        .filter(|node| node.has_tag_name("g"))
        .map(|row| {
            let widths = row
                .children()
                .filter(|child| child.has_tag_name("rect"))
                .map(|child| child.attribute("width").expect("a width").parse().unwrap())
                .collect();
            (text_of(&row, "fault"), text_of(&row, "count"), widths)
        })
        .collect()
}

#[test]
fn the_picture_is_well_formed_and_has_a_bar_for_each_kind() {
    let tally = run(0, 2_000, 2);
    let svg = picture(&tally);
    let document = Document::parse(&svg).expect("well-formed XML");
    let rows = rows(&document);
    let names: Vec<&str> = rows.iter().map(|(name, _, _)| name.as_str()).collect();
    let kinds = FaultKind::ALL.iter().map(|(_, name)| *name);
    let expected: Vec<&str> = std::iter::once("all").chain(kinds).collect();
    assert_eq!(names, expected);
    for (name, _, widths) in &rows {
        let width: f64 = widths.iter().sum();
        assert!((width - 520.0).abs() < 0.01, "{name}: {width}");
    }
    assert_eq!(rows[0].1, grouped(tally.total.payments));

    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    for id in root
        .attribute("aria-labelledby")
        .expect("a name")
        .split(' ')
    {
        let node = document
            .descendants()
            .find(|node| node.attribute("id") == Some(id))
            .expect(id);
        assert!(node.text().expect(id).contains("payments"));
    }
    let is_active = |node: &Node<'_, '_>| {
        node.has_tag_name("script")
            || node.has_tag_name("foreignObject")
            || node.attributes().any(|attribute| {
                attribute.name().starts_with("on") || attribute.name().ends_with("href")
            })
    };
    assert!(!document.descendants().any(|node| is_active(&node)));
}

/// After another kind of fault: `make simulate SIMULATE='--svg docs/simulation.svg'`.
#[test]
fn the_picture_in_the_documents_is_of_this_program() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/simulation.svg");
    let svg = std::fs::read_to_string(path).expect("docs/simulation.svg");
    let document = Document::parse(&svg).expect("well-formed XML");
    let fresh = picture(&run(0, 1, 1));
    let fresh = Document::parse(&fresh).expect("well-formed XML");
    let names = |document: &Document<'_>| -> Vec<String> {
        let rows = rows(document).into_iter();
        rows.map(|(name, _, _)| name).collect()
    };
    assert_eq!(names(&document), names(&fresh));
    let style = |document: &Document<'_>| -> Option<String> {
        let mut nodes = document.descendants();
        nodes
            .find(|node| node.has_tag_name("style"))
            .and_then(|node| node.text().map(str::to_owned))
    };
    assert_eq!(style(&document), style(&fresh));
    let payments: u64 = rows(&document)[0].1.replace(',', "").parse().unwrap();
    assert!(payments >= 1_000_000, "a run of {payments}");
}

#[test]
fn the_tables_in_the_documents_are_of_the_same_run_as_the_picture() {
    let read = |path: &str| {
        let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).expect("a document")
    };
    let (readme, svg) = (read("simulation/README.md"), read("docs/simulation.svg"));
    let document = Document::parse(&svg).expect("well-formed XML");
    let mut compared = 0;
    for row in document.descendants().filter(|node| node.has_tag_name("g")) {
        // `name: 5 payments. 1 paid; 1 not paid; 1 nobody prompted; 1 unknown, nobody paid; 1 unknown, the customer paid`
        let title = row.first_element_child().and_then(|title| title.text());
        let (name_and_payments, parts) = title.unwrap().split_once(" payments. ").unwrap();
        let (name, payments) = name_and_payments.rsplit_once(": ").unwrap();
        let mut shown: Vec<&str> = vec![payments];
        shown.extend(
            parts
                .split("; ")
                .map(|part| part.split(' ').next().unwrap()),
        );
        let Some(line) = readme
            .lines()
            .find(|line| line.starts_with(&format!("| {name} | ")))
        else {
            continue;
        };
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        assert_eq!(cells[2..6], shown[..4], "{name}");
        let number = |text: &str| text.replace(',', "").parse::<u64>().unwrap();
        assert_eq!(number(cells[6]), number(shown[4]) + number(shown[5]));
        assert_eq!(cells[7], shown[5], "{name}");
        compared += 1;
    }
    assert_eq!(compared, 6, "rows in the README");
    let prompts = svg.split(" prompts, at most ").next().unwrap();
    let prompts = prompts.rsplit(' ').next().unwrap();
    for document in [readme, read("README.md")] {
        assert!(
            document.contains(&format!("{prompts} prompts")),
            "{prompts}"
        );
    }
}
