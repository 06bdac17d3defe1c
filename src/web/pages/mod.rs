//! The pages: what people read. Structs hold ready words, templates only place them.

mod board;
mod branch;
mod list;
mod plan;
mod problems;
mod report;
mod rows;
mod rules;
mod run;
#[cfg(test)]
pub mod sample;
mod sides;
mod summary;
mod switches;
mod tree;

use actix_web::HttpResponse;
use askama::Template;

pub use branch::{Wanted, rows};
pub use list::{Sought, ticks};
pub use run::run;

use crate::run::Run;

use super::refused::{Again, Refused};
use super::{App, assets};
use crate::run::Reader;

/// What every page's frame needs: where amigo is reached, and the addresses of its files.
#[derive(Clone, Debug)]
pub struct Shell {
    css: String,
    js: String,
    icon: String,
}

impl Shell {
    /// The frame under the configured public address.
    pub fn of(app: &App) -> Self {
        Self::under(&app.base())
    }

    fn under(base: &str) -> Self {
        Self {
            css: assets::address(base, "app.css"),
            js: assets::address(base, "app.js"),
            icon: assets::address(base, "amigo.svg"),
        }
    }

    /// The frame of a server at the root of its host.
    #[cfg(test)]
    pub fn plain() -> Self {
        Self::under("")
    }
}

/// Addresses that a run's page points at.
#[derive(Clone, Debug)]
pub struct Links {
    /// Path prefix of this amigo.
    base: String,
    public_url: String,
    /// Base address of the Flow site.
    flow: String,
    /// Base address of the AYON server, when it is configured.
    ayon: Option<String>,
    /// Whom to ask, where it is configured.
    contact: Option<String>,
}

impl Links {
    /// The addresses that belong to a run's site.
    pub fn of(app: &App, run: &Run) -> Self {
        let flow = match app.connections.site() {
            Ok(site) if site.host == run.site => site.url,
            _ => format!("https://{}", run.site),
        };
        Self {
            base: app.base(),
            public_url: app.settings.public_url.clone(),
            flow,
            ayon: app.settings.ayon.url.clone(),
            contact: app.settings.contact.clone(),
        }
    }

    /// The page of a Flow row.
    fn flow_row(&self, kind: &str, id: i64) -> String {
        format!("{}/detail/{kind}/{id}", self.flow)
    }

    /// The page of an AYON project.
    fn ayon_project(&self, name: &str) -> Option<String> {
        self.ayon.as_ref().map(|ayon| format!("{ayon}/projects/{name}"))
    }

    /// The page of an AYON user.
    fn ayon_user(&self, name: &str) -> Option<String> {
        self.ayon
            .as_ref()
            .map(|ayon| format!("{ayon}/settings/users?name={name}"))
    }

    /// The address that may be shared.
    fn view(&self, run: &Run) -> String {
        format!("{}/views/{}", self.public_url, run.view.0)
    }

    /// Where the page's own run is reached.
    fn here(&self, run: &Run, access: Reader) -> String {
        match access {
            Reader::Acting => format!("{}/runs/{}", self.base, run.id.0),
            Reader::Viewing => format!("{}/views/{}", self.base, run.view.0),
        }
    }

    /// Where a button sends its form; nothing for those who may only look.
    fn press(&self, run: &Run, access: Reader, verb: &str) -> Option<Press> {
        (access == Reader::Acting).then(|| Press {
            action: format!("{}/{verb}", self.here(run, access)),
            seal: run.seal(),
        })
    }

    /// Fixed addresses for tests.
    #[cfg(test)]
    pub fn plain() -> Self {
        Self {
            base: String::new(),
            public_url: "http://127.0.0.1:8090".to_owned(),
            flow: "https://demo-studio.shotgrid.example".to_owned(),
            ayon: Some("https://ayon.example".to_owned()),
            contact: Some("the pipeline team".to_owned()),
        }
    }
}

/// A button's form.
struct Press {
    action: String,
    seal: String,
}

/// An instant, for machines and for people.
struct Moment {
    iso: String,
    words: String,
}

impl Moment {
    fn of(ms: i64) -> Self {
        let time = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Self {
            iso: time.to_string(),
            words: time.strftime("%-d %b %Y, %H:%M UTC").to_string(),
        }
    }
}

/// `3 Shots`, `1 Shot`.
fn count_of(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[derive(Template)]
#[template(path = "home.html", whitespace = "minimize")]
struct HomePage {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "ami.html", whitespace = "minimize")]
struct AmiPage<'a> {
    shell: Shell,
    title: &'a str,
    address: &'a str,
}

#[derive(Template)]
#[template(path = "refusal.html", whitespace = "minimize")]
struct RefusalPage<'a> {
    shell: Shell,
    status: u16,
    code: &'a str,
    message: &'a str,
    remedy: &'a str,
    request_id: &'a str,
    contact: Option<&'a str>,
    again: Option<&'a Again>,
    /// Seconds after which the page tries again by itself.
    waits: Option<u32>,
}

/// The page at the root.
pub fn home(shell: Shell) -> Result<HttpResponse, Refused> {
    html(&HomePage { shell })
}

/// The page that explains a menu item's address to whoever opens it by hand.
pub fn ami(shell: Shell, title: &str, address: &str) -> Result<HttpResponse, Refused> {
    html(&AmiPage {
        shell,
        title,
        address,
    })
}

/// A refusal's page, as text.
pub fn refusal(
    refused: &Refused,
    request_id: &str,
    contact: Option<&str>,
    shell: Shell,
) -> askama::Result<String> {
    RefusalPage {
        shell,
        status: refused.status.as_u16(),
        code: &refused.code,
        message: &refused.message,
        remedy: &refused.remedy,
        request_id,
        contact,
        again: refused.again.as_deref(),
        waits: refused.retry_after.filter(|_| refused.again.is_some()),
    }
    .render()
}

fn html(page: &impl Template) -> Result<HttpResponse, Refused> {
    let body = page.render().map_err(Refused::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(body))
}
