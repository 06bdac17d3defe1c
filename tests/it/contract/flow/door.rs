//! Tokens, content types, paths, and the form of a refusal.

use amigo::sandbox::flow::{FlowOptions, FlowSandbox};
use reqwest::Method;
use serde_json::{Value, json};

use super::{ARRAY, Flow, PLAIN, hold, refused};
use crate::contract::live::FlowAccess;
use crate::contract::statement::{Answer, Statement, own_name, statements};
use crate::harness::HARBOR;

const STATEMENTS: &[Statement<Flow>] = statements![
    "flow-api.md §9.1 a token is granted for a form in the body, or for the same parameters in the query" => tokens,
    "flow-api.md §9.1 parameters in JSON are 415" => no_json_at_the_door,
    "flow-api.md §9.1 a wrong key is 400 with code 102, an unknown grant 400 with code 103" => wrong_keys,
    "flow-api.md §9.4 a token names the browser window that it was asked for" => windows,
    "flow-api.md §9.5 the front page needs no token and tells the version" => front_page,
    "flow-api.md §9.5 everything else is 401 without a token, and with a wrong one" => strangers,
    "flow-api.md §9.6 a search takes the vendor's types alone, everything else plain JSON alone" => content_types,
    "flow-api.md §9.7 the name of a type is a path segment as it stands, and so is its plural" => segments,
    "flow-api.md §4.7 an unknown type or row is 404 with code 104, an unknown path 404 with code 103" => lost_things,
];

#[tokio::test]
async fn the_door_of_flow() {
    hold(STATEMENTS).await;
}

/// Held against the stand-in alone: nothing makes the tokens of a live site end before their ten minutes are over.
#[tokio::test]
async fn a_token_that_has_ended_is_401_and_a_new_one_is_granted() {
    let options = FlowOptions::default();
    let stand_in = FlowSandbox::start(options.clone()).unwrap();
    let access = FlowAccess {
        url: stand_in.url(),
        script_name: options.script_name,
        script_key: options.script_key,
        project: Some(HARBOR),
    };
    let on = Flow::enter(access.clone()).await;
    let path = format!("/entity/Project/{HARBOR}?fields=name");
    on.get(&path).await.is(200);
    stand_in.expire_tokens();
    let ended = on.get(&path).await;
    refused(&ended, 401, 102);
    assert_eq!(ended.body["errors"][0]["detail"], json!("Token Expired"));
    // A write is refused before it is looked at.
    let before = stand_in.ids("Shot");
    let shot = json!({"project": on.home(), "code": on.name()});
    refused(&on.post("/entity/Shot", shot).await, 401, 102);
    assert_eq!(stand_in.ids("Shot"), before);
    let again = Flow::enter(access).await;
    again.get(&path).await.is(200);
    stand_in.stop().await;
}

async fn tokens(on: &Flow) {
    let in_query = on.anonymous(Method::POST, "/auth/access_token").query(&[
        ("grant_type", "client_credentials"),
        ("client_id", &on.access.script_name),
        ("client_secret", &on.access.script_key),
    ]);
    for answer in [on.log_in(&[]).await, Answer::of(in_query).await] {
        let granted = answer.is(200);
        assert_eq!(granted["token_type"], json!("Bearer"));
        assert!(granted["expires_in"].as_u64().is_some_and(|seconds| seconds > 0));
        let token = granted["access_token"].as_str().unwrap();
        let front = on
            .anonymous(Method::GET, &format!("/entity/Project/{}?fields=id", on.project))
            .bearer_auth(token);
        Answer::of(front).await.is(200);
    }
}

async fn no_json_at_the_door(on: &Flow) {
    let asked = json!({"grant_type": "client_credentials", "client_id": on.access.script_name,
        "client_secret": on.access.script_key});
    let request = on.anonymous(Method::POST, "/auth/access_token").json(&asked);
    assert_eq!(Answer::of(request).await.status, 415);
}

async fn wrong_keys(on: &Flow) {
    let ask = async |grant: &str| {
        let name = own_name();
        let form = [
            ("grant_type", grant),
            ("client_id", &name),
            ("client_secret", "wrong"),
        ];
        let answer = Answer::of(on.anonymous(Method::POST, "/auth/access_token").form(&form)).await;
        (name, answer)
    };
    let (name, answer) = ask("client_credentials").await;
    assert_eq!(
        refused(&answer, 400, 102),
        format!("Can't authenticate script '{name}'")
    );
    let (_, answer) = ask("magic").await;
    refused(&answer, 400, 103);
}

async fn windows(on: &Flow) {
    let window = "3f0b8a52-6c1d-4e77-9a41-0242ac110005";
    let granted = on.log_in(&[("session_uuid", window)]).await.is(200);
    let token = granted["access_token"].as_str().unwrap();
    let claims = decoded(token.split('.').nth(1).unwrap());
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["session_uuid"], json!(window), "{claims}");
}

/// Base 64 in the alphabet of URLs, as the parts of a token are written.
fn decoded(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|known| *known == digit).unwrap();
        held = (held << 6 | u32::try_from(value).unwrap()) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    bytes
}

async fn front_page(on: &Flow) {
    let front = Answer::of(on.anonymous(Method::GET, "")).await.is(200);
    assert!(front["data"]["shotgun_version"].is_string(), "{front}");
}

async fn strangers(on: &Flow) {
    let path = format!("/entity/Project/{}", on.project);
    let bare = Answer::of(on.anonymous(Method::GET, &path)).await;
    assert_eq!(bare.status, 401, "{}", bare.body);
    let wrong = on.anonymous(Method::GET, &path).bearer_auth(own_name());
    refused(&Answer::of(wrong).await, 401, 102);
}

async fn content_types(on: &Flow) {
    let search = json!({"filters": [["id", "is", on.project]]});
    let path = "/entity/Project/_search";
    assert_eq!(on.post_as(PLAIN, path, &search).await.status, 415);
    on.post_as(ARRAY, path, &search).await.is(200);

    let shot = json!({"project": on.home(), "code": on.name()});
    for (path, body) in [
        ("/entity/Shot", shot),
        ("/entity/_batch", json!({"requests": []})),
    ] {
        let wrong = on.post_as(ARRAY, path, &body).await;
        assert_eq!(wrong.status, 415, "{path}: {}", wrong.body);
    }
}

async fn segments(on: &Flow) {
    for segment in ["Project", "Projects", "project", "projects"] {
        let path = format!("/entity/{segment}/{}?fields=name", on.project);
        assert_eq!(on.get(&path).await.status, 200, "{segment}");
    }
    assert_eq!(on.get("/entity/humanusers?fields=id").await.status, 404);
}

async fn lost_things(on: &Flow) {
    refused(&on.get("/entity/Shot/2000000001?fields=id").await, 404, 104);
    refused(&on.get("/schema/AmigotestNothing/fields").await, 404, 104);
    refused(&on.search("AmigotestNothing", json!([]), &["id"]).await, 404, 104);
    refused(&on.get("/amigotest").await, 404, 103);
}
