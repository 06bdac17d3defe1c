//! Which AYON status a Flow status code means (`ayon-shotgrid-behaviour.md §3.6`).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use unidecode::unidecode;

use crate::model::{FlowType, UnknownStatuses};
use crate::problem::{AyonNamed, Code, Severity};

use super::anatomy::{TypeUse, addition};
use super::draft::{Draft, Tick};
use super::intent::Write;
use super::operation::OpId;
use super::rules::Rules;
use super::snapshot::AyonStatus;

/// The shortest and the longest name that AYON's own filters understand (`ayon-api.md §2.3`).
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=66;

/// The statuses of the planned project, and what was decided of each Flow code.
pub(super) struct Statuses {
    known: Vec<AyonStatus>,
    creates_project: Option<OpId>,
    /// What makes the statuses that are added, by name.
    added: HashMap<String, OpId>,
    decided: HashMap<(Arc<str>, bool), Option<TypeUse>>,
    /// Codes of which something was said.
    told: HashSet<Arc<str>>,
}

impl Statuses {
    pub fn new(known: Vec<AyonStatus>, creates_project: Option<OpId>) -> Self {
        Self {
            known,
            creates_project,
            added: HashMap::new(),
            decided: HashMap::new(),
            told: HashSet::new(),
        }
    }

    /// The AYON status of a code on rows of a type; nothing where AYON keeps what it has.
    ///
    /// `title` is what Flow calls the code. A code is decided once, and what is to be said of it is said once.
    pub fn of(
        &mut self,
        draft: &mut Draft,
        rules: &Rules,
        kind: FlowType,
        code: &Arc<str>,
        title: Option<&str>,
    ) -> Option<TypeUse> {
        let key = (code.clone(), kind == FlowType::Task);
        if let Some(decided) = self.decided.get(&key) {
            return decided.clone();
        }
        let decided = self.decide(draft, rules, kind, code, title.unwrap_or(code).trim());
        self.decided.insert(key, decided.clone());
        decided
    }

    fn decide(
        &mut self,
        draft: &mut Draft,
        rules: &Rules,
        kind: FlowType,
        code: &Arc<str>,
        title: &str,
    ) -> Option<TypeUse> {
        if code.trim().is_empty() {
            return None;
        }
        let scope = if kind == FlowType::Task { "task" } else { "folder" };
        let exact = |status: &AyonStatus| status.short_name == **code;
        let any_case = |status: &AyonStatus| status.short_name.to_lowercase() == code.to_lowercase();
        let named = |status: &AyonStatus| {
            let name = status.name.to_lowercase();
            name == title.to_lowercase() || name == fitting_name(title, code).to_lowercase()
        };
        // A status that is meant for this kind of entity goes before one that is not.
        let find = |fits: &dyn Fn(&AyonStatus) -> bool| {
            let meant =
                |status: &&AyonStatus| status.scope.is_empty() || status.scope.iter().any(|s| s == scope);
            let fitting = || self.known.iter().filter(|status| fits(status));
            fitting().find(meant).or_else(|| fitting().next())
        };
        let (found, how) = match (find(&exact), find(&any_case), find(&named)) {
            (Some(status), _, _) => (status, None),
            (None, Some(status), _) => (status, Some((Code::StatusCase, "short name in another case"))),
            (None, None, Some(status)) => (status, Some((Code::StatusByName, "name"))),
            (None, None, None) => return self.add(draft, rules, code, title),
        };
        let name = found.name.clone();
        if let Some((problem, by)) = how.filter(|_| self.told.insert(code.clone())) {
            draft.problem(
                Severity::Info,
                problem,
                None,
                Some(named_status(&name)),
                format!(
                    "Flow's status {code} is found in AYON as {name} by its {by} (AYON's short name is {:?}). The addon's way back from AYON to Flow would miss it.",
                    found.short_name
                ),
                "Set the short name of the AYON status to the Flow code if the addon should carry it as well.",
            );
        }
        Some(self.usable(name))
    }

    fn usable(&self, name: String) -> TypeUse {
        let made = self.added.get(&name).or(self.creates_project.as_ref());
        TypeUse {
            needs: made.cloned().into_iter().collect(),
            name,
        }
    }

    /// AYON has nothing like it: it is added at the end of the list, or left out.
    fn add(&mut self, draft: &mut Draft, rules: &Rules, code: &Arc<str>, title: &str) -> Option<TypeUse> {
        let never = rules.policy.never_create.contains(&**code);
        if never || rules.policy.unknown_statuses == UnknownStatuses::Warn {
            if !self.told.insert(code.clone()) {
                return None;
            }
            let (severity, remedy) = if never {
                (
                    Severity::Info,
                    "Make a status with this short name in AYON's anatomy if it should be carried.",
                )
            } else {
                (
                    Severity::Warning,
                    "Make a status with this short name in AYON's anatomy, or let amigo make it (sync.unknown_statuses).",
                )
            };
            draft.problem(
                severity,
                Code::StatusUnknown,
                None,
                None,
                format!(
                    "AYON has no status for Flow's {code} ({title}), so such rows keep the status they have, and new ones begin with AYON's first."
                ),
                remedy,
            );
            return None;
        }
        let name = fitting_name(title, code);
        let operation = addition(
            draft,
            "status",
            &name,
            Write::AddStatus {
                name: name.clone(),
                short_name: code.to_string(),
                state: state_of(code, title),
            },
            Tick::AsNeeded,
            self.creates_project.clone(),
        );
        self.known.push(AyonStatus {
            name: name.clone(),
            short_name: code.to_string(),
            scope: Vec::new(),
        });
        self.added.insert(name.clone(), operation);
        Some(self.usable(name))
    }
}

fn named_status(name: &str) -> AyonNamed {
    AyonNamed {
        id: None,
        kind: "status".to_owned(),
        name: name.to_owned(),
        path: String::new(),
        from: None,
    }
}

/// A status name in the form that AYON's filters understand: letters, digits, space, `_` and `-`.
fn fitting_name(title: &str, code: &str) -> String {
    let plain: String = unidecode(title)
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
                c
            } else {
                ' '
            }
        })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let name: String = words.join(" ").chars().take(*NAME_LENGTH.end()).collect();
    let name = name.trim_matches(['-', ' ']);
    if NAME_LENGTH.contains(&name.chars().count()) {
        name.to_owned()
    } else {
        let code: String = code
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(40)
            .collect();
        format!("Status {code}").trim_end().to_owned()
    }
}

/// The state that says best what a status means; work that is neither waiting, done nor stopped is in progress.
fn state_of(code: &str, title: &str) -> &'static str {
    let title = title.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| title.contains(word));
    match code.to_lowercase().as_str() {
        "fin" | "apr" | "cmpt" | "dlvr" | "clsd" | "done" => "done",
        "hld" | "omt" | "na" | "blk" | "dis" => "blocked",
        "wtg" | "rdy" | "opn" | "bid" => "not_started",
        _ if says(&["hold", "omit", "block", "cancel", "n/a", "not applicable"]) => "blocked",
        _ if says(&["final", "approved", "complete", "deliver", "done", "closed"]) => "done",
        _ if says(&["wait", "ready", "not started", "to do", "todo"]) => "not_started",
        _ => "in_progress",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{fitting_name, state_of};

    #[rstest]
    #[case("In Progress", "ip", "In Progress")]
    #[case("Final (client)", "finc", "Final client")]
    #[case("Scène", "sc", "Scene")]
    #[case("IP", "ip", "Status ip")]
    #[case("???", "q", "Status q")]
    #[case("- Wait -", "w", "Wait")]
    fn a_name_fits_what_ayon_filters_by(#[case] title: &str, #[case] code: &str, #[case] expected: &str) {
        assert_eq!(fitting_name(title, code), expected);
    }

    #[rstest]
    #[case("fin", "Final", "done")]
    #[case("hld", "On Hold", "blocked")]
    #[case("wtg", "Waiting to Start", "not_started")]
    #[case("rev", "Pending Review", "in_progress")]
    #[case("capr", "Client Approved", "done")]
    #[case("x", "Cancelled", "blocked")]
    fn a_state_says_what_the_status_means(#[case] code: &str, #[case] title: &str, #[case] expected: &str) {
        assert_eq!(state_of(code, title), expected);
    }
}
