//! How figures are printed: one line each, with the goal beside it where there is one.

use std::io::Write;

/// Starts a group of figures.
pub fn title(text: &str) {
    print(&format!("\n{text}"));
}

/// A figure without a goal.
pub fn figure(what: &str, value: &str) {
    print(&format!("  {what:<46} {value:>12}"));
}

/// A figure that should stay below `goal`.
pub fn below(what: &str, value: f64, unit: &str, goal: f64) {
    let verdict = if value <= goal { "ok" } else { "OVER" };
    let value = number(value, unit);
    let goal = number(goal, unit);
    print(&format!("  {what:<46} {value:>12}   goal {goal:>9}   {verdict}"));
}

/// A figure that should reach `goal`.
pub fn above(what: &str, value: f64, unit: &str, goal: f64) {
    let verdict = if value >= goal { "ok" } else { "UNDER" };
    let value = number(value, unit);
    let goal = number(goal, unit);
    print(&format!("  {what:<46} {value:>12}   goal {goal:>9}   {verdict}"));
}

/// A number with as many decimals as it deserves.
fn number(value: f64, unit: &str) -> String {
    let decimals = if unit == "s" { 2 } else { 0 };
    format!("{value:.decimals$} {unit}").trim_end().to_owned()
}

fn print(line: &str) {
    // Whoever closed the pipe has read enough.
    let _closed = writeln!(std::io::stdout().lock(), "{line}");
}
