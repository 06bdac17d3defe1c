//! The part of the GraphQL schema that the stand-in knows, and the check of a query against it (`ayon-api.md §6.2`).

use async_graphql_parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql_parser::{Pos, Positioned};
use serde_json::{Value, json};

use super::attributes::{Attribute, Scope};

/// A type: its name, its plain fields, and its fields that answer objects.
struct Type {
    name: &'static str,
    plain: &'static str,
    objects: &'static [Field],
}

/// A field that answers an object: its name, the object's type and its arguments.
type Field = (&'static str, &'static str, &'static str);

const FOLDERS: &str = "first after last before ids includeFolderChildren parentId parentIds attributes folderTypes \
    statuses tags paths name names hasChildren hasProducts hasTasks";
const TASKS: &str = "first after last before ids includeFolderChildren taskTypes folderIds attributes name names \
    statuses assignees assigneesAny tags tagsAny";
const PRODUCTS: &str = "first after last before ids folderIds names productTypes statuses";
const VERSIONS: &str = "first after last before ids productIds taskIds statuses";
const WORKFILES: &str = "first after last before ids taskIds paths statuses tags";
const USERS: &str = "first after last before name names emails projectName projects";
const EVENTS: &str = "first after last before ids topics projects users statuses";

const PAGE: Field = ("pageInfo", "PageInfo", "");

const fn object(name: &'static str, plain: &'static str, objects: &'static [Field]) -> Type {
    Type { name, plain, objects }
}

const TYPES: &[Type] = &[
    object(
        "Query",
        "",
        &[
            ("project", "ProjectNode", "name code"),
            (
                "projects",
                "ProjectsConnection",
                "first after last before name code",
            ),
            ("users", "UsersConnection", USERS),
            ("user", "UserNode", "name"),
            ("me", "UserNode", ""),
            ("events", "EventsConnection", EVENTS),
            ("__type", "__Type", "name"),
        ],
    ),
    object(
        "ProjectNode",
        "name projectName code label active library data config allAttrib ownAttrib createdAt updatedAt",
        &[
            ("attrib", "ProjectAttribType", ""),
            ("folderTypes", "FolderType", ""),
            ("taskTypes", "TaskType", ""),
            ("statuses", "Status", ""),
            ("tags", "Tag", ""),
            ("linkTypes", "LinkType", ""),
            ("folder", "FolderNode", "id"),
            ("folders", "FoldersConnection", FOLDERS),
            ("task", "TaskNode", "id"),
            ("tasks", "TasksConnection", TASKS),
            ("product", "ProductNode", "id"),
            ("products", "ProductsConnection", PRODUCTS),
            ("version", "VersionNode", "id"),
            ("versions", "VersionsConnection", VERSIONS),
            ("workfiles", "WorkfilesConnection", WORKFILES),
        ],
    ),
    object(
        "FolderNode",
        "id name label folderType parentId path parents status tags active data allAttrib ownAttrib createdAt \
         updatedAt createdBy updatedBy thumbnailId hasVersions hasTasks hasChildren hasProducts childCount taskCount \
         projectName",
        &[
            ("attrib", "FolderAttribType", ""),
            ("parent", "FolderNode", ""),
            ("tasks", "TasksConnection", TASKS),
            ("products", "ProductsConnection", PRODUCTS),
        ],
    ),
    object(
        "TaskNode",
        "id name label taskType folderId assignees path parents status tags active data allAttrib ownAttrib createdAt \
         updatedAt createdBy updatedBy thumbnailId hasVersions subtasks projectName",
        &[
            ("attrib", "TaskAttribType", ""),
            ("folder", "FolderNode", ""),
            ("versions", "VersionsConnection", VERSIONS),
        ],
    ),
    object(
        "ProductNode",
        "id name folderId productType path status tags active data allAttrib ownAttrib createdAt updatedAt createdBy \
         updatedBy projectName",
        &[
            ("attrib", "ProductAttribType", ""),
            ("folder", "FolderNode", ""),
            ("versions", "VersionsConnection", VERSIONS),
            ("versionList", "VersionListItem", ""),
        ],
    ),
    object("VersionListItem", "id version name", &[]),
    object(
        "VersionNode",
        "id name version productId taskId author path status tags active data allAttrib ownAttrib createdAt updatedAt \
         createdBy updatedBy projectName",
        &[
            ("attrib", "VersionAttribType", ""),
            ("product", "ProductNode", ""),
            ("task", "TaskNode", ""),
        ],
    ),
    object(
        "WorkfileNode",
        "id path taskId name status tags active data allAttrib ownAttrib createdAt updatedAt createdBy \
         updatedBy thumbnailId projectName",
        &[("attrib", "WorkfileAttribType", "")],
    ),
    object(
        "UserNode",
        "name active isAdmin isManager isService isGuest isDeveloper accessGroups defaultAccessGroups allAttrib \
         createdAt updatedAt",
        &[("attrib", "UserAttribType", "")],
    ),
    // Without `senderType`, which only REST shows (§9.2).
    object(
        "EventNode",
        "id hash topic sender project user dependsOn status retries description summary payload createdAt updatedAt",
        &[],
    ),
    object("ProjectsConnection", "", &[("edges", "ProjectEdge", ""), PAGE]),
    object("ProjectEdge", "cursor", &[("node", "ProjectNode", "")]),
    object("FoldersConnection", "", &[("edges", "FolderEdge", ""), PAGE]),
    object("FolderEdge", "cursor", &[("node", "FolderNode", "")]),
    object("TasksConnection", "", &[("edges", "TaskEdge", ""), PAGE]),
    object("TaskEdge", "cursor", &[("node", "TaskNode", "")]),
    object("ProductsConnection", "", &[("edges", "ProductEdge", ""), PAGE]),
    object("ProductEdge", "cursor", &[("node", "ProductNode", "")]),
    object("VersionsConnection", "", &[("edges", "VersionEdge", ""), PAGE]),
    object("VersionEdge", "cursor", &[("node", "VersionNode", "")]),
    object("WorkfilesConnection", "", &[("edges", "WorkfileEdge", ""), PAGE]),
    object("WorkfileEdge", "cursor", &[("node", "WorkfileNode", "")]),
    object("UsersConnection", "", &[("edges", "UserEdge", ""), PAGE]),
    object("UserEdge", "cursor", &[("node", "UserNode", "")]),
    object("EventsConnection", "", &[("edges", "EventEdge", ""), PAGE]),
    object("EventEdge", "cursor", &[("node", "EventNode", "")]),
    object(
        "PageInfo",
        "hasNextPage hasPreviousPage startCursor endCursor",
        &[],
    ),
    object("FolderType", "name shortName icon color", &[]),
    object("TaskType", "name shortName icon color", &[]),
    object("Status", "name shortName icon color state scope", &[]),
    object("Tag", "name color", &[]),
    object("LinkType", "name linkType inputType outputType", &[]),
    object("__Type", "name kind", &[("fields", "__Field", "")]),
    object("__Field", "name", &[]),
];

/// The scope whose live attributes are the fields of a type such as `FolderAttribType`.
pub(super) fn attribute_scope(type_name: &str) -> Option<Scope> {
    Some(match type_name {
        "ProjectAttribType" => Scope::Project,
        "FolderAttribType" => Scope::Folder,
        "TaskAttribType" => Scope::Task,
        "ProductAttribType" => Scope::Product,
        "VersionAttribType" => Scope::Version,
        "WorkfileAttribType" => Scope::Workfile,
        "UserAttribType" => Scope::User,
        _ => return None,
    })
}

/// Names of a type's fields; `None` when there is no such type.
pub(super) fn field_names(live: &[Attribute], type_name: &str) -> Option<Vec<String>> {
    if let Some(scope) = attribute_scope(type_name) {
        let fields = live.iter().filter(|attribute| attribute.applies_to(scope));
        return Some(fields.map(|attribute| attribute.name.clone()).collect());
    }
    let found = TYPES.iter().find(|known| known.name == type_name)?;
    let objects = found.objects.iter().map(|(name, _, _)| *name);
    let names = found.plain.split_whitespace().chain(objects);
    Some(names.map(str::to_owned).collect())
}

/// Checks the selected fields and arguments, as the real server does before it runs a query.
pub(super) struct Check<'a> {
    pub(super) live: &'a [Attribute],
    pub(super) document: &'a ExecutableDocument,
    pub(super) errors: Vec<Value>,
}

impl Check<'_> {
    pub(super) fn selection(&mut self, set: &SelectionSet, type_name: &str) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => self.field(field, type_name),
                Selection::InlineFragment(fragment) => {
                    let on = fragment
                        .node
                        .type_condition
                        .as_ref()
                        .map(|on| on.node.on.node.as_str());
                    self.fragment(&fragment.node.selection_set.node, on, type_name, item.pos);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    match self.document.fragments.get(name) {
                        None => self.complain(format!("Unknown fragment '{name}'."), item.pos),
                        Some(fragment) => {
                            let on = Some(fragment.node.type_condition.node.on.node.as_str());
                            self.fragment(&fragment.node.selection_set.node, on, type_name, item.pos);
                        }
                    }
                }
            }
        }
    }

    fn fragment(&mut self, set: &SelectionSet, on: Option<&str>, type_name: &str, pos: Pos) {
        match on {
            Some(on) if on != type_name => self.complain(
                format!("Fragment cannot be spread here as objects of type '{type_name}' can never be of type '{on}'."),
                pos,
            ),
            _ => self.selection(set, type_name),
        }
    }

    fn field(&mut self, field: &Positioned<async_graphql_parser::types::Field>, type_name: &str) {
        let name = field.node.name.node.as_str();
        if name == "__typename" {
            return;
        }
        let Some((of, arguments)) = self.lookup(type_name, name) else {
            return self.complain(
                format!("Cannot query field '{name}' on type '{type_name}'."),
                field.pos,
            );
        };
        for (argument, _) in &field.node.arguments {
            if !arguments
                .split_whitespace()
                .any(|known| known == argument.node.as_str())
            {
                let text = format!(
                    "Unknown argument '{}' on field '{type_name}.{name}'.",
                    argument.node
                );
                self.complain(text, argument.pos);
            }
        }
        let selected = !field.node.selection_set.node.items.is_empty();
        match (of.is_empty(), selected) {
            (true, true) => {
                let text =
                    format!("Field '{name}' must not have a selection since type 'String' has no subfields.");
                self.complain(text, field.pos);
            }
            (false, false) => {
                let text = format!(
                    "Field '{name}' of type '{of}' must have a selection of subfields. Did you mean '{name} {{ ... }}'?"
                );
                self.complain(text, field.pos);
            }
            (true, false) => {}
            (false, true) => self.selection(&field.node.selection_set.node, of),
        }
    }

    /// The type of what a field answers (empty for plain values) and its arguments.
    fn lookup(&self, type_name: &str, field: &str) -> Option<(&'static str, &'static str)> {
        if let Some(scope) = attribute_scope(type_name) {
            let known = |attribute: &Attribute| attribute.name == field && attribute.applies_to(scope);
            return self.live.iter().any(known).then_some(("", ""));
        }
        let found = TYPES.iter().find(|known| known.name == type_name)?;
        if found.plain.split_whitespace().any(|name| name == field) {
            return Some(("", ""));
        }
        let (_, of, arguments) = found.objects.iter().find(|(name, _, _)| *name == field)?;
        Some((of, arguments))
    }

    fn complain(&mut self, message: String, pos: Pos) {
        self.errors
            .push(json!({"message": message, "locations": [{"line": pos.line, "column": pos.column}]}));
    }
}
