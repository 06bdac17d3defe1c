//! Nasty Tasks: entities, steps, names, people, dates.

use serde_json::json;

use super::Link;
use super::draft::ayon_id;
use super::nasty::{Corner, Expect, MAIN, NASTY};
use super::vocabulary::{DESERTED, HERO, LIGHTING, MIXED};

/// A Shot that is linked and clean, and one that is new and clean.
const LINKED: (&str, i64) = ("Shot", 3001);
const NEW: (&str, i64) = ("Shot", 3002);
const NO_STEP: (&str, &str) = ("Shot", "");

pub(super) fn add(corner: &mut Corner<'_>) {
    names(corner);
    entities(corner);
    steps(corner);
    people(corner);
    linked(corner);
}

fn names(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem};
    corner.task(4002, NEW, NO_STEP, "stepless", ("F21: without step", Lands));
    corner
        .task(
            4003,
            NEW,
            ("Shot", "Lighting"),
            "",
            ("F21: null content, named by its step", Lands),
        )
        .name = None;
    corner
        .task(
            4004,
            ("Shot", 3006),
            NO_STEP,
            "",
            ("F21: null content and no step", Lands),
        )
        .name = None;
    for id in [4005, 4006] {
        let why = "F6, B: duplicate name; Tasks 4005 and 4006 on one Shot";
        corner.task(id, NEW, ("Shot", "Compositing"), "comp", (why, Problem));
    }
    corner.task(
        4031,
        NEW,
        ("Shot", "FX"),
        "it's smoke",
        ("B: label with ' in a Task", Problem),
    );
    corner.task(
        4032,
        NEW,
        ("Shot", "FX"),
        "???",
        ("B: name empty or invalid; of a Task", Problem),
    );
}

fn entities(corner: &mut Corner<'_>) {
    use Expect::Problem;
    let template = corner.task(
        4007,
        NEW,
        ("Shot", "Layout"),
        "template",
        ("F36: of a Task template, so without project", Problem),
    );
    template.parent = None;
    template.values = vec![("project", json!(null))];
    corner
        .task(
            4008,
            NEW,
            NO_STEP,
            "astray",
            ("B: parent missing; none is named", Problem),
        )
        .parent = None;
    for (id, entity, why) in [
        (4009, ("Project", NASTY), "F34: on the Project itself"),
        (4010, ("Shot", 3015), "F8, B: parent missing; it is retired"),
        (4011, ("Shot", 3201), "F34: on a Shot of another project"),
        (4037, ("Shot", 3003), "B: parent missing; its Shot is blocked"),
    ] {
        let name = format!("nc_task_{id}");
        corner.task(id, entity, ("Shot", "Layout"), &name, (why, Problem));
    }
}

fn steps(corner: &mut Corner<'_>) {
    use Expect::Lands;
    for (id, entity, step, why) in [
        (
            4018,
            MAIN,
            ("Sequence", "Animation"),
            "F33: a code that Shots have as well",
        ),
        (
            4019,
            ("Asset", 902),
            ("Asset", "Animation"),
            "F33: a code that Shots have as well",
        ),
        (
            4020,
            NEW,
            ("Asset", "Model"),
            "F33: a step of another entity type",
        ),
        (
            4021,
            NEW,
            ("Shot", "Crowd Wrangling"),
            "B: unknown type; AYON has no such task type",
        ),
        (
            4022,
            NEW,
            ("Shot", "compositing"),
            "F33: AYON has its code in another case",
        ),
        (4023, NEW, ("Shot", "Previz"), "F33: a step without short code"),
        (4024, NEW, ("Shot", "特效"), "F32: a step in Chinese"),
    ] {
        corner.task(id, entity, step, &format!("nc_task_{id}"), (why, Lands));
    }
    corner
        .task(
            4036,
            NEW,
            ("Shot", "Roto"),
            "roto",
            ("F17, B: unknown status; Tasks only have it", Lands),
        )
        .status = "cmpt";
    corner
        .task(
            4035,
            NEW,
            ("Shot", "Paint"),
            "paint",
            ("F20: a start without end, a milestone", Lands),
        )
        .values = vec![
        ("start_date", json!("2026-02-28")),
        ("due_date", json!(null)),
        ("milestone", json!(true)),
    ];
}

fn people(corner: &mut Corner<'_>) {
    use Expect::Lands;
    for (id, assignees, groups, why) in [
        (4012, vec![], vec![LIGHTING], "F21: a Group"),
        (4013, vec![75], vec![], "F21: somebody disabled"),
        (
            4014,
            vec![72, 202],
            vec![],
            "F22, B: user without link; nobody AYON knows",
        ),
        (
            4015,
            vec![66, 67],
            vec![LIGHTING, MIXED],
            "F21: two Groups, and who is in them anyway",
        ),
        (
            4016,
            vec![205],
            vec![],
            "F22, B: user without link; two AYON users have the e-mail",
        ),
        (4017, vec![], vec![DESERTED], "F21: a Group of nobody"),
        (4038, vec![203, 204], vec![], "F22: two people with one e-mail"),
        (
            4039,
            vec![63, 69, 201],
            vec![],
            "F22: by login, by e-mail, with accents",
        ),
        (4040, vec![206], vec![], "F22: their AYON user is switched off"),
    ] {
        let row = corner.task(id, NEW, NO_STEP, &format!("nc_task_{id}"), (why, Lands));
        row.assignees = assignees;
        row.groups = groups;
    }
}

fn linked(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem, Unchanged};
    corner
        .task(
            4001,
            LINKED,
            ("Shot", "Animation"),
            "animation",
            ("F6: a clean one, linked", Unchanged),
        )
        .known_to_ayon()
        .assignees = vec![58];
    let kept = corner
        .task(
            4025,
            LINKED,
            ("Shot", "Lighting"),
            "lighting",
            ("F22: AYON assigned somebody Flow cannot know", Unchanged),
        )
        .known_to_ayon();
    kept.assignees = vec![59];
    kept.tags = vec![HERO];
    kept.drift.assignees = vec!["freelance.joe"];
    // Flow has a Tag "Important", so that one it could know.
    kept.drift.tags = vec!["for reel"];
    corner
        .task(
            4026,
            LINKED,
            ("Shot", "Paint"),
            "paint",
            ("F33: its task type differs in AYON", Unchanged),
        )
        .known_to_ayon()
        .drift
        .subtype = Some("Layout");
    corner
        .task(
            4027,
            MAIN,
            ("Sequence", "Layout"),
            "layout",
            ("F3: it sits on another folder in AYON", Unchanged),
        )
        .known_to_ayon()
        .drift
        .parent = Some(LINKED);
    corner
        .task(
            4028,
            LINKED,
            ("Shot", "FX"),
            "fx",
            ("B: unlinked twin, a task", Lands),
        )
        .twin();
    corner
        .task(
            4029,
            LINKED,
            ("Shot", "Roto"),
            "roto",
            ("B: unlinked twin, a task of another type", Problem),
        )
        .twin()
        .drift
        .subtype = Some("Edit");
    corner
        .task(
            4030,
            LINKED,
            ("Shot", "Matchmove"),
            "matchmove",
            ("F21: nobody any more in Flow, somebody in AYON", Lands),
        )
        .known_to_ayon()
        .drift
        .assignees = vec!["ansel.okafor"];
    corner
        .task(
            4033,
            LINKED,
            ("Shot", "Model"),
            "model",
            ("F9, B: retired in Flow; a task", Problem),
        )
        .known_to_ayon()
        .retired = true;
    corner
        .task(
            4034,
            LINKED,
            ("Shot", "Animation"),
            "animation again",
            ("F10, B: id mismatch; copied from Task 4001", Problem),
        )
        .ayon_id = Some(ayon_id("Task", 4001));
    corner
        .task(
            4041,
            LINKED,
            ("Shot", "Layout"),
            "blocking",
            ("B: id mismatch; AYON names the task, Flow holds no id", Lands),
        )
        .twin()
        .drift
        .link = Link::Own;
}
