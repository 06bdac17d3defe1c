//! Every code that people and scripts can meet is explained in docs/problems.md, and nothing else is.

use std::collections::BTreeSet;

use amigo::ami::Refusal;
use amigo::problem::{Code, Severity};

const DOC: &str = include_str!("../../docs/problems.md");

/// The rows of a section's table, as cells.
pub fn table(section: &str) -> Vec<Vec<&'static str>> {
    let text = DOC
        .split("\n## ")
        .find(|text| text.starts_with(section))
        .unwrap_or_else(|| panic!("docs/problems.md has no section {section:?}"));
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    for row in &rows {
        assert!(
            row.len() == 4 && row.iter().all(|cell| !cell.is_empty()),
            "{row:?}"
        );
    }
    rows
}

pub fn code(row: &[&'static str]) -> &'static str {
    row[0].trim_matches('`')
}

/// One of each refusal. [`every_refusal_is_here`] stops compiling when one is added.
fn refusals() -> Vec<Refusal> {
    vec![
        Refusal::Malformed(String::new()),
        Refusal::Missing { field: "user_id" },
        Refusal::Wrong {
            field: "user_id",
            expected: "a row id",
        },
        Refusal::Option(String::new()),
        Refusal::Unsigned,
        Refusal::Signature,
        Refusal::SecretEnded { label: String::new() },
        Refusal::NoSecret,
        Refusal::Stale {
            seconds: 61,
            limit: 60,
        },
        Refusal::Future {
            seconds: 61,
            limit: 60,
        },
        Refusal::Site { host: String::new() },
        Refusal::UnknownAction(String::new()),
        Refusal::TooLarge,
        Refusal::TooMany { count: 2, limit: 1 },
        Refusal::TooManyFields { count: 2, limit: 1 },
        Refusal::NothingSelected { on_page: 0 },
        Refusal::Type(String::new()),
        Refusal::OtherType {
            kind: "",
            action: "",
            types: String::new(),
        },
        Refusal::TooMuchAtOnce,
        Refusal::TooManyPlans(""),
        Refusal::HeardTooLongAgo,
        Refusal::EntryUsed,
        Refusal::NotReady(String::new()),
    ]
}

/// How many kinds there are; a new one belongs into [`refusals`] as well, and into the number.
fn every_refusal_is_here(refusal: &Refusal) -> usize {
    match refusal {
        Refusal::Malformed(_)
        | Refusal::Missing { .. }
        | Refusal::Wrong { .. }
        | Refusal::Option(_)
        | Refusal::Unsigned
        | Refusal::Signature
        | Refusal::SecretEnded { .. }
        | Refusal::NoSecret
        | Refusal::Stale { .. }
        | Refusal::Future { .. }
        | Refusal::Site { .. }
        | Refusal::UnknownAction(_)
        | Refusal::TooLarge
        | Refusal::TooMany { .. }
        | Refusal::TooManyFields { .. }
        | Refusal::NothingSelected { .. }
        | Refusal::Type(_)
        | Refusal::OtherType { .. }
        | Refusal::TooMuchAtOnce
        | Refusal::TooManyPlans(_)
        | Refusal::HeardTooLongAgo
        | Refusal::EntryUsed
        | Refusal::NotReady(_) => 23,
    }
}

#[test]
fn every_problem_of_a_row_is_explained() {
    let documented: Vec<&str> = table("Problems of rows").iter().map(|row| code(row)).collect();
    let known: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(documented, known, "in the order of src/problem.rs");
}

#[test]
fn severities_are_the_ones_that_exist() {
    let known = [Severity::Blocked, Severity::Warning, Severity::Info].map(Severity::as_str);
    for row in table("Problems of rows") {
        assert!(row[1].split(", ").all(|word| known.contains(&word)), "{row:?}");
    }
}

#[test]
fn every_refusal_at_the_door_is_explained_with_its_status() {
    let refusals = refusals();
    assert!(
        refusals
            .iter()
            .all(|refusal| every_refusal_is_here(refusal) == refusals.len())
    );
    let known: BTreeSet<(&str, String)> = refusals
        .iter()
        .map(|refusal| (refusal.code(), refusal.status().to_string()))
        .collect();
    assert_eq!(known.len(), refusals.len(), "no code twice");
    let documented: BTreeSet<(&str, String)> = table("Refusals at the door")
        .iter()
        .map(|row| (code(row), row[1].to_owned()))
        .collect();
    assert_eq!(documented, known);
}

#[test]
fn no_code_is_explained_twice() {
    for section in [
        "Refusals of a page or a button",
        "Why a run ended without being done",
    ] {
        let rows = table(section);
        let codes: BTreeSet<&str> = rows.iter().map(|row| code(row)).collect();
        assert_eq!(codes.len(), rows.len(), "{section}");
    }
}
