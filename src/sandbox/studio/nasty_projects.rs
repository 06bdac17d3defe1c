//! The projects of the nasty corner, and those that are nasty themselves.

use serde_json::json;

use super::nasty::{Corner, Expect, MAIN, NASTY};
use super::{Project, Step};

/// A project whose tracking settings are of every unusual shape.
pub(super) const ODD_CHAINS: i64 = 239;

pub(super) fn add(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem, Unchanged};
    corner.draft.studio.projects.extend(projects());
    corner.draft.studio.steps.extend(odd_steps());

    corner.list(
        "Project",
        NASTY,
        "F40, B: project name with spaces; found by its id",
        Lands,
    );
    corner.list(
        "Project",
        234,
        "F32, F40, B: missing project code; a name AYON takes no part of as it is",
        Problem,
    );
    corner.list("Project", 235, "F5: archived", Problem);
    corner.list("Project", 236, "F36: a template", Problem);
    corner.list("Project", 237, "F36: a demonstration", Problem);
    corner.list("Project", 238, "F29: belongs to another AYON server", Problem);
    corner.list(
        "Project",
        240,
        "F40, B: project name mismatch; its AYON name is taken by the project of another",
        Problem,
    );

    corner.list(
        "Project",
        241,
        "F11: hides Episodes, which are enabled; linked, it would stop the addon",
        Problem,
    );
    corner.draft.row("Episode", 34, 234, "späti").status = "ip";
    corner.list("Episode", 34, "F40: in the project without a code", Lands);
    for (kind, id, name, why) in [
        ("Episode", 33, "oc_ep", "F11: its type has no chain"),
        (
            "Sequence",
            321,
            "oc_100",
            "F11: its chain names a plain list field",
        ),
        (
            "Shot",
            3201,
            "oc_100_0010",
            "F11: its chain names a field with many links",
        ),
        ("Asset", 921, "oc_prop", "F11: its chain names no field"),
    ] {
        corner.draft.row(kind, id, ODD_CHAINS, name).status = "ip";
        corner.list(kind, id, why, Lands);
    }

    corner
        .row(
            "Episode",
            31,
            "nc_ep",
            "F6: a clean one beside the others",
            Unchanged,
        )
        .known_to_ayon();
    let main = corner.row(
        MAIN.0,
        MAIN.1,
        "nc_100",
        "F6: a clean one above the others",
        Unchanged,
    );
    main.parent = Some(("Episode", 31));
    main.known_to_ayon();
    let scene = corner.row(
        "Scene",
        61,
        "nc_scene",
        "F15: a type that is not enabled",
        Problem,
    );
    scene.parent = Some(MAIN);
    // Shared into the corner; at home it is as it was.
    let shared = corner
        .draft
        .studio
        .rows
        .iter_mut()
        .find(|row| (row.kind, row.id) == ("Asset", 701));
    if let Some(shared) = shared {
        shared.linked_projects = vec![NASTY];
    }
    corner.list(
        "Asset",
        701,
        "F35: at home in Harbor Lights, shared into the corner",
        Unchanged,
    );
}

fn projects() -> Vec<Project> {
    let usual = vec![
        ("Episode", "__flat__"),
        ("Sequence", "Sequence.episode"),
        ("Scene", "sg_sequence"),
        ("Shot", "sg_sequence,Sequence.episode"),
        ("Asset", "sg_asset_type"),
    ];
    let project = |id, name: &str, code: &str| Project {
        id,
        name: name.to_owned(),
        code: Some(code.to_owned()).filter(|code| !code.is_empty()),
        navchains: usual.clone(),
        ..Project::default()
    };
    vec![
        Project {
            ayon_name: Some("nasty_corner".to_owned()),
            hidden_statuses: vec![("Shot", vec!["na"]), ("Task", vec!["na"])],
            // No `fin` here: what AYON does not know must be made or named.
            ayon_statuses: vec![("wtg", "Waiting to Start", "not_started")],
            ..project(NASTY, "Nasty Corner", "nasty")
        },
        project(234, "Späti & Söhne – Pilot", ""),
        Project {
            archived: true,
            ..project(235, "old_show", "olds")
        },
        Project {
            values: vec![("is_template", json!(true))],
            ..project(236, "episodic_template", "etpl")
        },
        Project {
            values: vec![("is_demo", json!(true))],
            ..project(237, "demo_animation", "danim")
        },
        Project {
            values: vec![("sg_ayon_id", json!("tide_tables"))],
            server_url: Some("https://ayon.elsewhere.example".to_owned()),
            ..project(238, "tide_tables", "tide")
        },
        Project {
            navchains: vec![
                ("Sequence", "sg_sequence_type"),
                ("Shot", "assets"),
                ("Asset", "sg_no_such_field,Asset.sg_asset_type"),
            ],
            ..project(ODD_CHAINS, "odd_chains", "odd")
        },
        project(240, "nasty-corner", "nasty2"),
        Project {
            hidden_types: vec!["Episode"],
            ..project(241, "short_film", "short")
        },
    ]
}

/// Steps that AYON has no task type for, or not under that spelling.
fn odd_steps() -> Vec<Step> {
    [
        (101, "Shot", "Crowd Wrangling", "CRW"),
        // AYON has it with a capital, and would refuse both (`ayon-api.md §2.3`).
        (102, "Shot", "compositing", "CMP"),
        (103, "Shot", "Previz", ""),
        (104, "Shot", "特效", "SFX"),
    ]
    .map(|(id, entity_type, code, short_name)| Step {
        id,
        code: code.to_owned(),
        short_name: short_name.to_owned(),
        entity_type,
        unknown_to_ayon: true,
    })
    .to_vec()
}
