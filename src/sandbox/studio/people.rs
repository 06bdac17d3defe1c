//! The people and pipeline steps every invented studio shares.

use serde_json::{Value, json};
use unidecode::unidecode;

use crate::sandbox::studio::{Person, Step, User};

/// The person a demonstration acts as: Mira Kowalski, a production manager.
pub const PRODUCTION_MANAGER: i64 = 57;

/// Id, name, login, permission group, status. Logins and addresses are as odd as on real sites (flow-api.md §8 row 22).
const PEOPLE: [(i64, &str, &str, &str, &str); 38] = [
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
    (201, "Søren Ågård 🎬", "søren.ågård", STRANGER, "act"),
    (202, "李 明", "li.ming@example.com", STRANGER, "act"),
    (203, "Pool One", "pool.one", STRANGER, "act"),
    (204, "Pool Two", "pool.two", STRANGER, "act"),
    (205, "Wanda Mill", "wanda", STRANGER, "act"),
    (206, "Gunnar Leaving", "gunnar.leaving", STRANGER, "act"),
    (207, "Shotgun Support", "shotgun_support", "admin", "act"),
    (208, "Q", "q", STRANGER, "act"),
    (
        209,
        "Robert \"Bobby\" O'Tables",
        "bobby'; drop--",
        STRANGER,
        "act",
    ),
    (
        210,
        "<b>Bold</b> Person",
        "<script>alert(1)</script>",
        STRANGER,
        "act",
    ),
    (211, "עדי לוי", "עדי.לוי", STRANGER, "act"),
    (212, "Ludmila Long", LONG, STRANGER, "act"),
    (213, "Nobody Grouped", "nobody.grouped", NO_GROUP, "act"),
];

/// Two hundred characters.
const LONG: &str = "ludmila.long.ludmila.long.ludmila.long.ludmila.long.ludmila.long.ludmila.long.ludmila.long.\
                    ludmila.long.ludmila.long.ludmila.long.ludmila.long.ludmila.long.ludmila.long.ludmila.long.\
                    ludmila.long.lulua";

/// Of somebody without a permission group.
const NO_GROUP: &str = "";

/// The role of those who get the nasty corner's Tasks only.
const STRANGER: &str = "stranger";

/// What AYON knows of the people, of each kind some (flow-api.md §8 row 22).
const LINKED_BY_NUMBER: [i64; 12] = [41, 42, 57, 58, 59, 60, 61, 62, 64, 65, 66, 74];
const LINKED_BY_TEXT: [i64; 3] = [73, 75, 201];
/// Under another name, with the e-mail in another case.
const SAME_EMAIL: [i64; 3] = [67, 68, 69];
/// Without e-mail; the name is the login, once in another case.
const SAME_LOGIN: [i64; 3] = [63, 70, 71];

pub(super) fn people() -> Vec<Person> {
    let person = |&(id, name, login, group, status): &(i64, &str, &str, &'static str, &'static str)| {
        let email = match id {
            24 => Some("support@demo-studio.example".to_owned()),
            // E-mail is not unique in Flow (flow-api.md §6, HumanUser).
            203 | 204 => Some("pool@demo-studio.example".to_owned()),
            // A watcher account that nobody reads mail for.
            78 | 207 | 209 | 210 => None,
            211 => Some("adi\u{202e}@demo-studio.example".to_owned()),
            212 => Some(format!("{}@demo-studio.example", "x".repeat(200))),
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

/// The AYON users of the demonstration.
///
/// Nadia Ferro (72), the vendors, 李 明 (202) and everybody after Gunnar Leaving have none. `pool` has the e-mail of two people; `wanda.mill` and `wmill`
/// have the same one; `gunnar.leaving` is switched off. The last two are known to AYON only.
pub(super) fn users() -> Vec<User> {
    let mut users: Vec<User> = people().iter().filter_map(user).collect();
    for (name, full_name, email) in [
        ("pool", "Pool Account", "pool@demo-studio.example"),
        ("wanda.mill", "Wanda Mill", "Wanda@demo-studio.example"),
        ("wmill", "Wanda Mill (old)", "wanda@demo-studio.example"),
        ("render.lead", "Render Lead", "render.lead@demo-studio.example"),
        ("freelance.joe", "Joe", "joe@elsewhere.example"),
    ] {
        users.push(User {
            name: name.to_owned(),
            full_name: full_name.to_owned(),
            email: Some(email.to_owned()),
            active: true,
            default_access: vec!["freelancer"],
            ..User::default()
        });
    }
    users.push(User {
        name: "gunnar.leaving".to_owned(),
        full_name: "Gunnar Leaving".to_owned(),
        flow_id: Some(json!(206)),
        ..User::default()
    });
    users
}

fn user(person: &Person) -> Option<User> {
    let id = person.id;
    let mut user = User {
        name: user_name(&person.login),
        full_name: person.name.clone(),
        email: person.email.clone(),
        active: true,
        role: match person.group {
            "admin" => Some("isAdmin"),
            "manager" => Some("isManager"),
            _ => None,
        },
        ..User::default()
    };
    // Somebody may hold Tasks in a project that they cannot open (`ayon-api.md §4.4`).
    if user.role.is_none() && id != 62 {
        user.access = vec![
            ("harbor_lights", vec!["artist"]),
            ("nasty_corner", vec!["artist"]),
        ];
    }
    if LINKED_BY_NUMBER.contains(&id) {
        user.flow_id = Some(json!(id));
    } else if LINKED_BY_TEXT.contains(&id) {
        user.flow_id = Some(Value::String(id.to_string()));
    } else if SAME_EMAIL.contains(&id) {
        user.name = format!("u{id}");
        user.email = person.email.as_deref().map(str::to_uppercase);
    } else if SAME_LOGIN.contains(&id) {
        user.name = user.name.to_lowercase();
        user.email = None;
    } else {
        return None;
    }
    Some(user)
}

/// Users that AYON knows by their e-mail only.
pub(super) fn users_by_email() -> Vec<User> {
    people()
        .into_iter()
        .filter(|person| person.email.is_some() && !matches!(person.group, STRANGER | NO_GROUP))
        .map(|person| User {
            name: user_name(&person.login),
            full_name: person.name,
            email: person.email,
            active: true,
            ..User::default()
        })
        .collect()
}

/// A login in the form that AYON accepts (`ayon-api.md §7.2`).
fn user_name(login: &str) -> String {
    unidecode(login).replace('@', "_")
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
        unknown_to_ayon: false,
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

/// A studio of so many more people, for measuring: of five, one is linked, one is known by the e-mail, one by the login,
/// one is new, and one left; AYON has as many users, those that are nobody's included.
pub(super) fn crowd(count: usize) -> (Vec<Person>, Vec<User>) {
    let (mut people, mut users) = (Vec::new(), Vec::new());
    for (nth, id) in (0..count).zip(1_000_i64..) {
        let login = format!("crowd.{nth:05}");
        let email = format!("{login}@demo-studio.example");
        let left = nth % 5 == 4;
        people.push(Person {
            id,
            login: login.clone(),
            name: format!("Crowd {nth:05}"),
            email: Some(email.clone()),
            status: if left { "dis" } else { "act" },
            group: "artist",
        });
        users.push(User {
            name: match nth % 5 {
                1 => format!("u{nth:05}"),
                // The person next to it in Flow is new; this one is nobody.
                3 => format!("other{nth:05}"),
                _ => login,
            },
            full_name: match nth % 5 {
                3 => format!("Other {nth:05}"),
                _ => format!("Crowd {nth:05}"),
            },
            email: match nth % 5 {
                2 => None,
                3 => Some(format!("other{nth:05}@elsewhere.example")),
                _ => Some(email),
            },
            flow_id: matches!(nth % 5, 0 | 4).then(|| json!(id)),
            active: true,
            ..User::default()
        });
    }
    (people, users)
}
