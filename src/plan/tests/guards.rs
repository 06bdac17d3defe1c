//! What must not be done beside the addon's services.

use rstest::rstest;

use super::stage::{Stage, codes, ticked};
use crate::model::FlowType;
use crate::problem::{Code, Severity};

fn blocks(stage: &Stage, code: Code) {
    let planned = stage.plan();
    let told: Vec<_> = planned
        .plan
        .problems
        .iter()
        .filter(|problem| problem.code == code)
        .collect();
    assert_eq!(told.len(), 1, "{:?}", planned.plan.problems);
    assert_eq!(told[0].severity, Severity::Blocked);
    assert!(!told[0].remedy.is_empty());
    assert!(planned.plan.operations.is_empty());
}

#[rstest]
#[case::other("https://staging.example", true)]
#[case::other_port("https://ayon.example:5000", true)]
#[case::same("https://ayon.example", false)]
#[case::same_written_otherwise("HTTPS://Ayon.Example/", false)]
#[case::empty("", false)]
fn a_project_of_another_ayon_server_is_left_alone(#[case] url: &str, #[case] blocked: bool) {
    let mut stage = Stage::fixture();
    stage.flow.project.server_url = Some(url.to_owned());
    if blocked {
        blocks(&stage, Code::OtherAyonServer);
    } else {
        assert_eq!(codes(&stage.plan()), []);
    }
}

#[rstest]
#[case::too_old((1, 14, 3), true, true)]
#[case::old_without_push((1, 14, 3), false, false)]
#[case::new_enough((1, 14, 4), true, false)]
#[case::next_major((2, 0, 0), true, false)]
fn an_old_server_that_pushes_would_echo(
    #[case] version: (u32, u32, u32),
    #[case] push: bool,
    #[case] blocked: bool,
) {
    let mut stage = Stage::fixture();
    stage.ayon.version = version;
    stage.content().push = push;
    if blocked {
        blocks(&stage, Code::AyonTooOld);
    } else {
        assert_eq!(codes(&stage.plan()), []);
    }
}

/// The addon's processor would stop for all projects: it asks for every linked one at its start.
#[test]
fn a_project_with_hidden_types_is_not_linked() {
    let mut stage = Stage::fixture();
    stage.ayon.projects[0].shotgrid_id = None;
    assert_eq!(codes(&stage.plan()), [], "all are shown");
    stage.flow.schema.visible.remove(&FlowType::Sequence);
    blocks(&stage, Code::HiddenTypes);
    // What is linked already is no worse after a sync than before.
    stage.ayon.projects[0].shotgrid_id = Some("188".to_owned());
    assert!(!codes(&stage.plan()).contains(&Code::HiddenTypes));
}

#[test]
fn another_script_user_is_a_warning() {
    let mut stage = Stage::fixture();
    stage.rules.foreign_script = Some(("amigo".to_owned(), "ayon_connector".to_owned()));
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::OtherScript]);
    let problem = &planned
        .plan
        .problems
        .iter()
        .find(|problem| problem.code == Code::OtherScript)
        .unwrap();
    assert_eq!(problem.severity, Severity::Warning);
    assert!(problem.message.contains("amigo") && problem.message.contains("ayon_connector"));
    assert!(!ticked(&planned).is_empty());
}

/// V17: the addon raises somewhere on the way; here it is said before, with the names of both settings.
#[test]
fn v17_both_ways_to_re_parent_at_once_are_refused_by_name() {
    let mut stage = Stage::fixture();
    stage.rules.parenting.root_relocate.enabled = true;
    assert_eq!(codes(&stage.plan()), []);
    stage.rules.parenting.type_grouping.enabled = true;
    blocks(&stage, Code::ReparentBothModes);
    let planned = stage.plan();
    let problem = &planned.plan.problems[0];
    let told = format!("{} {}", problem.message, problem.remedy);
    assert!(
        told.contains("root_relocate") && told.contains("type_grouping"),
        "{told}"
    );
}
