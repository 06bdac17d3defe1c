//! Fills a fresh server from the invented studio, the way the addon would have left it (`ayon-shotgrid-behaviour.md §3`).

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use unidecode::unidecode;

use super::AyonOptions;
use super::addon_routes::add_bundle;
use super::anatomy::{has_name, name_of};
use super::attributes::Attribute;
use super::caller::Caller;
use super::entities::Id;
use super::events::EventLog;
use super::fields::Object;
use super::refusal::Refusal;
use super::seed_fields;
use super::seed_users;
use super::settings::ADDON;
use super::state::{State, now};
use super::users::User;
use super::writing::Writer;
use crate::sandbox::studio::{Link, Project, Row, Studio};

/// Name of the secret that holds the Flow script's key.
const SCRIPT_KEY_SECRET: &str = "flow_script_key";
const BUNDLE: &str = "studio-production";

/// A server with a service user, the addon in the production bundle, and the studio's projects.
pub(super) fn state(options: &AyonOptions) -> Result<State, Refusal> {
    let mut state = State::new(options);
    let service = User::service(&options.service_user, &options.api_key);
    let caller = Caller::of(&service);
    state.users.insert(service.name.clone(), service);
    let mut bundle = Object::new();
    bundle.insert("addons".into(), json!({ADDON: options.addon_version}));
    bundle.insert("isProduction".into(), json!(true));
    add_bundle(&mut state, BUNDLE, bundle);
    register(&mut state, options);
    configure(&mut state, options);
    for project in &options.studio.projects {
        if let Some(name) = &project.ayon_name {
            seed_project(&mut state, &options.studio, project, name, &caller)?;
        }
    }
    seed_users::add(&mut state, &options.studio.users);
    // What was there before the start is nobody's news.
    state.events = EventLog::default();
    Ok(state)
}

/// Registers the studio's own attributes, live from the start.
fn register(state: &mut State, options: &AyonOptions) {
    for (name, kind) in &options.studio.attributes {
        let mut data = Object::new();
        data.insert("type".into(), json!(kind));
        data.insert("title".into(), json!(name));
        data.insert("inherit".into(), json!(true));
        let position = state.table.last().map_or(0, |last| last.position + 1);
        state.table.push(Attribute {
            name: (*name).to_owned(),
            position,
            scope: vec!["folder".to_owned(), "task".to_owned()],
            builtin: false,
            data,
        });
    }
    state.restart();
}

/// Writes the Flow site into the addon's settings; without one they stay at their defaults.
fn configure(state: &mut State, options: &AyonOptions) {
    let mut overrides = Object::new();
    if !options.flow_url.is_empty() {
        overrides.insert("shotgrid_server".into(), json!(options.flow_url));
        let service = json!({"script_name": options.script_name, "script_key": SCRIPT_KEY_SECRET});
        overrides.insert("service_settings".into(), service);
        state
            .secrets
            .insert(SCRIPT_KEY_SECRET.into(), options.script_key.clone());
    }
    if let Some(map) = seed_fields::attribute_map(&state.live, &options.studio.attribute_map) {
        overrides.insert(
            "compatibility_settings".into(),
            json!({"custom_attribs_map": map}),
        );
    }
    if !overrides.is_empty() {
        state.settings.set_overrides("production", None, overrides);
    }
}

fn seed_project(
    state: &mut State,
    studio: &Studio,
    flow: &Project,
    name: &str,
    caller: &Caller,
) -> Result<(), Refusal> {
    let code = flow.code.clone().unwrap_or_else(|| name.to_owned());
    let mut body = Object::new();
    body.insert("name".into(), json!(name));
    body.insert("code".into(), json!(code));
    let index = state.create_project(&body, caller)?;
    let rows: Vec<&Row> = studio
        .rows
        .iter()
        .filter(|row| row.drift.project.unwrap_or(row.project) == flow.id && row.in_ayon)
        .collect();
    let project = &mut state.projects[index];
    project.attrib.extend(link("Project", &flow.id.to_string()));
    if flow.shotgrid_push {
        project.attrib.insert("shotgridPush".into(), json!(true));
    }
    seed_fields::dress_project(project, studio, flow);
    extend_types(
        &mut project.folder_types,
        "folder",
        std::iter::once("AssetCategory"),
    );
    extend_types(
        &mut project.task_types,
        "task_alt",
        studio
            .steps
            .iter()
            .filter(|step| !step.unknown_to_ayon)
            .map(|step| step.code.as_str()),
    );

    let moment = now();
    let mut seed = Seed {
        writer: Writer {
            project,
            live: &state.live,
            user: &caller.user,
            now: &moment,
        },
        studio,
        placed: HashMap::new(),
    };
    // Parents first, whatever the order of the rows: the types of Flow stand in a fixed order.
    for kind in ["Episode", "Sequence", "Shot", "Asset", "Task"] {
        for row in rows.iter().filter(|row| row.kind == kind) {
            seed.place(row)?;
        }
    }
    Ok(())
}

fn extend_types<'a>(types: &mut Vec<Object>, icon: &str, names: impl Iterator<Item = &'a str>) {
    for name in names {
        if !types
            .iter()
            .any(|known| name_of(known).eq_ignore_ascii_case(name))
        {
            let mut added = Object::new();
            added.insert("name".into(), json!(name));
            added.insert("shortName".into(), json!(""));
            added.insert("color".into(), json!("#cccccc"));
            added.insert("icon".into(), json!(icon));
            types.push(added);
        }
    }
}

/// The attributes that link an AYON entity with a Flow one.
fn link(kind: &str, id: &str) -> Object {
    let mut link = Object::new();
    link.insert("shotgridId".into(), json!(id));
    link.insert("shotgridType".into(), json!(kind));
    link
}

struct Seed<'a> {
    writer: Writer<'a>,
    studio: &'a Studio,
    /// Ids of the folders made so far, by Flow type and id.
    placed: HashMap<(&'static str, i64), Id>,
}

impl Seed<'_> {
    fn place(&mut self, row: &Row) -> Result<(), Refusal> {
        let text = row.name.as_deref().unwrap_or_default();
        let name = row.drift.name.map_or_else(|| addon_name(text), str::to_owned);
        let id = row
            .drift
            .id
            .clone()
            .or_else(|| row.ayon_id.clone())
            .unwrap_or_else(|| derived_id(row.kind, &row.id));
        let mut body = Object::new();
        body.insert("id".into(), json!(id));
        body.insert("name".into(), json!(name));
        if row.drift.name.is_none() && name != text && !text.contains(['\'', ';']) {
            body.insert("label".into(), json!(text));
        }
        let mut attrib = match row.drift.link {
            Link::Own => link(row.kind, &row.id.to_string()),
            Link::Other(kind, id) => link(kind, &id.to_string()),
            Link::Nobody => Object::new(),
        };
        attrib.extend(seed_fields::attributes(
            &self.writer,
            self.studio,
            row,
            &self.studio.attribute_map,
        ));
        body.insert("attrib".into(), Value::Object(attrib));
        if row.drift.link != Link::Nobody {
            body.insert(
                "data".into(),
                json!({"sg_ayon_id": id, "sg_ayon_sync_status": "Synced"}),
            );
        }
        if let Some(status) = seed_fields::status(&self.writer, row) {
            body.insert("status".into(), json!(status));
        }
        body.insert("tags".into(), json!(seed_fields::tags(self.studio, row)));
        if row.kind == "Task" {
            body.insert(
                "assignees".into(),
                json!(seed_fields::assignees(self.studio, row)),
            );
        }
        if row.drift.inactive {
            body.insert("active".into(), json!(false));
        }
        let parent = row.drift.parent.or(row.parent).filter(|_| !row.drift.at_root);
        let folder = match (row.kind, parent) {
            ("Task", parent) => {
                let folder = parent.and_then(|parent| self.placed.get(&parent)).cloned();
                // A Task whose entity AYON does not have cannot be there either.
                let Some(folder) = folder else { return Ok(()) };
                body.insert("folderId".into(), json!(folder));
                body.insert(
                    "taskType".into(),
                    json!(
                        row.drift
                            .subtype
                            .map_or_else(|| self.task_type(row), str::to_owned)
                    ),
                );
                self.writer.create_task(&body)?;
                folder
            }
            (kind, parent) => {
                let above = match row.asset_type.as_deref().filter(|_| kind == "Asset") {
                    Some(asset_type) => Some(self.category(asset_type)?),
                    None => parent.and_then(|parent| self.placed.get(&parent)).cloned(),
                };
                body.insert("folderType".into(), json!(row.drift.subtype.unwrap_or(kind)));
                body.insert("parentId".into(), json!(above));
                self.writer.create_folder(&body)?;
                self.placed.insert((row.kind, row.id), id.clone());
                id.clone()
            }
        };
        if row.published {
            self.publish(row, &folder, &id)?;
        }
        Ok(())
    }

    /// The category folder of an asset type, made when it is first needed (§3.5).
    fn category(&mut self, asset_type: &str) -> Result<Id, Refusal> {
        let slug = addon_name(asset_type).to_lowercase();
        if let Some(id) = self.writer.project.store.folder_named(None, &slug) {
            return Ok(id.clone());
        }
        let id = derived_id("AssetCategory", &slug);
        let mut body = Object::new();
        body.insert("id".into(), json!(id));
        body.insert("name".into(), json!(slug));
        if slug != asset_type {
            body.insert("label".into(), json!(asset_type));
        }
        body.insert("folderType".into(), json!("AssetCategory"));
        body.insert("attrib".into(), Value::Object(link("AssetCategory", &slug)));
        self.writer.create_folder(&body)?;
        Ok(id)
    }

    /// A product with one version, which is what makes a folder published.
    fn publish(&mut self, row: &Row, folder: &Id, entity: &Id) -> Result<(), Refusal> {
        let (name, task) = match row.kind {
            "Task" => (
                format!("render_{}", addon_name(row.name.as_deref().unwrap_or_default())),
                json!(entity),
            ),
            _ => ("render_main".to_owned(), Value::Null),
        };
        let product = derived_id("Product", &format!("{entity}/{name}"));
        let mut body = Object::new();
        body.insert("id".into(), json!(product));
        body.insert("name".into(), json!(name));
        body.insert("productType".into(), json!("render"));
        body.insert("folderId".into(), json!(folder));
        self.writer.create_product(&body)?;
        let mut body = Object::new();
        body.insert("id".into(), json!(derived_id("Version", &product)));
        body.insert("version".into(), json!(1));
        body.insert("productId".into(), json!(product));
        body.insert("taskId".into(), task);
        self.writer.create_version(&body)?;
        Ok(())
    }

    fn task_type(&self, row: &Row) -> String {
        let step = self.studio.steps.iter().find(|step| Some(step.id) == row.step);
        let code = step.map_or("Generic", |step| step.code.as_str());
        let types = &self.writer.project.task_types;
        if has_name(types, code) {
            return code.to_owned();
        }
        let other_case = types
            .iter()
            .map(name_of)
            .find(|name| name.eq_ignore_ascii_case(code));
        other_case.unwrap_or("Generic").to_owned()
    }
}

/// The name the addon makes of a Flow text: ASCII, separators to `_`, everything else dropped (§3.2).
fn addon_name(text: &str) -> String {
    const SEPARATORS: &str = " ,./\\;:!|*^#@~+-_=";
    let keep = |c: char| match c {
        c if SEPARATORS.contains(c) => Some('_'),
        c if c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    };
    unidecode(text).chars().filter_map(keep).collect()
}

/// An id that is the same at every start.
fn derived_id(kind: &str, of: &(impl ToString + ?Sized)) -> Id {
    let digest = Sha256::digest(format!("sandbox/{kind}/{}", of.to_string()));
    hex::encode(&digest[..16])
}
