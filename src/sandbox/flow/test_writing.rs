//! Creates, updates, deletions, batches, schema changes and the events they leave.

use serde_json::{Value, json};

use super::FlowOptions;
use super::test_client::Site;

fn link(kind: &str, id: i64) -> Value {
    json!({"type": kind, "id": id})
}

#[tokio::test]
async fn a_create_answers_thinly_and_is_read_in_another_format() {
    let site = Site::demo().await;
    let made = site
        .post(
            "/entity/shots",
            json!({"project": link("Project", 188), "sg_sequence": link("Sequence", 31)}),
        )
        .await;
    assert_eq!(made.status, 201);
    let data = &made.body["data"];
    let id = data["id"].as_i64().unwrap();
    assert_eq!(data["attributes"]["code"], format!("New Shot {id}"));
    assert_eq!(data["attributes"]["sg_status_list"], "wtg");
    assert!(
        data["attributes"].get("sg_cut_in").is_none(),
        "fields that were not sent are left out"
    );
    assert!(
        data["attributes"]["created_at"]
            .as_str()
            .unwrap()
            .ends_with(" UTC")
    );
    assert_eq!(data["relationships"]["tasks"]["data"], json!([]));
    let read = site
        .get(&format!("/entity/shots/{id}?fields=created_at,created_by"))
        .await;
    assert!(
        read.body["data"]["attributes"]["created_at"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    assert_eq!(
        read.body["data"]["relationships"]["created_by"]["data"]["name"],
        "ayon_connector"
    );
}

#[tokio::test]
async fn writes_that_the_site_does_not_take_are_refused() {
    let site = Site::demo().await;
    let without = site.post("/entity/assets", json!({"code": "x"})).await;
    assert_eq!(without.refused(), (400, 103));
    assert_eq!(without.title(), "API create() missing 'project' attribute");
    let double = site
        .post("/entity/projects", json!({"name": "harbor lights"}))
        .await;
    assert_eq!(double.refused(), (400, 104));
    let person = site
        .post("/entity/human_users", json!({"login": "new", "firstname": "N"}))
        .await;
    assert_eq!(person.refused(), (401, 110));
    for data in [
        json!({"sg_status_list": "nonsense"}),
        json!({"task_assignees": null}),
        json!({"task_assignees": [link("HumanUser", 9999)]}),
        json!({"entity": link("Step", 21)}),
        json!({"est_in_mins": 1.5}),
        json!({"start_date": "2026-13-01"}),
        json!({"content": 7}),
    ] {
        let refused = site.put("/entity/tasks/5501", data.clone()).await;
        assert_eq!(refused.refused(), (400, 104), "{data}");
        assert!(
            refused.title().starts_with("Update failed for [Task."),
            "{}",
            refused.title()
        );
    }
    let unknown = site.put("/entity/tasks/5501", json!({"name": "x"})).await;
    assert_eq!(
        (unknown.refused(), unknown.title()),
        ((400, 103), "API update() Task.name doesn't exist.")
    );
    let gone = site.put("/entity/shots/400000", json!({"code": "x"})).await;
    assert_eq!(
        (gone.refused(), gone.title()),
        ((404, 104), "Entity of type [Shot] with id=400000 does not exist.")
    );
}

#[tokio::test]
async fn an_update_answers_the_whole_record() {
    let site = Site::demo().await;
    let done = site
        .put(
            "/entity/shots/1043",
            json!({"sg_ayon_id": "abc", "sg_ayon_sync_status": "Synced"}),
        )
        .await;
    assert_eq!(
        (done.status, done.body["status"].as_str()),
        (200, Some("successful"))
    );
    assert_eq!(done.body["data"]["attributes"]["sg_ayon_id"], "abc");
    assert_eq!(done.body["data"]["attributes"]["code"], "hl_020_0030");
    assert_eq!(
        site.flow.row("Shot", 1043).unwrap()["sg_ayon_sync_status"],
        "Synced"
    );
}

#[tokio::test]
async fn deleting_is_retiring_and_takes_tasks_along() {
    let site = Site::demo().await;
    let tasks = json!([["entity", "is", link("Shot", 1043)]]);
    assert_eq!(site.search("tasks", tasks.clone(), &[]).await.rows().len(), 4);
    assert_eq!(site.delete("/entity/shots/1043").await.status, 204);
    assert_eq!(site.delete("/entity/shots/1043").await.refused(), (404, 104));
    assert_eq!(
        site.get("/entity/shots/1043").await.title(),
        "Shot: 1043 not found"
    );
    assert_eq!(
        site.get("/entity/shots/1043?options[return_only]=retired")
            .await
            .status,
        200
    );
    assert_eq!(site.search("tasks", tasks.clone(), &[]).await.rows().len(), 0);
    let back = site.post("/entity/shots/1043?revive=true", json!({})).await;
    assert_eq!(back.body["meta"]["did_revive"], true);
    assert_eq!(
        site.post("/entity/shots/1043?revive=true", json!({})).await.body["meta"]["did_revive"],
        false
    );
    assert_eq!(site.post("/entity/shots/1043", json!({})).await.status, 400);
    assert_eq!(site.search("tasks", tasks, &[]).await.rows().len(), 4);

    assert_eq!(site.delete("/entity/sequences/31").await.status, 204);
    let orphan = site.get("/entity/shots/1043?fields=sg_sequence").await;
    assert_eq!(
        orphan.body["data"]["relationships"]["sg_sequence"]["data"],
        Value::Null
    );
}

#[tokio::test]
async fn a_batch_is_all_or_nothing() {
    let site = Site::demo().await;
    let update = |id: i64, field: &str| json!({"request_type": "update", "entity": "Shot", "record_id": id, "data": {field: "x"}});
    let create = json!({"request_type": "create", "entity": "Shot", "data": {"project": link("Project", 188), "code": "n"}});
    for (bad, status) in [
        (update(1042, "no_such_field"), 400),
        (update(400_000, "code"), 404),
    ] {
        let requests = [update(1041, "sg_ayon_id"), create.clone(), bad];
        let refused = site.post("/entity/_batch", json!({"requests": requests})).await;
        assert_eq!(refused.status, status);
        assert_ne!(site.flow.row("Shot", 1041).unwrap()["sg_ayon_id"], "x");
        assert!(
            site.search("shots", json!([["code", "is", "n"]]), &[])
                .await
                .rows()
                .is_empty()
        );
    }
    let delete = json!({"request_type": "delete", "entity": "Shot", "record_id": 1042});
    let done = site
        .post(
            "/entity/_batch",
            json!({"requests": [update(1041, "sg_ayon_id"), create, delete]}),
        )
        .await;
    assert_eq!(done.status, 200);
    assert_eq!(
        done.body["data"][0]["data"]["attributes"],
        json!({"sg_ayon_id": "x"})
    );
    assert_eq!(done.body["data"][1]["data"]["attributes"]["code"], "n");
    assert_eq!(done.body["data"][2]["did_delete"], true);
}

#[tokio::test]
async fn link_lists_replace_add_and_remove() {
    let site = Site::demo().await;
    let assignees = async |value: Value| {
        let done = site
            .put("/entity/tasks/5501", json!({"task_assignees": value}))
            .await;
        let links = done.body["data"]["relationships"]["task_assignees"]["data"]
            .as_array()
            .unwrap()
            .clone();
        links
            .iter()
            .map(|link| link["id"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    let person = |id| link("HumanUser", id);
    assert_eq!(
        assignees(json!([person(60), person(58), person(58)])).await,
        [58, 60]
    );
    assert_eq!(
        assignees(json!({"multi_entity_update_mode": "add", "value": [person(59)]})).await,
        [58, 59, 60]
    );
    assert_eq!(
        assignees(json!({"multi_entity_update_mode": "remove", "value": [person(58)]})).await,
        [59, 60]
    );
    assert!(assignees(json!([])).await.is_empty());

    // Linking a Shot to a second Sequence takes it from the first.
    site.put("/entity/sequences/32", json!({"shots": [link("Shot", 1043)]}))
        .await;
    assert_eq!(
        site.flow.row("Shot", 1043).unwrap()["sg_sequence"],
        link("Sequence", 32)
    );
}

#[tokio::test]
async fn fields_are_made_from_their_labels() {
    let site = Site::with(FlowOptions {
        ayon_fields: false,
        ..FlowOptions::default()
    })
    .await;
    let read = site.get("/entity/shots/1031?fields=sg_ayon_id").await;
    assert!(read.body["data"]["attributes"].get("sg_ayon_id").is_none());
    assert_eq!(
        site.put("/entity/shots/1031", json!({"sg_ayon_id": "x"}))
            .await
            .refused(),
        (400, 103)
    );
    let text = json!({"data_type": "text", "properties": [{"property_name": "name", "value": "Ayon ID"}]});
    let made = site.post("/schema/Shot/fields", text.clone()).await;
    assert_eq!(
        (made.status, made.body["links"]["self"].as_str()),
        (201, Some("/api/v1/schema/Shot/fields/sg_ayon_id"))
    );
    let twin = site.post("/schema/Shot/fields", text.clone()).await;
    assert_eq!(
        twin.body["links"]["self"],
        "/api/v1/schema/Shot/fields/sg_ayon_id_1"
    );
    assert_eq!(
        site.put("/entity/shots/1031", json!({"sg_ayon_id": "x"}))
            .await
            .status,
        200
    );
    assert_eq!(site.delete("/schema/Shot/fields/sg_ayon_id").await.status, 204);
    assert_eq!(site.post("/schema/Shot/fields", text).await.refused(), (400, 104));
    let checkbox =
        json!({"data_type": "checkbox", "properties": [{"property_name": "name", "value": "Auto"}]});
    assert_eq!(
        site.post("/schema/Shot/fields", checkbox).await.refused(),
        (400, 103)
    );
    assert_eq!(
        site.post(
            "/schema/Shot/fields",
            json!({"data_type": "image", "properties": []})
        )
        .await
        .status,
        400
    );
}

#[tokio::test]
async fn changes_leave_events_that_name_their_window() {
    let site = Site::demo().await;
    let token = site.log_in(&[("session_uuid", "window-1")]).await.body["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = json!({"project": link("Project", 188), "code": "new_shot"});
    site.http
        .post(site.url("/entity/shots"))
        .bearer_auth(token)
        .json(&body)
        .send()
        .await
        .unwrap();
    let fields = [
        "event_type",
        "attribute_name",
        "meta",
        "session_uuid",
        "user",
        "project",
    ];
    let events = site
        .search(
            "event_log_entries",
            json!([["session_uuid", "is", "window-1"]]),
            &fields,
        )
        .await;
    let types: Vec<&str> = events
        .rows()
        .iter()
        .filter_map(|row| row["attributes"]["event_type"].as_str())
        .collect();
    assert_eq!(
        types,
        ["Shotgun_Shot_Change", "Shotgun_Shot_Change", "Shotgun_Shot_New"]
    );
    assert_eq!(events.rows()[0]["attributes"]["meta"]["in_create"], true);
    assert_eq!(events.rows()[0]["relationships"]["project"]["data"]["id"], 188);
    assert_eq!(
        site.delete(&format!("/entity/event_log_entries/{}", events.ids()[0]))
            .await
            .refused(),
        (400, 104)
    );

    let quiet = Site::with(FlowOptions {
        log_script_writes: false,
        ..FlowOptions::default()
    })
    .await;
    quiet.put("/entity/shots/1043", json!({"code": "x"})).await;
    assert!(
        quiet
            .search("event_log_entries", json!([]), &[])
            .await
            .rows()
            .is_empty()
    );
}

#[tokio::test]
async fn the_wrong_content_type_is_told_the_right_one() {
    let site = Site::demo().await;
    let request = site
        .request(reqwest::Method::POST, "/entity/shots")
        .header("content-type", super::test_client::ARRAY);
    let refused = super::test_client::reply(request.body("{}")).await;
    assert_eq!(refused.refused(), (415, 103));
    assert!(refused.title().contains("application/json"));
}
