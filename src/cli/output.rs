//! What commands print: results to standard output, complaints to standard error.

use std::io::Write;

/// Prints a line of result. A closed pipe is the reader's choice, not an error.
pub(super) fn say(line: &str) {
    let _closed = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints a complaint.
pub(super) fn complain(text: &str) {
    let _closed = writeln!(std::io::stderr().lock(), "amigo: {text}");
}
