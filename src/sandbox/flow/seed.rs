//! Fills the site from an invented studio.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::FlowOptions;
use super::schema::{DataType, Kind, Schema};
use super::site::{Row, Site, link_to};
use crate::sandbox::studio::{self, Person, Project, STATUSES, Studio};

/// When everything was made that the site starts with.
const BEGINNING: &str = "2026-01-12T09:00:00Z";
/// Permission roles: id, code, name, the type they are for.
const ROLES: [(i64, &str, &str, &str); 6] = [
    (1, "admin", "Admin", "HumanUser"),
    (2, "manager", "Manager", "HumanUser"),
    (3, "artist", "Artist", "HumanUser"),
    (4, "vendor", "Vendor", "HumanUser"),
    (5, "api_admin", "API Admin", "ApiUser"),
    (6, "api_limited", "API Limited", "ApiUser"),
];
/// Id of the script that logs in.
const SCRIPT: i64 = 101;

/// The site as it is at its start.
pub(super) fn site(options: &FlowOptions) -> Site {
    let mut site = Site::new(Schema::stock(options.ayon_fields));
    fixtures(&mut site, options);
    let studio = &options.studio;
    for person in &studio.people {
        add_person(&mut site, person);
    }
    for tag in &studio.tags {
        add(&mut site, "Tag", tag.id, json!({"name": tag.name}), false);
    }
    for group in &studio.groups {
        let members: Value = group.members.iter().map(|id| link_to("HumanUser", *id)).collect();
        add(
            &mut site,
            "Group",
            group.id,
            json!({"code": group.code, "users": members}),
            false,
        );
    }
    for project in &studio.projects {
        add_project(&mut site, studio, project);
    }
    for step in &studio.steps {
        let fields =
            json!({"code": step.code, "short_name": step.short_name, "entity_type": step.entity_type});
        add(&mut site, "Step", step.id, fields, false);
    }
    for row in studio.rows.iter().filter(|row| !row.only_in_ayon) {
        add_row(&mut site, row);
    }
    site
}

/// Adds a row past all rules: defaults, then `fields`, of which the schema's are kept.
pub(super) fn add(site: &mut Site, kind: Kind, id: i64, fields: Value, retired: bool) {
    let mut row = Row::default();
    let Ok(of) = site.schema.of(kind) else { return };
    let given = fields.as_object();
    let mut kept: BTreeMap<String, Value> = BTreeMap::new();
    for field in of.fields().filter(|field| field.name != "id") {
        let value = given
            .and_then(|given| given.get(&field.name))
            .unwrap_or(&field.default);
        if !value.is_null() {
            kept.insert(field.name.clone(), value.clone());
        }
    }
    for name in ["created_at", "updated_at"] {
        kept.entry(name.to_owned()).or_insert_with(|| BEGINNING.into());
    }
    row.fields = kept;
    if retired {
        row.retired = Some(site.take_retirement());
    }
    site.put(kind, id, row);
}

fn fixtures(site: &mut Site, options: &FlowOptions) {
    for (id, code, name, kind) in ROLES {
        let fields = json!({"code": code, "display_name": name, "entity_type": kind});
        add(site, "PermissionRuleSet", id, fields, false);
    }
    // A role that is not in the table is one more, without rights.
    let role = ROLES
        .iter()
        .find(|(_, code, ..)| *code == options.script_role)
        .map_or(7, |(id, ..)| *id);
    if role == 7 {
        let fields = json!({"code": options.script_role, "display_name": options.script_role, "entity_type": "ApiUser"});
        add(site, "PermissionRuleSet", role, fields, false);
    }
    let projects: Value = options
        .script_projects
        .iter()
        .map(|id| link_to("Project", *id))
        .collect();
    let script = json!({
        "firstname": options.script_name, "permission_rule_set": link_to("PermissionRuleSet", role),
        "projects": projects, "generate_event_log_entries": options.log_script_writes,
    });
    add(site, "ApiUser", SCRIPT, script, false);
    for (id, (code, name)) in (1..).zip(STATUSES) {
        // A colour of its own for each, as `r,g,b`.
        let fields =
            json!({"code": code, "name": name, "bg_color": format!("{},{},128", 17 * id, 255 - 15 * id)});
        add(site, "Status", id, fields, false);
    }
    add(
        site,
        "Department",
        1,
        json!({"name": "Production", "code": "PRD"}),
        false,
    );
}

fn add_person(site: &mut Site, person: &Person) {
    let role = ROLES
        .iter()
        .find(|(_, code, ..)| *code == person.group)
        .map_or(3, |(id, ..)| *id);
    let (first, last) = person.name.split_once(' ').unwrap_or((&person.name, ""));
    let fields = json!({
        "login": person.login, "email": person.email, "name": person.name, "firstname": first, "lastname": last,
        "sg_status_list": person.status,
        "permission_rule_set": if person.group.is_empty() { Value::Null } else { link_to("PermissionRuleSet", role) },
        "can_impersonate_this_user": matches!(person.group, "manager" | "artist"),
    });
    add(site, "HumanUser", person.id, fields, false);
}

fn add_project(site: &mut Site, studio: &Studio, project: &Project) {
    let chains: Map<String, Value> = project
        .navchains
        .iter()
        .map(|(kind, chain)| ((*kind).to_owned(), (*chain).into()))
        .collect();
    // Vendors work on what AYON does not have yet; the others everywhere.
    let members = studio
        .people
        .iter()
        .filter(|person| person.group != "vendor" || project.ayon_name.is_none());
    let members: Value = members.map(|person| link_to("HumanUser", person.id)).collect();
    let tags: Value = project.tags.iter().map(|id| link_to("Tag", *id)).collect();
    let mut fields = json!({
        "name": project.name, "code": project.code, "archived": project.archived, "sg_status": "Active",
        "is_template": false, "is_demo": false, "users": members, "tags": tags,
        "sg_ayon_server_url": project.server_url,
        "tracking_settings": {"navchains": chains},
    });
    if let Some(ayon_name) = &project.ayon_name {
        fields["sg_ayon_id"] = ayon_name.as_str().into();
        fields["sg_ayon_project_code"] = project.code.clone().into();
        fields["sg_ayon_sync_status"] = "Synced".into();
    }
    for (name, value) in &project.values {
        fields[*name] = value.clone();
    }
    add(site, "Project", project.id, fields, false);
    for kind in &project.hidden_types {
        site.schema.hide(project.id, kind);
    }
    for (kind, codes) in &project.hidden_statuses {
        site.schema.hide_values(project.id, kind, "sg_status_list", codes);
    }
}

fn add_row(site: &mut Site, row: &studio::Row) {
    let name_field = if row.kind == "Task" { "content" } else { "code" };
    let mut fields = json!({
        "project": link_to("Project", row.project), name_field: row.name,
        "sg_status_list": Some(row.status).filter(|status| !status.is_empty()),
        "sg_asset_type": row.asset_type, "sg_ayon_id": row.ayon_id,
        "sg_ayon_sync_status": row.in_ayon.then_some("Synced"),
    });
    if let Some((kind, id)) = row.parent {
        let field = match row.kind {
            "Task" => "entity",
            "Sequence" => "episode",
            "Scene" => "sg_sequence",
            _ if kind == "Episode" => "sg_episode",
            _ if kind == "Scene" => "sg_scene",
            _ => "sg_sequence",
        };
        fields[field] = link_to(kind, id);
    }
    if let Some(step) = row.step {
        fields["step"] = link_to("Step", step);
    }
    if site
        .schema
        .field(row.kind, "task_assignees")
        .is_some_and(|field| field.data_type == DataType::MultiEntity)
    {
        let people = row.assignees.iter().map(|id| link_to("HumanUser", *id));
        let groups = row.groups.iter().map(|id| link_to("Group", *id));
        fields["task_assignees"] = people.chain(groups).collect();
    }
    for (field, kind, ids) in [
        ("tags", "Tag", &row.tags),
        ("linked_projects", "Project", &row.linked_projects),
    ] {
        if !ids.is_empty() {
            fields[field] = ids.iter().map(|id| link_to(kind, *id)).collect();
        }
    }
    for (name, value) in &row.values {
        fields[*name] = value.clone();
    }
    add(site, row.kind, row.id, fields, row.retired);
}
