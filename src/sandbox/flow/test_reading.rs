//! Tokens, paths, records, filters, pages.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::FlowOptions;
use super::test_client::{ARRAY, HASH, Site, reply};

#[tokio::test]
async fn only_the_front_page_needs_no_token() {
    let site = Site::demo().await;
    let front = reply(site.http.get(site.url(""))).await;
    assert_eq!(
        (front.status, front.body["data"]["api_version"].as_str()),
        (200, Some("v1"))
    );
    let bare = reply(site.http.get(site.url("/entity/shots"))).await;
    assert_eq!(bare.refused(), (401, 102));
    let newer = reply(site.http.get(format!("{}/api/v2", site.flow.url()))).await;
    assert_eq!(newer.refused(), (404, 103));
    site.flow.stop().await;
}

#[tokio::test]
async fn tokens_are_granted_refused_expired_and_refreshed_once() {
    let site = Site::demo().await;
    let wrong = site
        .token_call(&[
            ("grant_type", "client_credentials"),
            ("client_id", "x"),
            ("client_secret", "y"),
        ])
        .await;
    assert_eq!(wrong.refused(), (400, 102));
    assert_eq!(wrong.title(), "Can't authenticate script 'x'");
    assert_eq!(
        site.token_call(&[("grant_type", "magic")]).await.refused(),
        (400, 103)
    );
    let as_json = site
        .http
        .post(site.url("/auth/access_token"))
        .json(&json!({"grant_type": "client_credentials"}));
    assert_eq!(reply(as_json).await.refused(), (415, 103));
    let query = "/auth/access_token?grant_type=client_credentials&client_id=ayon_connector&client_secret=sandbox-script-key";
    let in_query = reply(site.http.post(site.url(query))).await;
    assert_eq!(
        (in_query.status, in_query.body["expires_in"].as_i64()),
        (200, Some(600))
    );

    let refresh = in_query.body["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert_eq!(site.token_call(&form).await.status, 200);
    assert_eq!(site.token_call(&form).await.refused(), (401, 102));

    site.flow.expire_tokens();
    let late = site.get("/entity/shots/1043").await;
    assert_eq!(late.refused(), (401, 102));
    assert_eq!(late.body["errors"][0]["detail"], "Token Expired");
}

#[tokio::test]
async fn acting_as_somebody_needs_their_consent_and_sees_their_projects_only() {
    let site = Site::demo().await;
    for login in [
        "nobody",
        "quentin.adeyemi",
        "shotgun_admin",
        "mira.kowalski@demo-studio.example",
    ] {
        let refused = site.log_in(&[("scope", &format!("sudo_as_login:{login}"))]).await;
        assert_eq!(refused.refused(), (400, 102), "{login}");
    }
    let person = site
        .log_in(&[("scope", "sudo_as_login:bea.lindqvist"), ("session_uuid", "w-1")])
        .await;
    let token = person.body["access_token"].as_str().unwrap();
    let middle = token.split('.').nth(1).unwrap();
    assert!(!middle.contains('='), "tokens are read without padding");

    let limited = FlowOptions {
        script_projects: vec![204],
        script_role: "api_limited".into(),
        ..FlowOptions::default()
    };
    let site = Site::with(limited).await;
    assert_eq!(site.search("projects", json!([]), &[]).await.ids(), [204]);
    assert_eq!(site.get("/entity/shots/1043").await.refused(), (404, 104));
    let elsewhere = site.put("/entity/shots/1043", json!({"code": "x"})).await;
    assert_eq!(elsewhere.refused(), (400, 104));
    let field = json!({"data_type": "text", "properties": [{"property_name": "name", "value": "More"}]});
    assert_eq!(
        site.post("/schema/Shot/fields", field).await.refused(),
        (400, 104)
    );
}

#[tokio::test]
async fn paths_are_lenient_but_not_blind() {
    let site = Site::demo().await;
    for segment in ["human_users", "human_user", "HumanUser", "HumanUsers"] {
        let found = site.get(&format!("/entity/{segment}/57?fields=login")).await;
        assert_eq!(
            found.body["links"]["self"], "/api/v1/entity/human_users/57",
            "{segment}"
        );
    }
    for segment in ["humanusers", "users"] {
        assert_eq!(
            site.get(&format!("/entity/{segment}/57")).await.refused(),
            (404, 104),
            "{segment}"
        );
    }
    let other = site.http.get(format!(
        "{}/api/v1.1/entity/Shot/1043?fields=code",
        site.flow.url()
    ));
    let other = reply(other.bearer_auth(&site.token)).await;
    assert_eq!(other.body["data"]["links"]["self"], "/api/v1.1/entity/shots/1043");
    assert_eq!(
        reply(site.request(Method::PATCH, "/entity/shots/1043").json(&json!({})))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn records_split_attributes_from_relationships() {
    let site = Site::demo().await;
    let fields = [
        "code",
        "sg_sequence",
        "sg_sequence.Sequence.code",
        "sg_sequence.Sequence.episode.Episode.code",
        "tasks",
        "tasks.Task.content",
        "sg_episode",
        "no_such_field",
        "image",
    ];
    let found = site.search("shots", json!([["id", "is", "1043"]]), &fields).await;
    let shot = &found.rows()[0];
    assert_eq!(
        shot["attributes"],
        json!({
            "code": "hl_020_0030", "image": null, "sg_sequence.Sequence.code": "hl_020",
            "sg_sequence.Sequence.episode.Episode.code": "ep01",
        })
    );
    assert_eq!(
        shot["relationships"]["sg_sequence"],
        json!({
            "data": {"id": 31, "name": "hl_020", "type": "Sequence"},
            "links": {"self": "/api/v1/entity/shots/1043/relationships/sg_sequence", "related": "/api/v1/entity/sequences/31"},
        })
    );
    assert_eq!(
        shot["relationships"]["sg_episode"],
        json!({
            "data": null, "links": {"self": "/api/v1/entity/shots/1043/relationships/sg_episode"},
        })
    );
    assert_eq!(
        shot["relationships"]["tasks"]["data"].as_array().unwrap().len(),
        4
    );
    assert_eq!(found.body["links"]["self"], "/api/v1/entity/shots/_search");
}

#[tokio::test]
async fn filters_follow_their_data_types() {
    let site = Site::demo().await;
    let project = json!(["project", "is", {"type": "Project", "id": 188}]);
    let count = async |filters: Value| site.search("shots", filters, &[]).await.rows().len();
    assert_eq!(
        count(json!([project, ["code", "is", "HL_020_0030"]])).await,
        1,
        "text compares without case"
    );
    assert_eq!(count(json!([["sg_status_list", "in", ["nonsense"]]])).await, 0);
    assert_eq!(
        count(json!([
            ["sg_sequence", "name_is", "hl_020"],
            ["id", "between", [1041, 1043]]
        ]))
        .await,
        3
    );
    assert_eq!(
        count(json!([
            ["sg_sequence.Sequence.episode.Episode.code", "is", "ep01"],
            ["id", "less_than", 1035]
        ]))
        .await,
        4
    );
    assert_eq!(
        count(json!([["tasks", "is", {"type": "Task", "id": 5501}]])).await,
        1
    );
    assert_eq!(
        count(json!([["sg_sequence", "is", null], project])).await,
        1,
        "a retired Sequence reads as none"
    );
    assert_eq!(count(json!([["created_at", "in_last", [1, "HOUR"]]])).await, 0);

    for (filters, title) in [
        (json!([["x", "is", 1]]), "API read() Shot.x doesn't exist."),
        (
            json!([["code", "type_is", "x"]]),
            "relation 'type_is' is not valid, use one of: is, is_not",
        ),
        (json!([["id", "in", []]]), "needs at least one value"),
        (json!([["project", "is", 188]]), "needs a link with type and id"),
        (
            json!([["project", "is", {"id": 188}]]),
            "needs a link with type and id",
        ),
    ] {
        let refused = site.search("shots", filters.clone(), &[]).await;
        assert_eq!(refused.refused(), (400, 103), "{filters}");
        assert!(refused.title().contains(title), "{}", refused.title());
    }
    let meta = site
        .search("event_log_entries", json!([["meta", "is", "x"]]), &[])
        .await;
    assert!(meta.title().contains("cannot be used in a filter"));

    let either = json!({"filters": {"logical_operator": "or", "conditions": [
        ["id", "is", 1043],
        {"logical_operator": "and", "conditions": [["code", "starts_with", "hl_010"], ["code", "ends_with", "0010"]]},
    ]}});
    assert_eq!(
        site.search_body("shots", HASH, either.clone()).await.ids(),
        [1031, 1043]
    );
    assert_eq!(
        site.search_body("shots", ARRAY, either.clone()).await.refused(),
        (400, 103)
    );
    assert_eq!(
        site.search_body("shots", "application/json", either)
            .await
            .refused(),
        (415, 103)
    );
    assert_eq!(
        site.search("shot_things", json!([]), &[]).await.refused(),
        (404, 104)
    );
}

#[tokio::test]
async fn pages_end_with_a_short_one() {
    let site = Site::demo().await;
    let two = [188, 204].map(|id| json!({"type": "Project", "id": id}));
    let two = json!([["project", "in", two]]);
    let all = json!({"filters": two, "fields": "content", "page": {"size": 400, "number": 2}});
    let page = site.search_body("tasks", ARRAY, all).await;
    assert_eq!(page.rows().len(), 100);
    let next = page.body["links"]["next"].as_str().unwrap();
    assert_eq!(
        next,
        "/api/v1/entity/tasks/_search?page%5Bnumber%5D=3&page%5Bsize%5D=400"
    );
    let in_query = site.request(
        Method::POST,
        "/entity/tasks/_search?page[size]=3&fields=content&sort=-id",
    );
    let in_query = reply(in_query.header("content-type", ARRAY).body(r#"{"filters":[]}"#)).await;
    assert_eq!(in_query.ids(), [6000, 5999, 5998]);

    for (size, status) in [(0, 400), (5000, 200), (5001, 400)] {
        let reply = site
            .get(&format!("/entity/shots?fields=code&page[size]={size}"))
            .await;
        assert_eq!(reply.status, status, "{size}");
    }
    for (sort, status) in [
        ("", 400),
        ("id%20desc", 400),
        ("%2Bid", 400),
        ("no_such,-code", 200),
    ] {
        assert_eq!(
            site.get(&format!("/entity/shots?fields=code&sort={sort}"))
                .await
                .status,
            status,
            "{sort}"
        );
    }
    let some = site
        .get("/entity/shots?fields=code&filter[id]=1043,1041&filter[project.Project.id]=188")
        .await;
    assert_eq!(some.ids(), [1041, 1043]);
    let far = site.get("/entity/shots?fields=code&page[number]=99").await;
    assert!(far.rows().is_empty() && far.body["links"]["next"].is_string());

    let count = site
        .request(Method::POST, "/entity/shots/_summarize")
        .header("content-type", ARRAY);
    let asked = json!({"filters": two, "summary_fields": [{"field": "id", "type": "count"}]});
    let count = reply(count.body(asked.to_string())).await;
    assert_eq!(
        count.body["data"],
        json!({"summaries": {"id": 120}, "groups": []})
    );
}

#[tokio::test]
async fn schema_tells_types_fields_and_what_a_project_hides() {
    let site = Site::demo().await;
    site.flow.hide_type(188, "Episode");
    let visible = async |path: &str| site.get(path).await.body["data"]["Episode"]["visible"]["value"].clone();
    assert_eq!(visible("/schema").await, true);
    assert_eq!(visible("/schema?project_id=188").await, false);
    assert_eq!(visible("/schema?project_id=204").await, true);
    site.flow.hide_values(188, "Shot", "sg_status_list", &["omt"]);
    let hidden = async |query: &str| {
        let fields = site.get(&format!("/schema/Shot/fields{query}")).await;
        fields.body["data"]["sg_status_list"]["properties"]["hidden_values"]["value"].clone()
    };
    assert_eq!(hidden("?project_id=188").await, json!(["omt"]));
    assert_eq!(hidden("?project_id=204").await, json!([]));
    assert_eq!(hidden("").await, json!([]));
    let omitted = site
        .put("/entity/shots/1043", json!({"sg_status_list": "omt"}))
        .await;
    assert_eq!(omitted.status, 200, "a hidden status is not refused");
    let fields = site.get("/schema/Shot/fields").await;
    let sequence = &fields.body["data"]["sg_sequence"];
    assert_eq!(sequence["data_type"]["value"], "entity");
    assert_eq!(
        sequence["properties"]["valid_types"]["value"],
        json!(["Sequence"])
    );
    let statuses = &fields.body["data"]["sg_ayon_sync_status"]["properties"]["valid_values"]["value"];
    assert_eq!(statuses, &json!(["Synced", "Failed", "Skipped"]));

    let hidden = async |project: &str| {
        let shown = site
            .get(&format!("/schema/Shot/fields/sg_status_list{project}"))
            .await;
        shown.body["data"]["properties"]["hidden_values"]["value"].clone()
    };
    assert_eq!(hidden("").await, json!([]));
    assert_eq!(hidden("?project_id=188").await, json!(["omt"]));
    assert_eq!(hidden("?project_id=233").await, json!(["na"]));
    site.flow
        .hide_values(188, "Shot", "sg_status_list", &["omt", "na"]);
    let all = site.get("/schema/Shot/fields?project_id=188").await;
    let status = &all.body["data"]["sg_status_list"]["properties"];
    assert_eq!(status["hidden_values"]["value"], json!(["omt", "na"]));
    let valid = status["valid_values"]["value"].as_array().unwrap();
    assert!(valid.contains(&json!("omt")), "hidden values stay valid");
    assert!(!valid.contains(&json!("cmpt")) && !valid.contains(&json!("act")));
    assert_eq!(site.get("/schema/Nonsense/fields").await.refused(), (404, 104));
}

#[tokio::test]
async fn each_type_has_statuses_and_names_of_its_own() {
    let site = Site::demo().await;
    let shown = async |kind: &str| {
        let field = site.get(&format!("/schema/{kind}/fields/sg_status_list")).await;
        field.body["data"]["properties"]["display_values"]["value"].clone()
    };
    let (shots, tasks, people) = (shown("Shot").await, shown("Task").await, shown("HumanUser").await);
    assert_eq!(
        (&shots["ip"], &shots["clsd"]),
        (&json!("In Progress"), &json!("Closed"))
    );
    assert_eq!(
        (&tasks["cmpt"], &tasks["clsd"]),
        (&json!("Complete"), &json!("Wrapped"))
    );
    assert!(shots["cmpt"].is_null() && shown("Version").await["wtg"].is_null());
    assert_eq!(people, json!({"act": "Active", "dis": "Disabled"}));
    assert_eq!(shots["fin"], "Final");
    assert_eq!(shots["fnl"], "FINAL");

    let all = site
        .search(
            "statuses",
            json!([["code", "is", "rdy"]]),
            &["code", "name", "bg_color"],
        )
        .await;
    assert_eq!(all.rows()[0]["attributes"]["name"], "Ready to Start");
    assert_eq!(all.rows()[0]["attributes"]["bg_color"], "34,225,128");
}

#[tokio::test]
async fn groups_tags_and_people_are_read_as_links() {
    let site = Site::demo().await;
    let named = |row: &Value, field: &str| -> Vec<String> {
        let links = row["relationships"][field]["data"].as_array().unwrap();
        links
            .iter()
            .map(|link| format!("{} {} {}", link["type"], link["id"], link["name"]).replace('"', ""))
            .collect()
    };
    let found = site
        .search("tasks", json!([["id", "is", 4015]]), &["task_assignees"])
        .await;
    assert_eq!(
        named(&found.rows()[0], "task_assignees"),
        [
            "HumanUser 66 Hana Vries",
            "HumanUser 67 Ilya Soto",
            "Group 3 Lighting",
            "Group 4 Night Shift",
        ]
    );
    let groups = site
        .search("groups", json!([["id", "in", [4, 5]]]), &["code", "users"])
        .await;
    assert_eq!(named(&groups.rows()[0], "users").len(), 3);
    assert_eq!(named(&groups.rows()[1], "users"), [""; 0]);
    let shot = site
        .search("shots", json!([["id", "is", 3057]]), &["tags", "sg_cut_in"])
        .await;
    assert_eq!(
        named(&shot.rows()[0], "tags")[1..4],
        ["Tag 5 HERO", "Tag 4 Important", "Tag 6 日本"]
    );
    let people = site
        .search("human_users", json!([["sg_status_list", "is", "dis"]]), &["name"])
        .await;
    assert_eq!(people.ids(), [75]);
}

#[tokio::test]
async fn odd_values_are_read_as_they_are_kept() {
    let site = Site::demo().await;
    let fields = [
        "sg_cut_in",
        "sg_cut_out",
        "cut_in",
        "sg_fps",
        "sg_priority",
        "sg_stereo",
        "sg_status_list",
    ];
    let read = async |id: i64| {
        let found = site.search("shots", json!([["id", "is", id]]), &fields).await;
        found.rows()[0]["attributes"].clone()
    };
    let zero = read(3050).await;
    assert_eq!(
        (&zero["sg_cut_in"], &zero["sg_cut_out"]),
        (&json!(0), &json!(null))
    );
    assert_eq!(read(3051).await["sg_fps"], 23.976);
    let pair = read(3052).await;
    assert_eq!((&pair["sg_cut_in"], &pair["cut_in"]), (&json!(1009), &json!(9)));
    let list = read(3056).await;
    assert_eq!(
        (&list["sg_priority"], &list["sg_stereo"]),
        (&json!("urgent"), &json!(true))
    );
    assert_eq!(read(3044).await["sg_status_list"], json!(null));
    assert_eq!(read(3045).await["sg_status_list"], "na");
    let sequence = site
        .search("sequences", json!([["id", "is", 308]]), &["sg_fps"])
        .await;
    assert_eq!(sequence.rows()[0]["attributes"]["sg_fps"], "23.976");
    let template = site
        .search("tasks", json!([["id", "is", 4007]]), &["project", "start_date"])
        .await;
    assert_eq!(
        template.rows()[0]["relationships"]["project"]["data"],
        json!(null)
    );
    let dates = site
        .search("tasks", json!([["id", "is", 4035]]), &["start_date", "due_date"])
        .await;
    assert_eq!(
        dates.rows()[0]["attributes"],
        json!({"start_date": "2026-02-28", "due_date": null})
    );
    assert_eq!(site.get("/entity/shots/3999").await.refused(), (404, 104));
}

#[tokio::test]
async fn latency_is_added_and_requests_are_counted() {
    let site = Site::demo().await;
    site.flow.controls().clear_requests();
    site.flow.controls().set_latency(Duration::from_millis(60));
    site.get("/entity/shots/1043?fields=code").await;
    reply(site.http.get(format!("{}/_sandbox/requests", site.flow.url()))).await;
    let log = site.flow.controls().requests();
    assert_eq!(log.len(), 1, "the controls do not count themselves");
    assert_eq!(
        (log[0].path.as_str(), log[0].status),
        ("/api/v1/entity/shots/1043", Some(200))
    );
    assert!(log[0].ms >= 60 && log[0].bytes_out > 100);
}
