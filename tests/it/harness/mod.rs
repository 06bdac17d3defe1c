//! A whole studio in one process: a Flow site, an AYON server and amigo between them, over real HTTP on loopback.

mod amigo;
mod clock;
mod events;
mod light;
mod moments;
mod patience;
mod program;
mod run_page;
mod traffic;
mod window;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::amigo::net::Patience;
use ::amigo::sandbox::ayon::{AyonOptions, AyonSandbox};
use ::amigo::sandbox::flow::{FlowOptions, FlowSandbox};
use ::amigo::sandbox::studio::PRODUCTION_MANAGER;
use serde_json::{Value, json};
use tempfile::TempDir;

use self::amigo::Amigo;
pub use clock::Clock;
pub use events::Told;
pub use light::{Entry, naming};
pub use moments::{always, impatient, moments, once};
pub use patience::until;
pub use program::{Ended, Program};
pub use run_page::RunPage;
use traffic::Windows;
pub use window::{Tab, Window};

/// Secrets that no answer and no log line may repeat.
pub const AMI_SECRET: &str = "planted-ami-secret-7f21";
pub const SCRIPT_KEY: &str = "planted-script-key-93ac";
pub const API_KEY: &str = "planted0api0key0planted0api0key0";
pub const SECRETS: [&str; 3] = [AMI_SECRET, SCRIPT_KEY, API_KEY];

/// Idris Vahl, who is an administrator in Flow and AYON.
pub const ADMIN: i64 = 41;

/// The demonstration's project that AYON has in part, and the one that only Flow has.
pub const HARBOR: i64 = 188;
pub const SALT: i64 = 204;

/// Puts something between amigo and the two systems, such as a proxy.
pub type Between = Box<dyn FnOnce(&FlowSandbox, &AyonSandbox) -> Vec<(&'static str, String)>>;

/// How a [`Stage`] is set before it opens.
pub struct Setting {
    pub flow: FlowOptions,
    pub ayon: AyonOptions,
    /// amigo's configuration, by the names of its variables.
    pub amigo: BTreeMap<&'static str, String>,
    /// The file of configuration, where there is one.
    pub toml: Option<String>,
    /// What is put between amigo and the other two once they are there: it answers with more variables.
    pub between: Option<Between>,
    /// amigo's patience: its pauses are such that a test can wait for them.
    pub patience: Patience,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            flow: FlowOptions {
                script_key: SCRIPT_KEY.to_owned(),
                ..FlowOptions::default()
            },
            ayon: AyonOptions {
                studio: ::amigo::sandbox::studio::Studio::demo(),
                api_key: API_KEY.to_owned(),
                script_name: "ayon_connector".to_owned(),
                script_key: SCRIPT_KEY.to_owned(),
                ..AyonOptions::default()
            },
            amigo: BTreeMap::new(),
            toml: None,
            between: None,
            patience: Patience {
                pause: Duration::from_millis(15),
                longest: Duration::from_millis(60),
                ..Patience::default()
            },
        }
    }
}

/// The three servers, and a person's ways to use them.
pub struct Stage {
    pub flow: FlowSandbox,
    pub ayon: AyonSandbox,
    /// A client that follows no redirect.
    pub http: reqwest::Client,
    pub clock: Clock,
    patience: Patience,
    amigo: Amigo,
    variables: BTreeMap<String, String>,
    /// The file of configuration.
    file: Option<PathBuf>,
    /// Menu items made so far, by action, type and the query of their address.
    items: Mutex<HashMap<(String, String, String), i64>>,
    clicks: AtomicU64,
    windows: Windows,
    dir: TempDir,
}

/// Signs a form anew, as Flow would have sent it.
pub fn sign(form: &mut Vec<(String, String)>) {
    form.retain(|(name, _)| name != "signature");
    let signature = ::amigo::sandbox::flow::sign(form, AMI_SECRET);
    form.push(("signature".to_owned(), signature));
}

impl Stage {
    /// The demonstration studio.
    pub async fn open() -> Self {
        Self::set(|_| ()).await
    }

    /// A stage that differs from the usual one.
    pub async fn set(change: impl FnOnce(&mut Setting)) -> Self {
        let mut setting = Setting::default();
        change(&mut setting);
        let dir = TempDir::new().unwrap();
        let flow = FlowSandbox::start(setting.flow).unwrap();
        if setting.ayon.flow_url.is_empty() {
            setting.ayon.flow_url = flow.url();
        }
        let ayon = AyonSandbox::start(setting.ayon).unwrap();
        let database = dir.path().join("amigo.db");
        let mut variables: BTreeMap<String, String> = [
            ("AMIGO_LISTEN", "127.0.0.1:0".to_owned()),
            ("AMIGO_DATABASE_URL", format!("sqlite://{}", database.display())),
            ("AMIGO_AYON_URL", ayon.url().to_owned()),
            ("AMIGO_AYON_API_KEY", API_KEY.to_owned()),
            ("AMIGO_AMI_SECRET", AMI_SECRET.to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let between = setting.between.map(|put| put(&flow, &ayon)).unwrap_or_default();
        variables.extend(
            setting
                .amigo
                .into_iter()
                .chain(between)
                .map(|(name, value)| (name.to_owned(), value)),
        );
        let file = setting.toml.map(|text| {
            let file = dir.path().join("amigo.toml");
            std::fs::write(&file, text).unwrap();
            file
        });
        let clock = Clock::default();
        let amigo = Amigo::start(&variables, file.as_deref(), &clock, &setting.patience).await;
        Self {
            flow,
            ayon,
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            clock,
            patience: setting.patience,
            amigo,
            variables,
            file,
            items: Mutex::default(),
            clicks: AtomicU64::default(),
            windows: Windows::default(),
            dir,
        }
    }

    /// amigo's address, which is also its public one.
    pub fn url(&self) -> &str {
        &self.amigo.url
    }

    /// The configuration amigo runs with.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// A folder that vanishes with the stage; the database is in it.
    pub fn folder(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// Stops amigo and starts it again on the same database and address.
    pub async fn restart_amigo(&mut self) {
        self.restart_amigo_with(&[]).await;
    }

    /// The same with further configuration.
    pub async fn restart_amigo_with(&mut self, more: &[(&str, &str)]) {
        let more = more.iter();
        self.variables
            .extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.stop_amigo().await;
        let address = self.amigo.url.trim_start_matches("http://").to_owned();
        self.variables.insert("AMIGO_LISTEN".to_owned(), address);
        self.amigo = Amigo::start(&self.variables, self.file.as_deref(), &self.clock, &self.patience).await;
    }

    /// Stops amigo here and serves with the real binary in its place: same address, same database.
    pub async fn serve_with_the_binary(&mut self, more: &[(&str, &str)]) -> Program {
        self.serve_with_the_binary_and(&[], more).await
    }

    /// The same with further arguments.
    pub async fn serve_with_the_binary_and(&mut self, arguments: &[&str], more: &[(&str, &str)]) -> Program {
        self.stop_amigo().await;
        let address = self.amigo.url.trim_start_matches("http://").to_owned();
        let mut variables = self.variables.clone();
        variables.insert("AMIGO_LISTEN".to_owned(), address);
        variables.extend(
            more.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let mut arguments = [&["serve"], arguments].concat();
        if let Some(file) = &self.file {
            arguments.extend(["--config", file.to_str().unwrap()]);
        }
        let program = Program::start(self.dir.path(), &arguments, &variables);
        until("the binary serves", async || {
            let answer = self.http.get(format!("{}/healthz", self.url())).send().await;
            answer.is_ok().then_some(())
        })
        .await;
        program
    }

    /// Stops amigo as a service manager would.
    pub async fn stop_amigo(&mut self) {
        self.amigo.stop().await;
    }

    /// The menu item of a type, made when it is first needed; `query` holds its options, such as `?tasks=no`.
    pub fn item(&self, kind: &str, query: &str) -> i64 {
        self.item_of("sync", kind, query)
    }

    /// The same of another action.
    pub fn item_of(&self, action: &str, kind: &str, query: &str) -> i64 {
        let mut items = self.items.lock().unwrap();
        *items
            .entry((action.to_owned(), kind.to_owned(), query.to_owned()))
            .or_insert_with(|| {
                let item = json!({
                    "title": match action {
                        "sync" => "Sync to AYON",
                        "users" => "Sync users",
                        _ => "Preview re-parenting",
                    },
                    "url": format!("{}/ami/{action}{query}", self.url()),
                    "entity_type": kind,
                    "selection_required": action != "users",
                    "secret_token": AMI_SECRET,
                });
                self.flow.create("ActionMenuItem", item).unwrap()
            })
    }

    /// The signed form that choosing the menu item on these rows posts.
    pub fn form(&self, kind: &str, ids: &[i64]) -> Vec<(String, String)> {
        self.form_by(PRODUCTION_MANAGER, kind, ids)
    }

    /// The same when somebody else sits at the desk.
    pub fn form_by(&self, person: i64, kind: &str, ids: &[i64]) -> Vec<(String, String)> {
        let project = self.project_of(kind, ids);
        self.form_on(project, self.item(kind, ""), kind, ids, person)
    }

    /// The project of the page that these rows are on.
    fn project_of(&self, kind: &str, ids: &[i64]) -> Option<i64> {
        let first = ids.first().copied()?;
        match kind {
            "Project" => Some(first),
            _ => self.flow.row(kind, first)?["project"]["id"].as_i64(),
        }
    }

    /// The form that a page of this project posts; `None` is a page over all projects, such as "My Tasks".
    fn form_on(
        &self,
        project: Option<i64>,
        item: i64,
        kind: &str,
        ids: &[i64],
        person: i64,
    ) -> Vec<(String, String)> {
        let mut form = self.flow.ami_form(item, kind, ids, person, project);
        assert!(!form.is_empty(), "item, type, person and project exist");
        // Every click is made in a browser window of its own: two posts of one second would be the same post.
        let window = self.clicks.fetch_add(1, Ordering::Relaxed);
        for (name, value) in &mut form {
            if name == "session_uuid" {
                *value = format!("3f0b8a52-6c1d-4e77-9a41-{window:012x}");
            }
        }
        sign(&mut form);
        form
    }

    /// Selects rows in Flow, opens the menu and chooses the item: amigo answers with the run's page.
    pub async fn right_click(&self, kind: &str, ids: &[i64]) -> RunPage<'_> {
        self.right_click_with(kind, ids, "").await
    }

    /// The same with an item whose address carries options.
    pub async fn right_click_with(&self, kind: &str, ids: &[i64], query: &str) -> RunPage<'_> {
        self.choose("sync", kind, ids, query).await
    }

    /// Chooses "Preview re-parenting" instead.
    pub async fn preview(&self, kind: &str, ids: &[i64]) -> RunPage<'_> {
        self.choose("reparent", kind, ids, "").await
    }

    /// An administrator chooses "Sync users"; without ids nothing is selected.
    pub async fn sync_users(&self, kind: &str, ids: &[i64]) -> RunPage<'_> {
        self.sync_users_by(ADMIN, kind, ids).await
    }

    /// Somebody else does it.
    pub async fn sync_users_by(&self, person: i64, kind: &str, ids: &[i64]) -> RunPage<'_> {
        let item = self.item_of("users", kind, "");
        let form = self.form_on(self.project_of(kind, ids), item, kind, ids, person);
        self.begins_at("/ami/users", &form).await
    }

    /// A user of AYON as it is stored; nothing when there is none.
    pub fn user(&self, name: &str) -> Option<Value> {
        self.ayon.users().into_iter().find(|user| user["name"] == name)
    }

    /// Chooses the item of an action, whose address may carry options.
    pub async fn choose(&self, action: &str, kind: &str, ids: &[i64], query: &str) -> RunPage<'_> {
        let item = self.item_of(action, kind, query);
        let row = self.flow.row("ActionMenuItem", item).unwrap();
        let address = row["url"].as_str().unwrap().to_owned();
        let form = self.form_on(self.project_of(kind, ids), item, kind, ids, PRODUCTION_MANAGER);
        let answer = self.http.post(address).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        RunPage::at(self, answer.headers()["location"].to_str().unwrap())
    }

    /// The same on a page over all projects, such as "My Tasks", which posts no project.
    pub async fn right_click_on_my_page(&self, kind: &str, ids: &[i64]) -> RunPage<'_> {
        self.right_click_on(None, kind, ids).await
    }

    /// The same on a page of this project, whatever project the rows are at home in.
    pub async fn right_click_on(&self, project: Option<i64>, kind: &str, ids: &[i64]) -> RunPage<'_> {
        let form = self.form_on(project, self.item(kind, ""), kind, ids, PRODUCTION_MANAGER);
        self.begins(&form).await
    }

    /// Somebody else than the production manager does it.
    pub async fn right_click_by(&self, person: i64, kind: &str, ids: &[i64]) -> RunPage<'_> {
        self.begins(&self.form_by(person, kind, ids)).await
    }

    /// The same on a page over all projects.
    pub async fn right_click_on_page_by(&self, person: i64, kind: &str, ids: &[i64]) -> RunPage<'_> {
        let form = self.form_on(None, self.item(kind, ""), kind, ids, person);
        self.begins(&form).await
    }

    /// Posts a form that leads to a run.
    pub async fn begins(&self, form: &[(String, String)]) -> RunPage<'_> {
        self.begins_at("/ami/sync", form).await
    }

    async fn begins_at(&self, address: &str, form: &[(String, String)]) -> RunPage<'_> {
        let answer = self.post(address, form).await;
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        RunPage::at(self, answer.headers()["location"].to_str().unwrap())
    }

    /// A page or document of amigo's, by its path.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.http
            .get(format!("{}{path}", self.url()))
            .send()
            .await
            .unwrap()
    }

    /// Posts a form as a browser's page does.
    pub async fn post(&self, path: &str, form: &[(String, String)]) -> reqwest::Response {
        let address = format!("{}{path}", self.url());
        self.http.post(address).form(form).send().await.unwrap()
    }

    /// A Flow row as it is stored.
    pub fn row(&self, kind: &str, id: i64) -> Value {
        self.flow
            .row(kind, id)
            .unwrap_or_else(|| panic!("Flow has no {kind} {id}"))
    }

    /// The ids of the Tasks of a Flow row.
    pub fn tasks_of(&self, kind: &str, id: i64) -> Vec<i64> {
        let of_it = |task: &&Value| task["entity"]["type"] == kind && task["entity"]["id"] == id;
        let state = self.flow.state();
        let tasks = state["Task"].as_array().unwrap();
        tasks
            .iter()
            .filter(of_it)
            .map(|task| task["id"].as_i64().unwrap())
            .collect()
    }

    /// A folder or task of AYON's by its id, switched off or not; nothing when there is none.
    pub async fn ayon_entity(&self, project: &str, kind: &str, id: &str) -> Option<Value> {
        let kinds = if kind == "Task" { "tasks" } else { "folders" };
        let answer = self
            .http
            .get(format!("{}/api/projects/{project}/{kinds}/{id}", self.ayon.url()))
            .header("x-api-key", API_KEY)
            .send()
            .await
            .unwrap();
        match answer.status().as_u16() {
            200 => Some(answer.json().await.unwrap()),
            _ => None,
        }
    }

    /// Writes the addon's re-parenting settings by the real calls, while everything runs.
    pub async fn set_parenting(&self, parenting: Value) {
        self.set_compatibility("folder_parenting", parenting).await;
    }

    /// Writes one of the addon's compatibility settings.
    pub async fn set_compatibility(&self, key: &str, value: Value) {
        let address = format!("{}/api/addons/shotgrid/0.6.19/rawOverrides", self.ayon.url());
        let call = async |request: reqwest::RequestBuilder| {
            let answer = request.header("x-api-key", API_KEY).send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
            answer.text().await.unwrap()
        };
        let overrides = call(self.http.get(&address)).await;
        let mut overrides: Value = serde_json::from_str(&overrides).unwrap();
        overrides["compatibility_settings"][key] = value;
        call(self.http.put(&address).json(&overrides)).await;
    }

    /// Makes something in AYON by its real API, as an artist's tool would.
    pub async fn ayon_post(&self, path: &str, body: Value) -> Value {
        let answer = self
            .http
            .post(format!("{}/api{path}", self.ayon.url()))
            .header("x-api-key", API_KEY)
            .header("x-sender", "artist")
            .json(&body)
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Asserts that the story's writes happened while a plan was applied, and only those that applying needs;
    /// then closes all three servers.
    pub async fn nothing_else_was_sent(self) {
        self.windows.check(&self.flow, &self.ayon);
        self.close().await;
    }

    /// Closes all three servers.
    pub async fn close(mut self) {
        self.amigo.stop().await;
        self.flow.stop().await;
        self.ayon.stop().await;
    }
}
