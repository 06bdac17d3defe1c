//! A page that reads what is sent and does nothing, from the same web server, in a process of its own: what a request costs at least.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};

use actix_web::{App, HttpResponse, HttpServer, web};

use super::Outcome;

/// The argument that makes this program the bare page.
pub const WORD: &str = "bare-page";
/// As many threads as amigo answers requests with.
const WORKERS: usize = 2;

/// Serves until the process is ended.
pub fn serve() -> Outcome<()> {
    let address = std::env::args().next_back().unwrap_or_default();
    let listener = TcpListener::bind(address)?;
    let serving = async {
        HttpServer::new(|| {
            App::new().default_service(web::to(async |_body: web::Bytes| {
                HttpResponse::Ok().body("nothing")
            }))
        })
        .workers(WORKERS)
        .listen(listener)?
        .run()
        .await
    };
    Ok(actix_web::rt::System::new().block_on(serving)?)
}

/// The bare page in its process; dropped, it ends.
pub struct Bare {
    child: Child,
    pub url: String,
}

impl Bare {
    pub fn start() -> Outcome<Self> {
        let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let child = Command::new(std::env::current_exe()?)
            .args([WORD, &listen.to_string()])
            .stdin(Stdio::null())
            .spawn()?;
        Ok(Self {
            child,
            url: format!("http://{listen}"),
        })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
