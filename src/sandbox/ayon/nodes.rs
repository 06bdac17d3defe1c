//! What each field of each GraphQL node answers (`ayon-api.md §6.2`). Free-form values are JSON in text.

use serde_json::{Value, json};

use super::attributes::Scope;
use super::connections::{Args, Connection, stored_id};
use super::entities::{Folder, Product, Record, Task, Version, Workfile};
use super::fields::Object;
use super::project::Project;
use super::refusal::Refusal;
use super::resolve::{Node, Out, Run, above};
use super::shapes;
use super::users::User;

impl<'a> Run<'a> {
    pub(super) fn query(&self, name: &str, args: &Args) -> Result<Out<'a>, Refusal> {
        let state = self.state;
        match name {
            "project" => self.one_project(args),
            "projects" => {
                let (name, code) = (args.text("name"), args.text("code"));
                let rows = state.projects.iter().enumerate().filter(|(_, project)| {
                    self.caller.may_enter(&project.name)
                        && name
                            .as_ref()
                            .is_none_or(|name| project.name.eq_ignore_ascii_case(name))
                        && code.as_ref().is_none_or(|code| project.code == *code)
                });
                let rows = rows.map(|(at, project)| (at as u64 + 1, Node::Project(project)));
                Connection::page("ProjectsConnection", args, rows.collect())
            }
            "users" => self.users(args),
            "user" => {
                let name = args.text("name").unwrap_or_default();
                let user = state.users.get(&name);
                user.map(|user| Out::One(Node::User(user)))
                    .ok_or_else(|| Refusal::not_found(format!("User {name} not found")))
            }
            "me" => Ok(match state.users.get(&self.caller.user) {
                Some(user) => Out::One(Node::User(user)),
                None => Out::Plain(Value::Null),
            }),
            "events" => self.events(args),
            _ => {
                let name = args.text("name").unwrap_or_default();
                Ok(match super::schema::field_names(self.live(), &name) {
                    Some(_) => Out::One(Node::Type(name)),
                    None => Out::Plain(Value::Null),
                })
            }
        }
    }

    /// A project by name or code. Somebody without access hears that it does not exist (§1.3).
    fn one_project(&self, args: &Args) -> Result<Out<'a>, Refusal> {
        let unknown = || Refusal::not_found("Project not found");
        let index = match (args.text("name"), args.text("code")) {
            (Some(name), _) => self.state.project_index(&name),
            (None, Some(code)) => self
                .state
                .projects
                .iter()
                .position(|project| project.code == code),
            (None, None) => return Err(Refusal::bad_request("Either name or code must be provided")),
        };
        let project = index
            .map(|index| &self.state.projects[index])
            .ok_or_else(unknown)?;
        if !self.caller.may_enter(&project.name) {
            return Err(unknown());
        }
        Ok(Out::One(Node::Project(project)))
    }

    fn users(&self, args: &Args) -> Result<Out<'a>, Refusal> {
        if self.caller.level < super::caller::Level::Manager {
            return Err(Refusal::forbidden("You are not allowed to access list_all_users"));
        }
        let (name, names) = (args.text("name"), args.texts("names"));
        let lower =
            |words: Vec<String>| -> Vec<String> { words.iter().map(|word| word.to_lowercase()).collect() };
        let emails = args.texts("emails").map(lower);
        let mut projects = args.texts("projects");
        if let Some(project) = args.text("projectName") {
            projects = Some(vec![project]);
        }
        let rows = self.state.users.values().zip(1..).filter(|(user, _)| {
            let email = user
                .attrib
                .get("email")
                .and_then(Value::as_str)
                .map(str::to_lowercase);
            name.as_ref().is_none_or(|name| user.name == *name)
                && names.as_ref().is_none_or(|names| names.contains(&user.name))
                && emails
                    .as_ref()
                    .is_none_or(|emails| email.is_some_and(|email| emails.contains(&email)))
                && projects.as_ref().is_none_or(|projects| {
                    let caller = super::caller::Caller::of(user);
                    projects.iter().any(|project| caller.may_enter(project))
                })
        });
        Connection::page(
            "UsersConnection",
            args,
            rows.map(|(user, number)| (number, Node::User(user))).collect(),
        )
    }

    fn events(&self, args: &Args) -> Result<Out<'a>, Refusal> {
        let (ids, topics) = (args.texts("ids"), args.texts("topics"));
        let (projects, users, statuses) = (
            args.texts("projects"),
            args.texts("users"),
            args.texts("statuses"),
        );
        let among = |wanted: &Option<Vec<String>>, value: Option<&String>| {
            wanted
                .as_ref()
                .is_none_or(|wanted| value.is_some_and(|value| wanted.contains(value)))
        };
        let topic_fits = |topic: &str, pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => topic.starts_with(start),
            None => topic == pattern,
        };
        let rows = self.state.events.events.iter().zip(1..).filter(|(event, _)| {
            among(&ids, Some(&event.id))
                && topics
                    .as_ref()
                    .is_none_or(|topics| topics.iter().any(|topic| topic_fits(&event.topic, topic)))
                && among(&projects, event.project.as_ref())
                && among(&users, event.user.as_ref())
                && among(&statuses, Some(&event.status))
        });
        Connection::page(
            "EventsConnection",
            args,
            rows.map(|(event, number)| (number, Node::Event(event))).collect(),
        )
    }

    pub(super) fn project(&self, project: &'a Project, name: &str, args: &Args) -> Result<Out<'a>, Refusal> {
        let store = &project.store;
        let items = |kind, list: &'a [Object]| {
            Ok(Out::Many(
                list.iter().map(|item| Node::Item(kind, item)).collect(),
            ))
        };
        let value = match name {
            "folderTypes" => return items("FolderType", &project.folder_types),
            "taskTypes" => return items("TaskType", &project.task_types),
            "statuses" => return items("Status", &project.statuses),
            "tags" => return items("Tag", &project.tags),
            "linkTypes" => return items("LinkType", &project.link_types),
            "attrib" => return Ok(Out::One(Node::Attrib(Scope::Project, &project.attrib, None))),
            "folders" => return self.folders(project, args),
            "tasks" => return self.tasks(project, None, args),
            "products" => return self.products(project, None, args),
            "versions" => return self.versions(project, None, None, args),
            "workfiles" => return self.workfiles(project, args),
            "folder" => {
                let id = id(args)?;
                let folder = store.folders.get(&id).ok_or_else(|| unknown(&id))?;
                return Ok(Out::One(Node::Folder(project, folder)));
            }
            "task" => {
                let id = id(args)?;
                let task = store.tasks.get(&id).ok_or_else(|| unknown(&id))?;
                return Ok(Out::One(Node::Task(project, task)));
            }
            "product" => {
                let id = id(args)?;
                let product = store.products.get(&id).ok_or_else(|| unknown(&id))?;
                return Ok(Out::One(Node::Product(project, product)));
            }
            "version" => {
                let id = id(args)?;
                let version = store.versions.get(&id).ok_or_else(|| unknown(&id))?;
                return Ok(Out::One(Node::Version(project, version)));
            }
            "name" | "projectName" => json!(project.name),
            "code" => json!(project.code),
            "label" => json!(project.label),
            "active" => json!(project.active),
            "library" => json!(project.library),
            "data" => text_of(&project.data),
            "config" => text_of(&project.config),
            "allAttrib" => json!(json!(project.attrib).to_string()),
            "ownAttrib" => shapes::own_names(&project.attrib),
            "createdAt" => json!(project.created_at),
            "updatedAt" => json!(project.updated_at),
            _ => Value::Null,
        };
        Ok(Out::Plain(value))
    }

    pub(super) fn folder(
        &self,
        project: &'a Project,
        folder: &'a Folder,
        name: &str,
        args: &Args,
    ) -> Result<Out<'a>, Refusal> {
        let (store, record) = (&project.store, &folder.record);
        let above = project.parent_of(folder);
        let value = match name {
            "attrib" => {
                let source = Some((project, record, above));
                return Ok(Out::One(Node::Attrib(Scope::Folder, &record.attrib, source)));
            }
            "parent" => {
                return Ok(above.map_or(Out::Plain(Value::Null), |above| {
                    Out::One(Node::Folder(project, above))
                }));
            }
            "tasks" => return self.tasks(project, Some(&record.id), args),
            "products" => return self.products(project, Some(&record.id), args),
            "name" => json!(folder.name),
            "label" => json!(folder.label),
            "folderType" => json!(folder.folder_type),
            "parentId" => json!(folder.parent),
            "path" => json!(store.path_of(folder)),
            "parents" => {
                let mut names = store.names_to(folder);
                names.pop();
                json!(names)
            }
            "allAttrib" => {
                let shown = project.shown_attrib(self.live(), Scope::Folder, record, above);
                json!(json!(shown).to_string())
            }
            "hasVersions" => json!(self.is_published(project, &record.id)),
            "hasTasks" => json!(store.tasks_of(&record.id).next().is_some()),
            "hasChildren" => json!(store.children(Some(&record.id)).next().is_some()),
            "hasProducts" => json!(store.products_of(&record.id).next().is_some()),
            "childCount" => json!(store.children(Some(&record.id)).count()),
            "taskCount" => json!(store.tasks_of(&record.id).count()),
            _ => common(project, record, name),
        };
        Ok(Out::Plain(value))
    }

    pub(super) fn task(
        &self,
        project: &'a Project,
        task: &'a Task,
        name: &str,
        args: &Args,
    ) -> Result<Out<'a>, Refusal> {
        let record = &task.record;
        let above = above(project, task);
        let value = match name {
            "attrib" => {
                let source = Some((project, record, above));
                return Ok(Out::One(Node::Attrib(Scope::Task, &record.attrib, source)));
            }
            "folder" => {
                return Ok(above.map_or(Out::Plain(Value::Null), |above| {
                    Out::One(Node::Folder(project, above))
                }));
            }
            "versions" => return self.versions(project, None, Some(&record.id), args),
            "name" => json!(task.name),
            "label" => json!(task.label),
            "taskType" => json!(task.task_type),
            "folderId" => json!(task.folder),
            "assignees" => json!(task.assignees),
            "subtasks" => json!([]),
            "path" => json!(above.map(|above| format!("{}/{}", project.store.path_of(above), task.name))),
            "parents" => json!(above.map(|above| project.store.names_to(above))),
            "hasVersions" => {
                json!(
                    project
                        .store
                        .versions
                        .values()
                        .any(|version| version.task.as_ref() == Some(&record.id))
                )
            }
            "allAttrib" => {
                let shown = project.shown_attrib(self.live(), Scope::Task, record, above);
                json!(json!(shown).to_string())
            }
            _ => common(project, record, name),
        };
        Ok(Out::Plain(value))
    }

    pub(super) fn product(
        &self,
        project: &'a Project,
        product: &'a Product,
        name: &str,
        args: &Args,
    ) -> Result<Out<'a>, Refusal> {
        let record = &product.record;
        let value = match name {
            "attrib" => return Ok(Out::One(Node::Attrib(Scope::Product, &record.attrib, None))),
            "folder" => {
                let folder = project.store.folders.get(&product.folder);
                return Ok(folder.map_or(Out::Plain(Value::Null), |folder| {
                    Out::One(Node::Folder(project, folder))
                }));
            }
            "versions" => return self.versions(project, Some(&record.id), None, args),
            "versionList" => {
                let versions = project.store.versions_of(&record.id);
                let mut versions: Vec<&Version> = versions.map(AsRef::as_ref).collect();
                versions.sort_by_key(|version| version.version);
                return Ok(Out::Many(versions.into_iter().map(Node::VersionItem).collect()));
            }
            "name" => json!(product.name),
            "folderId" => json!(product.folder),
            "productType" => json!(product.product_type),
            "path" => json!(shapes::product_path(project, product)),
            "allAttrib" => json!(json!(record.attrib).to_string()),
            _ => common(project, record, name),
        };
        Ok(Out::Plain(value))
    }

    pub(super) fn version(
        &self,
        project: &'a Project,
        version: &'a Version,
        name: &str,
    ) -> Result<Out<'a>, Refusal> {
        let record = &version.record;
        let product = project.store.products.get(&version.product);
        let value = match name {
            "attrib" => return Ok(Out::One(Node::Attrib(Scope::Version, &record.attrib, None))),
            "product" => {
                return Ok(product.map_or(Out::Plain(Value::Null), |product| {
                    Out::One(Node::Product(project, product))
                }));
            }
            "task" => {
                let task = version.task.as_ref().and_then(|id| project.store.tasks.get(id));
                return Ok(task.map_or(Out::Plain(Value::Null), |task| {
                    Out::One(Node::Task(project, task))
                }));
            }
            "name" => json!(shapes::version_name(version.version)),
            "version" => json!(version.version),
            "productId" => json!(version.product),
            "taskId" => json!(version.task),
            "author" => json!(version.author),
            "path" => {
                let path = product.and_then(|product| shapes::product_path(project, product));
                json!(path.map(|path| format!("{path}/{}", shapes::version_name(version.version))))
            }
            "allAttrib" => json!(json!(record.attrib).to_string()),
            _ => common(project, record, name),
        };
        Ok(Out::Plain(value))
    }

    pub(super) fn workfile(&self, project: &'a Project, workfile: &'a Workfile, name: &str) -> Out<'a> {
        let record = &workfile.record;
        Out::Plain(match name {
            "attrib" => return Out::One(Node::Attrib(Scope::Workfile, &record.attrib, None)),
            "name" => json!(workfile.name()),
            "path" => json!(workfile.path),
            "taskId" => json!(workfile.task),
            "allAttrib" => json!(json!(record.attrib).to_string()),
            _ => common(project, record, name),
        })
    }

    pub(super) fn user(&self, user: &'a User, name: &str) -> Out<'a> {
        Out::Plain(match name {
            "attrib" => return Out::One(Node::Attrib(Scope::User, &user.attrib, None)),
            "name" => json!(user.name),
            "active" => json!(user.active),
            "isAdmin" | "isManager" | "isService" | "isGuest" | "isDeveloper" => json!(user.is(name)),
            "accessGroups" => {
                let groups = user
                    .data
                    .get("accessGroups")
                    .cloned()
                    .unwrap_or_else(|| json!({}));
                json!(groups.to_string())
            }
            "defaultAccessGroups" => user.default_groups(),
            "allAttrib" => json!(json!(user.attrib).to_string()),
            "createdAt" => json!(user.created_at),
            "updatedAt" => json!(user.updated_at),
            _ => Value::Null,
        })
    }
}

/// The fields all entities share; what nobody knows is null.
fn common(project: &Project, record: &Record, name: &str) -> Value {
    match name {
        "id" => json!(record.id),
        "status" => json!(record.status),
        "tags" => json!(record.tags),
        "active" => json!(record.active),
        "data" => text_of(&record.data),
        "ownAttrib" => shapes::own_names(&record.attrib),
        "createdAt" => json!(record.created_at),
        "updatedAt" => json!(record.updated_at),
        "createdBy" => json!(record.created_by),
        "updatedBy" => json!(record.updated_by),
        "projectName" => json!(project.name),
        _ => Value::Null,
    }
}

/// An object as JSON in text; null when it is empty.
fn text_of(object: &Object) -> Value {
    if object.is_empty() {
        Value::Null
    } else {
        json!(json!(object).to_string())
    }
}

fn id(args: &Args) -> Result<String, Refusal> {
    stored_id(&args.text("id").unwrap_or_default())
}

fn unknown(id: &str) -> Refusal {
    Refusal::not_found(format!("Entity {id} not found"))
}
