use rstest::rstest;

use super::*;

const HARBOR: i64 = 188;

fn table() -> Permissions {
    let groups = |rights: &[(&str, &str)]| -> Groups {
        let grant = |text: &str| text.parse().unwrap();
        rights
            .iter()
            .map(|(group, text)| ((*group).to_owned(), grant(text)))
            .collect()
    };
    Permissions {
        everywhere: [
            (
                "sync".to_owned(),
                groups(&[
                    ("admin", "apply"),
                    ("artist", "plan own"),
                    ("lead", "apply own"),
                    ("others", "plan"),
                ]),
            ),
            (
                "users".to_owned(),
                groups(&[("admin", "apply"), ("others", "nothing")]),
            ),
        ]
        .into(),
        in_project: [(
            FlowId(204),
            [(
                "sync".to_owned(),
                groups(&[("artist", "apply"), ("others", "see")]),
            )]
            .into(),
        )]
        .into(),
    }
}

fn person(group: &str, projects: &[i64]) -> Requester {
    Requester {
        person: Person {
            id: Some(57),
            login: "mira".to_owned(),
            name: "Mira".to_owned(),
        },
        standing: Standing::Active {
            group: Some(Group {
                code: group.to_owned(),
                name: format!("The {group}s"),
            }),
            projects: projects.iter().map(|id| FlowId(*id)).collect(),
        },
    }
}

fn touched(ids: &[i64]) -> Vec<FlowId> {
    ids.iter().copied().map(FlowId).collect()
}

#[rstest]
#[case::named("admin", &[], "sync", &[HARBOR], Right::Apply, None)]
#[case::in_any_case("Admin", &[], "sync", &[HARBOR], Right::Apply, None)]
#[case::at_home("artist", &[HARBOR], "sync", &[HARBOR], Right::Plan, None)]
#[case::abroad("artist", &[1], "sync", &[HARBOR], Right::Plan, Some("not-your-project"))]
#[case::too_much("artist", &[HARBOR], "sync", &[HARBOR], Right::Apply, Some("apply-not-permitted"))]
#[case::own_only("lead", &[HARBOR], "sync", &[HARBOR], Right::Apply, None)]
#[case::each_project("lead", &[HARBOR], "sync", &[HARBOR, 205], Right::Apply, Some("not-your-project"))]
#[case::not_named("layout", &[], "sync", &[HARBOR], Right::Plan, None)]
#[case::not_named_applies("layout", &[], "sync", &[HARBOR], Right::Apply, Some("apply-not-permitted"))]
#[case::other_action("artist", &[HARBOR], "users", &[HARBOR], Right::Plan, Some("plan-not-permitted"))]
#[case::no_such_action("admin", &[], "reparent", &[HARBOR], Right::Plan, Some("plan-not-permitted"))]
#[case::of_the_project("artist", &[], "sync", &[204], Right::Apply, None)]
#[case::others_of_the_project("layout", &[], "sync", &[204], Right::Plan, Some("plan-not-permitted"))]
#[case::named_before_others("admin", &[], "sync", &[204], Right::Apply, None)]
fn the_table_decides(
    #[case] group: &str,
    #[case] projects: &[i64],
    #[case] action: &str,
    #[case] touches: &[i64],
    #[case] wanted: Right,
    #[case] code: Option<&str>,
) {
    let judged = table().judge(action, &person(group, projects), &touched(touches), wanted);
    assert_eq!(judged.err().map(|denied| denied.code()), code);
}

#[test]
fn groups_are_found_by_the_name_people_see_as_well() {
    let mut table = table();
    let sync = table.everywhere.get_mut("sync").unwrap();
    sync.insert("the layouts".to_owned(), "apply".parse().unwrap());
    assert!(
        table
            .judge("sync", &person("layout", &[]), &touched(&[HARBOR]), Right::Apply)
            .is_ok()
    );
}

#[test]
fn a_refusal_names_the_setting() {
    let judged = |group, projects: &[i64]| {
        table()
            .judge(
                "sync",
                &person(group, projects),
                &touched(&[HARBOR]),
                Right::Apply,
            )
            .unwrap_err()
    };
    let artist = judged("artist", &[HARBOR]);
    assert_eq!(
        artist.to_string(),
        "the permission group The artists may plan a sync, but not apply it"
    );
    assert!(
        artist.remedy().contains("policy.sync.artist in"),
        "{}",
        artist.remedy()
    );
    let unnamed = judged("layout lead", &[]).remedy();
    assert!(unnamed.contains("policy.sync.others counts"), "{unnamed}");
    assert!(unnamed.contains("policy.sync.\"layout lead\" would"), "{unnamed}");
}

#[rstest]
#[case(Standing::Unknown, "person-unknown")]
#[case(Standing::Foreign, "person-foreign")]
#[case(Standing::Disabled, "person-disabled")]
fn whoever_is_not_an_active_person_may_nothing(#[case] standing: Standing, #[case] code: &str) {
    let requester = Requester {
        standing,
        ..person("admin", &[])
    };
    let judged = table().judge("sync", &requester, &touched(&[HARBOR]), Right::Plan);
    assert_eq!(judged.unwrap_err().code(), code);
}

#[test]
fn whoever_has_no_group_is_one_of_the_others() {
    let mut nobody = person("", &[]);
    nobody.standing = Standing::Active {
        group: None,
        projects: BTreeSet::new(),
    };
    let judge = |wanted| table().judge("sync", &nobody, &touched(&[HARBOR]), wanted);
    assert!(judge(Right::Plan).is_ok());
    assert!(
        judge(Right::Apply)
            .unwrap_err()
            .to_string()
            .contains("without a permission group")
    );
}

#[rstest]
#[case("plan", Right::Plan, false)]
#[case("plan own", Right::Plan, true)]
#[case("apply own", Right::Apply, true)]
#[case("nothing", Right::Nothing, false)]
fn a_grant_is_written_and_read(#[case] text: &str, #[case] right: Right, #[case] own_projects: bool) {
    let grant: Grant = text.parse().unwrap();
    assert_eq!(grant, Grant { right, own_projects });
    assert_eq!(grant.to_string(), text);
    for wrong in ["", "own", "Plan", "see own", "nothing own", "plan  own", "force"] {
        assert_eq!(wrong.parse::<Grant>(), Err(NoGrant), "{wrong}");
    }
}

/// An action about everybody is not for those who may act in their own projects only.
#[rstest]
#[case("admin", Right::Apply, None)]
#[case("artist", Right::Plan, Some("plan-not-permitted"))]
#[case("lead", Right::Plan, Some("plan-not-permitted"))]
#[case("layout", Right::Plan, None)]
#[case("layout", Right::Apply, Some("apply-not-permitted"))]
fn what_is_about_everybody_has_no_projects(
    #[case] group: &str,
    #[case] wanted: Right,
    #[case] code: Option<&str>,
) {
    let judged = table().judge_for_all("sync", &person(group, &[HARBOR]), wanted);
    assert_eq!(judged.err().map(|denied| denied.code()), code);
}
