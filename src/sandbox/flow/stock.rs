//! The table of stock types and fields: what an AYON sync meets, of the many a site has (flow-api.md §3, §6).

use serde_json::{Value, json};

use super::schema::{DataType, Field, Kind, Type};

/// The status codes of what is worked on; `na` and `omt` are for what will not be.
const WORK_STATUSES: [&str; 11] = [
    "wtg", "rdy", "ip", "rev", "apr", "fin", "hld", "omt", "clsd", "fnl", "na",
];
/// Tasks know one more, and call another by a name of their own (flow-api.md §6, Status).
const TASK_STATUSES: [&str; 12] = [
    "wtg", "rdy", "ip", "rev", "apr", "fin", "hld", "omt", "clsd", "fnl", "na", "cmpt",
];
const VERSION_STATUSES: [&str; 5] = ["rev", "vwd", "apr", "na", "fin"];

/// Types that the AYON addon gives its own fields.
const SYNCED: [&str; 7] = ["Project", "Episode", "Sequence", "Scene", "Shot", "Asset", "Task"];

pub(super) fn types(ayon_fields: bool) -> Vec<Type> {
    let rows: [(Kind, &str, Option<&'static str>, Vec<Field>); 19] = [
        ("Project", "Project", Some("name"), project()),
        (
            "Episode",
            "Episode",
            Some("code"),
            [
                work("Episode Name"),
                vec![mirror("sequences", "Sequences", "Sequence", "episode")],
            ]
            .concat(),
        ),
        (
            "Sequence",
            "Sequence",
            Some("code"),
            [work("Sequence Name"), sequence()].concat(),
        ),
        (
            "Scene",
            "Scene",
            Some("code"),
            [
                work("Scene Name"),
                vec![
                    link("sg_sequence", "Sequence", "Sequence"),
                    mirror("shots", "Shots", "Shot", "sg_scene"),
                ],
            ]
            .concat(),
        ),
        ("Shot", "Shot", Some("code"), [work("Shot Code"), shot()].concat()),
        (
            "Asset",
            "Asset",
            Some("code"),
            [work("Asset Name"), asset()].concat(),
        ),
        ("Task", "Task", Some("content"), task()),
        ("Version", "Version", Some("code"), version()),
        (
            "CustomEntity01",
            "Sprint",
            Some("code"),
            vec![
                project_link(),
                text("code", "Sprint Name"),
                text("description", "Description"),
            ],
        ),
        (
            "Step",
            "Pipeline Step",
            Some("code"),
            vec![
                text("code", "Step Name"),
                required(text("short_name", "Short Code")),
                read_only(field("entity_type", "Entity Type", DataType::EntityType)),
                field("color", "Color", DataType::Color),
                number("list_order", "Order"),
            ],
        ),
        ("HumanUser", "Person", Some("name"), human_user()),
        (
            "ApiUser",
            "Script",
            Some("firstname"),
            vec![
                text("firstname", "Script Name"),
                text("description", "Description"),
                link("permission_rule_set", "Permission Group", "PermissionRuleSet"),
                links("projects", "Projects", &["Project"]),
                checkbox("generate_event_log_entries", "Generate Events"),
            ],
        ),
        (
            "Group",
            "Group",
            Some("code"),
            vec![
                text("code", "Group Name"),
                links("users", "People", &["HumanUser"]),
            ],
        ),
        (
            "PermissionRuleSet",
            "Permission Group",
            Some("display_name"),
            vec![
                read_only(text("code", "Code")),
                read_only(text("display_name", "Name")),
                read_only(field("entity_type", "Entity Type", DataType::EntityType)),
            ],
        ),
        (
            "ActionMenuItem",
            "Action Menu Item",
            Some("title"),
            action_menu_item(),
        ),
        (
            "Status",
            "Status",
            Some("name"),
            vec![
                read_only(text("code", "Short Code")),
                text("name", "Status Name"),
                field("bg_color", "Color", DataType::Color),
            ],
        ),
        ("Tag", "Tag", Some("name"), vec![text("name", "Tag Name")]),
        (
            "Department",
            "Department",
            Some("name"),
            vec![text("name", "Department Name"), text("code", "Short Code")],
        ),
        (
            "EventLogEntry",
            "Event Log Entry",
            Some("event_type"),
            event_log_entry(),
        ),
    ];
    let complete = |(kind, label, identity, mut fields): (Kind, &str, Option<&'static str>, Vec<Field>)| {
        fields.extend(common());
        if ayon_fields && SYNCED.contains(&kind) {
            fields.extend(ayon(kind));
        }
        Type::new(kind, label, identity, fields)
    };
    rows.into_iter().map(complete).collect()
}

/// What every type has; the server writes all of it but the tags.
fn common() -> Vec<Field> {
    let author = |name, label| {
        read_only(many_types(
            name,
            label,
            DataType::Entity,
            &["HumanUser", "ApiUser"],
        ))
    };
    vec![
        read_only(number("id", "Id")),
        read_only(field("created_at", "Date Created", DataType::DateTime)),
        read_only(field("updated_at", "Date Updated", DataType::DateTime)),
        author("created_by", "Created by"),
        author("updated_by", "Updated by"),
        read_only(text("cached_display_name", "Cached Display Name")),
        field("image", "Thumbnail", DataType::Image),
        links("tags", "Tags", &["Tag"]),
    ]
}

/// What the AYON addon adds to the types it synchronises (flow-api.md §4.9).
fn ayon(kind: &str) -> Vec<Field> {
    let mut fields = vec![
        text("sg_ayon_id", "Ayon ID"),
        list(
            "sg_ayon_sync_status",
            "Ayon Sync Status",
            &["Synced", "Failed", "Skipped"],
        ),
    ];
    if kind == "Project" {
        fields.push(text("sg_ayon_project_code", "Ayon Project Code"));
        fields.push(checkbox("sg_ayon_auto_sync", "Ayon Auto Sync"));
        fields.push(text("sg_ayon_server_url", "Ayon Server URL"));
    }
    fields
}

/// What everything that is worked on has.
fn work(name_label: &str) -> Vec<Field> {
    vec![
        project_link(),
        required(text("code", name_label)),
        text("description", "Description"),
        status("wtg", &WORK_STATUSES),
        mirror("tasks", "Tasks", "Task", "entity"),
    ]
}

fn project() -> Vec<Field> {
    vec![
        required(text("name", "Project Name")),
        text("code", "Project Code"),
        text("tank_name", "Tank Name"),
        checkbox("archived", "Archived"),
        list("sg_status", "Status", &["Bidding", "Active", "Lost", "Hold"]),
        list("sg_type", "Type", &["Feature", "Episodic", "Commercial"]),
        checkbox("is_template", "Is Template"),
        checkbox("is_demo", "Is Demo"),
        field("start_date", "Start Date", DataType::Date),
        field("end_date", "End Date", DataType::Date),
        text("sg_description", "Description"),
        links("users", "Users", &["HumanUser", "Group"]),
        read_only(field(
            "tracking_settings",
            "Tracking Settings",
            DataType::Serializable,
        )),
    ]
}

fn sequence() -> Vec<Field> {
    vec![
        link("episode", "Episode", "Episode"),
        list("sg_sequence_type", "Type", &[]),
        // Numbers that somebody made a text field for.
        text("sg_fps", "FPS"),
        mirror("shots", "Shots", "Shot", "sg_sequence"),
    ]
}

fn shot() -> Vec<Field> {
    let mut fields = vec![
        link("sg_sequence", "Sequence", "Sequence"),
        link("sg_episode", "Episode", "Episode"),
        link("sg_scene", "Scene", "Scene"),
        list("sg_shot_type", "Type", &[]),
        links("assets", "Assets", &["Asset"]),
        field("sg_fps", "FPS", DataType::Float),
        priority(),
        checkbox("sg_stereo", "Stereo"),
        links("sg_keywords", "Keywords", &["Tag"]),
    ];
    for name in [
        "sg_cut_in",
        "sg_cut_out",
        "sg_cut_duration",
        "sg_cut_order",
        "sg_head_in",
        "sg_tail_out",
        "sg_working_duration",
        "cut_in",
        "cut_out",
        "cut_duration",
        "head_in",
        "tail_out",
    ] {
        fields.push(number(name, &name.trim_start_matches("sg_").replace('_', " ")));
    }
    fields
}

fn asset() -> Vec<Field> {
    vec![
        list(
            "sg_asset_type",
            "Type",
            &["Character", "Prop", "Environment", "Vehicle", "FX"],
        ),
        links("parents", "Parent Assets", &["Asset"]),
        links("shots", "Shots", &["Shot"]),
        links("sequences", "Sequences", &["Sequence"]),
        links("episodes", "Episodes", &["Episode"]),
        links("linked_projects", "Linked Projects", &["Project"]),
    ]
}

fn task() -> Vec<Field> {
    let subjects = [
        "Asset",
        "Shot",
        "Sequence",
        "Episode",
        "Scene",
        "Project",
        "CustomEntity01",
    ];
    vec![
        project_link(),
        required(text("content", "Task Name")),
        many_types("entity", "Link", DataType::Entity, &subjects),
        link("step", "Pipeline Step", "Step"),
        links("task_assignees", "Assigned To", &["HumanUser", "Group"]),
        links("task_reviewers", "Reviewer", &["HumanUser", "Group"]),
        Field {
            labels: vec![("clsd", "Wrapped")],
            ..status("wtg", &TASK_STATUSES)
        },
        field("start_date", "Start Date", DataType::Date),
        field("due_date", "Due Date", DataType::Date),
        field("duration", "Duration", DataType::Duration),
        number("est_in_mins", "Bid"),
        checkbox("milestone", "Milestone"),
        priority(),
        text("sg_description", "Description"),
        links("upstream_tasks", "Upstream Dependency", &["Task"]),
        links("downstream_tasks", "Downstream Dependency", &["Task"]),
    ]
}

fn priority() -> Field {
    list("sg_priority", "Priority", &["urgent", "high", "normal", "low"])
}

fn version() -> Vec<Field> {
    vec![
        project_link(),
        required(text("code", "Version Name")),
        many_types(
            "entity",
            "Link",
            DataType::Entity,
            &["Asset", "Shot", "Sequence", "Episode"],
        ),
        link("sg_task", "Task", "Task"),
        link("user", "Artist", "HumanUser"),
        status("rev", &VERSION_STATUSES),
        text("description", "Description"),
    ]
}

fn human_user() -> Vec<Field> {
    let mut enabled = list("sg_status_list", "Status", &["act", "dis"]);
    enabled.data_type = DataType::StatusList;
    enabled.default = json!("act");
    vec![
        required(text("login", "Login")),
        text("email", "Email"),
        text("firstname", "First Name"),
        text("lastname", "Last Name"),
        read_only(text("name", "Name")),
        enabled,
        read_only(link(
            "permission_rule_set",
            "Permission Group",
            "PermissionRuleSet",
        )),
        read_only(mirror("groups", "Groups", "Group", "users")),
        read_only(mirror("projects", "Projects", "Project", "users")),
        link("department", "Department", "Department"),
        read_only(checkbox("can_impersonate_this_user", "Can Impersonate This User")),
        text("language", "Language"),
    ]
}

fn action_menu_item() -> Vec<Field> {
    let behaviours = [
        "not_set",
        "include_in_dropdown",
        "override_default",
        "internal_resources",
    ];
    let mut behaviour = list("add_btn_behavior", "Configure Menu Options", &behaviours);
    behaviour.default = json!("not_set");
    vec![
        required(text("title", "Title")),
        text("url", "URL"),
        field("entity_type", "Entity Type", DataType::EntityType),
        number("list_order", "Order"),
        text("folder", "Folder"),
        checkbox("selection_required", "Selection Required"),
        checkbox("light_payload", "Light Payload"),
        checkbox("open_in_overlay", "Open in Modal Overlay"),
        checkbox("poll_for_data_updates", "Poll For Data Updates"),
        links(
            "permissions_groups",
            "Restrict to Permission Groups",
            &["PermissionRuleSet"],
        ),
        links("projects", "Restrict to Projects", &["Project"]),
        behaviour,
        Field {
            write_only: true,
            ..text("secret_token", "Secret Token")
        },
    ]
}

fn event_log_entry() -> Vec<Field> {
    vec![
        Field {
            mandatory: false,
            ..project_link()
        },
        text("event_type", "Event Type"),
        text("attribute_name", "Attribute Name"),
        text("description", "Description"),
        field("meta", "Metadata", DataType::Serializable),
        field("entity", "Link", DataType::Entity),
        many_types("user", "User", DataType::Entity, &["HumanUser", "ApiUser"]),
        text("session_uuid", "Session UUID"),
    ]
}

fn field(name: &str, label: &str, data_type: DataType) -> Field {
    Field::new(name, label, data_type)
}

fn text(name: &str, label: &str) -> Field {
    field(name, label, DataType::Text)
}

fn number(name: &str, label: &str) -> Field {
    field(name, label, DataType::Number)
}

fn checkbox(name: &str, label: &str) -> Field {
    field(name, label, DataType::Checkbox)
}

fn list(name: &str, label: &str, valid: &[&str]) -> Field {
    Field {
        valid_values: valid.iter().map(|value| (*value).to_owned()).collect(),
        ..field(name, label, DataType::List)
    }
}

fn status(default: &str, codes: &[&str]) -> Field {
    Field {
        data_type: DataType::StatusList,
        default: Value::from(default),
        ..list("sg_status_list", "Status", codes)
    }
}

fn many_types(name: &str, label: &str, data_type: DataType, types: &[&str]) -> Field {
    Field {
        valid_types: types.iter().map(|kind| (*kind).to_owned()).collect(),
        ..field(name, label, data_type)
    }
}

fn link(name: &str, label: &str, kind: &str) -> Field {
    many_types(name, label, DataType::Entity, &[kind])
}

fn links(name: &str, label: &str, kinds: &[&str]) -> Field {
    many_types(name, label, DataType::MultiEntity, kinds)
}

fn project_link() -> Field {
    required(link("project", "Project", "Project"))
}

/// The far end of a link that `kind` holds in `far_field`.
fn mirror(name: &str, label: &str, kind: Kind, far_field: &'static str) -> Field {
    Field {
        mirrors: Some((kind, far_field)),
        ..links(name, label, &[kind])
    }
}

fn required(field: Field) -> Field {
    Field {
        mandatory: true,
        ..field
    }
}

fn read_only(field: Field) -> Field {
    Field {
        editable: false,
        ..field
    }
}
