//! The demonstration: "Harbor Lights" (about a third of it in AYON) and "salt_road" (in Flow only), and apart from
//! them the nasty corner.

use serde_json::json;

use super::draft::{Draft, ayon_id};
use super::dress::dress;
use super::people::users;
use super::vocabulary::HERO;
use super::{Project, Studio, nasty};

pub(super) const HARBOR: i64 = 188;
pub(super) const SALT: i64 = 204;
/// Live Tasks in all.
const TASKS: usize = 500;

pub(super) fn demo() -> Studio {
    let mut draft = Draft::new(projects(), 5501);
    harbor_lights(&mut draft);
    salt_road(&mut draft);
    bad_corner(&mut draft);
    fill_up_tasks(&mut draft);
    draft.studio.users = users();
    draft.studio.rows.iter_mut().for_each(dress);
    changed_since(&mut draft);
    nasty::add(&mut draft);
    draft.studio
}

fn projects() -> Vec<Project> {
    vec![
        Project {
            id: HARBOR,
            name: "Harbor Lights".to_owned(),
            code: Some("hl".to_owned()),
            ayon_name: Some("harbor_lights".to_owned()),
            navchains: vec![
                ("Episode", "__flat__"),
                ("Sequence", "Sequence.episode"),
                ("Shot", "sg_sequence,Sequence.episode"),
                ("Asset", "sg_asset_type"),
            ],
            tags: vec![HERO],
            values: vec![("sg_description", json!("A lighthouse, and who keeps it"))],
            ayon_statuses: vec![
                ("wtg", "Waiting to Start", "not_started"),
                ("fin", "Final", "done"),
            ],
            ..Project::default()
        },
        Project {
            id: SALT,
            name: "salt_road".to_owned(),
            code: Some("salt".to_owned()),
            navchains: vec![
                ("Episode", "__flat__"),
                ("Sequence", "episode"),
                ("Shot", "sg_sequence"),
                ("Asset", "sg_asset_type"),
            ],
            ..Project::default()
        },
    ]
}

fn harbor_lights(draft: &mut Draft) {
    draft.row("Episode", 11, HARBOR, "ep01").known_to_ayon();
    draft.row("Episode", 12, HARBOR, "ep02");
    let mut shot = 1031;
    for (nth, sequence) in (30..37).enumerate() {
        let sequence_name = format!("hl_{:03}", (nth + 1) * 10);
        let row = draft.row("Sequence", sequence, HARBOR, &sequence_name);
        row.parent = Some(("Episode", if nth < 4 { 11 } else { 12 }));
        if nth < 3 {
            row.known_to_ayon();
        }
        for cut in 1..=10 {
            // The bad corner's best known Shot carries this number, as in the manual's examples.
            if shot == 1051 {
                shot += 1;
            }
            let in_ayon = match nth {
                0 => true,
                1 => matches!(shot, 1041 | 1042 | 1044 | 1046 | 1048),
                2 => cut <= 8,
                _ => false,
            };
            let row = draft.row("Shot", shot, HARBOR, &format!("{sequence_name}_{:04}", cut * 10));
            row.parent = Some(("Sequence", sequence));
            row.published = matches!(shot, 1032 | 1041);
            if in_ayon {
                row.known_to_ayon();
            }
            for (step, code) in ["Layout", "Animation", "Lighting", "Compositing"]
                .into_iter()
                .enumerate()
            {
                let task = draft.task(HARBOR, ("Shot", shot), code, &code.to_lowercase());
                // AYON knows fewer Tasks the further a Shot is from the start.
                if in_ayon && step < 4 - nth {
                    task.known_to_ayon();
                }
            }
            shot += 1;
        }
    }
    let names = [
        (
            "Character",
            [
                "captain_ode",
                "keeper",
                "gull",
                "diver",
                "harbour_master",
                "twin_a",
                "twin_b",
                "stoker",
                "child",
            ],
        ),
        (
            "Prop",
            [
                "lantern",
                "rope_coil",
                "sextant",
                "crate",
                "net",
                "bell",
                "oilcan",
                "chart",
                "anchor",
            ],
        ),
        (
            "Environment",
            [
                "pier",
                "lighthouse",
                "boathouse",
                "cove",
                "market",
                "seabed",
                "attic",
                "tavern",
                "cliff",
            ],
        ),
    ];
    let mut asset = 701;
    for (asset_type, names) in names {
        // Two Environments are left out so that the whole demonstration has 40 Assets.
        let count = if asset_type == "Environment" { 7 } else { 9 };
        for (nth, name) in names.into_iter().take(count).enumerate() {
            add_asset(draft, HARBOR, asset, name, asset_type, nth < 3);
            asset += 1;
        }
    }
}

fn salt_road(draft: &mut Draft) {
    draft.row("Episode", 21, SALT, "pilot");
    let mut shot = 2001;
    for (nth, sequence) in (51..55).enumerate() {
        let sequence_name = format!("sr_{:03}", (nth + 1) * 10);
        draft.row("Sequence", sequence, SALT, &sequence_name).parent = Some(("Episode", 21));
        for cut in 1..=if nth < 1 { 11 } else { 10 } {
            let name = format!("{sequence_name}_{:04}", cut * 10);
            draft.row("Shot", shot, SALT, &name).parent = Some(("Sequence", sequence));
            for code in ["Layout", "Animation", "Compositing"] {
                draft.task(SALT, ("Shot", shot), code, &code.to_lowercase());
            }
            shot += 1;
        }
    }
    let names = [
        ("Character", ["merchant", "camel", "bandit", "widow", "scribe"]),
        ("Prop", ["salt_block", "scale", "saddle", "water_skin", "tent"]),
        (
            "Environment",
            ["dune", "well", "caravanserai", "salt_flat", "gorge"],
        ),
    ];
    let mut asset = 801;
    for (asset_type, names) in names {
        for name in names {
            add_asset(draft, SALT, asset, name, asset_type, false);
            asset += 1;
        }
    }
}

fn add_asset(draft: &mut Draft, project: i64, id: i64, name: &str, asset_type: &str, in_ayon: bool) {
    let row = draft.row("Asset", id, project, name);
    row.asset_type = Some(asset_type.to_owned());
    if in_ayon {
        row.known_to_ayon();
    }
    let task = draft.task(project, ("Asset", id), "Model", "model");
    if in_ayon {
        task.known_to_ayon();
    }
    draft.task(project, ("Asset", id), "Surfacing", "surfacing");
}

/// The things that go wrong on real sites, all below `hl_990` (or beside it, where being astray is the point).
fn bad_corner(draft: &mut Draft) {
    let corner = ("Sequence", 37);
    draft.row("Sequence", 37, HARBOR, "hl_990").parent = Some(("Episode", 12));
    for (id, name) in [
        (1051, "it's"),
        (1102, ""),
        (1103, "sh 010"),
        (1104, "sh_010"),
        (1105, "<script>alert(1)</script>"),
        (1106, "hl_990_0060"),
        (1107, "hl_990_0070"),
        (1108, "hl_990_0080"),
    ] {
        draft.row("Shot", id, HARBOR, name).parent = Some(corner);
    }
    for row in &mut draft.studio.rows {
        match (row.kind, row.id) {
            // Its Sequence belongs to the other project.
            ("Shot", 1106) => row.parent = Some(("Sequence", 51)),
            // A duplicate: Flow copies custom fields along (flow-api.md §8 row 10).
            ("Shot", 1107) => row.ayon_id = Some(ayon_id("Shot", 1031)),
            _ => {}
        }
    }
    draft.row("Sequence", 38, HARBOR, "hl_980").retired = true;
    let astray = draft.row("Shot", 1109, HARBOR, "hl_980_0010");
    astray.parent = Some(("Sequence", 38));
    let gone = draft.row("Shot", 1110, HARBOR, "hl_990_0100");
    gone.parent = Some(corner);
    gone.retired = true;

    draft.task(HARBOR, ("Shot", 1051), "Animation", "animation");
    draft.task(HARBOR, ("Shot", 1108), "Animation", "animation");
    draft.task(HARBOR, ("Shot", 1108), "Compositing", "animation");
    draft
        .task(HARBOR, ("Shot", 1108), "Lighting", "without step")
        .step = None;
    draft
        .task(HARBOR, ("Shot", 1108), "Lighting", "without entity")
        .parent = None;
}

/// Gives Harbor Lights' later Shots one more Task each, up to the promised number.
fn fill_up_tasks(draft: &mut Draft) {
    let tasks = draft.studio.rows.iter().filter(|row| row.kind == "Task").count();
    let shots: Vec<i64> = draft
        .studio
        .rows
        .iter()
        .filter(|row| row.kind == "Shot" && row.project == HARBOR && row.id < 1102 && row.id != 1051)
        .map(|row| row.id)
        .collect();
    for shot in shots.into_iter().rev().take(TASKS.saturating_sub(tasks)) {
        draft.task(HARBOR, ("Shot", shot), "FX", "fx");
    }
}

/// What happened on either side since the linked rows were synced: two things to carry over, two to keep.
fn changed_since(draft: &mut Draft) {
    let rows = &mut draft.studio.rows;
    let animation = rows
        .iter()
        .position(|row| row.parent == Some(("Shot", 1037)) && row.name.as_deref() == Some("animation"));
    for row in rows.iter_mut() {
        match (row.kind, row.id) {
            ("Shot", 1038) => row.drift.status = Some("Not ready"),
            ("Shot", 1039) => row.drift.attrib = vec![("frameStart", json!(990))],
            ("Shot", 1040) => row.drift.tags = vec!["for reel"],
            _ => {}
        }
    }
    if let Some(at) = animation {
        rows[at].drift.assignees = vec!["render.lead"];
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sandbox::studio::Row;

    #[test]
    fn has_the_promised_size_and_unique_ids() {
        let studio = demo();
        let live = |kind: &str| {
            studio
                .rows
                .iter()
                .filter(|row| [HARBOR, SALT].contains(&row.project))
                .filter(|row| row.kind == kind && !row.retired)
                .count()
        };
        let counts = ["Episode", "Sequence", "Shot", "Asset", "Task"].map(live);
        assert_eq!(counts, [3, 12, 120, 40, 500]);
        assert_eq!(studio.people.len(), 38);
        let keys: BTreeSet<_> = studio.rows.iter().map(|row| (row.kind, row.id)).collect();
        assert_eq!(keys.len(), studio.rows.len());
    }

    #[test]
    fn whatever_is_in_ayon_hangs_below_something_in_ayon() {
        let studio = demo();
        let known: BTreeSet<_> = studio
            .rows
            .iter()
            .filter(|row| row.in_ayon)
            .map(|row| (row.kind, row.id))
            .collect();
        for row in studio.rows.iter().filter(|row| row.in_ayon) {
            let parent = row.drift.parent.or(row.parent).filter(|_| !row.drift.at_root);
            assert!(parent.is_none_or(|parent| known.contains(&parent)), "{row:?}");
            // Links are broken in the nasty corner only.
            assert!(row.ayon_id.is_some() || row.project != HARBOR, "{row:?}");
        }
        assert!(
            studio
                .rows
                .iter()
                .filter(|row| row.published)
                .all(|row| row.in_ayon)
        );
    }

    #[test]
    fn ayon_knows_people_in_every_way() {
        let studio = demo();
        let user = |person| studio.user_of(person).map(|user| user.name.as_str());
        for (person, expected) in [
            (58, Some("ansel.okafor")),
            (73, Some("oskar.quill")),
            (61, Some("zoe_example.com")),
            (201, Some("soren.agard")),
            (67, Some("u67")),
            (63, Some("emre.castell")),
            (75, Some("quentin.adeyemi")),
            (203, Some("pool")),
            (204, Some("pool")),
            (206, Some("gunnar.leaving")),
            (72, None),
            (202, None),
            (205, None),
        ] {
            assert_eq!(user(person), expected, "person {person}");
        }
    }

    #[test]
    fn uniform_has_exactly_what_was_asked_for() {
        let studio = Studio::uniform(500, 9);
        let count = |kind: &str| studio.rows.iter().filter(|row| row.kind == kind).count();
        assert_eq!((count("Sequence"), count("Shot"), count("Task")), (10, 500, 4500));
        assert!(
            studio
                .rows
                .iter()
                .all(|row| row.kind != "Task" || row.step.is_some())
        );
        // Everything that a sync carries is there to be measured.
        let some = |is_it: fn(&Row) -> bool| studio.rows.iter().any(is_it);
        assert!(some(|row| !row.tags.is_empty()) && some(|row| !row.groups.is_empty()));
        assert!(
            studio
                .rows
                .iter()
                .all(|row| !row.values.is_empty() && !row.status.is_empty())
        );
        assert!(!studio.attribute_map.is_empty());
        assert_eq!(
            studio.user_of(58).map(|user| user.name.as_str()),
            Some("ansel.okafor")
        );
        assert!(studio.users.iter().all(|user| user.flow_id.is_none()));
    }
}
