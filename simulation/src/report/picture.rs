//! The picture of a tally: an SVG with a bar for each kind of fault, in shares of the payments that met it. It depends on
//! nothing but the tally, so that the same run draws the same bytes.

use crate::report::table::grouped;
use crate::report::tally::{Counts, Tally};
use std::fmt::Write as _;

/// A part of a bar: its class, its name in the legend, and what it counts.
struct Part {
    class: &'static str,
    name: &'static str,
    count: fn(&Counts) -> u64,
}

/// From left to right. Together they are all payments of a row.
const PARTS: [Part; 5] = [
    Part {
        class: "paid",
        name: "paid",
        count: |counts| counts.paid,
    },
    Part {
        class: "not-paid",
        name: "not paid",
        count: |counts| counts.not_paid,
    },
    Part {
        class: "not-prompted",
        name: "nobody prompted",
        count: |counts| counts.not_prompted,
    },
    Part {
        class: "open",
        name: "unknown, nobody paid",
        count: Counts::open_and_not_paid,
    },
    Part {
        class: "open-and-paid",
        name: "unknown, the customer paid",
        count: |counts| counts.open_and_paid,
    },
];

/// The colours are told apart by people who see few of them, and carry dark text in both schemes.
const STYLE: &str = "\
text { font: 12px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328; }
.background { fill: #ffffff; }
.heading { font-size: 16px; font-weight: 600; }
.fault { text-anchor: end; }
.count { text-anchor: end; font-variant-numeric: tabular-nums; }
.share { text-anchor: middle; font-size: 11px; fill: #111111; }
.paid { fill: #2fa97f; }
.not-paid { fill: #e6ab2e; }
.not-prompted { fill: #6cb8e6; }
.open { fill: #b8b8b8; }
.open-and-paid { fill: #e2754a; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .share { fill: #111111; }
  .background { fill: #0d1117; }
}
";

// In pixels.
const MARGIN: u64 = 20;
const BARS_LEFT: u64 = 345;
const BARS_WIDTH: u64 = 520;
const COUNTS_RIGHT: u64 = 960;
const WIDTH: u64 = 980;
const FIRST_ROW: u64 = 104;
const ROW: u64 = 24;
const BAR: u64 = 18;
/// From a row's top to the line that its text stands on.
const TEXT: u64 = 13;
/// A narrower part has no share written into it.
const NARROWEST_WITH_SHARE: u64 = 30;

/// The picture, as the text of an SVG file.
#[must_use]
pub fn picture(tally: &Tally) -> String {
    let rows = || {
        std::iter::once(("all", &tally.total))
            .chain(tally.by_fault.iter().map(|(name, counts)| (*name, counts)))
    };
    let height = FIRST_ROW + ROW * rows().map(|_| 1).sum::<u64>() + MARGIN;
    let title = format!(
        "What became of {} payments, by what went wrong",
        grouped(tally.total.payments)
    );
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"title description\">\n\
         <title id=\"title\">{}</title>\n\
         <desc id=\"description\">{}</desc>\n\
         <style>\n{STYLE}</style>\n\
         <rect class=\"background\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\"/>\n\
         <text class=\"heading\" x=\"{MARGIN}\" y=\"34\">{}</text>\n",
        escaped(&title),
        escaped(&description(tally)),
        escaped(&title)
    );
    legend(&mut svg);
    let _ = writeln!(
        svg,
        "<text class=\"count\" x=\"{COUNTS_RIGHT}\" y=\"92\">payments</text>"
    );
    let mut top = FIRST_ROW;
    for (name, counts) in rows() {
        row(&mut svg, top, name, counts);
        top += ROW;
    }
    svg.push_str("</svg>\n");
    svg
}

fn description(tally: &Tally) -> String {
    let total = &tally.total;
    format!(
        "A stacked bar for each kind of fault, in shares of the payments that met it; a payment that met several is in each. \
         Seeds {} to {}. Of all {} payments: {}. {} prompts, at most {} for one payment.",
        tally.first_seed,
        tally.last_seed().unwrap_or(tally.first_seed),
        grouped(total.payments),
        in_words(total),
        grouped(tally.prompts),
        tally.most_prompts_of_one_payment
    )
}

fn in_words(counts: &Counts) -> String {
    let parts = PARTS.map(|part| format!("{} {}", grouped((part.count)(counts)), part.name));
    parts.join("; ")
}

fn legend(svg: &mut String) {
    let mut left = MARGIN;
    for part in PARTS {
        let _ = writeln!(
            svg,
            "<rect class=\"{}\" x=\"{left}\" y=\"50\" width=\"14\" height=\"14\" rx=\"2\"/>\
             <text x=\"{}\" y=\"61\">{}</text>",
            part.class,
            left + 20,
            escaped(part.name)
        );
        // Some seven pixels a letter, and room before the next.
        left += 48 + 7 * u64::try_from(part.name.len()).unwrap_or(0);
    }
}

fn row(svg: &mut String, top: u64, name: &str, counts: &Counts) {
    let text = top + TEXT;
    let _ = writeln!(
        svg,
        "<g><title>{}</title>\n<text class=\"fault\" x=\"{}\" y=\"{text}\">{}</text>",
        escaped(&format!(
            "{name}: {} payments. {}",
            grouped(counts.payments),
            in_words(counts)
        )),
        BARS_LEFT - 10,
        escaped(name)
    );
    let mut before = 0;
    for part in PARTS {
        let count = (part.count)(counts);
        let (left, right) = (
            position(before, counts.payments),
            position(before + count, counts.payments),
        );
        before += count;
        if left == right {
            continue;
        }
        let _ = writeln!(
            svg,
            "<rect class=\"{}\" x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{BAR}\"/>",
            part.class,
            pixels(left),
            pixels(right - left)
        );
        if right - left >= 10 * NARROWEST_WITH_SHARE {
            let _ = writeln!(
                svg,
                "<text class=\"share\" x=\"{}\" y=\"{text}\">{}%</text>",
                pixels(left.midpoint(right)),
                percent(count, counts.payments)
            );
        }
    }
    let _ = writeln!(
        svg,
        "<text class=\"count\" x=\"{COUNTS_RIGHT}\" y=\"{text}\">{}</text></g>",
        grouped(counts.payments)
    );
}

/// Where a bar has shown so many of all, in tenths of a pixel.
fn position(count: u64, of: u64) -> u64 {
    10 * BARS_LEFT + (10 * BARS_WIDTH * count).checked_div(of).unwrap_or(0)
}

/// Tenths of a pixel, as SVG writes them.
fn pixels(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn percent(count: u64, of: u64) -> u64 {
    (100 * count + of / 2).checked_div(of).unwrap_or(0)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
