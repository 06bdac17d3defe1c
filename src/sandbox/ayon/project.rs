//! One AYON project in memory: its lists, its entities and the indexes that keep bulk writes quick.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::anatomy;
use super::attributes::{Attribute, Scope};
use super::entities::{Folder, Id, Product, Record, Task, Version, Workfile};
use super::fields::Object;

/// A project. Entities are shared by reference, so that a copy taken before a batch is cheap to keep.
#[derive(Clone, Debug)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) code: String,
    pub(super) label: Option<String>,
    pub(super) library: bool,
    pub(super) active: bool,
    pub(super) folder_types: Vec<Object>,
    pub(super) task_types: Vec<Object>,
    pub(super) statuses: Vec<Object>,
    pub(super) tags: Vec<Object>,
    pub(super) link_types: Vec<Object>,
    /// `roots`, `templates`, `entityNaming`, `productBaseTypes`.
    pub(super) config: Object,
    pub(super) attrib: Object,
    pub(super) data: Object,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) store: Store,
}

/// The entities of a project.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    pub(super) folders: HashMap<Id, Arc<Folder>>,
    pub(super) tasks: HashMap<Id, Arc<Task>>,
    pub(super) products: HashMap<Id, Arc<Product>>,
    pub(super) versions: HashMap<Id, Arc<Version>>,
    pub(super) workfiles: HashMap<Id, Arc<Workfile>>,
    /// Ids of folders in the order of creation.
    pub(super) folder_order: BTreeMap<u64, Id>,
    pub(super) task_order: BTreeMap<u64, Id>,
    children: HashMap<Option<Id>, BTreeSet<u64>>,
    tasks_of: HashMap<Id, BTreeSet<u64>>,
    products_of: HashMap<Id, HashSet<Id>>,
    versions_of: HashMap<Id, HashSet<Id>>,
    workfiles_of: HashMap<Id, HashSet<Id>>,
    workfile_paths: HashMap<String, Id>,
    /// Active folders by parent and lower-case name (§0.10).
    folder_names: HashMap<(Option<Id>, String), Id>,
    task_names: HashMap<(Id, String), Id>,
    next_number: u64,
    /// Folders a half-committed batch left behind: the server's tables do not know them until the next
    /// folder write (§5.3).
    pub(super) unlisted: HashSet<Id>,
}

impl Store {
    pub(super) fn next_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// Adds a folder, or puts a changed one in the place of its former self.
    pub(super) fn put_folder(&mut self, folder: Folder) {
        self.take_folder(&folder.record.id);
        let (id, number) = (folder.record.id.clone(), folder.record.number);
        if folder.record.active {
            self.folder_names
                .insert((folder.parent.clone(), folder.name.to_lowercase()), id.clone());
        }
        self.children
            .entry(folder.parent.clone())
            .or_default()
            .insert(number);
        self.folder_order.insert(number, id.clone());
        self.folders.insert(id, Arc::new(folder));
    }

    pub(super) fn take_folder(&mut self, id: &str) -> Option<Arc<Folder>> {
        let folder = self.folders.remove(id)?;
        let name = (folder.parent.clone(), folder.name.to_lowercase());
        if self.folder_names.get(&name).is_some_and(|holder| holder == id) {
            self.folder_names.remove(&name);
        }
        if let Some(siblings) = self.children.get_mut(&folder.parent) {
            siblings.remove(&folder.record.number);
        }
        self.folder_order.remove(&folder.record.number);
        Some(folder)
    }

    pub(super) fn put_task(&mut self, task: Task) {
        self.take_task(&task.record.id);
        let (id, number) = (task.record.id.clone(), task.record.number);
        if task.record.active {
            self.task_names
                .insert((task.folder.clone(), task.name.to_lowercase()), id.clone());
        }
        self.tasks_of
            .entry(task.folder.clone())
            .or_default()
            .insert(number);
        self.task_order.insert(number, id.clone());
        self.tasks.insert(id, Arc::new(task));
    }

    pub(super) fn take_task(&mut self, id: &str) -> Option<Arc<Task>> {
        let task = self.tasks.remove(id)?;
        let name = (task.folder.clone(), task.name.to_lowercase());
        if self.task_names.get(&name).is_some_and(|holder| holder == id) {
            self.task_names.remove(&name);
        }
        if let Some(siblings) = self.tasks_of.get_mut(&task.folder) {
            siblings.remove(&task.record.number);
        }
        self.task_order.remove(&task.record.number);
        Some(task)
    }

    pub(super) fn put_product(&mut self, product: Product) {
        self.take_product(&product.record.id);
        self.products_of
            .entry(product.folder.clone())
            .or_default()
            .insert(product.record.id.clone());
        self.products.insert(product.record.id.clone(), Arc::new(product));
    }

    pub(super) fn take_product(&mut self, id: &str) -> Option<Arc<Product>> {
        let product = self.products.remove(id)?;
        if let Some(siblings) = self.products_of.get_mut(&product.folder) {
            siblings.remove(id);
        }
        Some(product)
    }

    pub(super) fn put_version(&mut self, version: Version) {
        self.take_version(&version.record.id);
        self.versions_of
            .entry(version.product.clone())
            .or_default()
            .insert(version.record.id.clone());
        self.versions.insert(version.record.id.clone(), Arc::new(version));
    }

    pub(super) fn take_version(&mut self, id: &str) -> Option<Arc<Version>> {
        let version = self.versions.remove(id)?;
        if let Some(siblings) = self.versions_of.get_mut(&version.product) {
            siblings.remove(id);
        }
        Some(version)
    }

    pub(super) fn put_workfile(&mut self, workfile: Workfile) {
        let id = workfile.record.id.clone();
        self.take_workfile(&id);
        self.workfiles_of
            .entry(workfile.task.clone())
            .or_default()
            .insert(id.clone());
        self.workfile_paths.insert(workfile.path.clone(), id.clone());
        self.workfiles.insert(id, Arc::new(workfile));
    }

    pub(super) fn take_workfile(&mut self, id: &str) -> Option<Arc<Workfile>> {
        let workfile = self.workfiles.remove(id)?;
        if let Some(siblings) = self.workfiles_of.get_mut(&workfile.task) {
            siblings.remove(id);
        }
        self.workfile_paths.remove(&workfile.path);
        Some(workfile)
    }

    /// The active folder of that name below `parent`, in any case.
    pub(super) fn folder_named(&self, parent: Option<&Id>, name: &str) -> Option<&Id> {
        self.folder_names.get(&(parent.cloned(), name.to_lowercase()))
    }

    /// The active task of that name in `folder`, in any case.
    pub(super) fn task_named(&self, folder: &Id, name: &str) -> Option<&Id> {
        self.task_names.get(&(folder.clone(), name.to_lowercase()))
    }

    /// Folders right below `parent`, in the order of creation.
    pub(super) fn children(&self, parent: Option<&Id>) -> impl Iterator<Item = &Arc<Folder>> {
        let numbers = self.children.get(&parent.cloned()).into_iter().flatten();
        numbers.filter_map(|number| self.folders.get(self.folder_order.get(number)?))
    }

    /// Tasks of one folder, in the order of creation.
    pub(super) fn tasks_of(&self, folder: &Id) -> impl Iterator<Item = &Arc<Task>> {
        let numbers = self.tasks_of.get(folder).into_iter().flatten();
        numbers.filter_map(|number| self.tasks.get(self.task_order.get(number)?))
    }

    pub(super) fn products_of(&self, folder: &Id) -> impl Iterator<Item = &Arc<Product>> {
        self.products_of
            .get(folder)
            .into_iter()
            .flatten()
            .filter_map(|id| self.products.get(id))
    }

    pub(super) fn versions_of(&self, product: &Id) -> impl Iterator<Item = &Arc<Version>> {
        self.versions_of
            .get(product)
            .into_iter()
            .flatten()
            .filter_map(|id| self.versions.get(id))
    }

    pub(super) fn workfiles_of(&self, task: &Id) -> impl Iterator<Item = &Arc<Workfile>> {
        self.workfiles_of
            .get(task)
            .into_iter()
            .flatten()
            .filter_map(|id| self.workfiles.get(id))
    }

    /// The workfile of exactly that path, active or not.
    pub(super) fn workfile_at(&self, path: &str) -> Option<&Id> {
        self.workfile_paths.get(path)
    }

    /// The folder and everything below it, top first.
    pub(super) fn subtree(&self, top: &Id) -> Vec<Id> {
        let mut found = vec![top.clone()];
        let mut next = 0;
        while let Some(id) = found.get(next).cloned() {
            found.extend(self.children(Some(&id)).map(|child| child.record.id.clone()));
            next += 1;
        }
        found
    }

    /// The folder and its ancestors, the folder first.
    pub(super) fn lineage(&self, folder: &Folder) -> Vec<Arc<Folder>> {
        let mut line = Vec::new();
        let mut next = self.folders.get(&folder.record.id);
        while let Some(folder) = next {
            line.push(Arc::clone(folder));
            next = folder.parent.as_ref().and_then(|id| self.folders.get(id));
        }
        line
    }

    /// Names from the project's root down to the folder.
    pub(super) fn names_to(&self, folder: &Folder) -> Vec<String> {
        let mut names: Vec<_> = self.lineage(folder).iter().map(|f| f.name.clone()).collect();
        names.reverse();
        names
    }

    /// `/ep01/sq010`, with a leading slash.
    pub(super) fn path_of(&self, folder: &Folder) -> String {
        format!("/{}", self.names_to(folder).join("/"))
    }

    /// The folder at a path, with or without its leading slash; inactive ones count.
    pub(super) fn folder_at(&self, path: &str) -> Option<&Arc<Folder>> {
        let mut found: Option<&Arc<Folder>> = None;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let parent = found.map(|folder| &folder.record.id);
            found = Some(self.children(parent).find(|folder| folder.name == name)?);
        }
        found
    }

    /// Whether the folder or one below it holds a version (§4.3). A product alone does not count.
    pub(super) fn has_versions(&self, folder: &Id) -> bool {
        !self.versions.is_empty()
            && self.subtree(folder).iter().any(|id| {
                self.products_of(id)
                    .any(|product| self.versions_of(&product.record.id).next().is_some())
            })
    }

    /// All folders with a version in or below them; for lists, where asking one by one would be slow.
    pub(super) fn published_folders(&self) -> HashSet<Id> {
        let mut published = HashSet::new();
        for version in self.versions.values() {
            let mut next = self.products.get(&version.product).map(|product| &product.folder);
            while let Some(id) = next {
                if !published.insert(id.clone()) {
                    break;
                }
                next = self.folders.get(id).and_then(|folder| folder.parent.as_ref());
            }
        }
        published
    }

    pub(super) fn has_products(&self, folder: &Id) -> bool {
        !self.products.is_empty()
            && self
                .subtree(folder)
                .iter()
                .any(|id| self.products_of(id).next().is_some())
    }
}

impl Project {
    pub(super) fn status_for(&self, entity: &str) -> String {
        anatomy::default_status(&self.statuses, entity).unwrap_or_default()
    }

    /// The value an entity shows: its own, else the nearest inherited one, else the project's (§3.3).
    pub(super) fn shown_value<'a>(
        &'a self,
        attribute: &Attribute,
        own: &'a Record,
        above: Option<&'a Folder>,
    ) -> Option<&'a Value> {
        let own = own.attrib.get(&attribute.name);
        if own.is_some() || !attribute.inherits() {
            return own;
        }
        let mut next = above;
        while let Some(folder) = next {
            if let Some(value) = folder.record.attrib.get(&attribute.name) {
                return Some(value);
            }
            next = self.parent_of(folder);
        }
        self.attrib.get(&attribute.name)
    }

    pub(super) fn parent_of(&self, folder: &Folder) -> Option<&Folder> {
        self.store.folders.get(folder.parent.as_ref()?).map(Arc::as_ref)
    }

    /// All values an entity shows. Below an unlisted folder nothing is inherited yet (§5.3).
    pub(super) fn shown_attrib(
        &self,
        live: &[Attribute],
        scope: Scope,
        record: &Record,
        above: Option<&Folder>,
    ) -> Object {
        if self.store.unlisted.contains(&record.id) {
            return record.attrib.clone();
        }
        let attributes = live.iter().filter(|attribute| attribute.applies_to(scope));
        attributes
            .filter_map(|a| Some((a.name.clone(), self.shown_value(a, record, above)?.clone())))
            .collect()
    }

    /// What the REST folder list shows: also the parents' values that must not be inherited (§3.3, the leak).
    pub(super) fn leaked_attrib(&self, live: &[Attribute], folder: &Folder) -> Object {
        let mut shown = self.shown_attrib(live, Scope::Folder, &folder.record, self.parent_of(folder));
        for ancestor in self.store.lineage(folder).iter().skip(1) {
            for (name, value) in &ancestor.record.attrib {
                shown.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        shown
    }
}
