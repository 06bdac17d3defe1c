//! The people and pipeline steps every invented studio shares.

use crate::sandbox::studio::{Person, Step};

/// The person a demonstration acts as: Mira Kowalski, a production manager.
pub const PRODUCTION_MANAGER: i64 = 57;

/// Id, name, login, permission group, status. Logins and addresses are as odd as on real sites (flow-api.md §8 row 22).
const PEOPLE: [(i64, &str, &str, &str, &str); 25] = [
    (24, "Shotgun Admin", "shotgun_admin", "admin", "act"),
    (41, "Idris Vahl", "idris.vahl", "admin", "act"),
    (42, "Tomás Herrera", "tomas.herrera", "manager", "act"),
    (57, "Mira Kowalski", "mira.kowalski", "manager", "act"),
    (58, "Ansel Okafor", "ansel.okafor", "artist", "act"),
    (59, "Bea Lindqvist", "bea.lindqvist", "artist", "act"),
    (60, "Chidi Brandt", "chidi.brandt", "artist", "act"),
    (61, "Zoë Marchand", "zoë@example.com", "artist", "act"),
    (62, "Dalia Nakamura", "dalia.nakamura", "artist", "act"),
    (63, "Emre Castell", "Emre.Castell", "artist", "act"),
    (64, "Freya Moreau", "freya.moreau", "artist", "act"),
    (65, "Goran Pettersen", "goran.pettersen", "artist", "act"),
    (66, "Hana Vries", "hana.vries", "artist", "act"),
    (67, "Ilya Soto", "ilya.soto", "artist", "act"),
    (68, "June Abara", "june.abara", "artist", "act"),
    (69, "Kenji Rowe", "kenji.rowe", "artist", "act"),
    (70, "Lena O'Dell", "lena.odell", "artist", "act"),
    (71, "Marek Silva", "marek.silva", "artist", "act"),
    (72, "Nadia Ferro", "nadia.ferro", "artist", "act"),
    (73, "Oskar Quill", "oskar.quill", "artist", "act"),
    (74, "Pia Rennert", "pia.rennert", "artist", "act"),
    (75, "Quentin Adeyemi", "quentin.adeyemi", "artist", "dis"),
    (
        76,
        "Rosa Tidewater",
        "rosa@tidewater-vfx.example",
        "vendor",
        "act",
    ),
    (
        77,
        "Sami Tidewater",
        "sami@tidewater-vfx.example",
        "vendor",
        "act",
    ),
    (78, "Render Watch", "render.watch", "vendor", "act"),
];

pub(super) fn people() -> Vec<Person> {
    let person = |&(id, name, login, group, status): &(i64, &str, &str, &'static str, &'static str)| {
        let email = match id {
            24 => Some("support@demo-studio.example".to_owned()),
            // A watcher account that nobody reads mail for.
            78 => None,
            _ if login.contains('@') => Some(login.to_owned()),
            _ => Some(format!("{}@demo-studio.example", login.to_lowercase())),
        };
        Person {
            id,
            login: login.to_owned(),
            name: name.to_owned(),
            email,
            status,
            group,
        }
    };
    PEOPLE.iter().map(person).collect()
}

/// People who get Tasks, the disabled one included: real rows keep their assignees.
pub(super) fn artists() -> Vec<i64> {
    PEOPLE
        .iter()
        .filter(|person| person.3 == "artist")
        .map(|person| person.0)
        .collect()
}

/// Every [`Step`]; codes repeat across entity types, as they do in Flow (flow-api.md §6, Step).
pub fn steps() -> Vec<Step> {
    let step = |(id, entity_type, code, short_name): (i64, &'static str, &str, &str)| Step {
        id,
        code: code.to_owned(),
        short_name: short_name.to_owned(),
        entity_type,
    };
    [
        (11, "Asset", "Art", "ART"),
        (12, "Asset", "Model", "MDL"),
        (13, "Asset", "Rig", "RIG"),
        (14, "Asset", "Surfacing", "SRF"),
        (15, "Asset", "Animation", "ANM"),
        (21, "Shot", "Layout", "LAY"),
        (22, "Shot", "Animation", "ANM"),
        (23, "Shot", "FX", "FX"),
        (24, "Shot", "Lighting", "LGT"),
        (25, "Shot", "Compositing", "CMP"),
        (26, "Shot", "Matchmove", "MM"),
        (27, "Shot", "Roto", "RTO"),
        (28, "Shot", "Paint", "PNT"),
        (29, "Shot", "Model", "MDL"),
        (31, "Sequence", "Art", "ART"),
        (32, "Sequence", "Layout", "LAY"),
        (33, "Sequence", "Animation", "ANM"),
    ]
    .map(step)
    .to_vec()
}
