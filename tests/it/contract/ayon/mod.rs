//! The statements about AYON, and somebody who makes their calls.

mod attributes;
mod door;
mod graphql;
mod names;
mod operations;
mod people;
mod places;
mod projects;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once};

use amigo::sandbox::ayon::{AyonOptions, AyonSandbox};
use amigo::sandbox::studio::Studio;
use futures_util::FutureExt;
use reqwest::Method;
use serde_json::{Value, json};

use super::live::{self, AyonAccess};
use super::statement::{
    Answer, Statement, all_held, broken, no_live_server, own_name, patient, statements, words,
};

static SAID: Once = Once::new();

/// A server, a project of our own in it, and a service user.
pub struct Ayon {
    access: AyonAccess,
    http: reqwest::Client,
    /// The project everything is made in; it goes away at the end.
    pub project: String,
    /// Paths of what stands outside the project and has to be removed.
    made: Mutex<Vec<String>>,
    places: AtomicU64,
}

/// Holds the statements of an area against the stand-in, and against a live server where there is one.
async fn hold(statements: &[Statement<Ayon>]) {
    let key = "contract0key0contract0key0contra";
    let stand_in = AyonSandbox::start(AyonOptions {
        studio: Studio::demo(),
        api_key: key.to_owned(),
        ..AyonOptions::default()
    })
    .unwrap();
    let access = AyonAccess {
        url: stand_in.url().to_owned(),
        api_key: key.to_owned(),
    };
    let mut failures = check(access, "the AYON stand-in", statements).await;
    stand_in.stop().await;
    match live::ayon() {
        Some(access) => failures.extend(check(access, "the live AYON server", statements).await),
        None => no_live_server("AYON", &SAID),
    }
    all_held(&failures);
}

async fn check(access: AyonAccess, server: &str, statements: &[Statement<Ayon>]) -> Vec<String> {
    let on = Ayon::new(access);
    let enter = AssertUnwindSafe(on.make_project()).catch_unwind().await;
    let mut failures = match enter {
        Ok(()) => broken(&on, server, statements).await,
        Err(panic) => vec![format!(
            "{server}: no project could be made\n    {}",
            words(&*panic)
        )],
    };
    let left = AssertUnwindSafe(on.leave()).catch_unwind().await;
    if let Err(panic) = left {
        failures.push(format!(
            "{server}: something was left behind\n    {}",
            words(&*panic)
        ));
    }
    failures
}

impl Ayon {
    fn new(access: AyonAccess) -> Self {
        Self {
            access,
            http: patient(),
            project: own_name(),
            made: Mutex::default(),
            places: AtomicU64::default(),
        }
    }

    async fn make_project(&self) {
        self.post("/api/projects", new_project(&self.project))
            .await
            .is(201);
    }

    /// Removes everything that was made, then looks whether it is gone.
    async fn leave(&self) {
        let paths = std::mem::take(&mut *self.made.lock().unwrap());
        for path in paths.iter().rev() {
            self.delete(path).await;
        }
        for path in &paths {
            let there = self.get(path).await;
            assert_eq!(there.status, 404, "{path}: {}", there.body);
        }
    }

    /// Remembers a project, a user or a secret that was made, also where a statement expects that it is refused. What
    /// stands in a project goes away with it.
    fn remember(&self, path: &str, body: &Value, answer: &Answer) {
        let path = match (answer.status, path) {
            (201, "/api/projects") => format!("{path}/{}", body["name"].as_str().unwrap_or_default()),
            (204, path) if path.starts_with("/api/users/") || path.starts_with("/api/secrets/") => {
                path.to_owned()
            }
            _ => return,
        };
        self.made.lock().unwrap().push(path);
    }

    /// An absolute path, or one below the project.
    fn url(&self, path: &str) -> String {
        match path {
            "" => format!("{}/api/projects/{}", self.access.url, self.project),
            path if path.starts_with('/') => format!("{}{path}", self.access.url),
            path => format!("{}/api/projects/{}/{path}", self.access.url, self.project),
        }
    }

    /// A request without credentials.
    pub fn anonymous(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// A request by the service user.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.anonymous(method, path)
            .header("x-api-key", &self.access.api_key)
    }

    /// The key, for statements about how it is sent.
    pub fn key(&self) -> &str {
        &self.access.api_key
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let answer = Answer::of(self.request(Method::POST, path).json(&body)).await;
        self.remember(path, &body, &answer);
        answer
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        let answer = Answer::of(self.request(Method::PUT, path).json(&body)).await;
        self.remember(path, &body, &answer);
        answer
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// The whole answer to a query; `$p` is the project.
    pub async fn graphql(&self, query: &str, mut variables: Value) -> Value {
        variables["p"] = json!(self.project);
        let body = json!({"query": query, "variables": variables});
        self.post("/graphql", body).await.is(200)
    }

    /// The project's part of the answer to a query about it.
    pub async fn ask(&self, selection: &str) -> Value {
        let query = format!("query($p: String!) {{ project(name: $p) {{ {selection} }} }}");
        let answer = self.graphql(&query, json!({})).await;
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        answer["data"]["project"].clone()
    }

    /// A folder at the top that no other statement looks into.
    pub async fn place(&self) -> String {
        let number = self.places.fetch_add(1, Ordering::Relaxed);
        self.folder(&format!("place{number}"), None).await
    }

    /// Makes a folder; answers its id.
    pub async fn folder(&self, name: &str, parent: Option<&str>) -> String {
        self.folder_with(json!({"name": name, "parentId": parent})).await
    }

    pub async fn folder_with(&self, body: Value) -> String {
        id_of(&self.post("folders", body).await.is(201))
    }

    /// Makes a Generic task; answers its id.
    pub async fn task(&self, name: &str, folder: &str) -> String {
        let body = json!({"name": name, "taskType": "Generic", "folderId": folder});
        id_of(&self.post("tasks", body).await.is(201))
    }

    /// A folder as it is read alone.
    pub async fn see(&self, folder: &str) -> Value {
        self.get(&format!("folders/{folder}")).await.is(200)
    }

    pub async fn see_task(&self, task: &str) -> Value {
        self.get(&format!("tasks/{task}")).await.is(200)
    }

    /// Changes a folder; answers what the server says.
    pub async fn change(&self, folder: &str, body: Value) -> Answer {
        self.patch(&format!("folders/{folder}"), body).await
    }

    /// Publishes a version below a folder.
    pub async fn publish(&self, folder: &str) {
        let product = json!({"name": "render", "folderId": folder, "productType": "render"});
        let product = id_of(&self.post("products", product).await.is(201));
        self.post("versions", json!({"version": 1, "productId": product}))
            .await
            .is(201);
    }

    /// Sends a batch in which every row stands for itself; answers its results.
    pub async fn batch(&self, operations: Value) -> Vec<Value> {
        let body = json!({"operations": operations, "canFail": true});
        let answer = self.post("operations", body).await.is(200);
        answer["operations"].as_array().unwrap().clone()
    }
}

/// The request for a project of the built-in types and statuses, whatever preset the studio prefers.
pub fn new_project(name: &str) -> Value {
    json!({"name": name, "code": name, "assignUsers": false, "anatomy": {}})
}

/// Asserts an error in the server's own words.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, detail: &str) {
    assert_eq!(
        (answer.status, answer.body["detail"].as_str()),
        (status, Some(detail)),
        "{}",
        answer.body
    );
}

/// A new id of the form that AYON takes.
pub fn new_id() -> String {
    let mut random = [0; 16];
    getrandom::fill(&mut random).unwrap();
    hex::encode(random)
}

/// An id as the database writes it.
pub fn dashed(id: &str) -> String {
    format!(
        "{}-{}-{}-{}-{}",
        &id[..8],
        &id[8..12],
        &id[12..16],
        &id[16..20],
        &id[20..]
    )
}

fn id_of(answer: &Value) -> String {
    answer["id"].as_str().unwrap().to_owned()
}

/// The nodes of a GraphQL list.
pub fn nodes(list: &Value) -> Vec<&Value> {
    let edges = list["edges"].as_array().unwrap();
    edges.iter().map(|edge| &edge["node"]).collect()
}

/// One field of every node, sorted.
pub fn each(list: &Value, field: &str) -> Vec<String> {
    let mut texts: Vec<String> = nodes(list)
        .iter()
        .map(|node| node[field].as_str().unwrap().to_owned())
        .collect();
    texts.sort();
    texts
}

#[tokio::test]
async fn what_fails_is_told_and_nothing_is_left_on_a_server() {
    async fn fails(on: &Ayon) {
        on.task("work", &on.place().await).await;
        let user = format!("/api/users/{}", own_name());
        on.put(&user, json!({})).await.is(204);
        panic!("it rains");
    }
    async fn holds(on: &Ayon) {
        on.place().await;
    }
    let options = AyonOptions::default();
    let access = |url: &str| AyonAccess {
        url: url.to_owned(),
        api_key: options.api_key.clone(),
    };
    let stand_in = AyonSandbox::start(options.clone()).unwrap();
    let before = (stand_in.projects().len(), stand_in.users().len());
    let statements: &[Statement<Ayon>] = statements!["the sun shines" => fails, "places are made" => holds,];
    let told = check(access(stand_in.url()), "the sky", statements).await;
    assert_eq!(told, ["the sky: the sun shines\n    it rains"]);
    assert_eq!((stand_in.projects().len(), stand_in.users().len()), before);
    stand_in.stop().await;
}
