//! Filters, pages and their order.

use serde_json::{Value, json};

use super::{ARRAY, Flow, HASH, hold, ids, link, refused};
use crate::contract::statement::{Statement, statements};

const STATEMENTS: &[Statement<Flow>] = statements![
    "flow-api.md §9.11 an unknown field in a filter is 400 in words that name it" => unknown_filter_fields,
    "flow-api.md §9.11 an unknown relation is 400, an unknown value of a list finds nothing" => unknown_relations_and_values,
    "flow-api.md §9.12 in needs a value, and answers by id whatever the order asked for" => in_lists,
    "flow-api.md §9.12 in takes links, and a link needs type and id" => links_in_filters,
    "flow-api.md §9.12 conditions nest, each group with its operator" => nested_conditions,
    "flow-api.md §9.23 rows that are not there are left out without an error" => missing_rows,
    "flow-api.md §9.13 pages end with a short one, and links.next is there on each, the empty one too" => pages,
    "flow-api.md §9.13 a page holds 5000 rows at most" => page_sizes,
    "flow-api.md §9.13 rows come by id, and an unknown key of a sort changes nothing" => order,
    "flow-api.md §9.15 page and fields are read in the body and in the query" => body_or_query,
    "flow-api.md §9.18 retired rows come with return_only=retired, and then alone" => retired_rows,
    "flow-api.md §9.30 rows of an archived Project come with include_archived_projects, and not without" => archived_projects,
    "flow-api.md §9.35 texts compare without case, and an id may be a text" => lenient_values,
    "flow-api.md §9.22 a Task has no code and a person none either" => odd_types,
    "flow-api.md §6 tracking_settings is read as a document, not as a text, and filters nothing" => tracking_settings,
];

#[tokio::test]
async fn lists_of_flow() {
    hold(STATEMENTS).await;
}

async fn shots(on: &Flow, count: usize) -> Vec<i64> {
    let mut made = Vec::new();
    for _ in 0..count {
        made.push(on.shot(json!({})).await);
    }
    made
}

async fn unknown_filter_fields(on: &Flow) {
    let answer = on.search("Shot", json!([["amigotest", "is", 1]]), &["id"]).await;
    assert_eq!(
        refused(&answer, 400, 103),
        "API read() Shot.amigotest doesn't exist."
    );
}

async fn unknown_relations_and_values(on: &Flow) {
    let answer = on
        .search("Shot", json!([["code", "amigotest", "x"]]), &["id"])
        .await;
    refused(&answer, 400, 103);
    let found = on
        .found("Shot", json!([["sg_status_list", "is", "amigotest"]]))
        .await;
    assert!(found.is_empty());
}

async fn in_lists(on: &Flow) {
    let made = shots(on, 3).await;
    let empty = on.search("Shot", json!([["id", "in", []]]), &["id"]).await;
    refused(&empty, 400, 103);
    let asked = [made[2], made[0], made[1], made[0]];
    assert_eq!(on.found("Shot", json!([["id", "in", asked]])).await, made);
}

async fn links_in_filters(on: &Flow) {
    let made = shots(on, 3).await;
    let tasks = [on.task(made[0]).await, on.task(made[2]).await];
    on.task(made[1]).await;
    let both = [link("Shot", made[2]), link("Shot", made[0])];
    assert_eq!(on.found("Task", json!([["entity", "in", both]])).await, tasks);
    let one = json!([
        ["project", "is", on.home()],
        ["entity", "is", link("Shot", made[2])]
    ]);
    assert_eq!(on.found("Task", one).await, [tasks[1]]);
    for wrong in [json!(made[0]), json!({"id": made[0]})] {
        let answer = on.search("Task", json!([["entity", "is", wrong]]), &["id"]).await;
        refused(&answer, 400, 103);
    }
}

async fn nested_conditions(on: &Flow) {
    let made = shots(on, 3).await;
    let both = json!({"logical_operator": "and", "conditions": [["id", "is", made[2]], ["project", "is", on.home()]]});
    let filters = json!({"logical_operator": "or", "conditions": [["id", "is", made[0]], both]});
    let path = "/entity/Shot/_search";
    let body = json!({"filters": filters, "fields": ["id"]});
    let answer = on.post_as(HASH, path, &body).await.is(200);
    assert_eq!(ids(&answer), [made[0], made[2]]);
    refused(&on.post_as(ARRAY, path, &body).await, 400, 103);
}

async fn missing_rows(on: &Flow) {
    let made = shots(on, 1).await;
    let asked = [made[0], 2_000_000_001];
    assert_eq!(on.found("Shot", json!([["id", "in", asked]])).await, made);
}

async fn pages(on: &Flow) {
    let made = shots(on, 5).await;
    let mut seen = Vec::new();
    for (number, rows) in [(1, 2), (2, 2), (3, 1), (4, 0)] {
        let body =
            json!({"filters": [["id", "in", made]], "fields": ["id"], "page": {"size": 2, "number": number}});
        let answer = on.post_as(ARRAY, "/entity/Shot/_search", &body).await.is(200);
        let page = ids(&answer);
        assert_eq!(page.len(), rows, "page {number}");
        assert!(answer["links"]["next"].is_string(), "page {number}: {answer}");
        seen.extend(page);
    }
    assert_eq!(seen, made);
}

async fn page_sizes(on: &Flow) {
    for (size, status) in [(0, 400), (1, 200), (5000, 200), (5001, 400)] {
        let body = json!({"filters": [["id", "is", on.project]], "fields": ["id"], "page": {"size": size, "number": 1}});
        let answer = on.post_as(ARRAY, "/entity/Project/_search", &body).await;
        assert_eq!(answer.status, status, "{size}: {}", answer.body);
    }
}

async fn order(on: &Flow) {
    let made = shots(on, 3).await;
    let sorted = async |sort: Value| {
        let body = json!({"filters": [["id", "in", made]], "fields": ["id"], "sort": sort});
        ids(&on.post_as(ARRAY, "/entity/Shot/_search", &body).await.is(200))
    };
    assert_eq!(on.found("Shot", json!([["id", "in", made]])).await, made);
    assert_eq!(sorted(json!("amigotest")).await, made);
    let backwards: Vec<i64> = made.iter().rev().copied().collect();
    assert_eq!(sorted(json!("-id")).await, backwards);
}

async fn body_or_query(on: &Flow) {
    let made = shots(on, 3).await;
    let filters = json!([["id", "in", made]]);
    let body = json!({"filters": filters, "fields": ["code"], "page": {"size": 1, "number": 2}});
    let in_body = on.post_as(ARRAY, "/entity/Shot/_search", &body).await.is(200);
    let path = "/entity/Shot/_search?fields=code&page[size]=1&page[number]=2";
    let in_query = on
        .post_as(ARRAY, path, &json!({"filters": filters}))
        .await
        .is(200);
    for answer in [in_body, in_query] {
        assert_eq!(ids(&answer), [made[1]]);
        assert!(answer["data"][0]["attributes"]["code"].is_string(), "{answer}");
    }
}

async fn retired_rows(on: &Flow) {
    let made = shots(on, 2).await;
    on.delete(&format!("/entity/Shot/{}", made[0])).await.is(204);
    let filters = json!([["id", "in", made]]);
    assert_eq!(on.found("Shot", filters.clone()).await, [made[1]]);
    let retired = json!({"filters": filters, "fields": ["code"], "options": {"return_only": "retired"}});
    let answer = on.post_as(ARRAY, "/entity/Shot/_search", &retired).await.is(200);
    assert_eq!(ids(&answer), [made[0]]);
    let path = |id: i64| format!("/entity/Shot/{id}?fields=code");
    refused(&on.get(&path(made[0])).await, 404, 104);
    let option = "&options[return_only]=retired";
    on.get(&format!("{}{option}", path(made[0]))).await.is(200);
    refused(&on.get(&format!("{}{option}", path(made[1]))).await, 404, 104);
}

async fn archived_projects(on: &Flow) {
    let project = on.make("Project", json!({"name": on.name()})).await;
    let fields = json!({"project": link("Project", project), "code": on.name()});
    let shot = on.make("Shot", fields).await;
    on.change("Project", project, json!({"archived": true}))
        .await
        .is(200);
    for (asked, rows) in [(true, vec![shot]), (false, vec![])] {
        let body = json!({"filters": [["id", "is", shot]], "fields": ["code"], "sort": "id",
            "page": {"size": 500, "number": 1}, "options": {"include_archived_projects": asked}});
        let answer = on.post_as(ARRAY, "/entity/Shot/_search", &body).await.is(200);
        assert_eq!(ids(&answer), rows, "{asked}");
    }
    let seen = on.see("Project", project, &["archived"]).await;
    assert_eq!(seen["attributes"]["archived"], json!(true));
    // What is archived may not be removable everywhere.
    on.change("Project", project, json!({"archived": false}))
        .await
        .is(200);
}

async fn lenient_values(on: &Flow) {
    let code = on.name();
    let shot = on.shot(json!({"code": code})).await;
    let filters = json!([["code", "is", code.to_uppercase()], ["project", "is", on.home()]]);
    assert_eq!(on.found("Shot", filters).await, [shot]);
    assert_eq!(
        on.found("Shot", json!([["id", "is", shot.to_string()]])).await,
        [shot]
    );
}

async fn odd_types(on: &Flow) {
    for (kind, field) in [("Task", "code"), ("Task", "name"), ("HumanUser", "code")] {
        let answer = on.search(kind, json!([[field, "is", "x"]]), &["id"]).await;
        assert_eq!(
            refused(&answer, 400, 103),
            format!("API read() {kind}.{field} doesn't exist.")
        );
    }
}

async fn tracking_settings(on: &Flow) {
    let seen = on.see("Project", on.project, &["tracking_settings"]).await;
    // What a new Project begins with is not established.
    let settings = seen["attributes"].get("tracking_settings");
    assert!(
        settings.is_some_and(|settings| settings.is_object() || settings.is_null()),
        "{seen}"
    );
    let filter = json!([["tracking_settings", "is", "x"]]);
    let answer = on.search("Project", filter, &["id"]).await;
    assert!(refused(&answer, 400, 103).contains("cannot be used in a filter"));
}
