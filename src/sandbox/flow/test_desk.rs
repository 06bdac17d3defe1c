//! Menu items and the pages that post them.

use serde_json::{Value, json};

use super::sign;
use super::test_client::{Site, reply};

async fn make_item(site: &Site, more: Value) -> i64 {
    let mut item =
        json!({"title": "Sync to AYON", "url": "http://127.0.0.1:9/ami/sync", "entity_type": "Shot"});
    for (key, value) in more.as_object().unwrap() {
        item[key] = value.clone();
    }
    let made = site.post("/entity/action_menu_items", item).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.body["data"]["id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_secret_is_set_once_and_never_read() {
    let site = Site::demo().await;
    let item = make_item(&site, json!({"secret_token": "hush"})).await;
    let path = format!("/entity/action_menu_items/{item}");
    assert_eq!(
        site.get(&format!("{path}?fields=secret_token")).await.body["data"]["attributes"]["secret_token"],
        Value::Null
    );
    assert_eq!(
        site.put(&path, json!({"secret_token": "other"})).await.refused(),
        (400, 104)
    );
    assert_eq!(site.put(&path, json!({"title": "Other"})).await.status, 200);
    assert!(!site.flow.state().to_string().contains("hush"));
    let events = site.search("event_log_entries", json!([]), &["meta"]).await;
    assert!(!events.body.to_string().contains("hush"));
}

#[tokio::test]
async fn the_desk_shows_names_as_text_and_posts_what_flow_would() {
    let site = Site::demo().await;
    let item = make_item(
        &site,
        json!({"secret_token": "hush", "poll_for_data_updates": true}),
    )
    .await;
    make_item(&site, json!({"entity_type": "Asset", "title": "Not here"})).await;

    let page = site
        .http
        .get(format!("{}/desk/188/shots", site.flow.url()))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let page = scraper::Html::parse_document(&page);
    let find = |css: &str| page.select(&scraper::Selector::parse(css).unwrap()).count();
    assert_eq!(
        find("tr[data-type='Shot'][data-id='1043'][data-name='hl_020_0030']"),
        1
    );
    assert_eq!(find("tr[data-name='<script>alert(1)</script>']"), 1);
    assert_eq!(find("script:not([src])"), 0, "no row may become a script");

    let menu = site.http.get(format!(
        "{}/desk/menu?type=Shot&project=188&person=57",
        site.flow.url()
    ));
    let menu = reply(menu).await;
    assert_eq!(menu.body.as_array().unwrap().len(), 1);
    assert_eq!(menu.body[0]["item"], item);

    let choice = json!({"item": item, "type": "Shot", "project": 188, "person": 57, "selected": [1043, 1051],
        "session_uuid": "3f0b8a52-6c1d-4e77-9a41-0242ac110005"});
    let posting = reply(
        site.http
            .post(format!("{}/desk/ami", site.flow.url()))
            .json(&choice),
    )
    .await;
    assert_eq!((posting.status, &posting.body["polls"]), (200, &json!(true)));
    let fields: Vec<(String, String)> = serde_json::from_value(posting.body["fields"].clone()).unwrap();
    let field = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(field("selected_ids"), Some("1043,1051"));
    assert_eq!(
        (field("user_login"), field("project_name")),
        (Some("mira.kowalski"), Some("Harbor Lights"))
    );
    assert_eq!(
        field("server_hostname"),
        Some(site.flow.url().trim_start_matches("http://"))
    );
    assert_eq!(
        field("ids").unwrap().split(',').count(),
        79,
        "all rows of the page, selected or not"
    );
    assert_eq!(field("signature"), Some(sign(&fields, "hush").as_str()));

    let events = site
        .search(
            "event_log_entries",
            json!([["event_type", "is", "Shotgun_ActionMenuItem_Triggered"]]),
            &["user"],
        )
        .await;
    assert_eq!(events.rows()[0]["relationships"]["user"]["data"]["id"], 57);
    assert_eq!(
        reply(site.http.get(format!("{}/desk/188/nonsense", site.flow.url())))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn forms_without_selection_project_or_secret_say_so() {
    let site = Site::demo().await;
    let item = make_item(&site, json!({"entity_type": null})).await;
    let form = site.flow.ami_form(item, "HumanUser", &[], 57, None);
    let has = |name: &str| form.iter().any(|(key, _)| key == name);
    assert!(!has("project_id") && !has("signature") && !has("timestamp"));
    assert!(form.contains(&("selected_ids".to_owned(), String::new())));

    let needy = make_item(&site, json!({"selection_required": true})).await;
    let form = site.flow.ami_form(needy, "Shot", &[1043], 57, 188);
    assert!(form.contains(&("ids".to_owned(), "1043".to_owned())));

    let light = make_item(&site, json!({"light_payload": true, "secret_token": "hush"})).await;
    let form = site.flow.ami_form(light, "Shot", &[1043], 57, 188);
    let keys: Vec<&str> = form.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["event_log_entry_id", "timestamp", "signature"]);
    let entry = site
        .get(&format!("/entity/event_log_entries/{}?fields=meta", form[0].1))
        .await;
    assert_eq!(
        entry.body["data"]["attributes"]["meta"]["ami_payload"]["selected_ids"],
        "1043"
    );
    assert!(site.flow.ami_form(9999, "Shot", &[], 57, None).is_empty());
}
