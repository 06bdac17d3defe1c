//! The bench on which the stand-in is held, over real HTTP, against the checklist of `ayon-api.md §13`.

use reqwest::Method;
use serde_json::{Value, json};

use super::{AyonOptions, AyonSandbox};
use crate::sandbox::studio::{Project, Row, Step, Studio};

pub(super) const KEY: &str = "test-key";
pub(super) const FOLDERS: &str = "/api/projects/harbor/folders";
pub(super) const OPERATIONS: &str = "/api/projects/harbor/operations";
pub(super) const WORKFILES: &str = "/api/projects/harbor/workfiles";

/// A stand-in and somebody who talks to it.
pub(super) struct Bench {
    pub(super) ayon: AyonSandbox,
    client: reqwest::Client,
}

impl Bench {
    pub(super) fn new(options: AyonOptions) -> Self {
        let options = AyonOptions {
            api_key: KEY.into(),
            ..options
        };
        let ayon = AyonSandbox::start(options).expect("the stand-in starts");
        Self {
            ayon,
            client: reqwest::Client::new(),
        }
    }

    /// With the project `harbor`, which holds nothing.
    pub(super) async fn harbor() -> Self {
        let bench = Self::new(AyonOptions::default());
        let body = json!({"name": "harbor", "code": "hbr"});
        assert_eq!(bench.post("/api/projects", body).await, (201, Value::Null));
        bench
    }

    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.ayon.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub(super) async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, &[("x-api-key", KEY)], None).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, &[("x-api-key", KEY)], Some(body))
            .await
    }

    pub(super) async fn patch(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::PATCH, path, &[("x-api-key", KEY)], Some(body))
            .await
    }

    pub(super) async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::PUT, path, &[("x-api-key", KEY)], Some(body))
            .await
    }

    pub(super) async fn delete(&self, path: &str) -> (u16, Value) {
        self.ask(Method::DELETE, path, &[("x-api-key", KEY)], None).await
    }

    pub(super) async fn graphql(&self, query: &str, variables: Value) -> Value {
        let (status, answer) = self
            .post("/graphql", json!({"query": query, "variables": variables}))
            .await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Makes a folder and answers its id.
    pub(super) async fn folder(&self, name: &str, parent: Option<&str>) -> String {
        let (status, answer) = self
            .post(FOLDERS, json!({"name": name, "parentId": parent}))
            .await;
        assert_eq!(status, 201, "{answer}");
        answer["id"].as_str().expect("an id").to_owned()
    }

    /// Publishes a version below a folder.
    pub(super) async fn publish(&self, folder: &str) {
        let body = json!({"name": "render", "folderId": folder, "productType": "render"});
        let (_, product) = self.post("/api/projects/harbor/products", body).await;
        let body = json!({"version": 1, "productId": product["id"]});
        assert_eq!(self.post("/api/projects/harbor/versions", body).await.0, 201);
    }
}

pub(super) fn id(number: u32) -> String {
    format!("{number:032x}")
}

pub(super) fn create(number: u32, name: &str) -> Value {
    json!({"id": name, "type": "create", "entityType": "folder", "entityId": id(number), "data": {"name": name, "folderType": "Shot"}})
}

fn row(kind: &'static str, id: i64, name: &str, parent: Option<(&'static str, i64)>) -> Row {
    Row {
        kind,
        id,
        project: 188,
        name: Some(name.into()),
        parent,
        status: "wtg",
        in_ayon: true,
        ..Row::default()
    }
}

pub(super) fn studio() -> Studio {
    let mut rows = vec![
        row("Episode", 11, "ep01", None),
        row("Sequence", 30, "hl_020", Some(("Episode", 11))),
        row("Shot", 1043, "hl 020/0030", Some(("Sequence", 30))),
        row("Asset", 701, "Keeper", None),
        row("Task", 5501, "anim", Some(("Shot", 1043))),
    ];
    rows[2].published = true;
    rows[2].ayon_id = Some(id(0x1043));
    rows[3].asset_type = Some("Sci-Fi Prop".into());
    rows[4].step = Some(1);
    let project = Project {
        id: 188,
        name: "Harbor Lights".into(),
        code: Some("hl".into()),
        ayon_name: Some("harbor_lights".into()),
        ..Project::default()
    };
    let step = Step {
        id: 1,
        code: "Anim".into(),
        short_name: "ANM".into(),
        entity_type: "Shot",
        ..Step::default()
    };
    Studio {
        projects: vec![project],
        steps: vec![step],
        rows,
        ..Studio::default()
    }
}
