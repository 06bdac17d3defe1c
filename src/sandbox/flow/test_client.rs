//! A plain client for the tests: it says what it sends and hides nothing of what comes back.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{FlowOptions, FlowSandbox};

pub const ARRAY: &str = "application/vnd+shotgun.api3_array+json";
pub const HASH: &str = "application/vnd+shotgun.api3_hash+json";

/// A site and a script that is logged in.
pub struct Site {
    pub flow: FlowSandbox,
    pub http: reqwest::Client,
    pub token: String,
}

pub struct Reply {
    pub status: u16,
    pub body: Value,
}

impl Site {
    pub async fn demo() -> Self {
        Site::with(FlowOptions::default()).await
    }

    pub async fn with(options: FlowOptions) -> Self {
        let flow = FlowSandbox::start(options).unwrap();
        let mut site = Site {
            flow,
            http: reqwest::Client::new(),
            token: String::new(),
        };
        site.token = site.log_in(&[]).await.body["access_token"]
            .as_str()
            .unwrap()
            .to_owned();
        site
    }

    /// Asks for a token with the right key and some more parameters.
    pub async fn log_in(&self, more: &[(&str, &str)]) -> Reply {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", "ayon_connector"),
            ("client_secret", "sandbox-script-key"),
        ];
        form.extend_from_slice(more);
        self.token_call(&form).await
    }

    pub async fn token_call(&self, form: &[(&str, &str)]) -> Reply {
        reply(self.http.post(self.url("/auth/access_token")).form(form)).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.flow.url())
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path)).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Reply {
        reply(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        reply(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        reply(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        reply(self.request(Method::PUT, path).json(&body)).await
    }

    /// A search with a list of triples and the fields wanted.
    pub async fn search(&self, segment: &str, filters: Value, fields: &[&str]) -> Reply {
        self.search_body(segment, ARRAY, json!({"filters": filters, "fields": fields}))
            .await
    }

    pub async fn search_body(&self, segment: &str, content_type: &str, body: Value) -> Reply {
        let request = self.request(Method::POST, &format!("/entity/{segment}/_search"));
        reply(
            request
                .header("content-type", content_type)
                .body(body.to_string()),
        )
        .await
    }
}

impl Reply {
    /// Status and code of an error answer.
    pub fn refused(&self) -> (u16, i64) {
        let error = &self.body["errors"][0];
        assert_eq!(error["status"], self.status, "{}", self.body);
        (self.status, error["code"].as_i64().unwrap())
    }

    pub fn title(&self) -> &str {
        self.body["errors"][0]["title"].as_str().unwrap()
    }

    /// The rows of a list.
    pub fn rows(&self) -> &Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body["data"].as_array().unwrap()
    }

    pub fn ids(&self) -> Vec<i64> {
        self.rows()
            .iter()
            .map(|row| row["id"].as_i64().unwrap())
            .collect()
    }
}

pub async fn reply(request: RequestBuilder) -> Reply {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    Reply {
        status,
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}
