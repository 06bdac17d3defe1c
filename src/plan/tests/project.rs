//! Which AYON project is meant, and what must be right before any row is planned.

use rstest::rstest;

use super::stage::{PROJECT, Stage, codes, line};
use crate::model::{FlowField, FlowType};
use crate::plan::{AyonProjectLine, Kind, On, ProjectMatch, Verdict, Write, find_project};
use crate::problem::Code;

fn found(name: &str, linked: bool) -> String {
    format!("found {name} linked={linked}")
}

#[rstest]
#[case::by_shotgrid_id("Harbor Lights", None, vec![line("hl2", "h", Some("188"))], found("hl2", true))]
#[case::by_stored_name("Harbor Lights", Some("hl2"), vec![line("hl2", "h", None)], found("hl2", false))]
#[case::by_exact_name("harbor", None, vec![line("harbor", "h", None)], found("harbor", false))]
#[case::not_by_other_case("Harbor", None, vec![line("harbor", "h", None)], "ambiguous Harbor harbor".to_owned())]
#[case::none("Harbor Lights", None, vec![line("other", "h", None)], "new Harbor_Lights".to_owned())]
#[case::gone_stored_name("Harbor Lights", Some("gone"), vec![], "new Harbor_Lights".to_owned())]
#[case::two_by_id("x", None, vec![line("a", "a", Some("188")), line("b", "b", Some("188"))], "candidates a b".to_owned())]
#[case::id_against_name("x", Some("b"), vec![line("a", "a", Some("188")), line("b", "b", None)], "candidates a b".to_owned())]
#[case::of_another("harbor", None, vec![line("harbor", "h", Some("7"))], "elsewhere harbor 7".to_owned())]
#[case::wildcard_found("x", Some("zb_c"), vec![line("zb_c", "a", None), line("zbxc", "b", None)], "ambiguous zb_c zbxc".to_owned())]
#[case::wildcard_new("zb c", None, vec![line("zbxc", "b", None)], "ambiguous zb_c zbxc".to_owned())]
#[case::made_name_of_another("zb-c", None, vec![line("zb_c", "a", Some("7"))], "elsewhere zb_c 7".to_owned())]
#[case::made_name_of_nobody("zb-c", None, vec![line("zb_c", "a", None)], "taken zb_c".to_owned())]
#[case::unnameable("???", None, vec![], "unnameable".to_owned())]
#[case::too_long(&"x".repeat(56), None, vec![], "unnameable".to_owned())]
fn the_project_is_found_or_named(
    #[case] name: &str,
    #[case] stored: Option<&str>,
    #[case] projects: Vec<AyonProjectLine>,
    #[case] expected: String,
) {
    let mut flow = Stage::empty().flow.project;
    flow.name = name.to_owned();
    flow.ayon_id = stored.map(str::to_owned);
    let told = match find_project(&flow, &projects) {
        ProjectMatch::Found { name, linked, .. } => found(&name, linked),
        ProjectMatch::New { name } => format!("new {name}"),
        ProjectMatch::Unnameable => "unnameable".to_owned(),
        ProjectMatch::Candidates(names) => format!("candidates {}", names.join(" ")),
        ProjectMatch::LinkedElsewhere { name, to } => format!("elsewhere {name} {to}"),
        ProjectMatch::Ambiguous { name, other } => format!("ambiguous {name} {other}"),
        ProjectMatch::Taken { name } => format!("taken {name}"),
    };
    assert_eq!(told, expected);
}

fn flow_only(name: &str, code: Option<&str>) -> Stage {
    let mut stage = Stage::fixture();
    stage.ayon.projects = vec![line("other", "oth", None)];
    stage.ayon.project = None;
    stage.flow.project.name = name.to_owned();
    stage.flow.project.code = code.map(str::to_owned);
    stage.flow.project.ayon_id = None;
    stage.flow.project.sync_status = None;
    stage
}

#[test]
fn a_project_that_exists_in_flow_only_is_made_first_and_needed_by_everything() {
    let planned = flow_only("salt_road", Some("salt")).plan();
    assert_eq!(codes(&planned), []);
    let first = &planned.plan.operations[0];
    assert_eq!((first.on, first.kind), (On::Project, Kind::Create));
    let needing = planned.plan.operations[1..]
        .iter()
        .filter(|operation| operation.needs.contains(&first.id))
        .count();
    // The one that needs it through the folder type it adds is below the category.
    assert!(needing >= planned.plan.operations.len() - 2, "{needing}");
    let back = planned.intents[0].back.clone().unwrap();
    let fields: Vec<FlowField> = back.values.iter().map(|(field, _)| *field).collect();
    assert_eq!(
        fields,
        [
            FlowField::AyonId,
            FlowField::SyncStatus,
            FlowField::ProjectCode,
            FlowField::ServerUrl
        ]
    );
    let stage = flow_only("salt_road", Some("salt")).applied();
    assert!(stage.plan().plan.operations.is_empty());
}

#[test]
fn a_flow_name_that_is_no_ayon_name_is_warned_about() {
    let planned = flow_only("Salt Road", Some("salt")).plan();
    assert_eq!(codes(&planned), [Code::ProjectNameChanged]);
    assert_eq!(planned.plan.projects[0].ayon.as_deref(), Some("Salt_Road"));
}

#[rstest]
#[case(Some("salt"), "salt", false)]
#[case(Some("s-r"), "s_r", true)]
#[case(None, "sr", true)]
#[case(Some("???"), "sr", true)]
fn a_missing_code_is_made(#[case] code: Option<&str>, #[case] expected: &str, #[case] told: bool) {
    let planned = flow_only("salt_road", code).plan();
    let Write::CreateProject { code, .. } = &planned.intents[0].write else {
        panic!("the project first")
    };
    assert_eq!(code, expected);
    assert_eq!(codes(&planned).contains(&Code::ProjectCodeMade), told);
}

#[test]
fn a_taken_code_and_a_missing_preset_stand_in_the_way_of_everything() {
    let planned = flow_only("salt_road", Some("OTH")).plan();
    assert_eq!(codes(&planned), [Code::ProjectCodeTaken]);
    assert!(planned.plan.operations.is_empty());

    let mut stage = flow_only("salt_road", Some("salt"));
    stage.ayon.new_anatomy = None;
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::PresetMissing]);
    assert_eq!(planned.plan.nodes[0].verdict, Verdict::Blocked);
}

#[test]
fn attributes_that_are_not_live_stand_in_the_way_of_everything() {
    let mut stage = Stage::fixture();
    stage.ayon.attributes_live = false;
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::AttributesNotLive]);
    assert!(planned.plan.operations.is_empty());
}

#[test]
fn missing_fields_are_the_first_operations_or_one_problem() {
    let mut stage = Stage::fixture();
    for field in [FlowField::AyonId, FlowField::SyncStatus] {
        stage.flow.missing_fields.insert((FlowType::Shot, field));
    }
    let planned = stage.plan();
    assert_eq!(planned.plan.operations[0].on, On::Field);
    assert_eq!(planned.plan.operations[1].on, On::Field);
    let shot = planned
        .plan
        .operations
        .iter()
        .find(|o| o.flow.as_ref().is_some_and(|f| f.key.kind == FlowType::Shot));
    assert!(shot.unwrap().needs.contains(&planned.plan.operations[0].id));

    stage.flow.script_role = Some("api_admin".to_owned());
    assert_eq!(codes(&stage.plan()), []);
    stage.flow.script_role = Some("artist".to_owned());
    let planned = stage.plan();
    assert_eq!(codes(&planned), [Code::FieldsMissing]);
    assert!(planned.plan.operations.is_empty());
}

#[test]
fn a_one_sided_link_of_the_project_is_repaired() {
    let mut stage = Stage::empty();
    stage.ayon.projects = vec![line("harbor_lights", "hl", None)];
    let planned = stage.plan();
    assert_eq!(
        planned.intents[0].write,
        Write::UpdateProject {
            name: "harbor_lights".to_owned(),
            link: Some(PROJECT),
            attributes: Vec::new(),
        }
    );

    let mut stage = Stage::empty();
    stage.flow.project.ayon_id = None;
    let planned = stage.plan();
    assert_eq!(planned.intents[0].write, Write::Nothing);
    assert!(planned.intents[0].back.is_some());
    assert!(stage.applied().plan().plan.operations.is_empty());
}

#[test]
fn fields_of_the_project_are_missed_only_when_its_link_is_written() {
    let mut stage = Stage::fixture();
    stage.flow.script_role = Some("artist".to_owned());
    for field in FlowField::needed_on(FlowType::Project) {
        stage.flow.missing_fields.insert((FlowType::Project, *field));
    }
    assert_eq!(codes(&stage.plan()), [], "the project is linked");
    stage.ayon.projects = vec![line("harbor_lights", "hl", None)];
    assert_eq!(codes(&stage.plan()), [Code::FieldsMissing]);
}
