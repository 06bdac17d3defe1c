//! Users: reading all of them with what they may do, and writing one at a time (`ayon-api.md §7`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::model::{FlowId, UserLevel, user_name_allowed};
use crate::plan::{Account, Accounts, NewUser, StoredId, UserPatch};

use super::AyonError;
use super::reader::{AyonReader, PAGE, end};
use super::wire::{Edges, ProjectNode, UserRecord};
use super::writer::AyonWriter;

const QUERY: &str = include_str!("accounts.graphql");
/// Asked for with the first page of users.
const PROJECTS: &str = "projects(first: 10000) { edges { node { name code active attrib { shotgridId } } } }";
const PLACE: &str = "# projects";
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct AccountsAnswer {
    users: Edges<AccountNode>,
    #[serde(default)]
    projects: Edges<ProjectNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountNode {
    name: String,
    active: bool,
    #[serde(default)]
    is_admin: bool,
    #[serde(default)]
    is_manager: bool,
    #[serde(default)]
    is_service: bool,
    /// A JSON text (`ayon-api.md §7.1`).
    #[serde(default)]
    access_groups: Option<String>,
    attrib: AccountAttributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountAttributes {
    full_name: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
struct AccessGroupLine {
    name: String,
}

impl AccountNode {
    fn account(self) -> Account {
        let access = self
            .access_groups
            .as_deref()
            .filter(|text| !text.trim().is_empty());
        let access = access.map(serde_json::from_str).unwrap_or_else(|| Ok(None));
        Account {
            name: self.name,
            full_name: self.attrib.full_name.filter(|name| !name.trim().is_empty()),
            email: self.attrib.email.filter(|email| !email.trim().is_empty()),
            active: self.active,
            level: level(self.is_admin, self.is_manager),
            service: self.is_service,
            access_unread: access.is_err(),
            access: access.ok().flatten().unwrap_or_default(),
            stored: StoredId::Nothing,
        }
    }
}

fn page(after: Option<&str>) -> Value {
    json!({"first": PAGE, "after": after})
}

fn level(is_admin: bool, is_manager: bool) -> UserLevel {
    match (is_admin, is_manager) {
        (true, _) => UserLevel::Admin,
        (false, true) => UserLevel::Manager,
        (false, false) => UserLevel::User,
    }
}

impl AyonReader {
    /// All users, and the active projects that are linked with Flow, by one question and one more for each full page.
    /// Whom the users are linked with is asked one by one ([`Self::stored_id`]).
    pub async fn accounts(&self) -> Result<Accounts, AyonError> {
        let first = self
            .session
            .ask(&QUERY.replace(PLACE, PROJECTS), page(None))
            .await;
        let mut answer: AccountsAnswer = match first {
            // Then no project can be linked.
            Err(AyonError::Refused { detail, .. }) if detail.contains("'shotgridId'") => {
                self.session.ask(QUERY, page(None)).await?
            }
            other => other?,
        };
        let mut linked: BTreeMap<FlowId, Vec<String>> = BTreeMap::new();
        for project in std::mem::take(&mut answer.projects)
            .edges
            .into_iter()
            .map(|edge| edge.node)
        {
            let id = project.attrib.shotgrid_id.and_then(|id| id.trim().parse().ok());
            if let Some(id) = id.filter(|_| project.active) {
                linked.entry(FlowId(id)).or_default().push(project.name);
            }
        }
        Ok(Accounts {
            users: self.all_pages(answer).await?,
            // Of two projects that say they are one, nobody knows which is meant.
            projects: linked
                .into_iter()
                .filter_map(|(id, names)| match <[String; 1]>::try_from(names) {
                    Ok([name]) => Some((id, name)),
                    Err(_) => None,
                })
                .collect(),
            access_groups: None,
        })
    }

    /// The users of an answer and of all pages after it.
    async fn all_pages(&self, mut answer: AccountsAnswer) -> Result<BTreeMap<String, Account>, AyonError> {
        let mut all = BTreeMap::new();
        loop {
            let more = answer.users.page.as_ref().is_some_and(|page| page.has_next_page);
            let after = end(&answer.users);
            let users = answer.users.edges.into_iter().map(|edge| edge.node.account());
            all.extend(users.map(|user| (user.name.clone(), user)));
            match after.filter(|_| more) {
                Some(after) => answer = self.session.ask(QUERY, page(Some(&after))).await?,
                None => return Ok(all),
            }
        }
    }

    /// The names of the access groups; nothing where AYON does not show them.
    pub async fn access_groups(&self) -> Result<Option<Vec<String>>, AyonError> {
        match self
            .session
            .get::<Vec<AccessGroupLine>>("/api/accessGroups/_", &[])
            .await
        {
            Ok(groups) => Ok(Some(groups.into_iter().map(|group| group.name).collect())),
            Err(AyonError::Refused {
                status: 403 | 404, ..
            }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a user holds as `data.sg_user_id`.
    pub async fn stored_id(&self, user: &str) -> Result<StoredId, AyonError> {
        Ok(self
            .record(user)
            .await?
            .map_or(StoredId::Nothing, |record| record.stored_id()))
    }

    /// One user as AYON has it; nothing when there is none of that name.
    pub(super) async fn record(&self, user: &str) -> Result<Option<UserRecord>, AyonError> {
        if !user_name_allowed(user) {
            return Ok(None);
        }
        match self.session.get(&format!("/api/users/{user}"), &[]).await {
            Ok(record) => Ok(Some(record)),
            Err(AyonError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a user is by now; nobody's level is that of a plain user.
    pub async fn level(&self, user: &str) -> Result<UserLevel, AyonError> {
        let record = self.record(user).await?;
        Ok(record.map_or(UserLevel::User, |record| record.level()))
    }

    /// Whether somebody else than a user is an active manager.
    pub async fn another_manages(&self, user: &str) -> Result<bool, AyonError> {
        let answer = self.session.ask(QUERY, page(None)).await?;
        let users = self.all_pages(answer).await?;
        let manages = |other: &Account| other.manages() && other.name != user;
        Ok(users.values().any(manages))
    }

    /// The access groups of a user in some projects, with more of them: the lists of both, project by project.
    pub async fn access_with(
        &self,
        user: &str,
        more: &BTreeMap<String, Vec<String>>,
    ) -> Result<BTreeMap<String, Vec<String>>, AyonError> {
        let record = self.record(user).await?;
        let now = record.map(|record| record.access()).unwrap_or_default();
        let both = more.iter().map(|(project, groups)| {
            let now = now.get(project).into_iter().flatten();
            let all: BTreeSet<&String> = now.chain(groups).collect();
            (project.clone(), all.into_iter().cloned().collect())
        });
        Ok(both.collect())
    }

    /// Whether AYON has a new user as it was to be made: somebody else's of the same name is not it.
    pub async fn has_made(&self, user: &NewUser) -> Result<bool, AyonError> {
        let record = self.record(&user.name).await?;
        Ok(record.is_some_and(|record| record.stored_id() == StoredId::Person(user.flow)))
    }
}

impl UserRecord {
    pub(super) fn level(&self) -> UserLevel {
        let is = |key: &str| {
            let data = self.data.as_ref();
            data.and_then(|data| data.get(key)) == Some(&Value::Bool(true))
        };
        level(is("isAdmin"), is("isManager"))
    }

    /// The access groups by project, as far as they can be read.
    fn access(&self) -> BTreeMap<String, Vec<String>> {
        let groups = self.data.as_ref().and_then(|data| data.get("accessGroups"));
        let projects = groups.and_then(Value::as_object).into_iter().flatten();
        let list = |groups: &Value| serde_json::from_value(groups.clone()).ok();
        projects
            .filter_map(|(project, groups)| Some((project.clone(), list(groups)?)))
            .collect()
    }

    pub(super) fn stored_id(&self) -> StoredId {
        match self.data.as_ref().and_then(|data| data.get("sg_user_id")) {
            None | Some(Value::Null) => StoredId::Nothing,
            Some(Value::Number(id)) => match id.as_i64() {
                Some(id) => StoredId::Person(FlowId(id)),
                None => StoredId::Unreadable(id.to_string()),
            },
            Some(Value::String(text)) if text.trim().is_empty() => StoredId::Nothing,
            Some(Value::String(text)) => match text.trim().parse() {
                Ok(id) => StoredId::Person(FlowId(id)),
                Err(_) => StoredId::Unreadable(text.chars().take(60).collect()),
            },
            Some(_) => StoredId::Unreadable("something that is no id".to_owned()),
        }
    }
}

impl AyonWriter {
    /// Makes a user, without a password.
    pub async fn create_user(&self, user: &NewUser) -> Result<(), AyonError> {
        let mut attrib = Map::new();
        attrib.extend(
            user.full_name
                .iter()
                .map(|name| ("fullName".to_owned(), json!(name))),
        );
        attrib.extend(user.email.iter().map(|email| ("email".to_owned(), json!(email))));
        let body = json!({
            "active": true,
            "attrib": attrib,
            "data": {
                "sg_user_id": user.flow,
                "accessGroups": user.access,
                "defaultAccessGroups": user.default_access,
            },
        });
        self.user(Method::PUT, &user.name, "", &body).await
    }

    /// Changes a user's name, e-mail, link, level and whether it is active; not its access.
    pub async fn update_user(&self, patch: &UserPatch) -> Result<(), AyonError> {
        let (mut attrib, mut data, mut body) = (Map::new(), Map::new(), Map::new());
        attrib.extend(
            patch
                .full_name
                .iter()
                .map(|name| ("fullName".to_owned(), json!(name))),
        );
        attrib.extend(patch.email.iter().map(|email| ("email".to_owned(), json!(email))));
        // Null removes a key (`ayon-api.md §7.3`).
        data.extend(
            patch
                .link
                .iter()
                .map(|link| ("sg_user_id".to_owned(), json!(link))),
        );
        if let Some((_, level)) = patch.level {
            let (key, value) = match level {
                UserLevel::Admin => ("isAdmin", json!(true)),
                UserLevel::Manager => ("isManager", json!(true)),
                UserLevel::User => ("isManager", Value::Null),
            };
            data.insert(key.to_owned(), value);
        }
        if !attrib.is_empty() {
            body.insert("attrib".to_owned(), Value::Object(attrib));
        }
        if !data.is_empty() {
            body.insert("data".to_owned(), Value::Object(data));
        }
        body.extend(patch.active.map(|active| ("active".to_owned(), json!(active))));
        match body.is_empty() {
            true => Ok(()),
            false => {
                self.user(Method::PATCH, &patch.name, "", &Value::Object(body))
                    .await
            }
        }
    }

    /// Sets the access groups of some projects; all other projects stay as they are (`ayon-api.md §7.3`).
    pub async fn give_access(
        &self,
        user: &str,
        access: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), AyonError> {
        let list: Vec<Value> = access
            .iter()
            .map(|(project, groups)| json!({"project": project, "accessGroups": groups}))
            .collect();
        self.user(
            Method::PATCH,
            user,
            "/accessGroups",
            &json!({"accessGroups": list}),
        )
        .await
    }

    async fn user(&self, method: Method, user: &str, rest: &str, body: &Value) -> Result<(), AyonError> {
        if !user_name_allowed(user) {
            return Err(AyonError::Refused {
                status: 400,
                detail: "the user's name is none that AYON accepts today".to_owned(),
            });
        }
        let path = format!("/api/users/{user}{rest}");
        self.session
            .call(method, &path, LIMIT, |request| self.signed(request).json(body))
            .await?;
        Ok(())
    }
}
