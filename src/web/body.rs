//! Reads a request's body within bounds of size and time.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use crate::ami::{MAX_BODY_BYTES, Refusal};

use super::refused::Refused;

/// A body that is too large is read up to here before it is refused: a browser that is still sending would
/// meet a closed connection instead of our page.
const DRAIN_BYTES: usize = 4 * MAX_BODY_BYTES;

/// The whole body, at most [`MAX_BODY_BYTES`], within `patience`.
pub async fn read(request: &HttpRequest, payload: Payload, patience: Duration) -> Result<Bytes, Refused> {
    let declared = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > DRAIN_BYTES) {
        return Err(Refusal::TooLarge.into());
    }
    tokio::time::timeout(patience, collect(payload))
        .await
        .unwrap_or_else(|_| {
            Err(Refused::new(
                StatusCode::REQUEST_TIMEOUT,
                "post-too-slow",
                "The post took too long to arrive.",
                "Try again. If it stays, the connection between this browser and amigo is too slow.",
            ))
        })
}

async fn collect(payload: Payload) -> Result<Bytes, Refused> {
    let mut payload = payload.into_inner();
    let mut body = BytesMut::new();
    let mut length = 0;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Refusal::Malformed("it broke off".to_owned()))?;
        length += chunk.len();
        if length <= MAX_BODY_BYTES {
            body.extend_from_slice(&chunk);
        } else if length > DRAIN_BYTES {
            break;
        }
    }
    if length > MAX_BODY_BYTES {
        return Err(Refusal::TooLarge.into());
    }
    Ok(body.freeze())
}
