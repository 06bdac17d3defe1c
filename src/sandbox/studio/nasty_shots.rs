//! Nasty names, places, statuses, tags and values.

use serde_json::json;

use super::nasty::{Corner, Expect};
use super::vocabulary::{HERO, HERO_IN_CAPITALS, IMPORTANT, JAPAN, PUNCTUATED};

pub(super) fn add(corner: &mut Corner<'_>) {
    names(corner);
    places(corner);
    statuses(corner);
    values(corner);
    linked_values(corner);
}

fn names(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem};
    corner.shot(3002, "nc_0020", "F6: a clean one, new", Lands);
    corner
        .shot(3003, "", "F6, B: name empty or invalid; null", Problem)
        .name = None;
    for (id, name, why, expect) in [
        (
            3004,
            "???",
            "B: name empty or invalid; nothing AYON accepts",
            Problem,
        ),
        (3005, "🎬🎬", "F32: nothing is left of it in ASCII", Problem),
        (3006, "北京_0010", "F32: Chinese", Lands),
        (3007, "Çelik Ünlü – 0070", "F32: accents and a dash", Lands),
        (3008, "SH-080", "F7: same slug as Shot 3009", Problem),
        (3009, "sh_080", "F7: same slug as Shot 3008", Problem),
        (3010, "nc_0100", "F6, B: duplicate name; as Shot 3011", Problem),
        (3011, "nc_0100", "F6, B: duplicate name; as Shot 3010", Problem),
        (3012, "cut;paste", "B: label with ;", Problem),
        (3013, "nc_0130 ", "F7: a space at the end", Lands),
        (3014, "nc - 0140", "F7: its slug has empty pieces", Lands),
    ] {
        corner.shot(id, name, why, expect);
    }
}

fn places(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem, Unchanged};
    let gone = corner.row(
        "Sequence",
        302,
        "nc_200",
        "F8, B: retired in Flow; linked",
        Problem,
    );
    gone.retired = true;
    gone.known_to_ayon();
    corner.row(
        "Sequence",
        303,
        "nc_300",
        "F8: its Episode is empty, so it goes to the root",
        Lands,
    );
    corner.row(
        "Sequence",
        304,
        "dup root",
        "F6, B: duplicate name; Episode 32 has it in AYON",
        Problem,
    );
    corner
        .row(
            "Episode",
            32,
            "dup-root",
            "F6: linked, with the name that Sequence 304 would get",
            Unchanged,
        )
        .known_to_ayon();
    corner
        .shot(
            3065,
            "nc_0650",
            "B: parent missing; it is blocked itself",
            Problem,
        )
        .parent = Some(("Sequence", 304));
    corner
        .shot(3021, "nc_0210", "F8: its Sequence is retired", Lands)
        .parent = Some(("Sequence", 302));
    corner
        .shot(
            3022,
            "nc_0220",
            "B: parent missing; it is in another project",
            Problem,
        )
        .parent = Some(("Sequence", 51));
    corner
        .shot(
            3023,
            "nc_0230",
            "F11: the first element of its chain is empty, the next is not",
            Lands,
        )
        .parent = Some(("Episode", 31));
    let shot = corner.shot(3066, "nc_0660", "F11: it has a Scene as well", Lands);
    shot.values = vec![("sg_scene", json!({"type": "Scene", "id": 61}))];
}

fn statuses(corner: &mut Corner<'_>) {
    use Expect::Lands;
    for (id, status, why) in [
        (3043, "clsd", "F17, B: unknown status; AYON has nothing like it"),
        (3044, "", "F17: no status"),
        (3045, "na", "F17: hidden in this project"),
        (3046, "hld", "F17, B: unknown status to the addon; AYON has HLD"),
        (
            3047,
            "rev",
            "F17, B: unknown status to the addon; AYON has the name",
        ),
        (3048, "fnl", "F17: its name differs from that of fin in case only"),
        (3049, "omt", "F17: omitted; AYON has OMT"),
        (3067, "fin", "F17: its name differs from that of fnl in case only"),
    ] {
        corner.shot(id, &format!("nc_{id}"), why, Lands).status = status;
    }
}

fn values(corner: &mut Corner<'_>) {
    use Expect::{Lands, Problem};
    corner.shot(3050, "nc_0500", "F14: zero and null", Lands).values = vec![
        ("sg_cut_in", json!(0)),
        ("sg_cut_out", json!(null)),
        ("sg_head_in", json!(0)),
    ];
    corner
        .shot(3051, "nc_0510", "F14: a fraction, and a negative frame", Lands)
        .values = vec![("sg_fps", json!(23.976)), ("sg_head_in", json!(-8))];
    corner
        .shot(3052, "nc_0520", "F14: both spellings hold something else", Lands)
        .values = vec![("sg_cut_in", json!(1009)), ("cut_in", json!(9))];
    corner
        .shot(
            3053,
            "nc_0530",
            "F14: only the spelling without sg_ is filled",
            Lands,
        )
        .values = vec![("sg_cut_in", json!(null)), ("cut_in", json!(1001))];
    corner
        .shot(
            3054,
            "nc_0540",
            "F32: markup, lines and pictures in a text",
            Lands,
        )
        .values = vec![(
        "description",
        json!("<b>it's</b>\r\nline two; \"quoted\" 🎬\u{200f}שלום"),
    )];
    corner
        .shot(
            3056,
            "nc_0560",
            "F14: a list value, a checkbox, many links",
            Lands,
        )
        .values = vec![
        ("sg_priority", json!("urgent")),
        ("sg_stereo", json!(true)),
        (
            "sg_keywords",
            json!([{"type": "Tag", "id": HERO}, {"type": "Tag", "id": JAPAN}]),
        ),
    ];
    corner
        .shot(
            3057,
            "nc_0570",
            "F32: tags in two cases, one AYON has in another, punctuation",
            Lands,
        )
        .tags = vec![HERO, HERO_IN_CAPITALS, IMPORTANT, JAPAN, PUNCTUATED];
    let number = corner.row("Sequence", 308, "nc_800", "F14: a number as text", Lands);
    number.parent = Some(("Episode", 31));
    number.values = vec![("sg_fps", json!("23.976"))];
    let words = corner.row(
        "Sequence",
        309,
        "nc_900",
        "F14: a text that is no number",
        Problem,
    );
    words.parent = Some(("Episode", 31));
    words.values = vec![("sg_fps", json!("fast"))];
}

/// Rows that are linked and clean but for one value.
fn linked_values(corner: &mut Corner<'_>) {
    use Expect::{Lands, Unchanged};
    corner
        .shot(3001, "nc_0010", "F6: a clean one, linked", Unchanged)
        .known_to_ayon();
    let shot = corner
        .shot(3058, "nc_0580", "F17: a tag that Flow cannot know", Unchanged)
        .known_to_ayon();
    shot.tags = vec![HERO];
    shot.drift.tags = vec!["for reel"];
    let shot = corner
        .shot(3059, "nc_0590", "F14: emptied in Flow, filled in AYON", Unchanged)
        .known_to_ayon();
    shot.drift.attrib = vec![("description", json!("from AYON")), ("clipIn", json!(7))];
    let shot = corner
        .shot(3060, "nc_0600", "F14: what AYON inherits anyway", Unchanged)
        .known_to_ayon();
    shot.values = vec![("sg_fps", json!(25.0))];
    let shot = corner
        .shot(3061, "nc_0610", "F14: zero in Flow, five in AYON", Lands)
        .known_to_ayon();
    shot.values = vec![("sg_cut_in", json!(0))];
    shot.drift.attrib = vec![("clipIn", json!(5))];
    let shot = corner
        .shot(3062, "nc_0620", "F17: another status in AYON", Lands)
        .known_to_ayon();
    shot.drift.status = Some("On hold");
}
