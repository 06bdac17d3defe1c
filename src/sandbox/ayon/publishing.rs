//! Products and versions: what makes a folder published (`ayon-api.md §4.3`, §10).

use serde_json::json;

use super::attributes::Scope;
use super::entities::{Id, Kind, Product, Version, note};
use super::fields::{Fields, Object};
use super::names::dashed_id;
use super::refusal::Refusal;
use super::shapes;
use super::writing::{Deed, Effect, Writer, checked_name, id_to_create, reference};

impl Writer<'_> {
    pub(super) fn create_product(&mut self, body: &Object) -> Result<Effect, Refusal> {
        let body = Fields(body);
        let common = self.common(body, Scope::Product)?;
        let name = checked_name(body.required_text("name")?)?;
        let product_type = body.required_text("productType")?;
        let folder = reference(body, "folderId")?
            .value()
            .ok_or_else(|| Refusal::missing("folderId"))?;
        let id = id_to_create(body)?;
        if self.project.store.products.contains_key(&id) {
            return Err(Refusal::unique("Product", "id", &dashed_id(&id)));
        }
        let lower = name.to_lowercase();
        let taken = self
            .project
            .store
            .products_of(&folder)
            .any(|p| p.name.to_lowercase() == lower);
        if taken {
            let value = format!("{}, {lower}", dashed_id(&folder));
            return Err(Refusal::unique("Product", "folder_id, lower(name::text)", &value));
        }
        self.check_status(&common)?;
        self.check_folder(&folder)?;
        let record = self.new_record(id.clone(), Kind::Product, common);
        let parent = Some(folder.clone());
        self.project.store.put_product(Product {
            record,
            name,
            product_type,
            folder,
        });
        Ok(Effect {
            kind: Kind::Product,
            id,
            parent,
            deed: Deed::Created,
        })
    }

    pub(super) fn create_version(&mut self, body: &Object) -> Result<Effect, Refusal> {
        let body = Fields(body);
        let common = self.common(body, Scope::Version)?;
        let version = body
            .integer("version")?
            .value()
            .ok_or_else(|| Refusal::missing("version"))?;
        let product = reference(body, "productId")?
            .value()
            .ok_or_else(|| Refusal::missing("productId"))?;
        let task = reference(body, "taskId")?.value();
        let author = body.text("author")?.value();
        let id = id_to_create(body)?;
        let store = &self.project.store;
        if store.versions.contains_key(&id) {
            return Err(Refusal::unique("Version", "id", &dashed_id(&id)));
        }
        if store.versions_of(&product).any(|other| other.version == version) {
            let value = format!("{}, {version}", dashed_id(&product));
            return Err(Refusal::unique("Version", "product_id, version", &value));
        }
        self.check_status(&common)?;
        if !store.products.contains_key(&product) {
            return Err(Refusal::absent("product_id", &dashed_id(&product), "products"));
        }
        if let Some(task) = &task {
            self.check_task(task)?;
        }
        let record = self.new_record(id.clone(), Kind::Version, common);
        let author = author.or_else(|| Some(self.user.to_owned()));
        let parent = Some(product.clone());
        self.project.store.put_version(Version {
            record,
            version,
            product,
            task,
            author,
        });
        Ok(Effect {
            kind: Kind::Version,
            id,
            parent,
            deed: Deed::Created,
        })
    }

    pub(super) fn update_product(&mut self, id: &Id, body: &Object) -> Result<Effect, Refusal> {
        let body = Fields(body);
        let common = self.common(body, Scope::Product)?;
        let name = body
            .text("name")?
            .not_null("name")?
            .map(checked_name)
            .transpose()?;
        let mut product = match self.project.store.products.get(id) {
            Some(product) => Product::clone(product),
            None => return Err(Refusal::not_found(format!("Entity {id} not found"))),
        };
        self.check_status(&common)?;
        let mut changes = Vec::new();
        if let Some(name) = name {
            note(&mut changes, "renamed", json!(product.name), json!(name));
            product.name = name;
        }
        self.patch_record(&mut product.record, common, &mut changes);
        let parent = Some(product.folder.clone());
        self.project.store.put_product(product);
        Ok(Effect {
            kind: Kind::Product,
            id: id.clone(),
            parent,
            deed: Deed::Updated(changes),
        })
    }

    pub(super) fn update_version(&mut self, id: &Id, body: &Object) -> Result<Effect, Refusal> {
        let common = self.common(Fields(body), Scope::Version)?;
        let mut version = match self.project.store.versions.get(id) {
            Some(version) => Version::clone(version),
            None => return Err(Refusal::not_found(format!("Entity {id} not found"))),
        };
        self.check_status(&common)?;
        let mut changes = Vec::new();
        self.patch_record(&mut version.record, common, &mut changes);
        let parent = Some(version.product.clone());
        self.project.store.put_version(version);
        Ok(Effect {
            kind: Kind::Version,
            id: id.clone(),
            parent,
            deed: Deed::Updated(changes),
        })
    }

    pub(super) fn delete_product(&mut self, id: &Id) -> Result<Effect, Refusal> {
        let Some(product) = self.project.store.products.get(id).cloned() else {
            return Err(Refusal::not_found(format!("Entity {id} not found")));
        };
        let shown = shapes::product(self.project, &product);
        self.drop_product(id);
        let parent = Some(product.folder.clone());
        Ok(Effect {
            kind: Kind::Product,
            id: id.clone(),
            parent,
            deed: Deed::Deleted(shown),
        })
    }

    pub(super) fn delete_version(&mut self, id: &Id) -> Result<Effect, Refusal> {
        let Some(version) = self.project.store.take_version(id) else {
            return Err(Refusal::not_found(format!("Entity {id} not found")));
        };
        let shown = shapes::version(self.project, &version);
        let parent = Some(version.product.clone());
        Ok(Effect {
            kind: Kind::Version,
            id: id.clone(),
            parent,
            deed: Deed::Deleted(shown),
        })
    }

    /// Removes a product with its versions.
    pub(super) fn drop_product(&mut self, id: &Id) {
        let store = &mut self.project.store;
        let versions: Vec<Id> = store
            .versions_of(id)
            .map(|version| version.record.id.clone())
            .collect();
        versions
            .iter()
            .for_each(|version| drop(store.take_version(version)));
        store.take_product(id);
    }
}
