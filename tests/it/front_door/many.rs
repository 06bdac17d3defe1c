//! Many posts at once: the same one is one run, and others wait when there is no more room, on a page that carries
//! their post and sends it once more.

use std::collections::BTreeSet;
use std::time::Duration;

use amigo::sandbox::studio::PRODUCTION_MANAGER;
use futures_util::future::join_all;

use crate::door::refuses;
use crate::harness::{HARBOR, RunPage, SALT, Stage, until};

use super::{Again, Form, URLENCODED, again, in_parts, leads_to, send};

const MINUTE: Duration = Duration::from_secs(60);
/// Other people: an admin and an artist.
const ADMIN: i64 = 41;
const ARTIST: i64 = 58;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_identical_posts_at_once_make_one_run() {
    // However many they are, they are one plan.
    let stage = Stage::set(|setting| {
        setting.amigo.insert("AMIGO_LIMITS_PLANS", "1".to_owned());
    })
    .await;
    let form = stage.form("Shot", &[1062]);
    let urlencoded = serde_urlencoded::to_string(&form).unwrap();
    let parts = in_parts(&form, "x");
    let answers = join_all((0..200).map(|nth| {
        let (stage, urlencoded, parts) = (&stage, urlencoded.clone(), parts.clone());
        async move {
            match nth % 2 {
                0 => send(stage, URLENCODED, urlencoded).await,
                _ => send(stage, "multipart/form-data; boundary=x", parts).await,
            }
        }
    }))
    .await;
    let mut places = BTreeSet::new();
    for answer in answers {
        places.insert(leads_to(answer).await);
    }
    assert_eq!(places.len(), 1, "{places:?}");
    RunPage::at(&stage, places.first().unwrap()).planned().await;
    let requests = stage.flow.controls().requests();
    let tokens = requests
        .iter()
        .filter(|one| one.path.ends_with("/access_token"))
        .count();
    assert_eq!(tokens, 1, "one run asks Flow for one token");
    stage.nothing_else_was_sent().await;
}

/// amigo with little room, and a Flow that answers nobody for the time being.
async fn full(limit: &'static str, count: usize) -> Stage {
    let stage = Stage::set(|setting| {
        setting.amigo.insert(limit, count.to_string());
    })
    .await;
    stage.flow.controls().set_latency(10 * MINUTE);
    stage
}

/// Some Shot of a project.
fn shot_of(stage: &Stage, project: i64) -> i64 {
    let mut shots = stage.flow.ids("Shot").into_iter();
    let is_its = |id: &i64| stage.row("Shot", *id)["project"]["id"] == project;
    shots.find(is_its).unwrap()
}

/// The page that a post is answered with for which there is no room.
async fn no_room(answer: reqwest::Response, why: &str) -> Again {
    let after = answer.headers()["retry-after"].to_str().unwrap().to_owned();
    let page = refuses(answer, 429, "too-many-plans").await;
    assert!(page.contains(why), "{page}");
    let again = again(&page).expect("the page carries the post");
    assert_eq!(again.after.unwrap().to_string(), after, "page and header agree");
    again
}

/// Ends a run that still waits for Flow.
async fn cancel(stage: &Stage, place: &str) {
    let mut run = RunPage::at(stage, place);
    run.data = run.json().await;
    let answer = run.press("cancel", &[]).await;
    assert_eq!(answer.status(), 303);
    run.reaches(&["cancelled"]).await;
}

/// Presses the button until there is room.
async fn pressed(stage: &Stage, button: &Again) -> String {
    let answer = until("there is room", async || {
        let answer = stage.post(&button.path, &button.form).await;
        (answer.status() != 429).then_some(answer)
    })
    .await;
    leads_to(answer).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_says_who_has_to_wait_for_what() {
    // Somebody else in another project, the same person in another project, somebody else in the same project.
    let cases = [
        (
            "AMIGO_LIMITS_PLANS",
            "this amigo makes as many plans",
            ADMIN,
            SALT,
        ),
        (
            "AMIGO_LIMITS_PLANS_PER_PERSON",
            "you have as many plans",
            PRODUCTION_MANAGER,
            SALT,
        ),
        (
            "AMIGO_LIMITS_PLANS_PER_PROJECT",
            "as many plans as one project may have",
            ADMIN,
            HARBOR,
        ),
    ];
    for (limit, why, other, project) in cases {
        let stage = full(limit, 2).await;
        let mut runs = Vec::new();
        for _ in 0..2 {
            let answer = stage.post("/ami/sync", &stage.form("Shot", &[1062])).await;
            runs.push(leads_to(answer).await);
        }
        let form = stage.form_by(other, "Shot", &[shot_of(&stage, project)]);
        let button = no_room(stage.post("/ami/sync", &form).await, why).await;
        assert_eq!(button.form, form, "{limit}: all of the post, to the letter");
        // Programs are told as well.
        let told = stage
            .http
            .post(format!("{}{}", stage.url(), button.path))
            .header("accept", "application/json")
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(told.status(), 429);
        assert!(told.headers().contains_key("retry-after"));
        // Whoever is not concerned is let in.
        if limit != "AMIGO_LIMITS_PLANS" {
            let free = stage.form_by(ARTIST, "Shot", &[shot_of(&stage, SALT)]);
            leads_to(stage.post("/ami/sync", &free).await).await;
        }
        cancel(&stage, &runs[0]).await;
        let place = pressed(&stage, &button).await;
        assert!(!runs.contains(&place));
        stage.nothing_else_was_sent().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waited_is_served_though_the_post_is_old_by_then() {
    let stage = full("AMIGO_LIMITS_PLANS", 1).await;
    let first = leads_to(stage.post("/ami/sync", &stage.form("Shot", &[1062])).await).await;
    let (waits, gives_up): (Form, Form) = (stage.form("Shot", &[1063]), stage.form("Shot", &[1064]));
    let address = "/ami/sync?tags=no";
    let button = no_room(stage.post(address, &waits).await, "this amigo").await;
    let left = no_room(stage.post(address, &gives_up).await, "this amigo").await;
    // Whenever it is pressed in vain, the post stays as old as it is.
    let again = no_room(stage.post(&button.path, &button.form).await, "this amigo").await;
    assert_eq!(
        (&again.path, &again.form),
        (&button.path, &button.form),
        "first heard when it was"
    );
    cancel(&stage, &first).await;
    stage.flow.controls().set_latency(Duration::ZERO);

    stage.clock.ahead(14 * MINUTE);
    // The post itself is too old for the door by now.
    refuses(stage.post(address, &waits).await, 401, "post-stale").await;
    let place = pressed(&stage, &button).await;
    let run = RunPage::at(&stage, &place).planned().await;
    assert_eq!(run.data["selection"]["ids"], serde_json::json!([1063]));
    assert_eq!(run.data["options"]["tags"], "no");
    assert_eq!(pressed(&stage, &button).await, place, "sent twice, it is one run");

    stage.clock.ahead(15 * MINUTE + Duration::from_secs(40));
    refuses(stage.post(&left.path, &left.form).await, 401, "page-too-old").await;
    assert_eq!(
        pressed(&stage, &button).await,
        place,
        "a run that there is is always found"
    );
    stage.nothing_else_was_sent().await;
}

/// What a page carries for its own post opens the door to no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_waits_serves_its_own_post_only() {
    let stage = full("AMIGO_LIMITS_PLANS", 1).await;
    let first = leads_to(stage.post("/ami/sync", &stage.form("Shot", &[1062])).await).await;
    let button = no_room(
        stage.post("/ami/sync", &stage.form("Shot", &[1063])).await,
        "this amigo",
    )
    .await;
    cancel(&stage, &first).await;
    stage.flow.controls().set_latency(Duration::ZERO);
    let other = stage.form("Shot", &[1064]);
    stage.clock.ahead(5 * MINUTE);
    refuses(stage.post(&button.path, &other).await, 401, "page-too-old").await;
    refuses(stage.post("/ami/sync", &other).await, 401, "post-stale").await;
    stage.nothing_else_was_sent().await;
}
