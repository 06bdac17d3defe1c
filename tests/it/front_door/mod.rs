//! The front door as somebody meets it who means well, who is clumsy, or who means harm.
//!
//! | module | holds |
//! | --- | --- |
//! | [`vectors`], [`flips`], [`fuzz`] | only what Flow signed is believed, whatever is done to a post |
//! | [`rotation`] | two secrets at a time, and the end of one |
//! | [`parts`] | forms in parts mean what urlencoded ones mean |
//! | [`nothing_selected`], [`many`] | the two pages that carry a post and send it once more |
//! | [`light`] | posts that only name an entry of Flow's event log |
//! | [`policy`] | who may plan, and who may apply |
//! | [`slow`] | whoever dawdles or storms takes nothing from others |
//! | [`networks`] | other names of the site, private authorities, proxies |

mod flips;
mod fuzz;
mod light;
mod many;
mod networks;
mod nobody;
mod nothing_selected;
mod parts;
mod policy;
mod rotation;
pub mod slow;
mod vectors;

use scraper::{Html, Selector};

use crate::harness::Stage;

pub type Form = Vec<(String, String)>;

/// What browsers send a form as, unless a page asks for parts.
const URLENCODED: &str = "application/x-www-form-urlencoded";

/// The button of a refusal's page that sends the post once more.
#[derive(Debug)]
struct Again {
    /// Where to, as a path of amigo's.
    path: String,
    label: String,
    /// What it carries: every field, each of them hidden.
    form: Form,
    /// Seconds after which the page presses it by itself.
    after: Option<u32>,
}

/// The button of a page, if it has one.
fn again(page: &str) -> Option<Again> {
    let page = Html::parse_document(page);
    let all = |selector: &str| Selector::parse(selector).unwrap();
    let form = page.select(&all("main form[method=post]")).next()?;
    let fields = all("input");
    let pairs = form.select(&fields).map(|field| {
        assert_eq!(field.value().attr("type"), Some("hidden"));
        let text = |name: &str| field.value().attr(name).unwrap().to_owned();
        (text("name"), text("value"))
    });
    let label = form.select(&all("button")).next().unwrap();
    Some(Again {
        path: form.value().attr("action").unwrap().to_owned(),
        label: label.text().collect::<String>().trim().to_owned(),
        form: pairs.collect(),
        after: form.value().attr("data-again").map(|text| text.parse().unwrap()),
    })
}

/// Sends a body as a certain kind of form.
async fn send(stage: &Stage, kind: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
    let request = stage.http.post(format!("{}/ami/sync", stage.url()));
    let request = request.header("content-type", kind).body(body);
    request.send().await.unwrap()
}

/// Where an answer leads; a page's text when it leads nowhere.
async fn leads_to(answer: reqwest::Response) -> String {
    let status = answer.status();
    let place = answer.headers().get("location").cloned();
    match place {
        Some(place) if status == 303 => place.to_str().unwrap().to_owned(),
        _ => panic!("{status} {}", answer.text().await.unwrap()),
    }
}

/// A form in parts, as browsers write it.
fn in_parts(form: &[(String, String)], boundary: &str) -> Vec<u8> {
    let part = |(name, value): &(String, String)| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts: String = form.iter().map(part).collect();
    format!("{parts}--{boundary}--\r\n").into_bytes()
}
