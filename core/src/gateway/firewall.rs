//! The pages of web firewalls, which answer in a gateway's place: told by their words, because they come under any status.

/// The start of a page in which its words are looked for, in bytes.
const MAX_BYTES: usize = 8 * 1024;

/// Words that one firewall's page has, all of them, in lower case. A company's name
/// alone is not enough where its pages tell of other faults too.
const PAGES: &[&[&str]] = &[
    // Imperva, which stands in front of Safaricom.
    &["incapsula"],
    &["powered by imperva"],
    &["blocked by our security service"],
    // F5.
    &["the requested url was rejected", "support id"],
    // Akamai.
    &[
        "access denied",
        "you don't have permission to access",
        "reference",
    ],
    // Cloudflare.
    &["cloudflare", "you have been blocked"],
    &["cloudflare", "attention required!"],
    &["cloudflare", "you are being rate limited"],
    &["cloudflare", "just a moment..."],
    // Sucuri.
    &["sucuri website firewall", "access denied"],
    // Amazon.
    &["cloudfront", "request blocked"],
];

/// Whether a body is the page of a web firewall. A body that is not a page is not, whatever it says.
pub(crate) fn is_page(body: &[u8]) -> bool {
    if !body.trim_ascii_start().starts_with(b"<") {
        return false;
    }
    let start = body.get(..MAX_BYTES).unwrap_or(body);
    let text = String::from_utf8_lossy(start)
        .to_ascii_lowercase()
        .replace("&#39;", "'")
        .replace("&nbsp;", " ");
    PAGES
        .iter()
        .any(|words| words.iter().all(|word| text.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::is_page;

    #[test]
    fn a_firewall_is_known_by_the_words_of_its_page() {
        for page in [
            "<html><head><META NAME=\"robots\"></head><body>Request unsuccessful. Incapsula incident ID: 1-1</body></html>",
            "\n <iframe src=\"/_Incapsula_Resource?x\"></iframe>",
            "<html>The requested URL was rejected. Please consult with your administrator.<br>Your support ID is: 1</html>",
            "<HTML><BODY><H1>Access Denied</H1>You don't have permission to access \"x\" on this server.<P>Reference&#32;#18.1</BODY>",
            "<title>Attention Required! | Cloudflare</title><h1>Sorry, you have been blocked</h1>",
        ] {
            assert!(is_page(page.as_bytes()), "{page}");
        }
        for other in [
            "",
            "{\"errorMessage\":\"incapsula\"}",
            "<html><h1>503 Service Unavailable</h1></html>",
            "<html><title>shop | 522: Connection timed out</title>cloudflare</html>",
            "<html><h1>404 Not Found</h1><hr>nginx</html>",
        ] {
            assert!(!is_page(other.as_bytes()), "{other}");
        }
        let late = format!("<p>{}incapsula", " ".repeat(9_000));
        assert!(!is_page(late.as_bytes()));
    }
}
