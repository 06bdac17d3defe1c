//! Runs a checked GraphQL query over the state, field by field in the order asked for.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use async_graphql_parser::Positioned;
use async_graphql_parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use serde_json::{Value, json};

use super::attributes::{Attribute, Scope};
use super::caller::Caller;
use super::connections::{Args, Connection};
use super::entities::{Folder, Id, Product, Record, Task, Version, Workfile};
use super::events::Event;
use super::fields::Object;
use super::project::Project;
use super::refusal::Refusal;
use super::shapes;
use super::state::State;
use super::users::User;

/// Something with fields.
#[derive(Clone)]
pub(super) enum Node<'a> {
    Query,
    Project(&'a Project),
    Folder(&'a Project, &'a Folder),
    Task(&'a Project, &'a Task),
    Product(&'a Project, &'a Product),
    Version(&'a Project, &'a Version),
    Workfile(&'a Project, &'a Workfile),
    /// An entry of a product's `versionList`.
    VersionItem(&'a Version),
    User(&'a User),
    Event(&'a Event),
    /// Own values, and where the others come from.
    Attrib(
        Scope,
        &'a Object,
        Option<(&'a Project, &'a Record, Option<&'a Folder>)>,
    ),
    /// An element of a project's anatomy lists.
    Item(&'static str, &'a Object),
    Connection(Rc<Connection<'a>>),
    Edge(&'static str, String, Box<Node<'a>>),
    PageInfo(Rc<Connection<'a>>),
    Type(String),
    TypeField(String),
}

/// What a field answers.
pub(super) enum Out<'a> {
    Plain(Value),
    One(Node<'a>),
    Many(Vec<Node<'a>>),
}

/// One run of one query.
pub(super) struct Run<'a> {
    pub(super) state: &'a State,
    pub(super) caller: &'a Caller,
    document: &'a ExecutableDocument,
    variables: Object,
    errors: RefCell<Vec<Value>>,
    /// Folders with versions in or below them, by project; made when first asked for.
    published: RefCell<HashMap<String, HashSet<Id>>>,
}

/// An error on its way up: everything above it becomes null.
struct Failure;

impl<'a> Run<'a> {
    pub(super) fn new(
        state: &'a State,
        caller: &'a Caller,
        document: &'a ExecutableDocument,
        variables: Object,
    ) -> Self {
        Self {
            state,
            caller,
            document,
            variables,
            errors: RefCell::default(),
            published: RefCell::default(),
        }
    }

    /// The whole answer: data, and errors when there are any.
    pub(super) fn answer(&self, set: &'a SelectionSet) -> Value {
        let data = self
            .object(&Node::Query, &[set], &mut Vec::new())
            .unwrap_or(Value::Null);
        let errors = self.errors.take();
        if errors.is_empty() {
            json!({"data": data})
        } else {
            json!({"data": data, "errors": errors})
        }
    }

    fn object(
        &self,
        node: &Node<'a>,
        sets: &[&'a SelectionSet],
        path: &mut Vec<Value>,
    ) -> Result<Value, Failure> {
        let mut fields: Vec<(&'a str, Vec<&'a Positioned<Field>>)> = Vec::new();
        sets.iter().for_each(|set| self.collect(set, &mut fields));
        let mut answer = Object::new();
        // The server's slip: once `attrib` was read, its own values are mixed up with inherited ones (§6.3).
        let mut mixed_up = false;
        for (key, fields) in fields {
            let Some(first) = fields.first() else { continue };
            let name = first.node.name.node.as_str();
            path.push(json!(key));
            mixed_up = mixed_up || matches!(name, "attrib" | "allAttrib");
            let out = if name == "ownAttrib" && mixed_up {
                Ok(Out::Plain(self.all_names(node)))
            } else {
                self.arguments(&first.node)
                    .and_then(|args| self.field(node, name, &args))
            };
            let value = match out {
                Ok(out) => self.complete(out, &fields, path)?,
                Err(refusal) => {
                    self.complain(&refusal, path);
                    // Only these may be null on their own (§6.2).
                    if !matches!(name, "folder" | "task" | "product" | "version" | "user") {
                        return Err(Failure);
                    }
                    Value::Null
                }
            };
            path.pop();
            answer.insert(key.to_owned(), value);
        }
        Ok(Value::Object(answer))
    }

    fn complete(
        &self,
        out: Out<'a>,
        fields: &[&'a Positioned<Field>],
        path: &mut Vec<Value>,
    ) -> Result<Value, Failure> {
        let sets: Vec<&SelectionSet> = fields
            .iter()
            .map(|field| &field.node.selection_set.node)
            .collect();
        match out {
            Out::Plain(value) => Ok(value),
            Out::One(node) => self.object(&node, &sets, path),
            Out::Many(nodes) => {
                let mut list = Vec::with_capacity(nodes.len());
                for (at, node) in nodes.iter().enumerate() {
                    path.push(json!(at));
                    list.push(self.object(node, &sets, path)?);
                    path.pop();
                }
                Ok(Value::Array(list))
            }
        }
    }

    /// The fields of a selection in order, those of fragments among them; the same key is asked for once.
    fn collect(&self, set: &'a SelectionSet, fields: &mut Vec<(&'a str, Vec<&'a Positioned<Field>>)>) {
        for item in &set.items {
            if self.is_left_out(item.node.directives()) {
                continue;
            }
            match &item.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    match fields.iter_mut().find(|(known, _)| *known == key) {
                        Some((_, same)) => same.push(field),
                        None => fields.push((key, vec![field])),
                    }
                }
                Selection::InlineFragment(fragment) => {
                    self.collect(&fragment.node.selection_set.node, fields);
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self
                        .document
                        .fragments
                        .get(spread.node.fragment_name.node.as_str());
                    if let Some(fragment) = fragment {
                        self.collect(&fragment.node.selection_set.node, fields);
                    }
                }
            }
        }
    }

    fn is_left_out(&self, directives: &[Positioned<async_graphql_parser::types::Directive>]) -> bool {
        directives.iter().any(|directive| {
            let condition = directive.node.get_argument("if").cloned();
            let condition = condition.and_then(|value| {
                let value = value
                    .node
                    .into_const_with(|name| self.variable(name.as_str()))
                    .ok()?;
                value.into_json().ok()?.as_bool()
            });
            match directive.node.name.node.as_str() {
                "skip" => condition == Some(true),
                "include" => condition == Some(false),
                _ => false,
            }
        })
    }

    fn arguments(&self, field: &Field) -> Result<Args, Refusal> {
        let mut args = Object::new();
        for (name, value) in &field.arguments {
            let value = value
                .node
                .clone()
                .into_const_with(|name| self.variable(name.as_str()))?;
            let value = value
                .into_json()
                .map_err(|error| Refusal::bad_request(error.to_string()))?;
            args.insert(name.node.to_string(), value);
        }
        Ok(Args(args))
    }

    fn variable<T: TryFrom<Value>>(&self, name: &str) -> Result<T, Refusal> {
        let value = self.variables.get(name).cloned();
        let value =
            value.ok_or_else(|| Refusal::bad_request(format!("Variable '${name}' is not defined.")))?;
        T::try_from(value)
            .map_err(|_| Refusal::bad_request(format!("Variable '${name}' got an invalid value.")))
    }

    fn complain(&self, refusal: &Refusal, path: &[Value]) {
        let (status, message) = refusal.as_graphql();
        self.errors.borrow_mut().push(json!({
            "message": message,
            "path": path,
            "extensions": {"status": status},
        }));
    }

    fn field(&self, node: &Node<'a>, name: &str, args: &Args) -> Result<Out<'a>, Refusal> {
        if name == "__typename" {
            return Ok(Out::Plain(json!(node.type_name())));
        }
        match node {
            Node::Query => self.query(name, args),
            Node::Project(project) => self.project(project, name, args),
            Node::Folder(project, folder) => self.folder(project, folder, name, args),
            Node::Task(project, task) => self.task(project, task, name, args),
            Node::Product(project, product) => self.product(project, product, name, args),
            Node::Version(project, version) => self.version(project, version, name),
            Node::Workfile(project, workfile) => Ok(self.workfile(project, workfile, name)),
            Node::VersionItem(version) => Ok(Out::Plain(version_item(version, name))),
            Node::User(user) => Ok(self.user(user, name)),
            Node::Event(event) => Ok(Out::Plain(event_field(event, name))),
            Node::Attrib(scope, own, source) => Ok(Out::Plain(self.attribute(*scope, own, *source, name))),
            Node::Item(_, item) => Ok(Out::Plain(item.get(name).cloned().unwrap_or_default())),
            Node::Connection(connection) => Ok(match name {
                "edges" => Out::Many(connection.edges()),
                _ => Out::One(Node::PageInfo(Rc::clone(connection))),
            }),
            Node::Edge(_, cursor, node) => Ok(match name {
                "node" => Out::One(Node::clone(node)),
                _ => Out::Plain(json!(cursor)),
            }),
            Node::PageInfo(connection) => Ok(Out::Plain(connection.page_info(name))),
            Node::Type(of) => Ok(match name {
                "name" => Out::Plain(json!(of)),
                "kind" => Out::Plain(json!("OBJECT")),
                _ => {
                    let names = super::schema::field_names(&self.state.live, of).unwrap_or_default();
                    Out::Many(names.into_iter().map(Node::TypeField).collect())
                }
            }),
            Node::TypeField(field) => Ok(Out::Plain(json!(field))),
        }
    }

    fn attribute(
        &self,
        scope: Scope,
        own: &Object,
        source: Option<(&'a Project, &'a Record, Option<&'a Folder>)>,
        name: &str,
    ) -> Value {
        let attribute = self
            .state
            .live
            .iter()
            .find(|attribute| attribute.name == name && attribute.applies_to(scope));
        let value = match (source, attribute) {
            (Some((project, record, above)), Some(attribute))
                if !project.store.unlisted.contains(&record.id) =>
            {
                project.shown_value(attribute, record, above)
            }
            _ => own.get(name),
        };
        value.cloned().unwrap_or_default()
    }

    /// The names that a mixed-up `ownAttrib` answers: those of all values shown.
    fn all_names(&self, node: &Node<'a>) -> Value {
        let live = &self.state.live;
        let shown = match node {
            Node::Folder(project, folder) => {
                project.shown_attrib(live, Scope::Folder, &folder.record, project.parent_of(folder))
            }
            Node::Task(project, task) => {
                project.shown_attrib(live, Scope::Task, &task.record, above(project, task))
            }
            Node::Project(project) => project.attrib.clone(),
            Node::Product(_, product) => product.record.attrib.clone(),
            Node::Version(_, version) => version.record.attrib.clone(),
            Node::Workfile(_, workfile) => workfile.record.attrib.clone(),
            _ => Object::new(),
        };
        shapes::own_names(&shown)
    }

    pub(super) fn is_published(&self, project: &'a Project, folder: &Id) -> bool {
        let mut published = self.published.borrow_mut();
        if let Some(folders) = published.get(&project.name) {
            return folders.contains(folder);
        }
        let folders = project.store.published_folders();
        published
            .entry(project.name.clone())
            .or_insert(folders)
            .contains(folder)
    }

    pub(super) fn live(&self) -> &'a [Attribute] {
        &self.state.live
    }
}

/// The folder a task is in.
pub(super) fn above<'a>(project: &'a Project, task: &Task) -> Option<&'a Folder> {
    project.store.folders.get(&task.folder).map(AsRef::as_ref)
}

/// An event's field; `summary` and `payload` are JSON in text, as all free-form values (§6.2).
fn event_field(event: &Event, name: &str) -> Value {
    let shown = event.to_json();
    match name {
        "summary" | "payload" => json!(shown[name].to_string()),
        _ => shown[name].clone(),
    }
}

fn version_item(version: &Version, name: &str) -> Value {
    match name {
        "id" => json!(version.record.id),
        "version" => json!(version.version),
        _ => json!(shapes::version_name(version.version)),
    }
}

impl Node<'_> {
    fn type_name(&self) -> &str {
        match self {
            Node::Query => "Query",
            Node::Project(_) => "ProjectNode",
            Node::Folder(..) => "FolderNode",
            Node::Task(..) => "TaskNode",
            Node::Product(..) => "ProductNode",
            Node::Version(..) => "VersionNode",
            Node::Workfile(..) => "WorkfileNode",
            Node::VersionItem(_) => "VersionListItem",
            Node::User(_) => "UserNode",
            Node::Event(_) => "EventNode",
            Node::Attrib(Scope::Project, ..) => "ProjectAttribType",
            Node::Attrib(Scope::Folder, ..) => "FolderAttribType",
            Node::Attrib(Scope::Task, ..) => "TaskAttribType",
            Node::Attrib(Scope::Product, ..) => "ProductAttribType",
            Node::Attrib(Scope::Version, ..) => "VersionAttribType",
            Node::Attrib(Scope::Workfile, ..) => "WorkfileAttribType",
            Node::Attrib(Scope::User, ..) => "UserAttribType",
            Node::Item(type_name, _) => type_name,
            Node::Connection(connection) => connection.type_name(),
            Node::Edge(type_name, ..) => type_name,
            Node::PageInfo(_) => "PageInfo",
            Node::Type(_) => "__Type",
            Node::TypeField(_) => "__Field",
        }
    }
}
