//! A server that takes the posts of menu items and plans nothing: what came is handed to whoever recorded it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use actix_web::web::{Data, Path, Payload};
use actix_web::{App, HttpRequest, HttpResponse, HttpResponseBuilder, HttpServer, web};
use askama::Template;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::runner::Services;

use super::body::Bodies;
use super::form;
use super::server::Server;

/// Seconds that requests under way get to finish after a stop.
const GRACE_SECONDS: u64 = 3;

/// A post as it came.
pub struct Caught {
    /// The word in the address.
    pub action: String,
    /// What stood behind the address, decoded.
    pub query: Vec<(String, String)>,
    /// Absent where the sender did not say.
    pub content_type: Option<String>,
    /// Length of the body; nothing where it was not read to its end.
    pub bytes: Option<usize>,
    /// When it came, in milliseconds since 1970.
    pub heard_ms: i64,
    /// The fields in their order, or the code and sentence with which amigo refuses such a body.
    pub form: Result<Vec<(String, String)>, (String, String)>,
}

/// What the handlers share.
struct Desk {
    /// How many posts are still wanted.
    wanted: AtomicUsize,
    bodies: Bodies,
    services: Services,
    caught: UnboundedSender<Caught>,
}

/// A server at an address, for so many posts; `bodies` says how large and slow they may be.
pub fn capture(
    listen: SocketAddr,
    wanted: usize,
    bodies: Bodies,
    services: Services,
    caught: UnboundedSender<Caught>,
    stop: CancellationToken,
) -> io::Result<Server> {
    let listener = TcpListener::bind(listen)?;
    let address = listener.local_addr()?;
    let desk = Data::from(Arc::new(Desk {
        wanted: AtomicUsize::new(wanted),
        bodies,
        services,
        caught,
    }));
    let inner = HttpServer::new(move || {
        App::new()
            .app_data(desk.clone())
            .service(
                web::resource("/ami/{action}")
                    .route(web::post().to(take))
                    .default_service(web::to(wait)),
            )
            .default_service(web::to(nowhere))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(GRACE_SECONDS)
    .listen(listener)?
    .run();
    Ok(Server::of(address, stop, inner))
}

#[derive(Template)]
#[template(path = "captured.html")]
struct Page {
    taken: bool,
}

/// `POST /ami/{action}`: takes the post, readable or not, as long as one is wanted.
async fn take(
    desk: Data<Desk>,
    request: HttpRequest,
    action: Path<String>,
    payload: Payload,
) -> HttpResponse {
    let content_type = request.headers().get(CONTENT_TYPE);
    let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let body = desk.bodies.read(&request, payload).await;
    let heard_ms = (desk.services.now)();
    let (bytes, form) = match body {
        Err(refused) => {
            let why = (refused.code.into_owned(), refused.message.into_owned());
            (None, Err(why))
        }
        Ok(body) => {
            let length = body.len();
            let pairs = form::pairs_of(&request, body).await;
            let pairs = pairs.map_err(|refusal| (refusal.code().to_owned(), refusal.discreet()));
            (Some(length), pairs)
        }
    };
    let one_less = |wanted: usize| wanted.checked_sub(1);
    let taken = desk
        .wanted
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
        .is_ok();
    if taken {
        // Whoever records may have been stopped; then nobody is there to be told.
        let _unheard = desk.caught.send(Caught {
            action: action.into_inner(),
            query: serde_urlencoded::from_str(request.query_string()).unwrap_or_default(),
            content_type,
            bytes,
            heard_ms,
            form,
        });
    }
    let page = Page { taken }.render();
    let status = match taken {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    answer(status)
        .content_type("text/html; charset=utf-8")
        .body(page.unwrap_or_else(|_| "Captured.".to_owned()))
}

/// Any other use of such an address: that somebody waits here.
async fn wait(desk: Data<Desk>) -> HttpResponse {
    let wanted = desk.wanted.load(Ordering::SeqCst);
    let posts = match wanted {
        1 => "the next post of a menu item".to_owned(),
        count => format!("the next {count} posts of a menu item"),
    };
    answer(StatusCode::OK)
        .content_type("text/plain; charset=utf-8")
        .body(format!(
            "amigo capture waits for {posts} at this address. Nothing is planned.\n"
        ))
}

async fn nowhere() -> HttpResponse {
    answer(StatusCode::NOT_FOUND)
        .content_type("text/plain; charset=utf-8")
        .body("amigo capture waits for posts at /ami/sync and its like. There is nothing else here.\n")
}

/// An answer that holds nothing to protect, so any page may show it in a frame: Flow's address need not be known.
fn answer(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'",
        ))
        // The server is about to end; nobody is to keep a connection for later.
        .force_close();
    answer
}
