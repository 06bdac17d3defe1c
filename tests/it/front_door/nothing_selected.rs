//! Nothing is selected: amigo asks before it takes all rows of the page, and takes them on no other word.

use serde_json::{Value, json};

use crate::door::{changed, refuses, without};
use crate::harness::{RunPage, Stage, sign};

use super::{Again, Form, again};

/// A page of three Shots, none of them selected.
fn unselected(stage: &Stage) -> Form {
    let mut form = changed(stage.form("Shot", &[1062]), "ids", "1062, 1063,1064,1063");
    form.retain(|(name, _)| name != "selected_ids");
    form.push(("selected_ids".to_owned(), String::new()));
    sign(&mut form);
    form
}

/// The button that a post without a selection is answered with.
async fn offered(stage: &Stage, form: &Form) -> Option<Again> {
    let page = refuses(stage.post("/ami/sync", form).await, 422, "nothing-selected").await;
    again(&page)
}

async fn ids_of(stage: &Stage, answer: reqwest::Response) -> Value {
    let place = super::leads_to(answer).await;
    let run = RunPage::at(stage, &place).planned().await;
    run.data["selection"]["ids"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_rows_of_the_page_are_planned_when_somebody_says_so() {
    let stage = Stage::open().await;
    let form = unselected(&stage);
    let button = offered(&stage, &form).await.unwrap();
    assert_eq!(button.label, "Plan all 3 rows of the page");
    assert_eq!(button.form, form, "all of the post, to the letter");
    assert_eq!(button.after, None, "it waits for somebody to press it");
    let answer = stage.post(&button.path, &button.form).await;
    assert_eq!(ids_of(&stage, answer).await, json!([1062, 1063, 1064]));
    // Pressed twice, it is the same run.
    let again = super::leads_to(stage.post(&button.path, &button.form).await).await;
    let first = super::leads_to(stage.post(&button.path, &button.form).await).await;
    assert_eq!(again, first);

    let mut absent = unselected(&stage);
    without(&mut absent, "selected_ids");
    let button = offered(&stage, &absent).await.unwrap();
    let answer = stage.post(&button.path, &button.form).await;
    assert_eq!(ids_of(&stage, answer).await, json!([1062, 1063, 1064]));

    let one = changed(unselected(&stage), "ids", "1064");
    assert_eq!(
        offered(&stage, &one).await.unwrap().label,
        "Plan the one row of the page"
    );
    let many: Vec<String> = (1..=1204).map(|id: u32| id.to_string()).collect();
    let many = changed(unselected(&stage), "ids", &many.join(","));
    assert_eq!(
        offered(&stage, &many).await.unwrap().label,
        "Plan all 1,204 rows of the page"
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_items_options_come_along() {
    let stage = Stage::open().await;
    let form = unselected(&stage);
    let answer = stage.post("/ami/sync?tasks=no", &form).await;
    let button = again(&refuses(answer, 422, "nothing-selected").await).unwrap();
    let place = super::leads_to(stage.post(&button.path, &button.form).await).await;
    let run = RunPage::at(&stage, &place).planned().await;
    assert_eq!(run.data["options"]["tasks"], "no");
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_rows_on_the_page_there_is_nothing_to_press() {
    let stage = Stage::open().await;
    for ids in ["", " , ,", "1062,robert"] {
        let form = changed(unselected(&stage), "ids", ids);
        assert!(offered(&stage, &form).await.is_none(), "{ids:?}");
    }
    let mut none = unselected(&stage);
    without(&mut none, "ids");
    assert!(offered(&stage, &none).await.is_none());
    let too_many: Vec<String> = (1..=20_001).map(|id: u32| id.to_string()).collect();
    let too_many = changed(unselected(&stage), "ids", &too_many.join(","));
    assert!(offered(&stage, &too_many).await.is_none());
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_rows_is_never_taken_for_a_selection() {
    let stage = Stage::open().await;
    let some = changed(stage.form("Shot", &[1062]), "ids", "1062,1063,1064");
    assert_eq!(
        ids_of(&stage, stage.post("/ami/sync", &some).await).await,
        json!([1062])
    );

    // An address that somebody wrote into a menu item does not press the button.
    let form = unselected(&stage);
    for query in ["rows=page", "rows=all", "rows=", "rows=selection"] {
        let address = format!("/ami/sync?{query}");
        refuses(stage.post(&address, &form).await, 400, "option-wrong").await;
    }
    // Nor does what amigo said of another post.
    let other = offered(&stage, &unselected(&stage)).await.unwrap();
    refuses(stage.post(&other.path, &form).await, 401, "page-too-old").await;
    // Nor does the button with other rows in it.
    let button = offered(&stage, &form).await.unwrap();
    let mut more = button.form.clone();
    for (name, value) in &mut more {
        if name == "ids" {
            value.push_str(",1065");
        }
    }
    refuses(stage.post(&button.path, &more).await, 401, "signature-wrong").await;
    let spoilt = button.path.replace("heard=1", "heard=2");
    assert_ne!(spoilt, button.path);
    refuses(stage.post(&spoilt, &button.form).await, 401, "page-too-old").await;
    stage.nothing_else_was_sent().await;
}

/// An unsigned post proves nothing, so nothing can be pressed on its behalf.
#[tokio::test(flavor = "multi_thread")]
async fn where_unsigned_posts_are_allowed_no_page_is_offered() {
    let stage = Stage::set(|setting| {
        setting
            .amigo
            .insert("AMIGO_AMI_ALLOW_UNSIGNED", "true".to_owned());
    })
    .await;
    let mut form = unselected(&stage);
    form.retain(|(name, _)| name != "signature");
    assert!(offered(&stage, &form).await.is_none());
    stage.nothing_else_was_sent().await;
}
