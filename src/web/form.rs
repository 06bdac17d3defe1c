//! The form of a post as ordered pairs, whichever way a browser sent it.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::ami::{MAX_FIELDS, Refusal, form_pairs};

use super::body::Bodies;
use super::refused::Refused;

/// Reads a form within bounds of size, number and time.
pub async fn read(
    request: &HttpRequest,
    payload: Payload,
    bodies: &Bodies,
) -> Result<Vec<(String, String)>, Refused> {
    let bytes = bodies.read(request, payload).await?;
    Ok(pairs_of(request, bytes).await?)
}

/// The pairs of a body, by what the request says that it is.
pub async fn pairs_of(request: &HttpRequest, bytes: Bytes) -> Result<Vec<(String, String)>, Refusal> {
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
        "application/x-www-form-urlencoded" => form_pairs(&bytes),
        "multipart/form-data" => parts(request, bytes).await,
        "" => Err(Refusal::Malformed("it does not say what it is".to_owned())),
        _ => Err(Refusal::Malformed(
            "it is neither an urlencoded form nor one in parts".to_owned(),
        )),
    }
}

/// The parts of a multipart form. A file has no place among them.
async fn parts(request: &HttpRequest, bytes: Bytes) -> Result<Vec<(String, String)>, Refusal> {
    let whole = stream::once(async { Ok(bytes) });
    let mut form = Multipart::new(request.headers(), whole);
    let mut pairs = Vec::new();
    while let Some(field) = form.next().await {
        let field = field.map_err(|error| broken(&error))?;
        if pairs.len() == MAX_FIELDS {
            return Err(Refusal::TooManyFields {
                count: MAX_FIELDS + 1,
                limit: MAX_FIELDS,
            });
        }
        pairs.push(pair(field).await?);
    }
    Ok(pairs)
}

async fn pair(field: Field) -> Result<(String, String), Refusal> {
    let about = field.content_disposition();
    if about.is_some_and(|about| about.get_filename().is_some()) {
        return Err(Refusal::Malformed("it carries a file".to_owned()));
    }
    let name = field
        .name()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Refusal::Malformed("a part has no name".to_owned()))?
        .to_owned();
    let value: Vec<Bytes> = field.try_collect().await.map_err(|error| broken(&error))?;
    let value = String::from_utf8(value.concat());
    let value = value.map_err(|_| Refusal::Malformed("it is not text".to_owned()))?;
    Ok((name, value))
}

/// The library's words may repeat what was sent, so they are not told.
fn broken(_error: &MultipartError) -> Refusal {
    Refusal::Malformed("its parts cannot be told from one another".to_owned())
}
