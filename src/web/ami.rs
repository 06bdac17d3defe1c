//! The front door: Flow makes a browser post a form here, and the answer leads to a run.
//!
//! Checks go from cheap to dear and from the sender's right to the form's sense; nothing is read from Flow or
//! AYON, and nothing is ever written to them.

use std::collections::BTreeMap;

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use crate::actions::{action_of, title_of};
use crate::ami::{AmiPost, Chosen, Proof, Refusal, RowsOf, check_age, first_heard, heard_at, verify};
use crate::config::AmiSettings;
use crate::model::{Job, Options, Person};
use crate::run::{Asked, LightPost, Origin, Run, RunId};
use crate::runner::{For, Full};
use crate::store::Created;

use super::pages::{self, Shell};
use super::refused::{Again, Refused, asks_json};
use super::{App, form};

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
    let Some(asked) = action_of(&action) else {
        return Err(Refusal::UnknownAction(short(&action)).into());
    };
    let pairs = form::read(&request, payload, &app.bodies).await?;
    let proof = proof_of(&app.settings.ami, &action, &pairs)?;
    if let Some(proof) = &proof
        && let Some(known) = app.store.run_of_signature(&action, proof.signature).await?
    {
        return Ok(lead_to(&app, &request, &known));
    }
    let comes = Comes::of(asked.job, request.query_string(), proof.as_ref(), app.now())?;
    if let Some(proof) = &proof {
        proof.check_token(app.now().div_euclid(1000))?;
        check_age(&pairs, comes.heard_ms, app.settings.ami.max_age)?;
    }
    let again = |label: String, rows| Again {
        address: comes.address_again(&app, &action, rows, proof.as_ref()),
        label,
        pairs: pairs.clone(),
    };
    let later =
        |refusal: Refusal| Refused::from(refusal).or_again(again("Try again now".to_owned(), comes.rows));
    let post = AmiPost::parse(&pairs, comes.rows)?;
    let site = app
        .connections
        .site()
        .map_err(|trouble| later(Refusal::NotReady(trouble)))?;
    let flow = &app.settings.flow;
    if let Some(host) = post.site.as_ref().filter(|host| !flow.is_site(&site.host, host)) {
        return Err(Refusal::Site { host: short(host) }.into());
    }
    if let Chosen::Rows {
        selection, on_page, ..
    } = &post.chosen
    {
        asked.check(selection, *on_page).map_err(|refusal| {
            let offers_page = matches!(refusal, Refusal::NothingSelected { on_page: 1.. }) && proof.is_some();
            let refused = Refused::from(refusal);
            match offers_page {
                true => refused.or_again(again(all_rows(*on_page), RowsOf::Page)),
                false => refused,
            }
        })?;
    }
    let signature = proof.as_ref().map(|proof| proof.signature);
    let run = queued(&app, &action, post, &comes, site.host, signature.is_some());
    let place = app
        .runner
        .enter(For::from(&run), signature)
        .map_err(|full| later(Refusal::TooManyPlans(full_of(full))))?;
    match app.store.create(&run, signature).await? {
        Created::New => {
            tracing::info!(
                view = run.view.0,
                action = run.action,
                rows = run.selection.as_ref().map_or(0, |selection| selection.ids.len()),
                token = proof.as_ref().map(|proof| proof.token.label.as_str()),
                "a run begins"
            );
            app.runner.plan(run.id.clone(), Some(place));
            Ok(lead_to(&app, &request, &run.id))
        }
        Created::Known(known) => Ok(lead_to(&app, &request, &known)),
        Created::EntryUsed => Err(Refusal::EntryUsed.into()),
    }
}

/// The run that a post begins.
fn queued(app: &App, action: &str, post: AmiPost, comes: &Comes, site: String, signed: bool) -> Run {
    let (selection, requested_by, light) = match post.chosen {
        Chosen::Rows {
            selection,
            requested_by,
            ..
        } => (Some(selection), requested_by, None),
        Chosen::Event(entry) => {
            let heard_at = app.now();
            let light = LightPost {
                entry,
                signed,
                heard_at,
            };
            (None, Person::default(), Some(light))
        }
    };
    let asked = Asked {
        action: action.to_owned(),
        options: comes.options.clone(),
        requested_by,
        site,
        selection,
    };
    Run {
        session_uuid: post.session_uuid,
        light,
        ..app.services.new_run(Origin::Ami, asked)
    }
}

/// What a button says that plans all rows of a page.
fn all_rows(count: usize) -> String {
    match count {
        1 => "Plan the one row of the page".to_owned(),
        count => format!("Plan all {} rows of the page", grouped(count)),
    }
}

/// Why there is no room, in words.
pub fn full_of(full: Full) -> &'static str {
    match full {
        Full::Server => "this amigo makes as many plans as it may",
        Full::Person => "you have as many plans under way as one person may",
        Full::Project => "as many plans as one project may have are under way for this one",
    }
}

/// How a post comes: as Flow made it, or once more from a button of amigo's own page.
struct Comes {
    rows: RowsOf,
    /// When it was heard first, in milliseconds since 1970.
    heard_ms: i64,
    options: BTreeMap<String, String>,
}

impl Comes {
    /// Reads the query: the menu item's options, and what amigo's own buttons add. All rows of a page are meant only
    /// by a post that amigo itself asked about.
    fn of(job: Job, query: &str, proof: Option<&Proof<'_>>, now: i64) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
            .map_err(|_| Refusal::Option("The options cannot be read.".to_owned()))?;
        let ours = |name: &str| matches!(name, HEARD | ROWS);
        let value = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let options = pairs.iter().filter(|(name, _)| !ours(name));
        let options = Options::parse(job, options.map(|(name, value)| (name.as_str(), value.as_str())))
            .map_err(|wrong| Refusal::Option(wrong.to_string()))?
            .as_map();
        let heard = value(HEARD).map(|said| {
            proof
                .and_then(|proof| first_heard(proof, said, now))
                .ok_or(Refusal::HeardTooLongAgo)
        });
        let heard = heard.transpose()?;
        let rows = match (value(ROWS), heard) {
            (None, _) => RowsOf::Selection,
            (Some("page"), Some(_)) => RowsOf::Page,
            (Some(_), _) => {
                return Err(Refusal::Option(
                    "Only a button of amigo's own page can ask for all rows of a page.".to_owned(),
                ));
            }
        };
        Ok(Self {
            rows,
            heard_ms: heard.unwrap_or(now),
            options,
        })
    }

    /// Where a button sends the post once more.
    fn address_again(&self, app: &App, action: &str, rows: RowsOf, proof: Option<&Proof<'_>>) -> String {
        let mut query: Vec<(&str, String)> = self
            .options
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        query.extend(proof.map(|proof| (HEARD, heard_at(proof, self.heard_ms))));
        if rows == RowsOf::Page {
            query.push((ROWS, "page".to_owned()));
        }
        let query = serde_urlencoded::to_string(&query).unwrap_or_default();
        format!("{}/ami/{action}?{query}", app.base())
    }
}

/// What amigo's own buttons add to the query of a menu item's address.
const HEARD: &str = "heard";
const ROWS: &str = "rows";

/// The proof of a post; nothing when it is believed without one: where unsigned posts are allowed, or when it names an
/// entry of Flow's event log that has to prove itself.
fn proof_of<'a>(
    settings: &'a AmiSettings,
    action: &str,
    pairs: &'a [(String, String)],
) -> Result<Option<Proof<'a>>, Refusal> {
    let tokens = settings.secrets.of(action);
    match verify(pairs, tokens) {
        Ok(proof) => Ok(Some(proof)),
        Err(Refusal::Unsigned | Refusal::NoSecret) if settings.allow_unsigned => {
            tracing::warn!(
                action,
                "an unsigned post was believed: AMIGO_AMI_ALLOW_UNSIGNED is on"
            );
            Ok(None)
        }
        Err(Refusal::Unsigned) if is_light(pairs) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// Whether a post says nothing but which entry of Flow's event log holds what it is about.
fn is_light(pairs: &[(String, String)]) -> bool {
    matches!(
        AmiPost::parse(pairs, RowsOf::Selection),
        Ok(AmiPost {
            chosen: Chosen::Event(_),
            ..
        })
    )
}

/// `1,204`
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
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

    use crate::ami::{Signed, Token, sign};
    use crate::config::AmiSecrets;

    use super::*;

    fn settings(secret: Option<&str>, allow_unsigned: bool) -> AmiSettings {
        let token = |secret| Token::new(SecretString::from(secret), "1");
        AmiSettings {
            secrets: AmiSecrets {
                any: secret.map(token).into_iter().collect(),
                ..AmiSecrets::default()
            },
            allow_unsigned,
            ..AmiSettings::default()
        }
    }

    fn form(field: (&str, &str), signed_with: Option<&str>) -> Vec<(String, String)> {
        let mut pairs = vec![(field.0.to_owned(), field.1.to_owned())];
        if let Some(secret) = signed_with {
            let signature = sign(&pairs, secret, Signed::AllFields);
            pairs.push(("signature".to_owned(), signature));
        }
        pairs
    }

    const PERSON: (&str, &str) = ("user_id", "57");
    const ENTRY: (&str, &str) = ("event_log_entry_id", "98765");

    #[rstest]
    #[case(Some("a"), false, PERSON, Some("a"), Ok(true))]
    #[case(Some("a"), false, PERSON, Some("b"), Err(Refusal::Signature))]
    #[case(Some("a"), true, PERSON, Some("b"), Err(Refusal::Signature))]
    #[case(Some("a"), false, PERSON, None, Err(Refusal::Unsigned))]
    #[case(Some("a"), true, PERSON, None, Ok(false))]
    #[case(None, false, PERSON, Some("a"), Err(Refusal::NoSecret))]
    #[case(None, false, PERSON, None, Err(Refusal::NoSecret))]
    #[case(None, true, PERSON, Some("a"), Ok(false))]
    #[case(Some("a"), false, ENTRY, Some("a"), Ok(true))]
    #[case(Some("a"), false, ENTRY, None, Ok(false))]
    #[case(Some("a"), false, ENTRY, Some("b"), Err(Refusal::Signature))]
    #[case(None, false, ENTRY, None, Err(Refusal::NoSecret))]
    fn a_post_is_believed_by_its_signature(
        #[case] secret: Option<&str>,
        #[case] allow_unsigned: bool,
        #[case] field: (&str, &str),
        #[case] signed_with: Option<&str>,
        #[case] expected: Result<bool, Refusal>,
    ) {
        let pairs = form(field, signed_with);
        let settings = settings(secret, allow_unsigned);
        let proven = proof_of(&settings, "sync", &pairs);
        assert_eq!(proven.map(|proof| proof.is_some()), expected);
    }

    #[test]
    fn options_are_read_from_the_address() {
        let options = |query| Comes::of(Job::Sync, query, None, 0).map(|comes| comes.options);
        assert_eq!(options("").unwrap().len(), 0);
        assert_eq!(options("descendants=no").unwrap()["descendants"], "no");
        assert!(options("force=yes").is_err());
        assert!(options("tasks=perhaps").is_err());
    }

    #[test]
    fn an_address_alone_never_means_all_rows_of_a_page() {
        assert!(Comes::of(Job::Sync, "rows=page", None, 0).is_err());
        let (settings, pairs) = (settings(Some("a"), false), form(PERSON, Some("a")));
        let proof = proof_of(&settings, "sync", &pairs).unwrap().unwrap();
        assert!(Comes::of(Job::Sync, "rows=page", Some(&proof), 0).is_err());
        let said = heard_at(&proof, 5_000);
        let comes = Comes::of(
            Job::Sync,
            &format!("rows=page&heard={said}&tasks=no"),
            Some(&proof),
            9_000,
        )
        .unwrap();
        assert_eq!((comes.rows, comes.heard_ms), (RowsOf::Page, 5_000));
        assert_eq!(comes.options["tasks"], "no");
        assert!(Comes::of(Job::Sync, &format!("rows=all&heard={said}"), Some(&proof), 9_000).is_err());
        assert!(Comes::of(Job::Sync, "heard=5000.00", Some(&proof), 9_000).is_err());
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([7, 1_204, 20_000].map(grouped), ["7", "1,204", "20,000"]);
    }
}
