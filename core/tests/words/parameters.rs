//! The settings of clients and the parts of a push, as Python and Node declare them, are what the core's tables make. A parameter is
//! described in the core alone; `make documents` writes the others.

use crate::made::{camel, compare, hanging, joined, spans, wrapped};
use lipia::GatewayName::{self, Daraja, PalPluss, PayHero, UpesiPay};
use lipia::client::ClientSettings;
use lipia::client::parameters::{self, Kind, Parameter};
use std::fmt::Write as _;

/// The gateways: the name of each in other languages, and the rest of a sentence about it.
const GATEWAYS: [(GatewayName, &str, &str); 4] = [
    (Daraja, "Daraja", ", Safaricom's own API"),
    (PalPluss, "PalPluss", ""),
    (UpesiPay, "UpesiPay", ""),
    (
        PayHero,
        "PayHero",
        ", which speaks the first generation of UpesiPay's interface",
    ),
];

/// What parts of a push are in Python where they are left out and are not `None`.
const PYTHON_DEFAULTS: [(&str, &str); 3] = [
    ("fit", "\"refuse\""),
    ("round_amount", "False"),
    ("transaction_desc", "\"\""),
];

/// The setting that is handed over apart from the others, after the time for one call.
const WAIT: &str = "The times of waits. Default: see `WaitOptions`.";

#[test]
fn the_parameters_of_python_are_the_cores() {
    compare("bindings-python/python/lipia/_parameters.py", &python());
}

#[test]
fn the_parameters_of_node_are_the_cores() {
    compare("bindings-node/ts/parameters.ts", &node());
}

#[test]
fn every_parameter_says_what_it_is_in_sentences() {
    for parameter in all() {
        let docs = parameter.doc_of.iter().map(|(_, doc)| *doc);
        for doc in docs.chain([parameter.doc]) {
            let doc = joined(doc);
            assert!(doc.ends_with('.'), "{}: {doc}", parameter.name);
            assert_eq!(doc.matches('`').count() % 2, 0, "{}", parameter.name);
        }
        for gateway in parameter.needed_by {
            assert!(parameter.belongs_to(*gateway), "{}", parameter.name);
        }
    }
}

fn all() -> impl Iterator<Item = &'static Parameter> {
    ClientSettings::parameters()
        .iter()
        .chain(parameters::push())
}

/// A parameter as a language declares it.
struct Declared {
    name: String,
    of: String,
    doc: String,
}

/// The name of a parameter in a language: a time has no unit there.
fn name_of(parameter: &Parameter) -> &'static str {
    let name = parameter.name;
    match parameter.kind {
        Kind::Seconds => name.strip_suffix("_seconds").unwrap_or(name),
        _ => name,
    }
}

/// Whether clients of every gateway have a setting, and none of them needs it.
fn is_common(parameter: &Parameter) -> bool {
    parameter.owners.is_empty() && parameter.needed_by.is_empty()
}

// ---- Python

fn python() -> String {
    let mut text = "\
\"\"\"The settings of clients and the parts of a push. Made from the core's tables by `make documents`: do not edit.\"\"\"

from __future__ import annotations

import os
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, TypedDict

from ._types import WaitOptions
from .ledger import LedgerStore

#: The kinds of parameters that are not plain text.
KINDS = {
"
    .to_owned();
    let mut kinds: Vec<(&str, &str)> = all()
        .filter_map(|parameter| Some((name_of(parameter), python_kind(parameter)?)))
        .chain([("wait", "wait")])
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    for (name, kind) in kinds {
        writeln!(text, "    \"{name}\": \"{kind}\",").unwrap();
    }
    text.push_str("}\n\n#: The parts of a push that not every gateway has.\nPUSH_OPTIONS = (\n");
    for part in parameters::push() {
        if !part.owners.is_empty() {
            writeln!(text, "    \"{}\",", part.name).unwrap();
        }
    }
    text.push_str(")\n\n#: The parts of a push that are not ``None`` where they are left out.\nDEFAULTS: dict[str, object] = {\n");
    for (name, default) in PYTHON_DEFAULTS {
        writeln!(text, "    \"{name}\": {default},").unwrap();
    }
    text.push_str("}\n");
    let mut common = Vec::new();
    for setting in ClientSettings::parameters()
        .iter()
        .filter(|it| is_common(it))
    {
        common.push(python_declared(setting, setting.doc, true));
        if setting.kind == Kind::Seconds {
            common.push(Declared {
                name: "wait".to_owned(),
                of: "WaitOptions | None".to_owned(),
                doc: python_doc(WAIT),
            });
        }
    }
    let (title, bases) = (
        "The settings that the clients of every gateway have.",
        "TypedDict",
    );
    python_class(&mut text, "CommonSettings", bases, title, &common);
    let mut documentation = python_documentation("CommonSettings", &common);
    for (gateway, name, rest) in GATEWAYS {
        let own = |is_needed: bool| {
            ClientSettings::parameters()
                .iter()
                .filter(move |it| it.belongs_to(gateway) && !is_common(it))
                .filter(move |it| it.needed_by.contains(&gateway) == is_needed)
                .map(move |it| python_declared(it, it.doc_for(gateway), !is_needed))
        };
        let (needed, mut optional): (Vec<_>, Vec<_>) = (own(true).collect(), own(false).collect());
        let bases = python_needs(&mut text, name, &needed, "CommonSettings");
        let mut documented = needed;
        let declared = optional.len();
        optional.extend(
            ClientSettings::parameters()
                .iter()
                .filter(|it| is_common(it) && it.doc_of.iter().any(|(of, _)| *of == gateway))
                .map(|it| python_declared(it, it.doc_for(gateway), true)),
        );
        let title = format!("The settings of a client of {name}{rest}.");
        documented.extend(optional.iter().map(|it| Declared {
            name: it.name.clone(),
            of: String::new(),
            doc: it.doc.clone(),
        }));
        let class = format!("{name}Settings");
        let fields = optional.iter().take(declared);
        python_class(&mut text, &class, &bases, &title, fields);
        documentation.push_str(&python_documentation(&class, &documented));
    }
    let parts = |is_needed: bool| {
        parameters::push()
            .iter()
            .filter(move |part| part.needed_by.is_empty() != is_needed && part.name != "order")
            .map(move |part| {
                let is_optional =
                    !is_needed && PYTHON_DEFAULTS.iter().all(|(name, _)| *name != part.name);
                python_declared(part, &python_part(part), is_optional)
            })
    };
    let (needed, optional): (Vec<_>, Vec<_>) = (parts(true).collect(), parts(false).collect());
    let bases = python_needs(&mut text, "Push", &needed, "");
    let mut documented = needed;
    let after = documented.len();
    documented.extend(optional);
    let fields = documented.iter().skip(after);
    let title = "The parts of a push: the payer, the amount and the reference of the sale.";
    python_class(&mut text, "PushParameters", &bases, title, fields);
    documentation.push_str(&python_documentation("PushParameters", &documented));
    write!(
        text,
        "\n\n#: What ``help()`` says of the keywords of each dictionary.\nDOCUMENTATION = {{\n{documentation}}}\n"
    )
    .unwrap();
    text
}

/// A part of a push with the gateways that have it, because Python's verbs have the parts of all gateways.
fn python_part(part: &Parameter) -> String {
    let names: Vec<&str> = GATEWAYS
        .iter()
        .filter(|(gateway, ..)| part.owners.contains(gateway))
        .map(|(_, name, _)| *name)
        .collect();
    match names.split_last() {
        None => part.doc.to_owned(),
        Some((only, [])) => format!("{only}: {}", lower(part.doc)),
        Some((last, others)) => format!("{} and {last}: {}", others.join(", "), lower(part.doc)),
    }
}

fn python_kind(parameter: &Parameter) -> Option<&'static str> {
    Some(match parameter.kind {
        Kind::Flag => "flag",
        Kind::Count => "count",
        Kind::Seconds => "seconds",
        Kind::Texts => "texts",
        Kind::Path => "path",
        Kind::Amount => "amount",
        Kind::Ledger => "ledger",
        Kind::Words(_) if parameter.name == "fit" => "fit",
        _ => return None,
    })
}

fn python_declared(parameter: &Parameter, doc: &str, is_optional: bool) -> Declared {
    let mut of = match parameter.kind {
        Kind::TextOrNumber => "str | int".to_owned(),
        Kind::Words(words) => format!("Literal[{}]", quoted(words, '"')),
        Kind::Numbers(digits) => format!("Literal[{}] | int", quoted(digits, '"')),
        Kind::Flag => "bool".to_owned(),
        Kind::Count => "int".to_owned(),
        Kind::Seconds => "float".to_owned(),
        Kind::Texts => "str | Iterable[str]".to_owned(),
        Kind::Path => "str | os.PathLike[str]".to_owned(),
        Kind::Amount => "int | Decimal | str".to_owned(),
        Kind::Ledger => "str | LedgerStore".to_owned(),
        _ => "str".to_owned(),
    };
    if is_optional {
        of.push_str(" | None");
    }
    let mut doc = python_doc(doc);
    if parameter.kind == Kind::Ledger {
        doc.push_str(" Or a :class:`LedgerStore` over a database of your own.");
    }
    Declared {
        name: name_of(parameter).to_owned(),
        of,
        doc,
    }
}

fn python_doc(doc: &str) -> String {
    spans(&lower(&joined(doc)), |span| match span {
        "true" | "false" => format!("``{}{}``", span[..1].to_uppercase(), &span[1..]),
        "WaitOptions" => format!(":class:`{span}`"),
        _ => format!("``{span}``"),
    })
}

/// A sentence that goes on after a colon: it begins small, unless a name begins it.
fn lower(doc: &str) -> String {
    let first = doc.split([' ', '\'', ':']).next().unwrap();
    let is_name = GATEWAYS.iter().any(|(_, name, _)| *name == first);
    if is_name || !first.starts_with(|c: char| c.is_ascii_uppercase()) {
        return doc.to_owned();
    }
    format!("{}{}", doc[..1].to_lowercase(), &doc[1..])
}

/// The dictionary of what is needed, where anything is, and the bases of the one that has the rest.
fn python_needs(text: &mut String, name: &str, needed: &[Declared], base: &str) -> String {
    if needed.is_empty() {
        return base.to_owned();
    }
    writeln!(text, "\n\nclass _{name}Needs(TypedDict):").unwrap();
    for it in needed {
        text.push_str(&python_field(it));
    }
    match base {
        "" => format!("_{name}Needs"),
        base => format!("_{name}Needs, {base}"),
    }
}

fn python_class<'a>(
    text: &mut String,
    class: &str,
    bases: &str,
    title: &str,
    fields: impl IntoIterator<Item = &'a Declared>,
) {
    let total = ", total=False";
    write!(
        text,
        "\n\nclass {class}({bases}{total}):\n    \"\"\"{title}\"\"\"\n\n"
    )
    .unwrap();
    for field in fields {
        text.push_str(&python_field(field));
    }
}

/// What `help()` says of the keywords that a dictionary stands for.
fn python_documentation<'a>(class: &str, fields: impl IntoIterator<Item = &'a Declared>) -> String {
    let mut text = format!("    \"{class}\": \"\"\"\n");
    for it in fields {
        text.push_str(&hanging(
            &it.doc,
            &format!(":param {}:", it.name),
            "   ",
            124,
        ));
    }
    text.push_str("\"\"\",\n");
    text
}

/// A field with its documentation below it, where editors and the site of the documents look for it. `help()` has the
/// documentation that stands together.
fn python_field(Declared { name, of, doc }: &Declared) -> String {
    let field = if name.len() + of.len() + 6 > 100 {
        format!("    {name}: (\n        {of}\n    )\n")
    } else {
        format!("    {name}: {of}\n")
    };
    let doc = format!("{}{}", doc[..1].to_uppercase(), &doc[1..]);
    let lines = hanging(&doc, "    \"\"\"", "   ", 125).replacen("\"\"\" ", "\"\"\"", 1);
    format!("{field}{}\"\"\"\n", lines.trim_end())
}

fn quoted(words: &[&str], quote: char) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("{quote}{word}{quote}"))
        .collect();
    words.join(", ")
}

// ---- Node

fn node() -> String {
    let mut text = "\
/** The settings of clients and the parts of a push. Made from the core's tables by `make documents`: do not edit. */

import type { WaitOptions } from './settings';
"
    .to_owned();
    let common: Vec<_> = ClientSettings::parameters()
        .iter()
        .filter(|setting| setting.owners.is_empty())
        .flat_map(|setting| {
            let wait = Declared {
                name: "wait?".to_owned(),
                of: "WaitOptions | undefined".to_owned(),
                doc: node_doc("The times of waits."),
            };
            let is_followed = setting.kind == Kind::Seconds;
            let own = node_declared(setting, setting.doc, false);
            std::iter::once(own).chain(is_followed.then_some(wait))
        })
        .collect();
    let title = "Settings that every client has.";
    text.push_str(&node_interface("CommonSettings", "", title, &common));
    for (gateway, name, rest) in GATEWAYS {
        let own: Vec<_> = ClientSettings::parameters()
            .iter()
            .filter(|it| it.belongs_to(gateway))
            .filter(|it| {
                !it.owners.is_empty()
                    || it.needed_by.contains(&gateway)
                    || it.doc_of.iter().any(|(of, _)| *of == gateway)
            })
            .map(|it| node_declared(it, it.doc_for(gateway), it.needed_by.contains(&gateway)))
            .collect();
        let title = format!("The settings of a client of {name}{rest}.");
        let (class, base) = (format!("{name}Settings"), " extends CommonSettings");
        text.push_str(&node_interface(&class, base, &title, &own));
    }
    let parts = |of: Option<GatewayName>| -> Vec<_> {
        parameters::push()
            .iter()
            .filter(|part| match of {
                None => part.owners.is_empty(),
                Some(gateway) => part.owners.contains(&gateway),
            })
            .map(|part| node_declared(part, part.doc, !part.needed_by.is_empty()))
            .collect()
    };
    let title = "A push: the payer, the amount and the reference of the sale.";
    text.push_str(&node_interface("StkPush", "", title, &parts(None)));
    for (gateway, name, _) in GATEWAYS {
        let title = format!("A push through {name}.");
        let (class, base) = (format!("{name}Push"), " extends StkPush");
        text.push_str(&node_interface(&class, base, &title, &parts(Some(gateway))));
    }
    let is_option = |part: &&Parameter| !part.owners.is_empty();
    let push = parameters::push().iter();
    text.push_str(&node_names(
        "SETTINGS",
        "The settings of clients, in this package's spelling and in the core's.",
        ClientSettings::parameters().iter(),
    ));
    text.push_str(&node_names(
        "PUSH",
        "The parts of a push that every gateway has.",
        push.clone().filter(|part| !is_option(part)),
    ));
    text.push_str(&node_names(
        "PUSH_OPTIONS",
        "The parts of a push that only some gateways have.",
        push.filter(is_option),
    ));
    text.push_str(
        "\n/** The kinds of parameters that are not plain text. @internal */\nexport const KINDS: Readonly<Record<string, Kind>> = {\n",
    );
    let mut kinds: Vec<(String, &str)> = all()
        .filter_map(|parameter| Some((camel(name_of(parameter)), node_kind(parameter)?)))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    for (name, kind) in kinds {
        writeln!(text, "  {name}: '{kind}',").unwrap();
    }
    text.push_str(
        "};\n\n/** How the value of a parameter is read. */\nexport type Kind = 'amount' | 'count' | 'fit' | 'flag' | 'seconds' | 'texts';\n",
    );
    text
}

fn node_kind(parameter: &Parameter) -> Option<&'static str> {
    Some(match parameter.kind {
        Kind::Flag => "flag",
        Kind::Count => "count",
        Kind::Seconds => "seconds",
        Kind::Texts => "texts",
        Kind::Amount => "amount",
        Kind::Words(_) if parameter.name == "fit" => "fit",
        _ => return None,
    })
}

fn node_declared(parameter: &Parameter, doc: &str, is_needed: bool) -> Declared {
    let of = match parameter.kind {
        Kind::TextOrNumber => "string | number".to_owned(),
        Kind::Words(words) => quoted(words, '\'').replace(", ", " | "),
        Kind::Numbers(digits) => {
            let words = quoted(digits, '\'').replace(", ", " | ");
            format!("{words} | {}", digits.join(" | "))
        }
        Kind::Flag => "boolean".to_owned(),
        Kind::Count | Kind::Seconds => "number".to_owned(),
        Kind::Texts => "string | readonly string[]".to_owned(),
        Kind::Amount => "number | bigint | string".to_owned(),
        _ => "string".to_owned(),
    };
    let name = camel(name_of(parameter));
    let mut doc = node_doc(doc);
    if parameter.kind == Kind::Seconds {
        doc = doc
            .replace("Seconds for", "Milliseconds for")
            .replace("Default: 30.", "Default: 30,000.");
        assert!(doc.contains("Milliseconds"), "{doc}");
    }
    if is_needed {
        Declared { name, of, doc }
    } else {
        Declared {
            name: format!("{name}?"),
            of: format!("{of} | undefined"),
            doc,
        }
    }
}

fn node_doc(doc: &str) -> String {
    spans(&joined(doc), |span| {
        let is_name = all().any(|parameter| parameter.name == span);
        format!(
            "`{}`",
            if is_name {
                camel(span)
            } else {
                span.to_owned()
            }
        )
    })
}

fn node_interface(name: &str, base: &str, title: &str, declared: &[Declared]) -> String {
    let mut text = format!("\n/** {title} */\nexport interface {name}{base} {{\n");
    for Declared { name, of, doc } in declared {
        if doc.chars().count() + 10 <= 120 {
            writeln!(text, "  /** {doc} */").unwrap();
        } else {
            writeln!(text, "  /**\n{}   */", wrapped(doc, "   *")).unwrap();
        }
        if name.len() + of.len() + 5 > 120 {
            let each = of.replace(" | ", "\n    | ");
            writeln!(text, "  {name}:\n    | {each};").unwrap();
        } else {
            writeln!(text, "  {name}: {of};").unwrap();
        }
    }
    text.push_str("}\n");
    text
}

fn node_names<'a>(
    name: &str,
    title: &str,
    parameters: impl Iterator<Item = &'a Parameter>,
) -> String {
    let mut text = format!("\n/** {title} @internal */\nexport const {name} = {{\n");
    for parameter in parameters {
        let here = camel(name_of(parameter));
        writeln!(text, "  {here}: '{}',", parameter.name).unwrap();
    }
    text.push_str("} as const;\n");
    text
}
