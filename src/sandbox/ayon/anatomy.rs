//! The built-in anatomy and the lists of types, statuses and tags that a project makes of one (`ayon-api.md §2.3`, §2.4).

use serde_json::{Value, json};

use super::attributes::{Attribute, project_defaults};
use super::fields::Object;

/// The entity kinds a status can be for; a status without `scope` is for all.
const EVERY_SCOPE: [&str; 6] = [
    "folder",
    "product",
    "version",
    "representation",
    "task",
    "workfile",
];

/// The work templates of the built-in anatomy: name, directory, file.
const WORK_TEMPLATES: [(&str, &str, &str); 2] = [
    (
        "default",
        "{root[work]}/{project[name]}/{hierarchy}/{folder[name]}/work/{task[name]}",
        "{project[code]}_{folder[name]}_{task[name]}_{@version}<_{comment}>.{ext}",
    ),
    (
        "unreal",
        "{root[work]}/{project[name]}/unreal/{task[name]}",
        "{project[code]}_{folder[name]}.{ext}",
    ),
];

/// The groups of named templates; whatever else an anatomy has among its templates is common to all.
const TEMPLATE_GROUPS: [&str; 6] = ["work", "publish", "hero", "delivery", "staging", "others"];

/// The anatomy a server starts with, in the shape of the presets endpoint (snake_case, with `original_name`).
pub(super) fn built_in(live: &[Attribute]) -> Object {
    let typed = |(name, short, icon): (&str, &str, &str)| json!({"name": name, "original_name": name, "shortName": short, "color": "#cccccc", "icon": icon});
    let folder_types = [
        ("Folder", "", "folder"),
        ("Library", "lib", "category"),
        ("Asset", "", "smart_toy"),
        ("Episode", "ep", "live_tv"),
        ("Sequence", "sq", "theaters"),
        ("Shot", "sh", "movie"),
    ]
    .map(typed);
    let task_types = [
        ("Generic", "gener", "task_alt"),
        ("Art", "art", "palette"),
        ("Modeling", "mdl", "language"),
        ("Texture", "tex", "brush"),
        ("Lookdev", "look", "ev_shadow"),
        ("Rigging", "rig", "construction"),
        ("Edit", "edit", "imagesearch_roller"),
        ("Layout", "lay", "nature_people"),
        ("Setdress", "dress", "scene"),
        ("Animation", "anim", "directions_run"),
        ("FX", "fx", "fireplace"),
        ("Lighting", "lgt", "highlight"),
        ("Paint", "paint", "video_stable"),
        ("Compositing", "comp", "layers"),
        ("Roto", "roto", "gesture"),
        ("Matchmove", "matchmove", "switch_video"),
    ]
    .map(typed);
    let early: &[&str] = &["folder", "product", "task"];
    let late: &[&str] = &["folder", "product", "version", "task"];
    let statuses = [
        ("Not ready", "NRD", "not_started", "fiber_new", "#434a56", early),
        ("Ready to start", "RDY", "not_started", "timer", "#bababa", early),
        (
            "In progress",
            "PRG",
            "in_progress",
            "play_arrow",
            "#3498db",
            early,
        ),
        (
            "Pending review",
            "RVW",
            "in_progress",
            "visibility",
            "#ff9b0a",
            late,
        ),
        ("Approved", "APP", "done", "task_alt", "#00f0b4", late),
        ("On hold", "HLD", "blocked", "back_hand", "#fa6e46", late),
        ("Omitted", "OMT", "blocked", "block", "#cb1a1a", &EVERY_SCOPE),
    ]
    .map(|(name, short, state, icon, color, scope)| {
        json!({
            "name": name, "original_name": name, "shortName": short, "state": state,
            "icon": icon, "color": color, "scope": scope,
        })
    });
    let link_types = [("generative", "version"), ("breakdown", "folder"), ("reference", "version"), ("template", "folder")]
        .map(|(name, on)| {
            json!({"link_type": name, "input_type": on, "output_type": on, "color": "#cccccc", "style": "solid"})
        });
    let work = WORK_TEMPLATES
        .map(|(name, directory, file)| json!({"name": name, "directory": directory, "file": file}));
    let anatomy = json!({
        "entity_naming": {"capitalization": "lower", "separator": "_"},
        "roots": [{"name": "work", "windows": "C:/projects", "linux": "/mnt/share/projects", "darwin": "/Volumes/projects"}],
        "templates": {"version_padding": 3, "version": "v{version:0>{@version_padding}}", "frame_padding": 4,
            "frame": "{frame:0>{@frame_padding}}", "work": work, "publish": [], "hero": [], "delivery": [],
            "staging": [], "others": []},
        "attributes": project_defaults(live),
        "folder_types": folder_types,
        "task_types": task_types,
        "link_types": link_types,
        "statuses": statuses,
        "tags": [
            {"name": "important", "original_name": "important", "color": "#ff2450"},
            {"name": "for reel", "original_name": "for reel", "color": "#fff200"},
        ],
        "product_base_types": {"default": {"color": "#cccccc", "icon": "deployed_code"}, "definitions": []},
    });
    match anatomy {
        Value::Object(anatomy) => anatomy,
        _ => Object::new(),
    }
}

/// One list of an anatomy as a project stores it: without `original_name`.
pub(super) fn stored_list(anatomy: &Object, key: &str) -> Vec<Object> {
    let elements = anatomy.get(key).and_then(Value::as_array);
    let objects = elements.into_iter().flatten().filter_map(Value::as_object);
    objects.map(|element| without(element, "original_name")).collect()
}

/// Link types in the shape `GET P` answers: named, with the colours under `data`.
pub(super) fn stored_link_types(anatomy: &Object) -> Vec<Object> {
    let text = |link: &Object, key: &str| {
        link.get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    stored_list(anatomy, "link_types")
        .iter()
        .map(|link| {
            let (kind, input, output) = (
                text(link, "link_type"),
                text(link, "input_type"),
                text(link, "output_type"),
            );
            let mut stored = Object::new();
            stored.insert("name".into(), json!(format!("{kind}|{input}|{output}")));
            stored.insert("linkType".into(), json!(kind));
            stored.insert("inputType".into(), json!(input));
            stored.insert("outputType".into(), json!(output));
            stored.insert(
                "data".into(),
                json!({"color": link.get("color"), "style": link.get("style")}),
            );
            stored
        })
        .collect()
}

/// One list in the shape of `GET P/anatomy`: defaults filled in, each element with its `original_name`.
pub(super) fn shown_list(stored: &[Object], defaults: &Value) -> Vec<Value> {
    stored
        .iter()
        .map(|element| {
            let mut shown = defaults.as_object().cloned().unwrap_or_default();
            shown.extend(element.clone());
            let name = shown.get("name").cloned().unwrap_or_default();
            shown.insert("original_name".into(), name);
            Value::Object(shown)
        })
        .collect()
}

/// Named elements as the config of a project keeps them: by their names.
pub(super) fn keyed(elements: &[Value]) -> Object {
    let pair = |element: &Object| {
        let rest = without(element, "name");
        (name_of(element).to_owned(), Value::Object(rest))
    };
    elements.iter().filter_map(Value::as_object).map(pair).collect()
}

/// The same elements as an anatomy lists them: each with its name.
pub(super) fn listed(keyed: &Object) -> Vec<Value> {
    let named = |(name, element): (&String, &Value)| {
        let mut element = element.as_object()?.clone();
        element.insert("name".into(), json!(name));
        Some(Value::Object(element))
    };
    keyed.iter().filter_map(named).collect()
}

/// Templates as the config of a project keeps them (`anatomy_to_project_data` of the real server): by group
/// and name. Empty groups are left out, and what is in none stands under `common`.
pub(super) fn stored_templates(templates: &Object) -> Object {
    let (mut stored, mut common) = (Object::new(), Object::new());
    for (key, value) in templates {
        match value {
            Value::Array(group) if group.is_empty() => {}
            Value::Array(group) => {
                stored.insert(key.clone(), Value::Object(keyed(group)));
            }
            single => {
                common.insert(key.clone(), single.clone());
            }
        }
    }
    stored.insert("common".into(), Value::Object(common));
    stored
}

/// The same templates as an anatomy shows them.
pub(super) fn shown_templates(stored: &Object) -> Object {
    let part = |key: &str| stored.get(key).and_then(Value::as_object);
    let mut shown = part("common").cloned().unwrap_or_default();
    for group in TEMPLATE_GROUPS {
        let templates = part(group).map(listed).unwrap_or_default();
        shown.insert(group.into(), Value::Array(templates));
    }
    shown
}

/// The first status, by position, that is meant for this kind of entity (§2.3).
pub(super) fn default_status(statuses: &[Object], entity: &str) -> Option<String> {
    let fits = |status: &&Object| match status.get("scope").and_then(Value::as_array) {
        Some(scope) => scope.iter().any(|word| word == entity),
        None => true,
    };
    let status = statuses.iter().find(fits).or_else(|| statuses.first())?;
    Some(name_of(status).to_owned())
}

pub(super) fn name_of(element: &Object) -> &str {
    element.get("name").and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn has_name(list: &[Object], name: &str) -> bool {
    list.iter().any(|element| name_of(element) == name)
}

pub(super) fn without(element: &Object, key: &str) -> Object {
    let kept = element.iter().filter(|(name, _)| *name != key);
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}
