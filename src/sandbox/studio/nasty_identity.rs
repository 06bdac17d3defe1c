//! Nasty links: ids that are copied, crossed, lost or stale, twins, and what moved, was renamed or was retired.

use super::draft::ayon_id;
use super::nasty::{Corner, Expect, MAIN, NASTY};
use super::nasty_projects::ODD_CHAINS;
use super::{Drift, Link};

pub(super) fn add(corner: &mut Corner<'_>) {
    retired(corner);
    ids(corner);
    twins(corner);
    crossed(corner);
    inactive(corner);
    moved(corner);
}

fn retired(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem};
    corner
        .shot(
            3015,
            "nc_0150",
            "F3, F4, B: retired in Flow; never in AYON",
            Problem,
        )
        .retired = true;
    let linked = corner.shot(3016, "nc_0160", "F3, F9, B: retired in Flow; linked", Problem);
    linked.known_to_ayon().retired = true;
    let published = corner.shot(3017, "nc_0170", "F3, F9, B: retired in Flow; published", Problem);
    published.known_to_ayon().retired = true;
    published.published = true;
    let loser = corner.shot(3018, "nc_0180", "F3: merged into Shot 3019", Problem);
    loser.known_to_ayon().retired = true;
    corner.shot(
        3019,
        "nc_0180",
        "F3: what Shot 3018 was merged into; AYON's folder names the other",
        Problem,
    );
    let away = corner.shot(
        3020,
        "nc_0200",
        "F3: moved into another project; AYON has it in the former",
        Lands,
    );
    away.project = ODD_CHAINS;
    away.parent = None;
    away.known_to_ayon();
    away.drift = Drift {
        project: Some(NASTY),
        parent: Some(MAIN),
        ..Drift::default()
    };
    corner.only_in_ayon("Shot", 3999, "nc_9990", Link::Own).parent = Some(MAIN);
    corner.list(
        "Shot",
        3999,
        "F23, F24: the script does not see it; AYON is linked with it",
        Problem,
    );
}

fn ids(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem};
    corner
        .shot(
            3024,
            "nc_0240",
            "F10, B: id mismatch; copied from Shot 3001",
            Problem,
        )
        .ayon_id = Some(ayon_id("Shot", 3001));
    corner
        .shot(
            3025,
            "nc_0250",
            "F10: copied from Harbor Lights' Shot 1031",
            Lands,
        )
        .ayon_id = Some(ayon_id("Shot", 1031));
    corner
        .shot(3026, "nc_0260", "F10: the addon's mark instead of an id", Lands)
        .ayon_id = Some("removed".to_owned());
    corner
        .shot(
            3027,
            "nc_0270",
            "B: missing in AYON although linked; its id is free",
            Lands,
        )
        .ayon_id = Some(ayon_id("Shot", 3027));
}

fn twins(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem};
    corner
        .shot(3028, "nc_0280", "B: unlinked twin of the same type", Lands)
        .twin();
    corner
        .shot(3029, "nc_0290", "B: unlinked twin of another type", Problem)
        .twin()
        .drift
        .subtype = Some("Folder");
    corner
        .shot(3030, "nc_0300", "B: unlinked twin, but somewhere else", Lands)
        .twin()
        .drift
        .at_root = true;
    corner
        .shot(
            3031,
            "nc_0310",
            "B: id mismatch; AYON names it, Flow holds no id",
            Lands,
        )
        .twin()
        .drift
        .link = Link::Own;
    let held = corner.shot(
        3032,
        "nc_0320",
        "B: id mismatch; Flow holds the id, AYON names nobody",
        Lands,
    );
    held.twin().ayon_id = Some(ayon_id("Shot", 3032));
}

fn crossed(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem, Unchanged};
    let why = "B: id mismatch; AYON has a copy of its folder, but both sides agree on the original";
    corner.shot(3033, "nc_0330", why, Unchanged).known_to_ayon();
    corner
        .only_in_ayon("Shot", 3933, "nc_0330_copy", Link::Other("Shot", 3033))
        .parent = Some(MAIN);
    let why = "B: id mismatch; two AYON folders name it, and Flow holds no id";
    let row = corner.shot(3069, "nc_0690", why, Problem);
    row.twin().drift.link = Link::Own;
    corner
        .only_in_ayon("Shot", 3969, "nc_0690_copy", Link::Other("Shot", 3069))
        .parent = Some(MAIN);

    // Flow's ids were exchanged; AYON says whose they are.
    for (id, other, name) in [(3034, 3035, "nc_0340"), (3035, 3034, "nc_0350")] {
        let why = "B: id mismatch; Shots 3034 and 3035 hold each other's id";
        let row = corner.shot(id, name, why, Lands);
        row.in_ayon = true;
        row.drift.id = Some(ayon_id("Shot", id));
        row.ayon_id = Some(ayon_id("Shot", other));
    }
    let why = "B: id mismatch; Flow holds one folder's id, another folder names it";
    let row = corner.shot(3068, "nc_0680", why, Problem);
    row.in_ayon = true;
    row.drift.id = Some(ayon_id("Shot", 3068));
    row.ayon_id = Some(ayon_id("Shot", 3968));
    corner
        .only_in_ayon("Shot", 3968, "nc_0680_free", Link::Nobody)
        .parent = Some(MAIN);

    for id in [3070, 3071] {
        let why = "F10, B: id mismatch; Shots 3070 and 3071 hold the id of a folder that names nobody";
        corner.shot(id, &format!("nc_{id}"), why, Problem).ayon_id = Some(ayon_id("Shot", 3970));
    }
    corner
        .only_in_ayon("Shot", 3970, "nc_0700_free", Link::Nobody)
        .parent = Some(MAIN);
    for id in [3072, 3073] {
        let why = "F10: Shots 3072 and 3073 hold one id, which AYON does not have any more";
        corner.shot(id, &format!("nc_{id}"), why, Lands).ayon_id = Some(ayon_id("Shot", 3972));
    }
}

fn inactive(corner: &mut Corner<'_>) {
    use Expect::Lands;
    let row = corner.shot(
        3036,
        "nc_0360",
        "B: inactive AYON folder, linked; Flow has revived it",
        Lands,
    );
    row.known_to_ayon().drift.inactive = true;
    let row = corner.shot(
        3037,
        "nc_0370",
        "B: inactive AYON folder of its name, not linked",
        Lands,
    );
    row.twin().drift.inactive = true;
}

fn moved(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem, Unchanged};
    let row = corner.shot(3038, "nc_0380", "B: rename of a published folder", Lands);
    row.known_to_ayon().drift.name = Some("nc_0380_before");
    row.published = true;
    let row = corner.shot(
        3039,
        "nc_0390",
        "B: rename of a published folder, but it is not",
        Lands,
    );
    row.known_to_ayon().drift.name = Some("nc_0390_before");
    let row = corner.shot(3040, "nc_0400", "F3, B: move of a published folder", Problem);
    row.known_to_ayon().drift.parent = Some(MAIN);
    row.parent = Some(("Sequence", 303));
    row.published = true;
    let row = corner.shot(3041, "nc_0410", "F3: it sits elsewhere in AYON", Unchanged);
    row.known_to_ayon().drift.parent = Some(MAIN);
    row.parent = Some(("Sequence", 303));
    let row = corner.shot(
        3042,
        "nc_0420",
        "B: unknown type; AYON made a Folder of it",
        Unchanged,
    );
    row.known_to_ayon().drift.subtype = Some("Folder");

    let row = corner.row(
        "Sequence",
        306,
        "nc_600",
        "F3: it sits at the root in AYON",
        Unchanged,
    );
    row.parent = Some(("Episode", 31));
    row.known_to_ayon().drift.at_root = true;
    let row = corner.row(
        "Sequence",
        307,
        "nc_700",
        "F3, B: move of a published folder away from the root",
        Problem,
    );
    row.parent = Some(("Episode", 31));
    row.known_to_ayon().drift.at_root = true;
    row.published = true;
}
