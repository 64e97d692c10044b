//! The visibility of generated Kotlin: what only this library's own code calls becomes `internal`, so that an app's completion
//! does not offer it. What is left is data: records, enums, and a few functions.

use crate::with_default;

/// Beginnings of the names of plumbing.
const PLUMBING: [&str; 5] = ["Native", "native", "FfiConverter", "Uniffi", "uniffi"];

/// Names of plumbing that every generated file has.
const HELPERS: [&str; 5] = [
    "RustBuffer",
    "InternalException",
    "Disposable",
    "NoHandle",
    "use",
];

/// Types that stand for one of Kotlin's or Java's own.
const STAND_INS: [(&str, &str); 4] = [
    ("Seconds", "Duration"),
    ("Money", "BigDecimal"),
    ("WholeNumber", "Int"),
    ("Shillings", "Long"),
];

/// Names of generated declarations that Kotlin has by hand, each with the name that the generated one gets instead. uniffi's own
/// renaming (0.32) would rename functions of the native library as well.
const BY_HAND: [(&str, &str); 6] = [
    ("Credentials", "NativeCredentials"),
    ("CredentialsProvider", "NativeCredentialsProvider"),
    ("PaymentHandle", "NativePaymentHandle"),
    ("AppException", "NativeAppException"),
    ("LogListener", "NativeLogListener"),
    ("setLogListener", "nativeSetLogListener"),
];

/// Fields of records whose default is a constant of an enum, which uniffi (0.32) cannot express: the line of the field, and the
/// line with its default.
const ENUM_DEFAULTS: [(&str, &str); 1] = [("val `fit`: Fit", "val `fit`: Fit = Fit.REFUSE")];

/// The package, before names of types in places where another name could hide them.
const PACKAGE: &str = "dev.lipia.";

/// Words that may stand before the name of a declaration.
const MODIFIERS: [&str; 11] = [
    "public",
    "open",
    "sealed",
    "data",
    "enum",
    "inline",
    "abstract",
    "suspend",
    "const",
    "class",
    "interface",
];

/// The generated Kotlin with its plumbing hidden.
///
/// A record that only the library makes (of which not one field has a default) hides its constructor and its `copy` as well:
/// nobody can make a payment that is paid by writing so. A method of an enum takes nothing and becomes a property. Companions
/// without members are left out: a completion and a reference would offer one for each type of data.
///
/// # Errors
/// A sentence that says what was expected of the generated Kotlin and is not there.
pub(crate) fn hidden(generated: &str) -> Result<String, String> {
    let mut lines: Vec<String> = Vec::new();
    let mut helpers = HELPERS.to_vec();
    let mut is_in_enum = false;
    let mut is_in_plumbing = true;
    for line in generated.lines() {
        let line = &with_default(with_meant_names(line), &ENUM_DEFAULTS);
        if !is_in_plumbing && line.trim() == "companion object" {
            continue;
        }
        if is_in_enum && let Some(property) = as_property(line) {
            lines.push(property);
            continue;
        }
        let Some(name) = name_of(line) else {
            lines.push(with_hidden_function(line));
            continue;
        };
        if line.starts_with("public typealias ") {
            continue;
        }
        is_in_enum = line.starts_with("enum class ");
        is_in_plumbing = is_plumbing(name);
        helpers.retain(|helper| *helper != name);
        if is_in_plumbing {
            let code = line.strip_prefix("public ").unwrap_or(line);
            lines.push(format!("internal {code}"));
        } else if line.starts_with("data class ") {
            lines.push(line.to_owned());
        } else if is_in_enum || line.starts_with("sealed class ") {
            lines.push(format!("public {line}"));
        } else {
            return Err(format!(
                "The generated Kotlin shows `{name}` to apps: what has methods is written by hand, and what is behind it \
                 begins with `Native`."
            ));
        }
    }
    if let [missing, ..] = helpers.as_slice() {
        return Err(format!("The generated Kotlin has no `{missing}`."));
    }
    Ok(close_records(&lines))
}

/// Hides the constructors of records that only the library makes.
fn close_records(lines: &[String]) -> String {
    let mut written = String::new();
    for (number, line) in lines.iter().enumerate() {
        let fields = lines.iter().skip(number + 1);
        let has_default = || {
            fields
                .take_while(|field| !field.starts_with(')'))
                .any(|field| field.trim_start().starts_with("val ") && field.contains(" = "))
        };
        match line.strip_prefix("data class ") {
            Some(rest) if !has_default() => {
                let name = rest.trim_end_matches([' ', '(']);
                written.push_str("@ConsistentCopyVisibility\npublic data class ");
                written.push_str(name);
                written.push_str(" internal constructor(");
            }
            Some(_) => {
                written.push_str("public ");
                written.push_str(line);
            }
            None => written.push_str(line),
        }
        written.push('\n');
    }
    written
}

/// A method of an enum that takes nothing, as a property.
fn as_property(line: &str) -> Option<String> {
    let method = line.trim_start();
    let indent = line.get(..line.len() - method.len())?;
    let before = method.find("fun ")?;
    let (documentation, declaration) = method.split_at(before);
    let (name, rest) = declaration.strip_prefix("fun ")?.split_once("()")?;
    let is_name = name.trim_matches('`').chars().all(char::is_alphanumeric);
    let is_documented = documentation.is_empty() || documentation.trim_end().ends_with("*/");
    let result = rest.strip_prefix(':')?.trim().strip_suffix('{')?.trim_end();
    (is_name && is_documented)
        .then(|| format!("{indent}{documentation}val {name}: {result} get() {{"))
}

fn is_plumbing(name: &str) -> bool {
    HELPERS.contains(&name) || PLUMBING.iter().any(|beginning| name.starts_with(beginning))
}

/// A function for the shells alone, hidden: at the top level, or of a record. What an interface declares begins its line.
fn with_hidden_function(line: &str) -> String {
    if line.contains("override ") || line.trim_start().starts_with("fun ") {
        line.to_owned()
    } else {
        line.replacen("fun `native", "internal fun `native", 1)
    }
}

/// A line of code with the names that are meant.
fn with_meant_names(line: &str) -> String {
    let mut spelled = String::with_capacity(line.len());
    let code = line.trim_start();
    let is_comment = code.starts_with('*') && !code.starts_with("*/");
    if is_comment || code.starts_with("//") || code.starts_with("public typealias ") {
        return line.to_owned();
    }
    for word in line.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
        let name = word.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        match meant(name) {
            Some((written, meant)) => {
                if spelled.ends_with(PACKAGE) {
                    spelled.truncate(spelled.len() - PACKAGE.len());
                }
                spelled.push_str(&word.replacen(written, meant, 1));
            }
            None => spelled.push_str(word),
        }
    }
    spelled
}

/// The row of a generated name in [`STAND_INS`] or [`BY_HAND`]: the name, or its beginning, and the name that takes its place.
fn meant(name: &str) -> Option<&'static (&'static str, &'static str)> {
    let is_of = |written: &str| {
        name.strip_prefix(written)
            .is_some_and(|rest| ["", "Impl", "Interface"].contains(&rest))
    };
    let stand_in = STAND_INS.iter().find(|(written, _)| *written == name);
    stand_in.or_else(|| BY_HAND.iter().find(|(written, _)| is_of(written)))
}

/// The name that a line declares at the file's top level for other files to see.
fn name_of(line: &str) -> Option<&str> {
    let mut rest = line;
    let mut is_declaration = false;
    while let Some((word, after)) = rest.split_once(' ')
        && MODIFIERS.contains(&word)
    {
        is_declaration |= ["class", "interface"].contains(&word);
        rest = after;
    }
    for keyword in ["fun ", "object ", "val ", "var ", "typealias "] {
        if let Some(after) = rest.strip_prefix(keyword) {
            is_declaration = true;
            rest = after;
        }
    }
    if !is_declaration {
        return None;
    }
    // Type parameters and the type that a function extends.
    let rest = match rest.strip_prefix('<') {
        Some(parameters) => parameters.split_once("> ").map_or(rest, |(_, after)| after),
        None => rest,
    };
    let declared = rest.split(['(', ':', '{', ' ', '<', '/']).next()?;
    declared.rsplit('.').next()
}

#[cfg(test)]
mod tests {
    use super::{HELPERS, hidden};

    fn with_helpers(generated: &str) -> String {
        let helpers = HELPERS.map(|helper| match helper {
            "use" => "inline fun <T : Disposable?, R> T.use(block: (T) -> R) =\n".to_owned(),
            name => format!("public interface {name} {{\n"),
        });
        helpers.concat() + generated
    }

    fn shown(generated: &str) -> String {
        let written = hidden(&with_helpers(generated)).unwrap();
        let (_, rest) = written.split_once("T.use(block: (T) -> R) =\n").unwrap();
        rest.trim_end().to_owned()
    }

    #[test]
    fn plumbing_is_internal() {
        for (generated, expected) in [
            (
                "public object FfiConverterString: FfiConverter<String> {",
                "internal object FfiConverterString: FfiConverter<String> {",
            ),
            (
                "open class NativeClient: Disposable, AutoCloseable {",
                "internal open class NativeClient: Disposable, AutoCloseable {",
            ),
            (
                "sealed class NativeException: kotlin.Exception() {",
                "internal sealed class NativeException: kotlin.Exception() {",
            ),
            (
                "public fun uniffiEnsureInitialized() {",
                "internal fun uniffiEnsureInitialized() {",
            ),
            ("internal object UniffiLib {", "internal object UniffiLib {"),
            (
                "private fun findLibraryName(componentName: String): String {",
                "private fun findLibraryName(componentName: String): String {",
            ),
            ("    fun `nativeBegin`()", "    fun `nativeBegin`()"),
            (
                "    override fun `nativeBegin`() {",
                "    override fun `nativeBegin`() {",
            ),
            (
                "    @Throws(NativeException::class) fun `nativeCheck`(): X {",
                "    @Throws(NativeException::class) internal fun `nativeCheck`(): X {",
            ),
            (
                "    */ fun `nativeTell`(): X = y()",
                "    */ internal fun `nativeTell`(): X = y()",
            ),
            (
                " */ fun `describe`(`code`: String): ResultCode {",
                " */ fun `describe`(`code`: String): ResultCode {",
            ),
            (
                "public typealias Money = BigDecimal\n    val x: List<Money>? = null",
                "    val x: List<BigDecimal>? = null",
            ),
            (
                "    FfiConverterTypeSeconds.read(Seconds)",
                "    FfiConverterTypeSeconds.read(Duration)",
            ),
            ("    val `fit`: Fit", "    val `fit`: Fit = Fit.REFUSE"),
            (
                "// public class of a comment",
                "// public class of a comment",
            ),
        ] {
            assert_eq!(shown(generated), expected);
        }
    }

    #[test]
    fn what_only_the_library_makes_has_neither_a_constructor_nor_a_copy() {
        let payment = "data class Payment (\n    val id: String\n    ,\n)\n{\n    val x = 1\n}";
        assert!(shown(payment).starts_with(
            "@ConsistentCopyVisibility\npublic data class Payment internal constructor(\n    val id"
        ),);
        let settings =
            "data class Settings (\n    val id: String\n    ,\n    val at: Int = 1\n)\n{";
        assert!(shown(settings).starts_with("public data class Settings (\n    val id"));
    }

    #[test]
    fn methods_of_enums_are_properties() {
        let outcome = "enum class Outcome {\n    PAID;\n    /**\n     * A word.\n     */ fun `word`(): String {\n    x()\n}\n";
        assert!(shown(outcome).contains("     */ val `word`: String get() {\n    x()"));
        let record = "data class Payment (\n    val id: String\n)\n{\n    fun `word`(): String {\n";
        assert!(shown(record).contains("    fun `word`(): String {"));
    }

    #[test]
    fn companions_of_data_are_left_out() {
        let outcome = "enum class Outcome {\n    PAID;\n    companion object\n}";
        assert_eq!(shown(outcome), "public enum class Outcome {\n    PAID;\n}");
        let cleaner = "interface UniffiCleaner {\n    companion object\n}";
        assert!(shown(cleaner).contains("    companion object\n"));
    }

    #[test]
    fn what_is_not_data_and_what_is_missing_is_refused() {
        for shown in [
            "open class Ledger: Disposable {",
            "public interface LedgerInterface {",
        ] {
            assert!(
                hidden(&with_helpers(shown))
                    .unwrap_err()
                    .contains("`Ledger")
            );
        }
        assert!(hidden("").unwrap_err().contains("`RustBuffer`"));
    }
}
