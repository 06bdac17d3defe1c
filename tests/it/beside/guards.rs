//! What amigo must not do beside the addon's services.

use crate::harness::{HARBOR, SALT, Setting, Stage};

/// The plan of a whole project on a stage of this setting: what blocks it, what warns, and how much it would do.
async fn told(
    change: impl FnOnce(&mut Setting),
    hide: &[&str],
    project: i64,
) -> (Vec<String>, Vec<String>, usize) {
    let stage = Stage::set(change).await;
    for kind in hide {
        stage.flow.hide_type(project, kind);
    }
    let run = stage.right_click("Project", &[project]).await.planned().await;
    let of_project = |told: Vec<String>| -> Vec<String> {
        let suffix = format!(" Project {project}");
        told.iter()
            .filter_map(|one| one.strip_suffix(&suffix).map(str::to_owned))
            .collect()
    };
    let answer = (
        of_project(run.blocked()),
        of_project(run.problems("warning")),
        run.planned_paths().len(),
    );
    stage.nothing_else_was_sent().await;
    answer
}

fn harbor(setting: &mut Setting, change: impl Fn(&mut amigo::sandbox::studio::Project)) {
    for studio in [&mut setting.flow.studio, &mut setting.ayon.studio] {
        let mut projects = studio.projects.iter_mut();
        change(projects.find(|project| project.id == HARBOR).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_of_another_ayon_server_is_left_alone() {
    let (blocked, _, operations) = told(
        |setting| {
            harbor(setting, |project| {
                project.server_url = Some("https://ayon.elsewhere.example".to_owned());
            });
        },
        &[],
        HARBOR,
    )
    .await;
    assert_eq!(
        (blocked.as_slice(), operations),
        (&["other-ayon-server".to_owned()][..], 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_ayon_that_pushes_to_flow_is_left_alone() {
    for (version, pushes, blocks) in [
        ("1.14.3", true, true),
        ("1.14.3", false, false),
        ("1.14.4", true, false),
        ("1.9.12", true, true),
    ] {
        let (blocked, _, operations) = told(
            |setting| {
                setting.ayon.version = version.to_owned();
                harbor(setting, |project| project.shotgrid_push = pushes);
            },
            &[],
            HARBOR,
        )
        .await;
        assert_eq!(
            blocked.contains(&"ayon-too-old".to_owned()),
            blocks,
            "{version} {pushes}"
        );
        assert_eq!(operations == 0, blocks, "{version} {pushes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_with_hidden_types_is_not_linked() {
    let (blocked, _, operations) = told(|_| (), &["Sequence"], SALT).await;
    assert_eq!(
        (blocked.as_slice(), operations),
        (&["hidden-types".to_owned()][..], 0)
    );
    // What is linked already was for somebody else to decide.
    let (blocked, _, operations) = told(|_| (), &["Sequence"], HARBOR).await;
    assert!(blocked.is_empty() && operations > 0, "{blocked:?} {operations}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_script_user_than_the_addons_is_a_warning() {
    let (blocked, warned, operations) = told(
        |setting| {
            setting.flow.script_name = "amigo_alone".to_owned();
            setting
                .amigo
                .insert("AMIGO_FLOW_SCRIPT_NAME", "amigo_alone".to_owned());
        },
        &[],
        SALT,
    )
    .await;
    assert_eq!((blocked, warned), (Vec::new(), vec!["other-script".to_owned()]));
    assert!(operations > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_addons_own_script_user_is_no_reason_to_warn() {
    let (_, warned, _) = told(|_| (), &[], SALT).await;
    assert_eq!(warned, [""; 0]);
}
