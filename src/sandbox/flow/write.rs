//! Changes of rows: create, update, retire, revive (flow-api.md §4.4).

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::calendar;
use super::events::Event;
use super::legal::Target;
use super::refusal::{Outcome, Refusal};
use super::schema::{DataType, Field, Kind};
use super::site::{Actor, Row, Site, link_to, writable};
use super::view::View;

/// The fields of a request that are taken, with their values in stored form.
type Taken = Vec<(Field, Value)>;

impl Site {
    /// Makes a row; answers its id.
    pub fn create(&mut self, actor: &Actor, kind: Kind, data: &Map<String, Value>) -> Outcome<i64> {
        self.allow(actor, kind, "create_entity")?;
        let of = self.schema.of(kind)?;
        if of.needs_project() && data.get("project").is_none_or(Value::is_null) {
            return Err(Refusal::parameters("API create() missing 'project' attribute"));
        }
        if kind == "ActionMenuItem" && data.get("title").is_none_or(Value::is_null) {
            return Err(Refusal::parameters("API create() missing 'title' attribute"));
        }
        let identity = of.identity.filter(|name| matches!(*name, "code" | "content"));
        let label = of.label.clone();
        let taken = self.take(kind, None, data)?;
        if let Some((_, project)) = taken.iter().find(|(field, _)| field.name == "project")
            && !actor.sees(project.get("id").and_then(Value::as_i64))
        {
            return Err(Refusal::permission(&actor.role, "see_project", kind));
        }
        self.refuse_double(kind, None, &taken)?;
        self.refuse_active_person(kind, &taken)?;

        let id = self.take_id(kind);
        let now = calendar::stored(Timestamp::now());
        let mut row = Row::default();
        for field in self
            .schema
            .of(kind)?
            .fields()
            .filter(|field| !field.default.is_null())
        {
            row.fields.insert(field.name.clone(), field.default.clone());
        }
        if let Some(identity) = identity {
            row.fields
                .insert(identity.to_owned(), format!("New {label} {id}").into());
        }
        for name in ["created_at", "updated_at"] {
            row.fields.insert(name.to_owned(), now.clone().into());
        }
        for name in ["created_by", "updated_by"] {
            row.fields.insert(name.to_owned(), link_to(actor.kind, actor.id));
        }
        self.put(kind, id, row);
        for (field, value) in &taken {
            self.store(kind, id, field, value.clone());
        }
        for (field, value) in taken.iter().filter(|(_, value)| is_filled(value)) {
            self.log_change(actor, (kind, id), field, &Value::Null, value, true);
        }
        self.log(actor, Event::new_row(kind, id));
        Ok(id)
    }

    /// Changes some fields of a row.
    pub fn update(&mut self, actor: &Actor, kind: Kind, id: i64, data: &Map<String, Value>) -> Outcome<()> {
        self.allow(actor, kind, "update_entity")?;
        let row = writable(self, actor, kind, id)?;
        if let Some(secret) = data.keys().find(|name| {
            row.fields.get(*name).is_some_and(|kept| !kept.is_null())
                && self
                    .schema
                    .field(kind, name)
                    .is_some_and(|field| field.write_only)
        }) {
            // flow-api.md §2: a secret token is set once.
            return Err(Refusal::value("Update", kind, secret));
        }
        let taken = self.take(kind, Some(id), data)?;
        self.refuse_double(kind, Some(id), &taken)?;
        let before: Vec<Value> = taken
            .iter()
            .map(|(field, _)| self.stored(kind, id, field))
            .collect();
        let mut changed = false;
        for ((field, value), old) in taken.iter().zip(&before) {
            if value != old {
                self.store(kind, id, field, value.clone());
                self.log_change(actor, (kind, id), field, old, value, false);
                changed = true;
            }
        }
        if changed && let Some(row) = self.row(kind, id) {
            let mut row = row.clone();
            row.fields
                .insert("updated_at".to_owned(), calendar::stored(Timestamp::now()).into());
            row.fields
                .insert("updated_by".to_owned(), link_to(actor.kind, actor.id));
            self.put(kind, id, row);
        }
        Ok(())
    }

    /// Puts a row into the trash, and with it the Tasks and Versions that hang on it.
    pub fn retire(&mut self, actor: &Actor, kind: Kind, id: i64) -> Outcome<()> {
        self.allow(actor, kind, "retire_entity")?;
        writable(self, actor, kind, id)?;
        let number = self.take_retirement();
        let link = link_to(kind, id);
        let mut gone = vec![(kind, id)];
        for below in ["Task", "Version"] {
            let hanging = self.rows(below).filter(|(_, row)| row.retired.is_none());
            gone.extend(
                hanging
                    .filter(|(_, row)| row.fields.get("entity") == Some(&link))
                    .map(|(id, _)| (below, id)),
            );
        }
        let when = calendar::stored(Timestamp::now());
        for (kind, id) in gone {
            let name = View::new(self).display_name(kind, id);
            self.mark(kind, id, Some(number));
            self.log(actor, Event::retirement(kind, id, &name, &when));
            let date = ("retirement_date", "date_time");
            self.log(
                actor,
                Event::change((kind, id), date, &Value::Null, &when.as_str().into(), false),
            );
        }
        Ok(())
    }

    /// Takes a row out of the trash, and with it what went there with it; `false` when it was not there.
    pub fn revive(&mut self, actor: &Actor, kind: Kind, id: i64) -> Outcome<bool> {
        self.allow(actor, kind, "retire_entity")?;
        let row = self.row(kind, id).ok_or_else(|| Refusal::no_row(kind, id))?;
        let Some(number) = row.retired else {
            return Ok(false);
        };
        let mut back = vec![(kind, id)];
        for below in ["Task", "Version"] {
            let hanging = self
                .rows(below)
                .filter(|(other, row)| row.retired == Some(number) && (below, *other) != (kind, id));
            back.extend(hanging.map(|(id, _)| (below, id)));
        }
        for (kind, id) in back.into_iter().rev() {
            self.mark(kind, id, None);
            self.log(actor, Event::revival(kind, id));
        }
        Ok(true)
    }

    /// Whether a role may change rows of a type; some types nobody may change.
    fn allow(&self, actor: &Actor, kind: Kind, rule: &str) -> Outcome<()> {
        let needs_admin = matches!(
            kind,
            "ActionMenuItem" | "HumanUser" | "ApiUser" | "Project" | "Step" | "Status"
        );
        let fixed =
            matches!(kind, "PermissionRuleSet") || (kind == "EventLogEntry" && rule != "create_entity");
        if fixed || (needs_admin && !actor.administers()) || actor.role == "vendor" {
            return Err(Refusal::permission(&actor.role, rule, kind));
        }
        Ok(())
    }

    /// Checks every field of a request before any is changed.
    fn take(&self, kind: Kind, id: Option<i64>, data: &Map<String, Value>) -> Outcome<Taken> {
        let verb = if id.is_some() { "Update" } else { "Create" };
        let target = Target {
            site: self,
            kind,
            verb,
        };
        let mut taken = Taken::new();
        for (name, value) in data {
            let Some(field) = self.schema.field(kind, name) else {
                let verb = verb.to_lowercase();
                return Err(Refusal::parameters(format!(
                    "API {verb}() {kind}.{name} doesn't exist."
                )));
            };
            // Accepted and dropped (flow-api.md §8 row 13).
            if name == "cached_display_name" {
                continue;
            }
            let current = match (id, field.data_type) {
                (Some(id), DataType::MultiEntity) => self.stored(kind, id, field),
                _ => Value::Null,
            };
            let current = current.as_array().map_or(&[][..], Vec::as_slice);
            taken.push((field.clone(), target.legal(field, value, current)?));
        }
        Ok(taken)
    }

    fn refuse_double(&self, kind: Kind, own: Option<i64>, taken: &Taken) -> Outcome<()> {
        for (field, value) in taken {
            let unique = matches!(
                (kind, field.name.as_str()),
                ("Project", "name" | "code") | ("HumanUser", "login")
            );
            let Some(text) = value.as_str().filter(|_| unique) else {
                continue;
            };
            let text = text.to_lowercase();
            let same = |row: &Row| {
                row.fields
                    .get(&field.name)
                    .and_then(Value::as_str)
                    .is_some_and(|one| one.to_lowercase() == text)
            };
            if self
                .rows(kind)
                .any(|(id, row)| row.retired.is_none() && Some(id) != own && same(row))
            {
                let name = &field.name;
                return Err(Refusal::illegal(format!(
                    "[{kind}.{name}]: '{text}' is already in use; it must be unique."
                )));
            }
        }
        Ok(())
    }

    fn refuse_active_person(&self, kind: Kind, taken: &Taken) -> Outcome<()> {
        let disabled = |(field, value): &(Field, Value)| field.name == "sg_status_list" && value == "dis";
        if kind == "HumanUser" && !taken.iter().any(disabled) {
            return Err(Refusal::identity_users_only());
        }
        Ok(())
    }

    /// A field's value in stored form, far ends included.
    fn stored(&self, kind: Kind, id: i64, field: &Field) -> Value {
        if field.data_type == DataType::MultiEntity {
            let links = View::new(self).targets(kind, id, field);
            let mut links: Vec<_> = links.into_iter().collect();
            links.sort_unstable();
            return links.into_iter().map(|(kind, id)| link_to(kind, id)).collect();
        }
        let row = self.row(kind, id);
        row.and_then(|row| row.fields.get(&field.name))
            .cloned()
            .unwrap_or(Value::Null)
    }

    /// Stores a checked value; a far end is stored at the rows it names, which it takes from wherever they were.
    fn store(&mut self, kind: Kind, id: i64, field: &Field, value: Value) {
        let Some((far, far_field)) = field.mirrors else {
            if let Some(row) = self.row(kind, id) {
                let mut row = row.clone();
                row.fields.insert(field.name.clone(), value);
                if kind == "HumanUser" {
                    name_person(&mut row);
                }
                self.put(kind, id, row);
            }
            return;
        };
        let own = link_to(kind, id);
        let wanted: Vec<i64> = value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|link| link["id"].as_i64())
            .collect();
        let before: Vec<i64> = self
            .rows(far)
            .filter(|(_, row)| row.fields.get(far_field) == Some(&own))
            .map(|(id, _)| id)
            .collect();
        let mut point = |at: i64, to: Value| {
            if let Some(row) = self.row(far, at) {
                let mut row = row.clone();
                row.fields.insert(far_field.to_owned(), to);
                self.put(far, at, row);
            }
        };
        before
            .iter()
            .filter(|at| !wanted.contains(at))
            .for_each(|at| point(*at, Value::Null));
        wanted
            .iter()
            .filter(|at| !before.contains(at))
            .for_each(|at| point(*at, own.clone()));
    }

    fn mark(&mut self, kind: Kind, id: i64, retired: Option<u64>) {
        if let Some(row) = self.row(kind, id) {
            let row = Row {
                retired,
                ..row.clone()
            };
            self.put(kind, id, row);
        }
    }

    fn log_change(
        &mut self,
        actor: &Actor,
        at: (Kind, i64),
        field: &Field,
        old: &Value,
        new: &Value,
        in_create: bool,
    ) {
        let (old, new) = if field.write_only {
            (&Value::Null, &Value::Null)
        } else {
            (old, new)
        };
        self.log(
            actor,
            Event::change(at, (&field.name, field.data_type.name()), old, new, in_create),
        );
    }
}

fn is_filled(value: &Value) -> bool {
    !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty())
}

/// `name` reads `firstname lastname` (flow-api.md §6, HumanUser).
fn name_person(row: &mut Row) {
    let part = |name: &str| row.fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let name = format!("{} {}", part("firstname"), part("lastname"));
    row.fields.insert("name".to_owned(), name.trim().into());
}
