//! Which entities a GraphQL list of folders, tasks and so on holds: its filters (`ayon-api.md §6.2`).

use std::collections::HashSet;

use super::attributes::{Attribute, Scope};
use super::connections::{Args, Connection};
use super::entities::{Folder, Id, Record};
use super::fields::as_text;
use super::project::Project;
use super::refusal::Refusal;
use super::resolve::{Node, Out, Run, above};

impl<'a> Run<'a> {
    pub(super) fn folders(&self, project: &'a Project, args: &Args) -> Result<Out<'a>, Refusal> {
        let store = &project.store;
        let ids = args.ids("ids")?;
        let below = below_parents(project, args)?;
        let types = args.filter_names("folderTypes")?;
        let statuses = args.filter_names("statuses")?;
        let (names, name, tags) = (args.texts("names"), args.text("name"), args.texts("tags"));
        let paths: Option<HashSet<String>> = args.texts("paths").map(|paths| {
            paths
                .iter()
                .map(|path| path.trim_matches('/').to_owned())
                .collect()
        });
        let attributes = self.wanted_attributes(args, Scope::Folder);

        let folders = numbers(&store.folder_order, ids.as_deref(), |id| {
            Some(store.folders.get(id)?.record.number)
        });
        let folders = folders
            .into_iter()
            .filter_map(|number| store.folders.get(store.folder_order.get(&number)?));
        let rows = folders.filter(|folder| {
            let id = &folder.record.id;
            below.as_ref().is_none_or(|below| below.contains(id))
                && fits(types.as_deref(), &folder.folder_type)
                && fits(statuses.as_deref(), &folder.record.status)
                && fits(names.as_deref(), &folder.name)
                && name
                    .as_ref()
                    .is_none_or(|name| folder.name.eq_ignore_ascii_case(name))
                && fits_any(tags.as_deref(), &folder.record.tags)
                && flag(args, "hasChildren", || store.children(Some(id)).next().is_some())
                && flag(args, "hasTasks", || store.tasks_of(id).next().is_some())
                && flag(args, "hasProducts", || store.products_of(id).next().is_some())
                && paths
                    .as_ref()
                    .is_none_or(|paths| paths.contains(&store.names_to(folder).join("/")))
                && shows(project, &attributes, &folder.record, project.parent_of(folder))
        });
        let rows = rows.map(|folder| (folder.record.number, Node::Folder(project, folder)));
        Connection::page("FoldersConnection", args, rows.collect())
    }

    /// Tasks of the project, or of one folder.
    pub(super) fn tasks(
        &self,
        project: &'a Project,
        of: Option<&Id>,
        args: &Args,
    ) -> Result<Out<'a>, Refusal> {
        let store = &project.store;
        let ids = args.ids("ids")?;
        let mut folders = args.ids("folderIds")?;
        if args.flag("includeFolderChildren") == Some(true) {
            let tops = folders.take();
            folders = tops.map(|tops| tops.iter().flat_map(|top| store.subtree(top)).collect());
        }
        let folders: Option<HashSet<Id>> = folders.map(|ids| ids.into_iter().collect());
        let types = args.filter_names("taskTypes")?;
        let statuses = args.filter_names("statuses")?;
        let (names, name) = (args.texts("names"), args.text("name"));
        let (tags, any_tags) = (args.texts("tags"), args.texts("tagsAny"));
        let (assignees, any_assignees) = (args.texts("assignees"), args.texts("assigneesAny"));
        let attributes = self.wanted_attributes(args, Scope::Task);

        let tasks = match of {
            Some(folder) => store.tasks_of(folder).map(|task| task.record.number).collect(),
            None => numbers(&store.task_order, ids.as_deref(), |id| {
                Some(store.tasks.get(id)?.record.number)
            }),
        };
        let tasks = tasks
            .into_iter()
            .filter_map(|number| store.tasks.get(store.task_order.get(&number)?));
        let rows = tasks.filter(|task| {
            fits(ids.as_deref(), &task.record.id)
                && folders
                    .as_ref()
                    .is_none_or(|folders| folders.contains(&task.folder))
                && fits(types.as_deref(), &task.task_type)
                && fits(statuses.as_deref(), &task.record.status)
                && fits(names.as_deref(), &task.name)
                && name
                    .as_ref()
                    .is_none_or(|name| task.name.eq_ignore_ascii_case(name))
                && fits_all(tags.as_deref(), &task.record.tags)
                && fits_any(any_tags.as_deref(), &task.record.tags)
                && fits_all(assignees.as_deref(), &task.assignees)
                && fits_any(any_assignees.as_deref(), &task.assignees)
                && shows(project, &attributes, &task.record, above(project, task))
        });
        let rows = rows.map(|task| (task.record.number, Node::Task(project, task)));
        Connection::page("TasksConnection", args, rows.collect())
    }

    /// Products of the project, or of one folder.
    pub(super) fn products(
        &self,
        project: &'a Project,
        of: Option<&Id>,
        args: &Args,
    ) -> Result<Out<'a>, Refusal> {
        let (ids, folders) = (args.ids("ids")?, args.ids("folderIds")?);
        let (names, types) = (args.texts("names"), args.texts("productTypes"));
        let statuses = args.filter_names("statuses")?;
        let products = project.store.products.values().filter(|product| {
            of.is_none_or(|folder| product.folder == *folder)
                && fits(ids.as_deref(), &product.record.id)
                && fits(folders.as_deref(), &product.folder)
                && fits(names.as_deref(), &product.name)
                && fits(types.as_deref(), &product.product_type)
                && fits(statuses.as_deref(), &product.record.status)
        });
        let mut rows: Vec<_> = products
            .map(|product| (product.record.number, Node::Product(project, product)))
            .collect();
        rows.sort_by_key(|(number, _)| *number);
        Connection::page("ProductsConnection", args, rows)
    }

    /// Versions of the project, narrowed to one product or one task.
    pub(super) fn versions(
        &self,
        project: &'a Project,
        product: Option<&Id>,
        task: Option<&Id>,
        args: &Args,
    ) -> Result<Out<'a>, Refusal> {
        let (ids, products, tasks) = (args.ids("ids")?, args.ids("productIds")?, args.ids("taskIds")?);
        let statuses = args.filter_names("statuses")?;
        let versions = project.store.versions.values().filter(|version| {
            product.is_none_or(|product| version.product == *product)
                && task.is_none_or(|task| version.task.as_ref() == Some(task))
                && fits(ids.as_deref(), &version.record.id)
                && fits(products.as_deref(), &version.product)
                && tasks
                    .as_ref()
                    .is_none_or(|tasks| version.task.as_ref().is_some_and(|task| tasks.contains(task)))
                && fits(statuses.as_deref(), &version.record.status)
        });
        let mut rows: Vec<_> = versions
            .map(|version| (version.record.number, Node::Version(project, version)))
            .collect();
        rows.sort_by_key(|(number, _)| *number);
        Connection::page("VersionsConnection", args, rows)
    }

    /// Workfiles of the project; all the tags asked for must be there.
    pub(super) fn workfiles(&self, project: &'a Project, args: &Args) -> Result<Out<'a>, Refusal> {
        let (ids, tasks) = (args.ids("ids")?, args.ids("taskIds")?);
        let (paths, tags) = (args.texts("paths"), args.texts("tags"));
        let statuses = args.filter_names("statuses")?;
        let workfiles = project.store.workfiles.values().filter(|workfile| {
            fits(ids.as_deref(), &workfile.record.id)
                && fits(tasks.as_deref(), &workfile.task)
                && fits(paths.as_deref(), &workfile.path)
                && fits(statuses.as_deref(), &workfile.record.status)
                && fits_all(tags.as_deref(), &workfile.record.tags)
        });
        let mut rows: Vec<_> = workfiles
            .map(|workfile| (workfile.record.number, Node::Workfile(project, workfile)))
            .collect();
        rows.sort_by_key(|(number, _)| *number);
        Connection::page("WorkfilesConnection", args, rows)
    }

    /// The attribute filters; names that are no live attribute are not looked at.
    fn wanted_attributes(&self, args: &Args, scope: Scope) -> Vec<(&'a Attribute, Vec<String>)> {
        let wanted = args.attributes().into_iter();
        let known = wanted.filter_map(|(name, values)| {
            let attribute = self
                .live()
                .iter()
                .find(|a| a.name == name && a.applies_to(scope))?;
            Some((attribute, values))
        });
        known.collect()
    }
}

/// The folders that `parentId` or `parentIds` ask for, with all below them on request; `root` is the project.
fn below_parents(project: &Project, args: &Args) -> Result<Option<HashSet<Id>>, Refusal> {
    let mut parents = args.texts("parentIds");
    if let Some(parent) = args.text("parentId") {
        parents = Some(vec![parent]);
    }
    let Some(parents) = parents else { return Ok(None) };
    let mut below = HashSet::new();
    for parent in parents {
        let parent = match parent.as_str() {
            "root" => None,
            id => Some(super::connections::stored_id(id)?),
        };
        let children = project
            .store
            .children(parent.as_ref())
            .map(|child| child.record.id.clone());
        if args.flag("includeFolderChildren") == Some(true) {
            below.extend(children.flat_map(|child| project.store.subtree(&child)));
        } else {
            below.extend(children);
        }
    }
    Ok(Some(below))
}

/// Numbers of the entities to look at: all of them, or those with the given ids.
fn numbers(
    order: &std::collections::BTreeMap<u64, Id>,
    ids: Option<&[String]>,
    number_of: impl Fn(&str) -> Option<u64>,
) -> Vec<u64> {
    match ids {
        None => order.keys().copied().collect(),
        Some(ids) => {
            let mut numbers: Vec<u64> = ids.iter().filter_map(|id| number_of(id)).collect();
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        }
    }
}

/// No filter, or the value is among those asked for.
fn fits(wanted: Option<&[String]>, value: &str) -> bool {
    wanted.is_none_or(|wanted| wanted.iter().any(|word| word == value))
}

fn fits_any(wanted: Option<&[String]>, values: &[String]) -> bool {
    wanted.is_none_or(|wanted| wanted.iter().any(|word| values.contains(word)))
}

fn fits_all(wanted: Option<&[String]>, values: &[String]) -> bool {
    wanted.is_none_or(|wanted| wanted.iter().all(|word| values.contains(word)))
}

fn flag(args: &Args, name: &str, value: impl FnOnce() -> bool) -> bool {
    args.flag(name).is_none_or(|wanted| value() == wanted)
}

/// Whether the entity shows one of the values of each attribute asked for.
fn shows(
    project: &Project,
    wanted: &[(&Attribute, Vec<String>)],
    record: &Record,
    above: Option<&Folder>,
) -> bool {
    wanted.iter().all(|(attribute, values)| {
        let shown = project.shown_value(attribute, record, above).and_then(as_text);
        shown.is_some_and(|shown| values.contains(&shown))
    })
}
