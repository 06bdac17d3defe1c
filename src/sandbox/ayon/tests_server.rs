//! The server around the entities: credentials, projects, settings, users, events and pages.

use reqwest::Method;
use serde_json::{Value, json};

use super::AyonOptions;
use super::tests::{Bench, FOLDERS, KEY, id, studio};
use crate::sandbox::studio::Studio;

#[tokio::test]
async fn a_studio_is_seeded_as_the_addon_would_have_left_it() {
    let bench = Bench::new(AyonOptions {
        studio: studio(),
        flow_url: "http://127.0.0.1:9".into(),
        script_name: "ayon_connector".into(),
        script_key: "secret".into(),
        ..AyonOptions::default()
    });
    let paths = [
        "/ep01",
        "/ep01/hl_020",
        "/ep01/hl_020/hl_020_0030",
        "/sci_fi_prop",
        "/sci_fi_prop/Keeper",
    ];
    assert_eq!(bench.ayon.paths("harbor_lights"), paths);
    let shot = bench
        .ayon
        .folder_by_path("harbor_lights", "/ep01/hl_020/hl_020_0030")
        .expect("the shot");
    assert_eq!(shot["id"], json!(id(0x1043)));
    assert_eq!(shot["label"], json!("hl 020/0030"));
    assert_eq!(shot["attrib"]["shotgridId"], json!("1043"));
    assert_eq!(shot["attrib"]["fps"], json!(25.0));
    assert_eq!(shot["hasVersions"], json!(true));
    let category = bench
        .ayon
        .folder_by_path("harbor_lights", "/sci_fi_prop")
        .expect("the category");
    assert_eq!(category["folderType"], json!("AssetCategory"));
    assert_eq!(category["attrib"]["shotgridId"], json!("sci_fi_prop"));
    let tasks = bench.ayon.tasks("harbor_lights", "/ep01/hl_020/hl_020_0030");
    assert_eq!((tasks.len(), &tasks[0]["taskType"]), (1, &json!("Anim")));

    let (_, settings) = bench
        .get("/api/settings?variant=production&project_name=harbor_lights")
        .await;
    let addon = &settings["addons"][0];
    assert_eq!(
        (&addon["name"], &addon["version"]),
        (&json!("shotgrid"), &json!("0.6.19"))
    );
    assert_eq!(addon["settings"]["shotgrid_server"], json!("http://127.0.0.1:9"));
    let secret = addon["settings"]["service_settings"]["script_key"]
        .as_str()
        .expect("a secret's name");
    assert_eq!(
        bench.get(&format!("/api/secrets/{secret}")).await.1["value"],
        json!("secret")
    );

    let page = bench
        .ask(Method::GET, "/projects/harbor_lights", &[], None)
        .await
        .1;
    assert!(
        page.as_str()
            .expect("a page")
            .contains("data-path=\"/ep01/hl_020\""),
        "{page}"
    );
    assert_eq!(bench.ask(Method::GET, "/", &[], None).await.0, 200);
    let logged: Vec<String> = bench
        .ayon
        .controls()
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert!(logged.iter().all(|path| path.starts_with("/api/")), "{logged:?}");
    bench.ayon.stop().await;
}

#[tokio::test]
async fn the_invented_studios_fit() {
    for studio in [Studio::demo(), Studio::uniform(50, 2), Studio::empty()] {
        let bench = Bench::new(AyonOptions {
            studio,
            ..AyonOptions::default()
        });
        bench.ayon.stop().await;
    }
}

#[tokio::test]
async fn credentials_are_asked_for_in_the_measured_words() {
    let bench = Bench::harbor().await;
    let detail =
        |(status, body): (u16, Value)| (status, body["detail"].as_str().unwrap_or_default().to_owned());
    let missing = bench.ask(Method::GET, "/api/projects", &[], None).await;
    assert_eq!(detail(missing), (401, "Access token is missing".into()));
    let bad = bench
        .ask(Method::GET, "/api/projects", &[("x-api-key", "nope")], None)
        .await;
    assert_eq!(detail(bad), (401, "Invalid API key".into()));
    let bearer = bench
        .ask(
            Method::GET,
            "/api/projects",
            &[("authorization", "Bearer test-key")],
            None,
        )
        .await;
    assert_eq!(detail(bearer), (401, "Access token is missing".into()));
    let scheme = bench
        .ask(
            Method::GET,
            "/api/projects",
            &[("authorization", "ApiKey test-key")],
            None,
        )
        .await;
    assert_eq!(scheme.0, 200);
    assert_eq!(
        bench.ask(Method::GET, "/api/info", &[], None).await.1["version"],
        json!("1.16.0")
    );
    assert_eq!(
        bench.ask(Method::POST, "/graphql", &[], Some(json!({}))).await.0,
        401
    );

    let unknown = bench
        .ask(
            Method::GET,
            "/api/projects",
            &[("x-api-key", KEY), ("x-as-user", "ghost")],
            None,
        )
        .await;
    assert_eq!(unknown, (500, json!("Internal Server Error")));
    let artist = json!({"data": {"accessGroups": {"harbor": ["artist"]}}, "password": "pass.word1"});
    assert_eq!(bench.put("/api/users/artist", artist).await.0, 204);
    assert_eq!(bench.put("/api/users/outsider", json!({})).await.0, 204);
    let as_artist = [("x-api-key", KEY), ("x-as-user", "artist")];
    let create = bench
        .ask(Method::POST, FOLDERS, &as_artist, Some(json!({"name": "a"})))
        .await;
    assert_eq!(
        detail(create),
        (403, "Create access denied for artist in project harbor".into())
    );
    let outside = bench
        .ask(
            Method::GET,
            "/api/projects/harbor",
            &[("x-api-key", KEY), ("x-as-user", "outsider")],
            None,
        )
        .await;
    assert_eq!(
        detail(outside),
        (403, "No access group assigned on this project".into())
    );
    let (_, login) = bench
        .post(
            "/api/auth/login",
            json!({"name": "artist", "password": "pass.word1"}),
        )
        .await;
    let token = format!("Bearer {}", login["token"].as_str().expect("a token"));
    let me = bench
        .ask(Method::GET, "/api/users/me", &[("authorization", &token)], None)
        .await;
    assert_eq!(me.1["name"], json!("artist"));
    assert_eq!(
        bench.ask(Method::GET, "/api/secrets/x", &as_artist, None).await.0,
        403
    );

    assert_eq!(
        bench.get("/api/nonsense").await.1["detail"],
        json!("API endpoint /api/nonsense not found")
    );
    assert_eq!(
        bench.delete("/api/info").await,
        (405, json!({"detail": "Method Not Allowed"}))
    );
    bench.ayon.stop().await;
}

#[tokio::test]
async fn projects_clash_and_their_lists_are_replaced() {
    let bench = Bench::harbor().await;
    let clash = json!({"code": 409, "detail": "Project other (HBR) already exists"});
    assert_eq!(
        bench
            .post("/api/projects", json!({"name": "other", "code": "HBR"}))
            .await,
        (409, clash)
    );
    assert_eq!(
        bench
            .post("/api/projects", json!({"name": "other", "code": "d-2"}))
            .await
            .0,
        500
    );
    assert_eq!(bench.post("/api/projects", json!({"name": "other"})).await.0, 400);
    bench.folder("sq", None).await;
    let path = "/api/projects/HARBOR";
    let (_, project) = bench.get(path).await;
    let mut types = project["folderTypes"].as_array().expect("types").clone();
    types.push(json!({"name": "Scene"}));
    assert_eq!(bench.patch(path, json!({"folderTypes": types})).await.0, 204);
    let shown = bench.get(path).await.1["folderTypes"]
        .as_array()
        .expect("types")
        .last()
        .cloned();
    assert_eq!(shown, Some(json!({"name": "Scene"})));
    types.push(json!({"name": "scene"}));
    assert_eq!(bench.patch(path, json!({"folderTypes": types})).await.0, 500);
    assert_eq!(
        bench
            .patch(path, json!({"folderTypes": [{"name": "Shot"}]}))
            .await
            .0,
        500
    );
    let rename = json!({"folderTypes": [{"name": "Directory", "original_name": "Folder"}, {"name": "Shot"}]});
    assert_eq!(bench.patch(path, rename).await.0, 204);
    assert_eq!(
        bench.ayon.folder_by_path("harbor", "/sq").expect("sq")["folderType"],
        json!("Directory")
    );
    assert_eq!(
        bench.get("/api/projects/harbor/anatomy").await.1["folder_types"][1]["original_name"],
        json!("Shot")
    );

    bench
        .post("/api/projects", json!({"name": "zb_c", "code": "z1"}))
        .await;
    bench
        .post("/api/projects", json!({"name": "zbxc", "code": "z2"}))
        .await;
    assert_eq!(bench.get("/api/projects/zb_c").await.1["name"], json!("zbxc"));
    assert_eq!(bench.delete("/api/projects/zb_c").await.0, 204);
    let left: Vec<Value> = bench
        .ayon
        .projects()
        .iter()
        .map(|project| project["name"].clone())
        .collect();
    assert_eq!(left, [json!("harbor"), json!("zb_c")]);
    bench.ayon.stop().await;
}

#[tokio::test]
async fn settings_users_and_events_keep_their_odd_habits() {
    let bench = Bench::harbor().await;
    let path = "/api/addons/shotgrid/0.6.19/settings";
    assert_eq!(
        bench.get("/api/settings?summary=true").await.1["addons"][0]["hasStudioOverrides"],
        json!(false)
    );
    assert_eq!(
        bench.get(path).await.1["compatibility_settings"]["default_task_type"],
        json!("Generic")
    );
    let first =
        json!({"shotgrid_server": "http://flow", "service_settings": {"script_name": 5}, "unknown": 1});
    assert_eq!(bench.post(path, first).await.0, 204);
    assert_eq!(
        bench
            .post(path, json!({"shotgrid_server": "http://flow"}))
            .await
            .0,
        204
    );
    let pinned = json!({"shotgrid_server": "http://flow", "service_settings": {"script_name": ""}});
    assert_eq!(
        bench.get("/api/addons/shotgrid/0.6.19/rawOverrides").await.1,
        pinned
    );
    let studio = bench.get(&format!("{path}/harbor")).await.1;
    assert_eq!(studio["shotgrid_server"], json!("http://flow"));
    assert_eq!(bench.get("/api/addons/shotgrid/9.9.9/settings").await.0, 404);
    let bundle = bench.get("/api/bundles").await.1["productionBundle"]
        .as_str()
        .expect("a bundle")
        .to_owned();
    bench
        .patch(&format!("/api/bundles/{bundle}"), json!({"isProduction": false}))
        .await;
    assert_eq!(
        bench.get("/api/settings").await,
        (404, json!({"code": 404, "detail": "Bundle not found"}))
    );

    let person = json!({"attrib": {"email": "m@x.org"}, "data": {"sg_user_id": 57, "accessGroups": {"harbor": ["artist", "ghost"], "no": []}}});
    assert_eq!(bench.put("/api/users/mira", person.clone()).await.0, 204);
    assert_eq!(bench.put("/api/users/mira", person.clone()).await.0, 409);
    let (status, twin) = bench.put("/api/users/MIRA", person.clone()).await;
    assert_eq!(
        (status, &twin["code"], &twin["error"]),
        (500, &json!(409), &json!("unique-violation"))
    );
    assert_eq!(bench.put("/api/users/m@x", json!({})).await.0, 400);
    assert_eq!(bench.put("/api/users/twin", person).await.0, 204);
    let (status, clash) = bench
        .patch("/api/users/twin", json!({"attrib": {"email": "M@x.org"}}))
        .await;
    assert_eq!(
        (status, &clash["detail"]),
        (409, &json!("This email is already used by another user"))
    );
    let shown = bench.get("/api/users/mira").await.1;
    assert_eq!(shown["data"]["accessGroups"], json!({"harbor": ["artist"]}));
    let name = bench
        .get("/api/addons/shotgrid/0.6.19/get_ayon_name_by_sg_id/57")
        .await;
    assert_eq!(name, (200, json!("mira")));

    let event =
        json!({"topic": "shotgrid.event", "hash": "sg_event_1", "dependsOn": id(1), "finished": false});
    let (_, sent) = bench.post("/api/events", event.clone()).await;
    assert_eq!(bench.post("/api/events", event).await.0, 409);
    assert_eq!(bench.post("/api/events", json!({"topic": "x"})).await.0, 400);
    let event = format!("/api/events/{}", sent["id"].as_str().expect("an id"));
    assert_eq!(
        bench
            .patch(&event, json!({"status": "failed", "progress": 42}))
            .await
            .0,
        204
    );
    let stored = bench.get(&event).await.1;
    assert_eq!(
        (&stored["status"], &stored["dependsOn"], stored.get("progress")),
        (&json!("failed"), &Value::Null, None)
    );
    bench.ayon.stop().await;
}

#[tokio::test]
async fn a_project_carries_the_templates_of_its_anatomy() {
    let bench = Bench::harbor().await;
    let path = "/api/projects/harbor";
    let config = bench.get(path).await.1["config"].clone();
    let templates = &config["templates"];
    assert_eq!(
        templates["work"]["default"],
        json!({
            "directory": "{root[work]}/{project[name]}/{hierarchy}/{folder[name]}/work/{task[name]}",
            "file": "{project[code]}_{folder[name]}_{task[name]}_{@version}<_{comment}>.{ext}",
        })
    );
    assert_eq!(
        (&templates["common"]["version_padding"], templates.get("delivery")),
        (&json!(3), None)
    );
    let answer = bench
        .graphql("{project(name:\"harbor\"){config}}", json!({}))
        .await;
    let text = answer["data"]["project"]["config"]
        .as_str()
        .expect("JSON in text");
    assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), config);

    let (_, anatomy) = bench.get(&format!("{path}/anatomy")).await;
    let (_, built_in) = bench.get("/api/anatomy/presets/_").await;
    assert_eq!(anatomy["templates"], built_in["templates"]);
    assert_eq!(anatomy["templates"]["work"][1]["name"], json!("unreal"));
    assert_eq!(bench.post(&format!("{path}/anatomy"), anatomy).await.0, 204);
    assert_eq!(bench.get(path).await.1["config"], config);
    bench.ayon.stop().await;
}
