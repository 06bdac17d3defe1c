//! The front door: Flow makes a browser post a form here, and the answer leads to a run.
//!
//! Checks go from cheap to dear and from the sender's right to the form's sense; nothing is read from Flow or
//! AYON, and nothing is ever written to them.

use std::collections::BTreeMap;

use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use crate::actions::title_of;
use crate::ami::{AmiPost, Refusal, form_pairs, verify};
use crate::config::AmiSettings;
use crate::model::SyncOptions;
use crate::run::{Asked, Origin, Run, RunId};
use crate::store::Created;

use super::pages::{self, Shell};
use super::refused::{Refused, asks_json};
use super::{App, body};

/// Plans under way at which the door closes for a moment.
const MAX_PLANNING: u64 = 32;

/// `GET /ami/{action}`: what this address is for.
pub async fn explain(app: Data<App>, action: Path<String>) -> Result<HttpResponse, Refused> {
    let title = title_of(&action).ok_or_else(|| Refusal::UnknownAction(short(&action)))?;
    let address = format!("{}/ami/{}", app.settings.public_url, action);
    pages::ami(Shell::of(&app), title, &address)
}

/// `POST /ami/{action}`: a form that is to be believed becomes a run; the same signature leads to the same run.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    action: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Refused> {
    let action = action.into_inner();
    if title_of(&action).is_none() {
        return Err(Refusal::UnknownAction(short(&action)).into());
    }
    let bytes = body::read(&request, payload).await?;
    urlencoded(&request)?;
    let pairs = form_pairs(&bytes)?;
    let signature = signature_of(&app.settings.ami, &action, &pairs)?;
    if let Some(signature) = signature
        && let Some(known) = app.store.run_of_signature(&action, signature).await?
    {
        return Ok(lead_to(&app, &request, &known));
    }
    let post = AmiPost::parse(&pairs)?;
    if signature.is_some() {
        post.check_age(app.now(), app.settings.ami.max_age)?;
    }
    let site = app.connections.site().map_err(Refusal::NotReady)?;
    if post.site != site.host {
        return Err(Refusal::Site {
            host: short(&post.site),
        }
        .into());
    }
    let options = options_of(request.query_string())?;
    has_room(&app).await?;
    let run = Run {
        session_uuid: post.session_uuid,
        ..app.services.new_run(
            Origin::Ami,
            Asked {
                action,
                options,
                requested_by: post.requested_by,
                site: post.site,
                selection: post.selection,
            },
        )
    };
    match app.store.create(&run, signature).await? {
        Created::New => {
            tracing::info!(
                view = run.view.0,
                action = run.action,
                rows = run.selection.ids.len(),
                "a run begins"
            );
            app.runner.plan(run.id.clone());
            Ok(lead_to(&app, &request, &run.id))
        }
        Created::Known(known) => Ok(lead_to(&app, &request, &known)),
    }
}

/// Refuses while too many plans are under way.
pub async fn has_room(app: &App) -> Result<(), Refused> {
    if app.store.planning().await? >= MAX_PLANNING {
        return Err(Refusal::TooManyPlans.into());
    }
    Ok(())
}

/// Only what a browser's ordinary form sends is read.
fn urlencoded(request: &HttpRequest) -> Result<(), Refusal> {
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match kind.as_str() {
        "application/x-www-form-urlencoded" => Ok(()),
        "" => Err(Refusal::Malformed("it does not say what it is".to_owned())),
        "multipart/form-data" => Err(Refusal::Malformed(
            "it is multipart/form-data, and amigo reads application/x-www-form-urlencoded".to_owned(),
        )),
        _ => Err(Refusal::Malformed("it is not an urlencoded form".to_owned())),
    }
}

/// The post's signature when it is proven; nothing when unsigned posts are allowed and this is one.
fn signature_of<'a>(
    settings: &AmiSettings,
    action: &str,
    pairs: &'a [(String, String)],
) -> Result<Option<&'a str>, Refusal> {
    let signature = pairs
        .iter()
        .find(|(key, value)| key == "signature" && !value.is_empty())
        .map(|(_, value)| value.as_str());
    let has_secret = settings.secrets.of(action).next().is_some();
    match signature {
        Some(signature) if has_secret => match verify(pairs, settings.secrets.of(action)) {
            Some(_) => Ok(Some(signature)),
            None => Err(Refusal::Signature),
        },
        _ if settings.allow_unsigned => {
            tracing::warn!(
                action,
                "an unsigned post was believed: AMIGO_AMI_ALLOW_UNSIGNED is on"
            );
            Ok(None)
        }
        _ if has_secret => Err(Refusal::Unsigned),
        _ => Err(Refusal::NoSecret),
    }
}

/// The options that ride in a menu item's address.
fn options_of(query: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
        .map_err(|_| Refusal::Option("The options cannot be read.".to_owned()))?;
    SyncOptions::parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        .map(|options| options.as_map())
        .map_err(|wrong| Refusal::Option(wrong.to_string()))
}

/// To the run's page; or its address as data for those who ask for data.
fn lead_to(app: &App, request: &HttpRequest, run: &RunId) -> HttpResponse {
    if asks_json(request.headers()) {
        let url = format!("{}/runs/{}", app.settings.public_url, run.0);
        return HttpResponse::Accepted().json(json!({ "run": run.0, "url": url }));
    }
    see_run(app, run)
}

/// `303` to a run's page, so that a reload does not post again.
pub fn see_run(app: &App, run: &RunId) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, format!("{}/runs/{}", app.base(), run.0)))
        .finish()
}

/// The beginning of what somebody sent, to be shown back.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use secrecy::SecretString;

    use crate::ami::sign;
    use crate::config::AmiSecrets;

    use super::*;

    fn settings(secret: Option<&str>, allow_unsigned: bool) -> AmiSettings {
        AmiSettings {
            secrets: AmiSecrets {
                any: secret.map(SecretString::from).into_iter().collect(),
                ..AmiSecrets::default()
            },
            allow_unsigned,
            ..AmiSettings::default()
        }
    }

    fn form(signed_with: Option<&str>) -> Vec<(String, String)> {
        let mut pairs = vec![("user_id".to_owned(), "57".to_owned())];
        if let Some(secret) = signed_with {
            let signature = sign(&pairs, secret);
            pairs.push(("signature".to_owned(), signature));
        }
        pairs
    }

    #[rstest]
    #[case(Some("a"), false, Some("a"), Ok(true))]
    #[case(Some("a"), false, Some("b"), Err(Refusal::Signature))]
    #[case(Some("a"), true, Some("b"), Err(Refusal::Signature))]
    #[case(Some("a"), false, None, Err(Refusal::Unsigned))]
    #[case(Some("a"), true, None, Ok(false))]
    #[case(None, false, Some("a"), Err(Refusal::NoSecret))]
    #[case(None, false, None, Err(Refusal::NoSecret))]
    #[case(None, true, Some("a"), Ok(false))]
    fn a_post_is_believed_by_its_signature(
        #[case] secret: Option<&str>,
        #[case] allow_unsigned: bool,
        #[case] signed_with: Option<&str>,
        #[case] expected: Result<bool, Refusal>,
    ) {
        let pairs = form(signed_with);
        let proven = signature_of(&settings(secret, allow_unsigned), "sync", &pairs);
        assert_eq!(proven.map(|signature| signature.is_some()), expected);
    }

    #[test]
    fn options_are_read_from_the_address() {
        assert_eq!(options_of("").unwrap().len(), 0);
        assert_eq!(options_of("descendants=no").unwrap()["descendants"], "no");
        assert!(options_of("force=yes").is_err());
        assert!(options_of("tasks=perhaps").is_err());
    }
}
