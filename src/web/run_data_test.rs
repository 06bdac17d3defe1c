//! The promised shape of a run as data, held with a run that has everything.

use crate::run::{Reader, document as data};

use super::pages::sample;

fn keys(value: &serde_json::Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_planned_run_has_the_promised_shape() {
    let run = sample::planned();
    let json = serde_json::to_value(data(&run, Reader::Acting, false)).unwrap();
    for key in [
        "run",
        "view",
        "action",
        "state",
        "origin",
        "parent",
        "options",
        "requested_by",
        "site",
        "created_at",
        "expires_at",
        "confirm",
        "selection",
        "projects",
        "plan",
        "report",
        "calls",
        "error",
    ] {
        assert!(json.get(key).is_some(), "{key} is missing in {:?}", keys(&json));
    }
    assert_eq!(json["state"], "planned");
    assert_eq!(json["created_at"], "2026-11-20T09:00:00Z");
    assert_eq!(json["selection"]["entity_type"], "Shot");
    assert_eq!(json["plan"]["seal"], run.seal());
    assert_eq!(json["plan"]["counts"]["move"], 1);
    let operation = &json["plan"]["operations"][0];
    for key in [
        "id", "kind", "on", "system", "project", "ticked", "flow", "ayon", "changes", "needs", "because",
    ] {
        assert!(
            operation.get(key).is_some(),
            "{key} is missing in {:?}",
            keys(operation)
        );
    }
    assert_eq!(json["report"], serde_json::Value::Null);
}

#[test]
fn a_viewer_gets_neither_capability_nor_seal() {
    let run = sample::planned();
    let json = serde_json::to_value(data(&run, Reader::Viewing, false)).unwrap();
    assert!(json["run"].is_null());
    assert!(json["seal"].is_null());
    assert!(json["plan"]["seal"].is_null());
    let text = json.to_string();
    assert!(!text.contains(&run.id.0));
    assert!(!text.contains(&run.seal()));
}

#[test]
fn a_summary_leaves_the_rows_out() {
    let json = serde_json::to_value(data(&sample::done(), Reader::Acting, true)).unwrap();
    assert!(json["plan"].get("operations").is_none());
    assert!(json["plan"].get("nodes").is_none());
    assert_eq!(
        json["plan"]["counts"]["create"],
        sample::done().plan.unwrap().counts.create
    );
    assert!(json["report"]["counts"]["done"].as_u64().unwrap() > 0);
}
