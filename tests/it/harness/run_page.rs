//! A run's page as a person uses it: looks, ticks, presses, waits.

use serde_json::Value;

use super::{Stage, until};

/// The page of one run, and the run as it was last seen.
pub struct RunPage<'s> {
    stage: &'s Stage,
    /// Such as `/runs/9f…`.
    pub path: String,
    /// The run as data, as it was last waited for.
    pub data: Value,
    /// What was ticked and unticked by hand.
    changed: Vec<(&'static str, String)>,
}

impl<'s> RunPage<'s> {
    /// The page that a redirect leads to.
    pub fn at(stage: &'s Stage, location: &str) -> Self {
        let path = location.strip_prefix(stage.url()).unwrap_or(location);
        assert!(path.starts_with("/runs/"), "{location} is no run's page");
        Self {
            stage,
            path: path.to_owned(),
            data: Value::Null,
            changed: Vec::new(),
        }
    }

    /// The run's capability.
    pub fn id(&self) -> &str {
        self.path.trim_start_matches("/runs/")
    }

    /// The path of the address that may be shared.
    pub fn view(&self) -> String {
        format!(
            "/views/{}",
            self.data["view"].as_str().expect("the run was looked at")
        )
    }

    pub async fn html(&self) -> String {
        let answer = self.stage.get(&self.path).await;
        assert_eq!(answer.status(), 200);
        answer.text().await.unwrap()
    }

    pub async fn json(&self) -> Value {
        let answer = self.stage.get(&format!("{}.json", self.path)).await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// Waits until the run is in one of these states.
    pub async fn reaches(mut self, states: &[&str]) -> Self {
        let path = format!("{}.json?view=summary", self.path);
        let state = until(&format!("the run is {states:?}"), async || {
            let run: Value = self.stage.get(&path).await.json().await.unwrap();
            let state = run["state"].as_str().unwrap().to_owned();
            let is_final = !["queued", "planning", "planned", "applying"].contains(&state.as_str());
            (states.contains(&state.as_str()) || is_final).then_some(state)
        })
        .await;
        self.data = self.json().await;
        let error = &self.data["error"];
        assert!(
            states.contains(&state.as_str()),
            "the run is {state}, not {states:?}: {error}"
        );
        if self.data["state"] != "applying" {
            self.stage.may_write_no_more();
        }
        self
    }

    pub async fn planned(self) -> Self {
        self.reaches(&["planned"]).await
    }

    pub async fn done(self) -> Self {
        self.reaches(&["done"]).await
    }

    pub async fn failed(self) -> Self {
        self.reaches(&["failed"]).await
    }

    /// The seal the page's buttons would send.
    pub fn seal(&self) -> &str {
        self.data["seal"].as_str().expect("the run was looked at")
    }

    /// The operation on something: an AYON path, a name, or a Flow field such as `Shot.sg_ayon_id`.
    pub fn operation(&self, what: &str) -> &Value {
        let operations = self.data["plan"]["operations"].as_array().expect("a plan");
        let named = |operation: &&Value| {
            let changes = operation["changes"].as_array().unwrap();
            operation["ayon"]["path"] == what
                || operation["ayon"]["name"] == what
                || changes.iter().any(|change| change["field"] == what)
        };
        operations
            .iter()
            .find(named)
            .unwrap_or_else(|| panic!("nothing is planned for {what}: {:?}", self.planned_paths()))
    }

    /// `create /ep01`, `update /ep01/hl_010` and so on, in the order of the plan.
    pub fn planned_paths(&self) -> Vec<String> {
        self.paths_of(|_| true)
    }

    /// The same without what is only offered.
    pub fn ticked_paths(&self) -> Vec<String> {
        self.paths_of(|operation| operation["ticked"] == true)
    }

    fn paths_of(&self, which: impl Fn(&Value) -> bool) -> Vec<String> {
        let operations = self.data["plan"]["operations"].as_array().expect("a plan");
        operations
            .iter()
            .filter(|operation| which(operation))
            .map(|operation| {
                let target = match operation["ayon"]["path"].as_str() {
                    Some(path) if !path.is_empty() => path,
                    _ => operation["ayon"]["name"]
                        .as_str()
                        .or(operation["changes"][0]["field"].as_str())
                        .unwrap_or_default(),
                };
                format!("{} {target}", operation["kind"].as_str().unwrap())
            })
            .collect()
    }

    /// One of the plan's counts.
    pub fn count(&self, verdict: &str) -> u64 {
        self.data["plan"]["counts"][verdict].as_u64().expect("a plan")
    }

    /// The plan's problems as `code Type id`, without the warnings.
    pub fn blocked(&self) -> Vec<String> {
        self.problems("blocked")
    }

    /// The plan's problems of a severity as `code Type id`.
    pub fn problems(&self, severity: &str) -> Vec<String> {
        let problems = self.data["plan"]["problems"].as_array().expect("a plan");
        problems
            .iter()
            .filter(|problem| problem["severity"] == severity)
            .map(|problem| {
                let code = problem["code"].as_str().unwrap();
                match problem["flow"]["id"].as_i64() {
                    Some(id) => format!("{code} {} {id}", problem["flow"]["type"].as_str().unwrap()),
                    None => code.to_owned(),
                }
            })
            .collect()
    }

    pub fn tick(self, what: &str) -> Self {
        self.change("tick", what)
    }

    pub fn untick(self, what: &str) -> Self {
        self.change("untick", what)
    }

    fn change(mut self, how: &'static str, what: &str) -> Self {
        let id = self.operation(what)["id"].as_str().unwrap().to_owned();
        self.changed.push((how, id));
        self
    }

    /// Presses Apply with the ticks as they are now.
    pub async fn apply(self) -> Self {
        self.stage.let_it_write();
        let mut form: Vec<(&str, &str)> = Vec::new();
        let typed = self.data["confirm"].as_u64().map(|count| count.to_string());
        form.extend(typed.as_deref().map(|count| ("confirm", count)));
        if !self.changed.is_empty() {
            form.push(("ticks", "changed"));
            form.extend(self.changed.iter().map(|(how, id)| (*how, id.as_str())));
        }
        let answer = self.press("apply", &form).await;
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        assert_eq!(answer.headers()["location"], self.path.as_str());
        self
    }

    /// Presses one of the page's buttons as a browser would.
    pub async fn press(&self, button: &str, more: &[(&str, &str)]) -> reqwest::Response {
        let mut form = vec![("seal", self.seal())];
        form.extend(more);
        self.send(button, &form, &[("origin", self.stage.url())]).await
    }

    /// Plans again with a form's choices: the new run's page.
    pub async fn replan(&self, form: &[(&str, &str)]) -> RunPage<'s> {
        let answer = self.press("replan", form).await;
        let location = answer.headers().get("location").cloned();
        assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
        let location = location.expect("a redirect says where to");
        RunPage::at(self.stage, location.to_str().unwrap())
            .planned()
            .await
    }

    /// Sends a form to one of the run's addresses, with exactly these fields and headers.
    pub async fn send(
        &self,
        button: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> reqwest::Response {
        let address = format!("{}{}/{button}", self.stage.url(), self.path);
        let mut request = self.stage.http.post(address).form(form);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    fn report_row(&self, what: &str) -> &Value {
        let id = &self.operation(what)["id"];
        let rows = self.data["report"]["operations"].as_array().expect("a report");
        rows.iter()
            .find(|row| row["id"] == *id)
            .unwrap_or_else(|| panic!("the report leaves {what} out"))
    }

    /// How an operation ended.
    pub fn outcome(&self, what: &str) -> &str {
        self.report_row(what)["outcome"].as_str().unwrap()
    }

    /// What the report says of an operation.
    pub fn message(&self, what: &str) -> &str {
        self.report_row(what)["message"].as_str().unwrap_or_default()
    }

    /// One of the report's counts.
    pub fn ended(&self, outcome: &str) -> u64 {
        self.data["report"]["counts"][outcome].as_u64().expect("a report")
    }

    /// The code of the error that the run ended with, after checking that it has all that people need.
    pub fn error(&self) -> &str {
        let error = &self.data["error"];
        for part in ["code", "message", "remedy"] {
            assert!(
                error[part].as_str().is_some_and(|text| !text.is_empty()),
                "{error}"
            );
        }
        error["code"].as_str().unwrap()
    }
}
