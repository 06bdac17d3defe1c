//! The one sentence that says what a plan would do, or what a run did.

use std::collections::{BTreeMap, HashSet};

use crate::model::Selection;
use crate::plan::{Node, On, OpId, Plan, PlannedProject, Verdict, noun_of};
use crate::problem::Severity;
use crate::run::OutcomeCounts;

use super::count_of;

/// What a plan would do, such as `3 Shots will be created in harbor_lights; 1 move is offered; 12 unchanged.`
pub fn of_plan(plan: &Plan) -> String {
    let mut parts = Vec::new();
    let place = place_of(&plan.projects);
    let ticked: HashSet<&OpId> = plan.default_ticks().collect();
    let would = |node: &&Node| node.operation.as_ref().is_some_and(|id| ticked.contains(id));
    let new_projects: Vec<&str> = plan
        .nodes
        .iter()
        .filter(would)
        .filter(|node| node.on == On::Project && node.verdict == Verdict::Create)
        .map(|node| node.name.as_str())
        .collect();
    // With several projects it stays unsaid which of the rest belongs to the new one.
    let mut said_where = false;
    if let Some(names) = listed(&new_projects) {
        let word = if new_projects.len() == 1 {
            "project"
        } else {
            "projects"
        };
        parts.push(format!("The AYON {word} {names} will be created"));
        said_where = plan.projects.len() == 1;
    }
    for (verdict, done) in [
        (Verdict::Create, "created"),
        (Verdict::Update, "updated"),
        (Verdict::Move, "moved"),
        (Verdict::Retire, "retired"),
    ] {
        let nodes = plan.nodes.iter().filter(would).filter(|node| {
            node.verdict == verdict && !(node.on == On::Project && verdict == Verdict::Create)
        });
        if let Some(things) = kinds(nodes) {
            let place = match &place {
                Some(place) if !said_where => format!(" in {place}"),
                _ => String::new(),
            };
            said_where = true;
            parts.push(format!("{things} will be {done}{place}"));
        }
    }
    if parts.is_empty() && !ticked.is_empty() {
        // Only operations that belong to no row.
        parts.push(count_of(
            ticked.len(),
            "change will be made",
            "changes will be made",
        ));
    }
    if parts.is_empty() {
        let place = place.map(|place| format!(" in {place}")).unwrap_or_default();
        parts.push(if plan.counts.blocked == 0 {
            format!("Nothing to do{place}: AYON and Flow agree")
        } else {
            format!("Nothing can be done{place}")
        });
    }
    parts.extend(offered(plan));
    let troubles = plan
        .problems
        .iter()
        .filter(|problem| problem.severity != Severity::Info)
        .count();
    if troubles > 0 {
        parts.push(count_of(troubles, "problem", "problems"));
    }
    if plan.counts.unchanged > 0 {
        parts.push(format!("{} unchanged", plan.counts.unchanged));
    }
    format!("{}.", parts.join("; "))
}

/// What waits for somebody to tick it: `2 moves and 1 rename are offered`.
fn offered(plan: &Plan) -> Option<String> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for operation in plan.operations.iter().filter(|operation| !operation.ticked) {
        *counts.entry(noun_of(operation)).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    let said: Vec<String> = counts
        .into_iter()
        .map(|((one, many), count)| count_of(count, one, many))
        .collect();
    let verb = if total == 1 { "is" } else { "are" };
    listed(&said).map(|things| format!("{things} {verb} offered"))
}

/// What was written, and what the plan had left out: a report must not sound better than it is.
pub fn of_report(counts: &OutcomeCounts, left_out: usize) -> String {
    let written = of_outcomes(counts);
    match left_out {
        0 => written,
        _ => format!(
            "{}; {} left out.",
            written.trim_end_matches('.'),
            count_of(left_out, "row was", "rows were")
        ),
    }
}

/// What was written, the truth about failures included.
pub fn of_outcomes(counts: &OutcomeCounts) -> String {
    let tried = counts.done + counts.failed + counts.skipped;
    if tried == 0 {
        return "Nothing was written.".to_owned();
    }
    if counts.done == tried {
        return match tried {
            1 => "The change is done.".to_owned(),
            2 => "Both changes are done.".to_owned(),
            _ => format!("All {tried} changes are done."),
        };
    }
    let mut parts = vec![format!(
        "{} of {} done",
        counts.done,
        count_of(tried, "change", "changes")
    )];
    if counts.failed > 0 {
        parts.push(format!("{} failed", counts.failed));
    }
    if counts.skipped > 0 {
        parts.push(format!("{} skipped", counts.skipped));
    }
    format!("{}.", parts.join(", "))
}

/// What was selected, such as `2 Shots` or `2 Projects`.
pub fn of_selection(selection: &Selection) -> String {
    let kind = selection.entity_type;
    if selection.is_project() && selection.ids.len() == 1 {
        return "the whole Project".to_owned();
    }
    if selection.ids.is_empty() {
        return "everybody".to_owned();
    }
    count_of(selection.ids.len(), kind.singular(), kind.plural())
}

fn place_of(projects: &[PlannedProject]) -> Option<String> {
    let names: Vec<&str> = projects
        .iter()
        .filter_map(|project| project.ayon.as_deref())
        .collect();
    listed(&names)
}

/// `a`, `a and b`, `a, b and c`; nothing of nothing.
fn listed<T: AsRef<str>>(things: &[T]) -> Option<String> {
    let (last, before) = things.split_last()?;
    let before: Vec<&str> = before.iter().map(AsRef::as_ref).collect();
    Some(if before.is_empty() {
        last.as_ref().to_owned()
    } else {
        format!("{} and {}", before.join(", "), last.as_ref())
    })
}

/// `3 Shots, 27 Tasks and 1 folder`, in the order of a production's hierarchy.
fn kinds<'a>(nodes: impl Iterator<Item = &'a Node>) -> Option<String> {
    let mut counts: BTreeMap<(usize, &str, &str), usize> = BTreeMap::new();
    for node in nodes {
        let key = match (node.flow, node.on) {
            (Some(flow), On::Folder | On::Task | On::Project) => {
                (1 + flow.kind as usize, flow.kind.as_str(), flow.kind.plural())
            }
            (_, On::Field) => (100, "Flow field", "Flow fields"),
            (_, On::Anatomy) => (101, "anatomy entry", "anatomy entries"),
            (None, On::Project) => (0, "project", "projects"),
            (None, On::Folder) => (50, "folder", "folders"),
            (None, On::Task) => (51, "task", "tasks"),
            (_, On::User) => (60, "user", "users"),
        };
        *counts.entry(key).or_default() += 1;
    }
    let said: Vec<String> = counts
        .into_iter()
        .map(|((_, one, many), count)| count_of(count, one, many))
        .collect();
    listed(&said)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::sample;
    use super::*;

    #[test]
    fn a_plan_in_one_sentence() {
        let plan = sample::planned().plan.unwrap();
        let said = of_plan(&plan);
        assert!(said.contains("will be created in harbor_lights"), "{said}");
        assert!(said.contains("1 move and 1 rename are offered"), "{said}");
        assert!(!said.contains("will be moved"), "{said}");
        assert!(said.ends_with("unchanged."), "{said}");
    }

    #[test]
    fn nothing_to_do_is_said_plainly() {
        let said = of_plan(&sample::nothing_to_do().plan.unwrap());
        assert!(
            said.starts_with("Nothing to do in harbor_lights: AYON and Flow agree"),
            "{said}"
        );
    }

    #[test]
    fn what_is_only_offered_is_nothing_to_do() {
        let mut plan = sample::planned().plan.unwrap();
        plan.problems.clear();
        plan.operations.retain(|operation| !operation.ticked);
        let ids: Vec<OpId> = plan
            .operations
            .iter()
            .map(|operation| operation.id.clone())
            .collect();
        plan.nodes
            .retain(|node| node.offers.iter().any(|id| ids.contains(id)));
        plan.counts = crate::plan::Counts::of(&plan.nodes);
        assert_eq!(
            of_plan(&plan),
            "Nothing to do in harbor_lights: AYON and Flow agree; 1 move and 1 rename are offered."
        );
    }

    #[test]
    fn several_projects_are_all_named() {
        let mut plan = sample::nothing_to_do().plan.unwrap();
        for name in ["salt_road", "tin_sky"] {
            plan.projects.push(PlannedProject {
                ayon: Some(name.to_owned()),
                ..plan.projects[0].clone()
            });
        }
        let said = of_plan(&plan);
        assert!(
            said.starts_with("Nothing to do in harbor_lights, salt_road and tin_sky: AYON"),
            "{said}"
        );
    }

    #[rstest]
    #[case(118, 2, 3, "118 of 123 changes done, 2 failed, 3 skipped.")]
    #[case(12, 0, 0, "All 12 changes are done.")]
    #[case(2, 0, 0, "Both changes are done.")]
    #[case(1, 0, 0, "The change is done.")]
    #[case(0, 1, 0, "0 of 1 change done, 1 failed.")]
    #[case(0, 0, 0, "Nothing was written.")]
    fn a_report_tells_the_truth(
        #[case] done: usize,
        #[case] failed: usize,
        #[case] skipped: usize,
        #[case] expected: &str,
    ) {
        let counts = OutcomeCounts {
            done,
            failed,
            skipped,
            unchanged: 4,
        };
        assert_eq!(of_outcomes(&counts), expected);
    }
}
