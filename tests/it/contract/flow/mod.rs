//! The statements about Flow, and a script that makes their calls.

mod door;
mod lists;
mod reading;
mod schema;
mod writing;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once};

use amigo::sandbox::flow::{FlowOptions, FlowSandbox};
use futures_util::FutureExt;
use reqwest::Method;
use serde_json::{Value, json};

use super::live::{self, FlowAccess};
use super::statement::{
    Answer, Statement, all_held, broken, no_live_server, own_name, patient, statements, words,
};

static SAID: Once = Once::new();

/// The two content types of a search, and the one of everything else that has a body (`flow-api.md §4.1`).
pub const ARRAY: &str = "application/vnd+shotgun.api3_array+json";
pub const HASH: &str = "application/vnd+shotgun.api3_hash+json";
pub const PLAIN: &str = "application/json";

/// The types of rows that statements make, and where their names stand.
const NAMED: [(&str, &str); 7] = [
    ("Task", "content"),
    ("Group", "code"),
    ("Shot", "code"),
    ("Sequence", "code"),
    ("Asset", "code"),
    ("Tag", "name"),
    ("Project", "name"),
];

/// A site, a script that is logged in, and a Project to work in.
pub struct Flow {
    pub access: FlowAccess,
    pub http: reqwest::Client,
    token: String,
    pub project: i64,
    /// What the names of this run begin with.
    own: String,
    numbers: AtomicU64,
    /// The rows made so far, and the paths of the fields: they go away at the end.
    rows: Mutex<Vec<(String, i64)>>,
    fields: Mutex<Vec<String>>,
    /// Whether the stand-in was made to hide a status; of a live site nobody can say.
    pub hides_a_status: bool,
}

/// Holds the statements of an area against the stand-in, and against a live site where there is one.
async fn hold(statements: &[Statement<Flow>]) {
    let options = FlowOptions::default();
    let access = |url: String| FlowAccess {
        url,
        script_name: options.script_name.clone(),
        script_key: options.script_key.clone(),
        project: None,
    };
    let stand_in = FlowSandbox::start(options.clone()).unwrap();
    let hide = |project: i64| stand_in.hide_values(project, "Shot", "sg_status_list", &["omt"]);
    let mut failures = check(
        access(stand_in.url()),
        "the Flow stand-in",
        Some(&hide),
        statements,
    )
    .await;
    stand_in.stop().await;
    match live::flow() {
        Some(access) => failures.extend(check(access, "the live Flow site", None, statements).await),
        None => no_live_server("Flow", &SAID),
    }
    all_held(&failures);
}

async fn check(
    access: FlowAccess,
    server: &str,
    hide: Option<&dyn Fn(i64)>,
    statements: &[Statement<Flow>],
) -> Vec<String> {
    let enter = AssertUnwindSafe(Flow::enter(access)).catch_unwind().await;
    let mut on = match enter {
        Ok(on) => on,
        Err(panic) => return vec![format!("{server}: nobody got in\n    {}", words(&*panic))],
    };
    if let Some(hide) = hide {
        hide(on.project);
        on.hides_a_status = true;
    }
    let mut failures = broken(&on, server, statements).await;
    let left = AssertUnwindSafe(on.leave()).catch_unwind().await;
    if let Err(panic) = left {
        failures.push(format!(
            "{server}: something was left behind\n    {}",
            words(&*panic)
        ));
    }
    failures
}

impl Flow {
    /// Logs in, and makes a Project unless one is given.
    async fn enter(access: FlowAccess) -> Self {
        let given = access.project;
        let mut on = Self {
            access,
            http: patient(),
            token: String::new(),
            project: given.unwrap_or_default(),
            own: own_name(),
            numbers: AtomicU64::default(),
            rows: Mutex::default(),
            fields: Mutex::default(),
            hides_a_status: false,
        };
        let granted = on.log_in(&[]).await.is(200);
        granted["access_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut on.token);
        if given.is_none() {
            on.project = on.make("Project", json!({"name": on.own})).await;
        }
        on
    }

    /// Retires every row and deletes every field that was made, then looks whether they are gone.
    async fn leave(&self) {
        let rows = std::mem::take(&mut *self.rows.lock().unwrap());
        let fields = std::mem::take(&mut *self.fields.lock().unwrap());
        for (kind, id) in rows.iter().rev() {
            self.delete(&format!("/entity/{kind}/{id}")).await;
        }
        for path in &fields {
            self.delete(path).await;
        }
        for (kind, name) in NAMED {
            let left = self.found(kind, json!([[name, "starts_with", self.own]])).await;
            assert!(left.is_empty(), "{kind} {left:?}");
        }
        for path in &fields {
            assert_eq!(self.get(path).await.status, 404, "{path}");
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.access.url)
    }

    /// A request without a token.
    pub fn anonymous(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.anonymous(method, path).bearer_auth(&self.token)
    }

    /// Asks for a token as the script, with some more parameters.
    pub async fn log_in(&self, more: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", self.access.script_name.as_str()),
            ("client_secret", self.access.script_key.as_str()),
        ];
        form.extend_from_slice(more);
        Answer::of(self.anonymous(Method::POST, "/auth/access_token").form(&form)).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// Whatever a post makes is remembered, also where a statement expects that it is refused.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let answer = self.post_as(PLAIN, path, &body).await;
        if answer.status == 201 {
            let row = &answer.body["data"];
            match (row["type"].as_str(), row["id"].as_i64()) {
                (Some(kind), Some(id)) => self.to_remove(kind, id),
                _ => self.fields.lock().unwrap().push(field_path(&answer.body)),
            }
        }
        answer
    }

    pub async fn post_as(&self, content_type: &str, path: &str, body: &Value) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("content-type", content_type);
        Answer::of(request.body(body.to_string())).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// A name of this run that no other statement uses.
    pub fn name(&self) -> String {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        format!("{}_{number}", self.own)
    }

    /// A link to the Project worked in.
    pub fn home(&self) -> Value {
        link("Project", self.project)
    }

    /// Makes a row; answers its id.
    pub async fn make(&self, kind: &str, fields: Value) -> i64 {
        let made = self.post(&format!("/entity/{kind}"), fields).await.is(201);
        made["data"]["id"].as_i64().unwrap()
    }

    /// Remembers a row that has to go; for what a batch made.
    pub fn to_remove(&self, kind: &str, id: i64) {
        self.rows.lock().unwrap().push((kind.to_owned(), id));
    }

    /// A Shot with some fields besides its name.
    pub async fn shot(&self, more: Value) -> i64 {
        let mut fields = json!({"project": self.home(), "code": self.name()});
        for (name, value) in more.as_object().into_iter().flatten() {
            fields[name] = value.clone();
        }
        self.make("Shot", fields).await
    }

    /// A Task on a Shot.
    pub async fn task(&self, shot: i64) -> i64 {
        let fields = json!({"project": self.home(), "content": self.name(), "entity": link("Shot", shot)});
        self.make("Task", fields).await
    }

    /// Makes a field; answers the name that the site gave it.
    pub async fn make_field(
        &self,
        kind: &str,
        data_type: &str,
        label: &str,
        more: &[(&str, Value)],
    ) -> String {
        let asked = field(data_type, label, more);
        let made = self.post(&format!("/schema/{kind}/fields"), asked).await.is(201);
        let path = field_path(&made);
        path.rsplit('/').next().unwrap().to_owned()
    }

    /// A search with a list of conditions.
    pub async fn search(&self, kind: &str, filters: Value, fields: &[&str]) -> Answer {
        let body = json!({"filters": filters, "fields": fields});
        self.post_as(ARRAY, &format!("/entity/{kind}/_search"), &body)
            .await
    }

    /// The ids that a search finds, in the order of the answer.
    pub async fn found(&self, kind: &str, filters: Value) -> Vec<i64> {
        ids(&self.search(kind, filters, &["id"]).await.is(200))
    }

    /// One row with some of its fields.
    pub async fn see(&self, kind: &str, id: i64, fields: &[&str]) -> Value {
        let answer = self.search(kind, json!([["id", "is", id]]), fields).await.is(200);
        answer["data"][0].clone()
    }

    /// Changes a row; answers what the site says.
    pub async fn change(&self, kind: &str, id: i64, fields: Value) -> Answer {
        self.put(&format!("/entity/{kind}/{id}"), fields).await
    }
}

pub fn link(kind: &str, id: i64) -> Value {
    json!({"type": kind, "id": id})
}

pub fn field(data_type: &str, label: &str, more: &[(&str, Value)]) -> Value {
    let mut properties = vec![json!({"property_name": "name", "value": label})];
    properties.extend(
        more.iter()
            .map(|(name, value)| json!({"property_name": name, "value": value})),
    );
    json!({"data_type": data_type, "properties": properties})
}

/// Where a field that was made stands: the answer tells its name nowhere else (`flow-api.md §4.9`).
fn field_path(answer: &Value) -> String {
    let own = answer["links"]["self"].as_str().unwrap();
    let (_, path) = own.split_once("/schema/").unwrap();
    format!("/schema/{path}")
}

pub fn ids(answer: &Value) -> Vec<i64> {
    let rows = answer["data"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

/// Asserts status and code of an error; answers its title.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, code: i64) -> String {
    let error = &answer.body["errors"][0];
    assert_eq!(
        (answer.status, error["status"].as_u64(), error["code"].as_i64()),
        (status, Some(u64::from(status)), Some(code)),
        "{}",
        answer.body
    );
    error["title"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_fails_is_told_and_nothing_is_left_on_a_site() {
    async fn fails(on: &Flow) {
        on.task(on.shot(json!({})).await).await;
        on.make_field("Shot", "text", &on.name(), &[]).await;
        panic!("it rains");
    }
    async fn holds(on: &Flow) {
        on.shot(json!({})).await;
    }
    let stand_in = FlowSandbox::start(FlowOptions::default()).unwrap();
    let options = FlowOptions::default();
    let access = FlowAccess {
        url: stand_in.url(),
        script_name: options.script_name,
        script_key: options.script_key,
        project: None,
    };
    let before = stand_in.ids("Shot");
    let statements: &[Statement<Flow>] = statements!["the sun shines" => fails, "shots are made" => holds,];
    let told = check(access.clone(), "the sky", None, statements).await;
    assert_eq!(told, ["the sky: the sun shines\n    it rains"]);
    assert_eq!(stand_in.ids("Shot"), before);
    let again = Flow::enter(access).await;
    let fields = again.get("/schema/Shot/fields").await.is(200);
    assert!(!fields.to_string().contains("sg_amigotest"), "{fields}");
    stand_in.stop().await;
}
