//! The visibility of generated Swift: what only this package's own modules call gets the access level `package`, so that
//! an app's completion does not offer it.

use crate::with_default;

/// Records that a caller makes, each with the documentation of its initializer. Of all others the initializer is hidden: a
/// payment or an acceptance comes from the library alone.
const MADE_BY_CALLERS: [(&str, &str); 5] = [
    (
        "ClientSettings",
        "Makes settings. What is left out has its default.",
    ),
    (
        "Expected",
        "The push to compare an event with. Leave out what is not known.",
    ),
    (
        "PaymentSearch",
        "Makes a search. A filter that is left out holds for every payment.",
    ),
    (
        "StkPush",
        "Makes a push with the amount as a person has typed it: in plain digits, such as `150` or `150.00`.",
    ),
    (
        "WaitOptions",
        "Makes the times of a wait. A time that is left out has its default.",
    ),
];

/// Names of types that stand for one of Swift's own.
const STAND_INS: [(&str, &str); 4] = [
    ("Seconds", "TimeInterval"),
    ("Money", "Decimal"),
    ("WholeNumber", "Int"),
    ("Shillings", "Int"),
];

/// Parameters of initializers whose default is a case of an enum, which uniffi (0.32) cannot express: the line of the parameter,
/// and the line with its default.
const ENUM_DEFAULTS: [(&str, &str); 1] = [("fit: Fit,", "fit: Fit = .refuse,")];

/// Beginnings of the names of plumbing.
const PLUMBING: [&str; 8] = [
    "AppError",
    "ErrorDetails",
    "Native",
    "native",
    "FfiConverter",
    "Uniffi",
    "uniffi",
    "setLogListener",
];

/// Methods that are properties in Swift: they take nothing, tell the same each time, and cost nothing.
const PROPERTIES: [&str; 6] = ["word", "isPaid", "isFinal", "id", "gateway", "isAtRest"];

/// Lines that show that the generator still writes what is looked for here.
const EXPECTED: [&str; 4] = [
    "\npackage final class NativeClient:",
    "    package required init(unsafeFromHandle",
    "\npublic struct Payment:",
    "\npublic var word: String {",
];

/// Words before the name of a declaration.
const WORDS_BEFORE_NAMES: [&str; 14] = [
    "public",
    "open",
    "package",
    "final",
    "static",
    "required",
    "convenience",
    "func",
    "class",
    "struct",
    "enum",
    "protocol",
    "let",
    "var",
];

/// The generated Swift with its plumbing hidden.
///
/// # Errors
/// A sentence that says what was expected of the generated Swift and is not there.
pub(crate) fn hidden(generated: &str) -> Result<String, String> {
    let written = line_by_line(generated);
    match EXPECTED.iter().find(|line| !written.contains(**line)) {
        Some(line) => Err(format!("the generated Swift has no `{}`", line.trim())),
        None => Ok(written),
    }
}

/// The lines of generated Swift, each with the visibility that it has here.
fn line_by_line(generated: &str) -> String {
    // An error's access level stands in a line of its own.
    let generated = generated.replace("public \nenum ", "public enum ");
    let mut record = "";
    let mut lines: Vec<String> = Vec::new();
    for line in generated.lines() {
        // A comment may end in the line of what it is about.
        let (comment, line) = match line.rfind("*/") {
            Some(end) => line.split_at(end + 2),
            None => ("", line),
        };
        let code = line.trim_start();
        if code.starts_with("//") || code.starts_with('*') || code.starts_with("/*") {
            lines.push(format!("{comment}{line}"));
            continue;
        }
        if line.starts_with("public struct ") {
            record = name_of(line);
        }
        if let Some((stand_in, _)) = line
            .strip_prefix("public typealias ")
            .and_then(|rest| rest.split_once(" = "))
            && STAND_INS.iter().any(|(name, _)| *name == stand_in)
        {
            continue;
        }
        let line = as_property(with_default(with_own_types(line), &ENUM_DEFAULTS));
        if line.trim_start().starts_with("public init(")
            && let Some((_, documentation)) = made_by_callers(record)
        {
            lines.push(format!("    /// {documentation}"));
        }
        let level = if is_plumbing(&line, record) {
            "package"
        } else {
            "public"
        };
        lines.push(format!("{comment}{}", lowered(&line, level)));
    }
    lines.join("\n") + "\n"
}

/// Whether a line declares something that no app needs.
fn is_plumbing(line: &str, record: &str) -> bool {
    let name = name_of(line);
    let is_indented = line.starts_with(' ');
    let is_hidden_initializer = name.starts_with("init(")
        && (name.starts_with("init(unsafeFromHandle")
            || name.starts_with("init(noHandle")
            || (!line.contains("convenience") && made_by_callers(record).is_none()));
    PLUMBING.iter().any(|beginning| name.starts_with(beginning))
        || (!is_indented && line.contains("protocol ") && name.ends_with("Protocol"))
        || (!is_indented && name.ends_with("Impl"))
        || name.starts_with("LogListener")
        || name == "NoHandle"
        || (is_indented && is_hidden_initializer)
}

/// The row of [`MADE_BY_CALLERS`] of a record, where it has one.
fn made_by_callers(record: &str) -> Option<&'static (&'static str, &'static str)> {
    MADE_BY_CALLERS.iter().find(|(name, _)| *name == record)
}

/// The name that a line declares, with `init(` and its first label for an initializer; nothing where it declares none.
fn name_of(line: &str) -> &str {
    let mut rest = line.trim_start();
    if !["public ", "open ", "required public "]
        .iter()
        .any(|beginning| rest.starts_with(beginning))
    {
        return "";
    }
    while let Some((word, after)) = rest.split_once(' ')
        && WORDS_BEFORE_NAMES.contains(&word)
    {
        rest = after;
    }
    if rest.starts_with("init(") {
        let end = rest.find(':').unwrap_or(rest.len());
        return rest.get(..end).unwrap_or(rest);
    }
    let end = rest
        .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .unwrap_or(rest.len());
    rest.get(..end).unwrap_or(rest)
}

/// A declaration with another access level. What is `open` is so for no reason: nobody makes subclasses.
fn lowered(line: &str, level: &str) -> String {
    let (indent, code) = line.split_at(line.len() - line.trim_start().len());
    for (beginning, rest) in [
        ("open class ", "final class "),
        ("open func ", "func "),
        ("open var ", "var "),
        ("public ", ""),
    ] {
        if let Some(after) = code.strip_prefix(beginning) {
            return format!("{indent}{level} {rest}{after}");
        }
    }
    match code.strip_prefix("required public ") {
        Some(after) => format!("{indent}{level} required {after}"),
        None => line.to_owned(),
    }
}

/// A declaration as a property where it is a method that is one in Swift.
fn as_property(line: String) -> String {
    let Some((before, rest)) = line.split_once("func ") else {
        return line;
    };
    let Some((name, returned)) = rest.split_once("()") else {
        return line;
    };
    let Some((effects, returned)) = returned.split_once("-> ") else {
        return line;
    };
    if !PROPERTIES.contains(&name) || !effects.trim().is_empty() {
        return line;
    }
    match returned.trim_end().strip_suffix('{') {
        Some(kind) => format!("{before}var {name}: {} {{", kind.trim_end()),
        None => format!("{before}var {name}: {} {{ get }}", returned.trim_end()),
    }
}

/// A line of code with Swift's own names for the types that stand for them.
fn with_own_types(line: &str) -> String {
    let mut spelled = String::with_capacity(line.len());
    let mut word = String::new();
    for letter in line.chars().chain(std::iter::once('\n')) {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        let own = STAND_INS.iter().find(|(name, _)| *name == word);
        spelled.push_str(own.map_or(&word, |(_, own)| own));
        word.clear();
        if letter != '\n' {
            spelled.push(letter);
        }
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::{hidden, line_by_line};

    #[test]
    fn plumbing_is_for_this_package_alone() {
        for (generated, expected) in [
            (
                "public \nenum NativeError: Swift.Error {",
                "package enum NativeError: Swift.Error {",
            ),
            (
                "public protocol PaymentHandleProtocol: AnyObject {",
                "package protocol PaymentHandleProtocol: AnyObject {",
            ),
            (
                "open class NativeClient: NativeClientProtocol {",
                "package final class NativeClient: NativeClientProtocol {",
            ),
            (
                "open class PaymentHandle: PaymentHandleProtocol {",
                "public final class PaymentHandle: PaymentHandleProtocol {",
            ),
            (
                "public func nativeParseAmount(text: String) {",
                "package func nativeParseAmount(text: String) {",
            ),
            (
                "open func nativeBegin()throws   {",
                "package func nativeBegin()throws   {",
            ),
            (
                "open func snapshot() -> Payment  {",
                "public func snapshot() -> Payment  {",
            ),
            (
                "public struct FfiConverterTypePayment: X {",
                "package struct FfiConverterTypePayment: X {",
            ),
            (
                "    required public init(unsafeFromHandle handle: UInt64) {",
                "    package required init(unsafeFromHandle handle: UInt64) {",
            ),
            (
                "    public static func nativeDaraja(a: String)throws  -> Credentials  {",
                "    package static func nativeDaraja(a: String)throws  -> Credentials  {",
            ),
        ] {
            assert_eq!(line_by_line(generated), format!("{expected}\n"));
        }
    }

    #[test]
    fn what_is_a_property_is_one() {
        for (generated, expected) in [
            (
                "public func word() -> String  {",
                "public var word: String {",
            ),
            ("open func id() -> String  {", "public var id: String {"),
            ("    func id()  -> String", "    var id: String { get }"),
            (
                "open func drain()async throws   {",
                "public func drain()async throws   {",
            ),
            (
                "public func describe() -> ResultCode  {",
                "public func describe() -> ResultCode  {",
            ),
        ] {
            assert_eq!(line_by_line(generated), format!("{expected}\n"));
        }
    }

    #[test]
    fn only_what_callers_make_has_an_initializer() {
        let payment = "public struct Payment {\n    public init(id: String) {";
        assert!(line_by_line(payment).contains("    package init(id: String) {"));
        let settings = "public struct ClientSettings {\n    public init(timeout: Seconds? = nil) {";
        assert!(line_by_line(settings).contains(
            "    /// Makes settings. What is left out has its default.\n    public init(timeout: TimeInterval? = nil) {"
        ));
        let push = "public struct StkPush {\n    public init(\n    /** A fit. */fit: Fit, \n";
        assert!(line_by_line(push).contains("*/fit: Fit = .refuse,"));
    }

    #[test]
    fn comments_stay_and_names_that_stand_for_others_go() {
        assert_eq!(
            line_by_line(
                "/// Seconds of a wait.\npublic typealias Seconds = TimeInterval\n     */public let a: Money\n"
            ),
            "/// Seconds of a wait.\n     */public let a: Decimal\n"
        );
    }

    #[test]
    fn a_generator_that_writes_otherwise_is_noticed() {
        assert!(hidden("public class Payment {").is_err());
    }
}
