//! Listening to a run live.

use serde_json::Value;

use super::Stage;

/// One event as it came over the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub number: i64,
    pub name: String,
    pub data: Value,
}

impl Stage {
    /// Listens at an address until its stream ends; `after` is the number of the last event that was heard.
    pub async fn listen(&self, path: &str, after: Option<i64>) -> Vec<Told> {
        let mut request = self.http.get(format!("{}{path}", self.url()));
        if let Some(number) = after {
            request = request.header("last-event-id", number.to_string());
        }
        let mut answer = request.send().await.unwrap();
        if answer.status() == 204 {
            return Vec::new();
        }
        assert_eq!(answer.status(), 200);
        assert!(
            answer.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/event-stream")
        );
        let mut text = Vec::new();
        while let Some(chunk) = answer.chunk().await.unwrap() {
            text.extend_from_slice(&chunk);
        }
        read(std::str::from_utf8(&text).unwrap())
    }
}

fn read(text: &str) -> Vec<Told> {
    let field = |block: &str, name: &str| {
        block
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .map(str::to_owned)
    };
    text.split("\n\n")
        .filter_map(|block| {
            Some(Told {
                number: field(block, "id")?.parse().unwrap(),
                name: field(block, "event")?,
                data: serde_json::from_str(&field(block, "data")?).unwrap(),
            })
        })
        .collect()
}
