//! The embedded files of `static/`, under addresses that change with their content.

use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH};
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

use super::refused::Refused;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// `?v=` of an address.
#[derive(Deserialize)]
pub struct Version {
    v: Option<String>,
}

fn version_of(file: &EmbeddedFile) -> String {
    hex::encode(&file.metadata.sha256_hash()[..8])
}

/// The address of a file, with its version; without one when there is no such file.
pub fn address(base: &str, name: &str) -> String {
    match Files::get(name) {
        Some(file) => format!("{base}/static/{name}?v={}", version_of(&file)),
        None => format!("{base}/static/{name}"),
    }
}

/// `GET /static/{file}`: cached for good under its version, checked each time otherwise.
pub async fn file(
    request: HttpRequest,
    name: Path<String>,
    asked: Query<Version>,
) -> Result<HttpResponse, Refused> {
    // What lies in folders belongs to the stand-ins' pages, not to ours.
    let own = Some(name.as_str()).filter(|name| !name.contains('/'));
    let file = own.and_then(Files::get).ok_or_else(Refused::no_page)?;
    let version = version_of(&file);
    let tag = format!("\"{version}\"");
    let caching = if asked.v.as_deref() == Some(version.as_str()) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = request
        .headers()
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| matches!(value.trim(), "*") || value.trim().trim_start_matches("W/") == tag);
    let mut response = if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((CACHE_CONTROL, HeaderValue::from_static(caching)))
        .insert_header((ETAG, tag));
    if known {
        return Ok(response.finish());
    }
    let kind = mime_guess::from_path(name.as_str()).first_or_octet_stream();
    let kind = if kind.type_() == "text" {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_string()
    };
    Ok(response.content_type(kind).body(file.data.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_that_pages_name_exist() {
        for name in ["app.css", "app.js", "amigo.svg"] {
            assert!(address("", name).contains("?v="), "{name} is not embedded");
        }
    }
}
