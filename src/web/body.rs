//! Reads requests' bodies within bounds: of size and time for each, of memory for all together.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::ami::{MAX_BODY_BYTES, Refusal};
use crate::config::Limits;

use super::refused::Refused;

/// A body that is refused is read up to here all the same: a browser that is still sending would meet a closed
/// connection instead of our page.
const DRAIN_BYTES: usize = 4 * MAX_BODY_BYTES;
/// So much of each body is not counted: whoever sends many large ones keeps no usual one out.
const USUAL_BYTES: usize = 64 * 1024;

/// What bodies may take, shared by all that arrive.
#[derive(Clone)]
pub struct Bodies {
    patience: Duration,
    /// Bytes that are left for large ones.
    room: Arc<Semaphore>,
}

impl Bodies {
    pub fn of(limits: &Limits) -> Self {
        Self {
            patience: limits.body_time,
            room: Arc::new(Semaphore::new(limits.body_memory)),
        }
    }

    /// The whole body, at most [`MAX_BODY_BYTES`], if it arrives in time and there is room for it.
    pub async fn read(&self, request: &HttpRequest, payload: Payload) -> Result<Bytes, Refused> {
        let declared = request
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > DRAIN_BYTES) {
            return Err(Refusal::TooLarge.into());
        }
        tokio::time::timeout(self.patience, self.collect(payload))
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

    async fn collect(&self, payload: Payload) -> Result<Bytes, Refused> {
        let mut payload = payload.into_inner();
        let mut body = BytesMut::new();
        let mut held: Vec<OwnedSemaphorePermit> = Vec::new();
        let (mut length, mut counted) = (0, USUAL_BYTES);
        let mut refusal = None;
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Refusal::Malformed("it broke off".to_owned()))?;
            length += chunk.len();
            if length > DRAIN_BYTES {
                break;
            } else if refusal.is_some() {
                continue;
            } else if length > MAX_BODY_BYTES {
                refusal = Some(Refusal::TooLarge);
            } else if let Some(more) = length.checked_sub(counted).filter(|more| *more > 0) {
                match self.take(more) {
                    Some(permit) => held.push(permit),
                    None => refusal = Some(Refusal::TooMuchAtOnce),
                }
                counted = length;
            }
            if refusal.is_none() {
                body.extend_from_slice(&chunk);
            } else {
                // What is only read to its end takes no room.
                (body, held) = (BytesMut::new(), Vec::new());
            }
        }
        match refusal {
            Some(refusal) => Err(refusal.into()),
            None => Ok(body.freeze()),
        }
    }

    fn take(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).ok()?;
        self.room.clone().try_acquire_many_owned(bytes).ok()
    }
}
