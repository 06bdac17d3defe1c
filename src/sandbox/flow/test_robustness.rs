//! Faults on request, clients that vanish, and thousands of rows.

use std::time::Duration;

use serde_json::json;

use super::FlowOptions;
use super::test_client::{ARRAY, Site, reply};
use crate::sandbox::controls::{Fault, FaultBody};
use crate::sandbox::studio::Studio;

#[tokio::test]
async fn faults_hit_the_requests_they_are_meant_for() {
    let site = Site::demo().await;
    let controls = site.flow.controls();
    controls.add_fault(Fault {
        path: "/entity/shots".into(),
        body: FaultBody::Html,
        after: 1,
        ..Fault::default()
    });
    assert_eq!(site.get("/entity/shots/1043").await.status, 200);
    let page = site.get("/entity/shots/1043").await;
    assert_eq!(page.status, 503);
    assert!(page.body.as_str().unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!(site.get("/entity/shots/1043").await.status, 200);

    let busy = Fault {
        status: 429,
        retry_after: Some(2),
        ..Fault::default()
    };
    controls.add_fault(busy);
    let answer = site
        .request(reqwest::Method::GET, "/entity/shots/1043")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.headers()["retry-after"].to_str().unwrap()
        ),
        (429, "2")
    );

    controls.add_fault(Fault {
        body: FaultBody::Truncated,
        ..Fault::default()
    });
    let half = site.get("/entity/shots/1043").await;
    assert!(
        half.status == 200 && half.body.is_string(),
        "half a document is no JSON"
    );

    controls.add_fault(Fault {
        status: 401,
        ..Fault::default()
    });
    assert_eq!(
        site.get("/entity/shots/1043").await.body["errors"][0]["detail"],
        "Token Expired"
    );
}

#[tokio::test]
async fn a_reset_may_come_before_or_after_the_work() {
    let site = Site::demo().await;
    for (applied, code) in [(false, "lost"), (true, "kept")] {
        let fault = Fault {
            method: Some("POST".into()),
            body: FaultBody::Reset,
            applied,
            ..Fault::default()
        };
        site.flow.controls().add_fault(fault);
        let body = json!({"project": {"type": "Project", "id": 188}, "code": code});
        let sent = site
            .request(reqwest::Method::POST, "/entity/shots")
            .json(&body)
            .send()
            .await;
        assert!(sent.is_err(), "the connection drops");
        let found = site.search("shots", json!([["code", "is", code]]), &[]).await;
        assert_eq!(found.rows().len(), usize::from(applied), "{code}");
    }
    assert_eq!(
        site.flow
            .controls()
            .requests()
            .iter()
            .filter(|request| request.status.is_none())
            .count(),
        2
    );
}

#[tokio::test]
async fn work_goes_on_when_its_client_vanishes() {
    let site = Site::demo().await;
    site.flow.controls().set_latency(Duration::from_millis(200));
    let body = json!({"sg_ayon_id": "written"});
    let request = site
        .request(reqwest::Method::PUT, "/entity/shots/1043")
        .json(&body);
    assert!(request.timeout(Duration::from_millis(80)).send().await.is_err());
    let deadline = std::time::Instant::now() + Duration::from_secs(5);
    while site.flow.row("Shot", 1043).unwrap()["sg_ayon_id"] != "written" {
        assert!(std::time::Instant::now() < deadline, "the write was given up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_controls_can_be_reached_from_other_processes() {
    let site = Site::demo().await;
    let control = |path: &str| format!("{}/_sandbox{path}", site.flow.url());
    let manual = reply(site.http.get(control(""))).await;
    assert!(manual.body.as_str().unwrap().contains("/_sandbox/faults"));
    let put = site
        .http
        .put(control("/faults"))
        .json(&json!({"path": "shots", "status": 500, "body": "json"}));
    assert_eq!(reply(put).await.body[0]["times"], 1);
    assert_eq!(site.get("/entity/shots/1043").await.refused(), (500, 100));
    assert_eq!(reply(site.http.get(control("/faults"))).await.body[0]["hit"], 1);
    let wrong = site.http.put(control("/faults")).json(&json!({"pth": "shots"}));
    assert_eq!(reply(wrong).await.status, 400);
    assert_eq!(reply(site.http.delete(control("/faults"))).await.status, 204);
    let state = reply(site.http.get(control("/state"))).await;
    assert_eq!(state.body["Project"][0]["name"], "Harbor Lights");
}

#[tokio::test]
async fn thousands_of_rows_are_quick() {
    let studio = Studio::uniform(500, 9);
    let site = Site::with(FlowOptions {
        studio,
        ..FlowOptions::default()
    })
    .await;
    let started = std::time::Instant::now();
    let filters = json!([["entity.Shot.sg_sequence.Sequence.code", "starts_with", "bs_"]]);
    let body = json!({"filters": filters, "fields": ["content", "entity", "step", "task_assignees"], "page": {"size": 5000}});
    let tasks = site.search_body("tasks", ARRAY, body).await.ids();
    assert_eq!(tasks.len(), 4500);
    for chunk in tasks.chunks(500) {
        let update = |id: &i64| json!({"request_type": "update", "entity": "Task", "record_id": id, "data": {"sg_ayon_id": "x", "sg_ayon_sync_status": "Synced"}});
        let requests: Vec<_> = chunk.iter().map(update).collect();
        assert_eq!(
            site.post("/entity/_batch", json!({"requests": requests}))
                .await
                .status,
            200
        );
    }
    let shots = site
        .search_body(
            "shots",
            ARRAY,
            json!({"filters": [], "fields": ["code", "tasks"]}),
        )
        .await;
    assert_eq!(
        shots.rows()[7]["relationships"]["tasks"]["data"]
            .as_array()
            .unwrap()
            .len(),
        9
    );
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "took {:?}",
        started.elapsed()
    );
}
