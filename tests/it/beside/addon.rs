//! A small model of the addon's own project sync from Flow to AYON, in our words, over the stand-ins' real HTTP
//! (`ayon-shotgrid-behaviour.md §3` to `§5.3`, `§7.1`). It shares no code with amigo. It takes Flow rows in the order of
//! their ids, where the addon takes them in any order.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Map, Value, json};
use unidecode::unidecode;

use super::world::{Entity, Status, World};
use crate::harness::{API_KEY, SCRIPT_KEY, Stage};

const SYNCED: &str = "Synced";
const FOLDERS: [&str; 5] = ["Episode", "Sequence", "Scene", "Shot", "Asset"];

/// A Flow row by type and id.
pub type Key = (String, i64);

/// Something the addon would write or object to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The row of docs/beside-the-addon.md that speaks of it; empty where there is none.
    pub why: &'static str,
    pub row: Option<Key>,
    pub what: String,
}

/// The addon's processor at work on one project.
pub struct Addon<'s> {
    stage: &'s Stage,
    token: String,
    flow: i64,
    name: String,
    settings: Value,
    /// Whether it writes, or only says what it would.
    writes: bool,
    people: BTreeMap<i64, Option<String>>,
    found: Vec<Finding>,
}

/// The addon's slug of a text.
fn slug(text: &str, keep_empty: bool) -> String {
    let separators = " ,./\\;:!|*^#@~+-_=";
    let plain = unidecode(text);
    let parts = plain.split(|c| separators.contains(c)).map(|part| {
        let kept = part.chars().filter(char::is_ascii_alphanumeric);
        kept.collect::<String>()
    });
    let parts: Vec<String> = parts.filter(|part| keep_empty || !part.is_empty()).collect();
    parts.join("_")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A row's fields and links under one roof.
struct Row {
    key: Key,
    fields: Map<String, Value>,
}

impl Row {
    fn of(kind: &str, data: &Value) -> Self {
        let mut fields = data["attributes"].as_object().cloned().unwrap_or_default();
        for (name, link) in data["relationships"].as_object().into_iter().flatten() {
            fields.insert(name.clone(), link["data"].clone());
        }
        Self {
            key: (kind.to_owned(), data["id"].as_i64().unwrap()),
            fields,
        }
    }

    fn get(&self, field: &str) -> &Value {
        self.fields.get(field).unwrap_or(&Value::Null)
    }

    fn title(&self) -> &str {
        text(self.get(if self.key.0 == "Task" { "content" } else { "code" }))
    }
}

impl<'s> Addon<'s> {
    /// Logs in as the addon's script does.
    pub async fn start(stage: &'s Stage, flow: i64, name: &str) -> Self {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", "ayon_connector"),
            ("client_secret", SCRIPT_KEY),
        ];
        let address = format!("{}/api/v1/auth/access_token", stage.flow.url());
        let answer = stage.http.post(address).form(&form).send().await.unwrap();
        let granted: Value = answer.json().await.unwrap();
        let mut addon = Self {
            stage,
            token: text(&granted["access_token"]).to_owned(),
            flow,
            name: name.to_owned(),
            settings: Value::Null,
            writes: false,
            people: BTreeMap::new(),
            found: Vec::new(),
        };
        // The processor reads the studio's settings, once (§2.3).
        let path = "/api/addons/shotgrid/0.6.19/settings";
        addon.settings = addon.ayon(Method::GET, path, &Value::Null).await;
        addon
    }

    /// What a project sync would write or object to; nothing is written.
    pub async fn looks(mut self) -> Vec<Finding> {
        self.sync().await;
        self.found
    }

    /// A project sync.
    pub async fn syncs(mut self) -> Vec<Finding> {
        self.writes = true;
        self.sync().await;
        self.found
    }

    async fn ayon(&self, method: Method, path: &str, body: &Value) -> Value {
        let mut request = self
            .stage
            .http
            .request(method, format!("{}{path}", self.stage.ayon.url()))
            .header("x-api-key", API_KEY);
        if !body.is_null() {
            request = request.header("x-sender", "addon").json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let words = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {words}");
        serde_json::from_str(&words).unwrap_or_default()
    }

    async fn flow(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let array = "application/vnd+shotgun.api3_array+json";
        let search = path.ends_with("_search");
        let mut request = self
            .stage
            .http
            .request(method, format!("{}/api/v1{path}", self.stage.flow.url()))
            .bearer_auth(&self.token)
            .header("content-type", if search { array } else { "application/json" });
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let words = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {words}");
        serde_json::from_str(&words).unwrap_or_default()
    }

    async fn rows(&self, kind: &str, filters: Value, fields: &[String]) -> Vec<Row> {
        let body = json!({"filters": filters, "fields": fields, "page": {"size": 5000}});
        let path = format!("/entity/{kind}/_search");
        let answer = self.flow(Method::POST, &path, Some(&body)).await;
        list(&answer["data"])
            .iter()
            .map(|data| Row::of(kind, data))
            .collect()
    }

    async fn schema(&self, kind: &str) -> Value {
        let path = format!("/schema/{kind}/fields");
        self.flow(Method::GET, &path, None).await["data"].clone()
    }

    fn enabled(&self) -> Vec<String> {
        let listed = &self.settings["compatibility_settings"]["shotgrid_enabled_entities"];
        list(listed).iter().map(|kind| text(kind).to_owned()).collect()
    }

    fn find(&mut self, why: &'static str, row: Option<&Key>, what: String) {
        let row = row.cloned();
        self.found.push(Finding { why, row, what });
    }

    async fn sync(&mut self) {
        let project = json!([["id", "is", self.flow]]);
        let mut fields: Vec<String> = ["name", "code", "tracking_settings", "sg_ayon_id"]
            .into_iter()
            .chain(["sg_ayon_sync_status", "tags"])
            .map(str::to_owned)
            .collect();
        fields.extend(self.mapped_fields());
        let project = self.rows("Project", project, &fields).await.remove(0);
        // It takes the Flow project by its name (§5.2), which must be the AYON project's.
        if text(project.get("name")) != self.name {
            self.find("project-name", None, format!("no project {}", self.name));
        }
        if self.writes {
            let body = json!({"name": self.name, "code": project.get("code"), "assignUsers": false});
            self.ayon(Method::POST, "/api/projects", &body).await;
        }
        let mut world = self.world().await;
        self.anatomy(&mut world, &project).await;
        self.entities(&mut world, &project).await;
        self.project(&world, &project).await;
    }

    async fn world(&self) -> World {
        let body = json!({"query": super::world::QUERY, "variables": {"p": self.name}});
        let answer = self.ayon(Method::POST, "/graphql", &body).await;
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        World::of(&answer["data"])
    }

    fn mapped_fields(&self) -> Vec<String> {
        let map = list(&self.settings["compatibility_settings"]["custom_attribs_map"]);
        let names = map.iter().map(|row| text(&row["sg"])).filter(|sg| !sg.is_empty());
        names.flat_map(|sg| [format!("sg_{sg}"), sg.to_owned()]).collect()
    }

    /// Folder types of every enabled type, statuses of every code, task types of every step; then the Project's tags.
    async fn anatomy(&mut self, world: &mut World, project: &Row) {
        let enabled = self.enabled();
        let mut folder_types: Vec<String> = enabled
            .iter()
            .filter(|kind| !["Project", "Task", "Version"].contains(&kind.as_str()))
            .cloned()
            .collect();
        folder_types.extend(["AssetCategory", "Folder"].map(str::to_owned));
        for name in folder_types {
            if !world.folder_types.contains(&name) {
                self.find("unused-types", None, format!("folder type {name}"));
                world.folder_types.push(name);
            }
        }
        // Notes have statuses as well; the stand-in has no Notes.
        for kind in enabled
            .iter()
            .filter(|kind| !["Project", "Note"].contains(&kind.as_str()))
        {
            let schema = self.schema(kind).await;
            let titles = &schema["sg_status_list"]["properties"]["display_values"]["value"];
            for (code, title) in titles.as_object().into_iter().flatten() {
                self.status_of(world, code, text(title));
            }
        }
        let steps = json!([["entity_type", "in", enabled]]);
        for step in self
            .rows("Step", steps, &["code".to_owned(), "short_name".to_owned()])
            .await
        {
            let name = text(step.get("code")).to_owned();
            let same = |other: &String| other.eq_ignore_ascii_case(&name);
            if world.task_types.contains(&name) {
                continue;
            }
            if world.task_types.iter().any(same) {
                self.find("names-by-case", None, format!("task type {name}"));
                continue;
            }
            self.find("unused-types", None, format!("task type {name}"));
            world.task_types.push(name);
        }
        for tag in list(project.get("tags")) {
            let name = text(&tag["name"]).to_owned();
            if !world.tags.contains(&name) {
                self.find("", None, format!("project tag {name}"));
                world.tags.push(name);
            }
        }
        if self.writes {
            let path = format!("/api/projects/{}", self.name);
            let now = self.ayon(Method::GET, &path, &Value::Null).await;
            self.ayon(Method::PATCH, &path, &world.lists(&now)).await;
        }
    }

    /// A code counts as known in any case here, but only exactly where an entity's status is looked for (§3.6).
    fn status_of(&mut self, world: &mut World, code: &str, title: &str) {
        let lower = code.to_lowercase();
        if world
            .statuses
            .iter()
            .any(|status| status.short.to_lowercase() == lower)
        {
            return;
        }
        let (why, name) = if world.statuses.iter().any(|status| status.name == title) {
            ("status-by-name", format!("{title} (from SG)"))
        } else {
            ("unused-statuses", title.to_owned())
        };
        let same = |status: &Status| status.name.eq_ignore_ascii_case(&name);
        if world.statuses.iter().any(same) {
            // The whole project update dies of it (issue #274); the model goes on without it.
            self.find("names-by-case", None, format!("status {name}"));
            return;
        }
        self.find(why, None, format!("status {name}"));
        world.statuses.push(Status {
            name,
            short: code.to_owned(),
            scope: Vec::new(),
            why,
        });
    }

    async fn entities(&mut self, world: &mut World, project: &Row) {
        let chains = project.get("tracking_settings")["navchains"].clone();
        let mut below: BTreeMap<Key, Vec<Row>> = BTreeMap::new();
        let root: Key = ("Project".to_owned(), self.flow);
        let enabled = self.enabled();
        for kind in FOLDERS.into_iter().chain(["Task"]) {
            if !enabled.iter().any(|enabled| enabled == kind) {
                continue;
            }
            // Only the first element of a chain counts, without its type (§3.4).
            let chain = text(&chains[kind]).split(',').next().unwrap_or_default();
            let chain = chain.rsplit('.').next().unwrap_or_default().to_owned();
            let parent = if kind == "Task" {
                "entity".to_owned()
            } else {
                chain
            };
            let schema = self.schema(kind).await;
            let mut fields: Vec<String> = ["code", "content", "project", "sg_asset_type", "step.Step.code"]
                .into_iter()
                .chain(["task_assignees", "sg_status_list", "tags", "sg_ayon_id"])
                .chain(["sg_ayon_sync_status", parent.as_str()])
                .map(str::to_owned)
                .collect();
            fields.extend(self.mapped_fields());
            fields.retain(|field| field.contains('.') || !schema[field].is_null());
            let filter = json!([["project", "is", {"type": "Project", "id": self.flow}]]);
            for row in self.rows(kind, filter, &fields).await {
                let asset_type = text(row.get("sg_asset_type")).to_owned();
                let above = row.get(&parent);
                let above = if kind == "Asset" && !asset_type.is_empty() {
                    (asset_type, 0)
                } else if let (Some(kind), Some(id)) = (above["type"].as_str(), above["id"].as_i64()) {
                    (kind.to_owned(), id)
                } else {
                    root.clone()
                };
                below.entry(above).or_default().push(row);
            }
        }
        let categories: Vec<String> = below
            .keys()
            .filter(|(_, id)| *id == 0)
            .map(|(name, _)| name.clone())
            .collect();
        let mut queue: Vec<(Key, Option<String>)> = vec![(root, None)];
        for category in categories {
            let folder = self.category(world, &category).await;
            queue.push(((category, 0), folder));
        }
        while let Some((above, folder)) = queue.pop() {
            for row in below.remove(&above).unwrap_or_default() {
                if row.key.0 == "Task" && folder.is_none() {
                    continue;
                }
                if let Some(id) = self.row(world, &row, folder.as_deref()).await {
                    queue.push((row.key, Some(id)));
                }
            }
        }
    }

    /// Categories have no id in Flow: they are found by their slug each time (§3.5).
    async fn category(&mut self, world: &mut World, raw: &str) -> Option<String> {
        let name = slug(raw, false).to_lowercase();
        match world.child(None, &name) {
            Some(found) => {
                let (id, link) = (found.id.clone(), text(&found.own["shotgridId"]).to_owned());
                let differs = found.shown_label() != raw;
                if link != name {
                    self.find("", None, format!("category {name} is linked with {link}"));
                }
                if differs {
                    self.find("", None, format!("label of category {name}"));
                }
                Some(id)
            }
            None => {
                let entity = Entity {
                    label: Some(raw.to_owned()).filter(|raw| *raw != name),
                    sub_type: "AssetCategory".to_owned(),
                    own: json!({"shotgridId": name, "shotgridType": "AssetCategory"}),
                    name,
                    ..Entity::default()
                };
                self.create(world, entity, None, &Value::Null).await
            }
        }
    }

    async fn row(&mut self, world: &mut World, row: &Row, above: Option<&str>) -> Option<String> {
        let (kind, id) = &row.key;
        let stored = text(row.get("sg_ayon_id"));
        let held = world.entities.get(stored).map(|entity| entity.id.clone());
        let found = held.or_else(|| {
            let name = slug(row.title(), false);
            world.child(above, &name).map(|entity| entity.id.clone())
        });
        let Some(found) = found else {
            let task = kind == "Task";
            let step = text(row.get("step.Step.code"));
            let usual = text(&self.settings["compatibility_settings"]["default_task_type"]);
            let name = slug(row.title(), !task);
            let entity = Entity {
                id: stored.to_owned(),
                task,
                parent: above.map(str::to_owned),
                label: Some(row.title().to_owned()).filter(|title| *title != name),
                name,
                sub_type: match (task, step) {
                    (false, _) => kind.clone(),
                    (true, "") => usual.to_owned(),
                    (true, step) => step.to_owned(),
                },
                own: json!({"shotgridId": id.to_string(), "shotgridType": kind}),
                ..Entity::default()
            };
            let made = self
                .create(world, entity, Some(&row.key), &row.fields.clone().into())
                .await?;
            self.compare(world, row, &made).await;
            self.tell(row, &made).await;
            return Some(made);
        };
        let entity = &world.entities[&found];
        if text(&entity.own["shotgridId"]) != id.to_string() {
            let message = format!("id mismatch with {}", entity.name);
            self.find("", Some(&row.key), message);
            return Some(found);
        }
        self.compare(world, row, &found).await;
        self.tell(row, &found).await;
        Some(found)
    }

    async fn create(
        &mut self,
        world: &mut World,
        mut entity: Entity,
        row: Option<&Key>,
        fields: &Value,
    ) -> Option<String> {
        self.find("", row, format!("create {}", entity.name));
        if !self.writes {
            return None;
        }
        if entity.id.is_empty() {
            let mut random = [0; 16];
            getrandom::fill(&mut random).unwrap();
            entity.id = hex::encode(random);
        }
        let (what, above, sub_type) = match entity.task {
            true => ("task", "folderId", "taskType"),
            false => ("folder", "parentId", "folderType"),
        };
        let mut data = json!({"name": entity.name, "label": entity.label, above: entity.parent,
            sub_type: entity.sub_type, "attrib": entity.own});
        if !fields.is_null() {
            data["data"] = json!({"sg_ayon_id": null, "sg_ayon_sync_status": null});
        }
        self.operation("create", what, &entity.id, data).await;
        let id = entity.id.clone();
        world.entities.insert(id.clone(), entity);
        Some(id)
    }

    async fn operation(&self, kind: &str, what: &str, id: &str, data: Value) {
        let row = json!({"id": "1", "type": kind, "entityType": what, "entityId": id, "data": data});
        let path = format!("/api/projects/{}/operations", self.name);
        let answer = self
            .ayon(Method::POST, &path, &json!({"operations": [row]}))
            .await;
        assert_eq!(answer["success"], true, "{answer}");
    }

    /// Label, status, tags, assignees and mapped attributes of an entity that has the right ids.
    async fn compare(&mut self, world: &World, row: &Row, id: &str) {
        let entity = &world.entities[id];
        let mut change = json!({});
        if entity.shown_label() != row.title() {
            let what = format!("label {:?} for {:?}", row.title(), entity.shown_label());
            self.find("", Some(&row.key), what);
            change["label"] = json!(row.title());
        }
        let code = text(row.get("sg_status_list"));
        if let Some(status) = world.status(code, entity.task)
            && status.name != entity.status
        {
            let what = format!("status {} for {}", status.name, entity.status);
            self.find(status.why, Some(&row.key), what);
            change["status"] = json!(status.name);
        }
        let tags = list(row.get("tags"))
            .iter()
            .map(|tag| text(&tag["name"]).to_owned());
        self.replaced(
            "tags",
            "kept-tags",
            row,
            &entity.tags,
            tags.collect(),
            &mut change,
        );
        if entity.task {
            let mut wanted = BTreeSet::new();
            for person in list(row.get("task_assignees")) {
                if person["type"] == "HumanUser" {
                    wanted.extend(self.user(person["id"].as_i64().unwrap()).await);
                }
            }
            self.replaced("assignees", "people", row, &entity.assignees, wanted, &mut change);
        }
        let attrib = self.attributes(world, row, entity);
        if !attrib.is_empty() {
            change["attrib"] = attrib.into();
        }
        if self.writes && change != json!({}) {
            let what = if entity.task { "task" } else { "folder" };
            self.operation("update", what, id, change).await;
        }
    }

    /// Lists are replaced as a whole (§7.1). Only what AYON has beyond Flow's list is a known difference.
    fn replaced(
        &mut self,
        field: &str,
        why: &'static str,
        row: &Row,
        held: &BTreeSet<String>,
        wanted: BTreeSet<String>,
        change: &mut Value,
    ) {
        if *held != wanted {
            let why = if held.is_superset(&wanted) { why } else { "" };
            let what = format!("{field} {wanted:?} for {held:?}");
            self.find(why, Some(&row.key), what);
            change[field] = json!(wanted);
        }
    }

    /// People are resolved one by one by the id that AYON stores; groups and the unresolved are dropped.
    async fn user(&mut self, person: i64) -> Option<String> {
        if let Some(known) = self.people.get(&person) {
            return known.clone();
        }
        let path = format!("/api/addons/shotgrid/0.6.19/get_ayon_name_by_sg_id/{person}");
        let name = self.ayon(Method::GET, &path, &Value::Null).await;
        let name = name.as_str().map(str::to_owned);
        self.people.insert(person, name.clone());
        name
    }

    /// Every mapped field that the type has, whatever the scope says (§7.3), as the entity's own value.
    fn attributes(&mut self, world: &World, row: &Row, entity: &Entity) -> Map<String, Value> {
        let map = self.settings["compatibility_settings"]["custom_attribs_map"].clone();
        let mut written = Map::new();
        for mapped in list(&map) {
            let (ayon, sg) = (text(&mapped["ayon"]), text(&mapped["sg"]));
            let live = if entity.task {
                &world.task_attributes
            } else {
                &world.folder_attributes
            };
            if sg.is_empty() || !live.contains(ayon) {
                continue;
            }
            let prefixed = format!("sg_{sg}");
            let field = if row.fields.contains_key(&prefixed) {
                prefixed.as_str()
            } else {
                sg
            };
            let value = wanted(row.get(field));
            let shown = &entity.shown[ayon];
            let own = !entity.own[ayon].is_null();
            if value.is_null() || own && same(&value, shown) {
                continue;
            }
            let why = if !list(&mapped["scope"]).iter().any(|kind| *kind == row.key.0) {
                "scope"
            } else if same(&value, shown) {
                "inherited"
            } else {
                ""
            };
            self.find(why, Some(&row.key), format!("{ayon} {value} for {shown}"));
            written.insert(ayon.to_owned(), stamped(&value, ayon));
        }
        written
    }

    /// Flow hears the id and the sync status where they differ.
    async fn tell(&mut self, row: &Row, id: &str) {
        let mut fields = json!({});
        if text(row.get("sg_ayon_id")) != id {
            fields["sg_ayon_id"] = json!(id);
        }
        if text(row.get("sg_ayon_sync_status")) != SYNCED {
            fields["sg_ayon_sync_status"] = json!(SYNCED);
        }
        if fields != json!({}) {
            self.find("", Some(&row.key), format!("tell Flow {fields}"));
            self.write_flow(&row.key, &fields).await;
        }
    }

    async fn write_flow(&self, row: &Key, fields: &Value) {
        if self.writes {
            let path = format!("/entity/{}/{}", row.0, row.1);
            self.flow(Method::PUT, &path, Some(fields)).await;
        }
    }

    /// The project's own link and mapped values; what is empty or zero is skipped.
    async fn project(&mut self, world: &World, project: &Row) {
        let mut attrib = json!({});
        for (name, value) in [
            ("shotgridId", self.flow.to_string()),
            ("shotgridType", "Project".to_owned()),
        ] {
            if text(&world.project[name]) != value {
                attrib[name] = json!(value);
            }
        }
        let map = self.settings["compatibility_settings"]["custom_attribs_map"].clone();
        for mapped in list(&map).iter().filter(|mapped| !text(&mapped["sg"]).is_empty()) {
            let (ayon, sg) = (text(&mapped["ayon"]), text(&mapped["sg"]));
            let prefixed = format!("sg_{sg}");
            let field = if project.fields.contains_key(&prefixed) {
                prefixed.as_str()
            } else {
                sg
            };
            let value = project.get(field);
            let falsy = value.is_null() || *value == json!(0) || *value == json!("");
            if !falsy && world.project.get(ayon).is_some() && !same(value, &world.project[ayon]) {
                attrib[ayon] = value.clone();
            }
        }
        if attrib != json!({}) {
            self.find("", None, format!("project attributes {attrib}"));
            if self.writes {
                let path = format!("/api/projects/{}", self.name);
                self.ayon(Method::PATCH, &path, &json!({"attrib": attrib})).await;
            }
        }
        let mut fields = json!({});
        for (field, value) in [
            ("sg_ayon_id", self.name.as_str()),
            ("sg_ayon_sync_status", SYNCED),
        ] {
            if text(project.get(field)) != value {
                fields[field] = json!(value);
            }
        }
        if fields != json!({}) {
            self.find("", None, format!("tell Flow {fields} of the project"));
            self.write_flow(&project.key, &fields).await;
        }
    }
}

/// A Flow value as an attribute: of links the names.
fn wanted(value: &Value) -> Value {
    match value {
        Value::Array(links) if links.is_empty() => Value::Null,
        Value::Array(links) => links.iter().map(|link| link["name"].clone()).collect(),
        Value::String(words) if words.is_empty() => Value::Null,
        other => other.clone(),
    }
}

/// Days become instants in the addon's time zone, which is UTC here.
fn stamped(value: &Value, attribute: &str) -> Value {
    match value.as_str() {
        Some(day) if attribute.ends_with("Date") => json!(format!("{day}T00:00:00+00:00")),
        _ => value.clone(),
    }
}

/// Whether the server would say that nothing changed: numbers by value, days by the day.
fn same(wanted: &Value, shown: &Value) -> bool {
    let number = |value: &Value| value.as_f64().or_else(|| text(value).parse().ok());
    match (number(wanted), number(shown)) {
        (Some(wanted), Some(shown)) => (wanted - shown).abs() < 1e-9,
        _ => {
            let day = |value: &Value| text(value).get(..10).map(str::to_owned);
            let dated = text(shown).contains('T') && text(wanted).len() == 10;
            wanted == shown || dated && day(wanted) == day(shown)
        }
    }
}
