//! What lies between amigo and the others: other names of the Flow site, certificates of the studio's own, a proxy.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::door::{changed, refuses};
use crate::harness::{API_KEY, Program, Stage, naming};

/// A name and a password for the proxy, and how both go over the wire.
const PROXY_PASSWORD: &str = "planted-proxy-password-41d8";
const PROXY_USER: &str = "studio";
const PROXY_WORD: &str = "c3R1ZGlvOnBsYW50ZWQtcHJveHktcGFzc3dvcmQtNDFkOA==";

#[tokio::test(flavor = "multi_thread")]
async fn the_site_is_known_by_its_other_names() {
    let stage = Stage::set(|setting| {
        setting.toml =
            Some("[flow]\naliases = [\"Old.Studio.example\", \"older.example:8443\"]\n".to_owned());
    })
    .await;
    let own = stage.flow.url().trim_start_matches("http://").to_owned();
    let own_host = own.split(':').next().unwrap();
    for host in [
        &own,
        own_host,
        "old.studio.example",
        "old.studio.example:443",
        "OLD.STUDIO.EXAMPLE",
        " Old.Studio.Example:8080 ",
        "older.example",
        "older.example:8443",
        "OLDER.example:1",
    ] {
        let form = changed(stage.form("Shot", &[1062]), "server_hostname", host);
        let run = stage.begins(&form).await.planned().await;
        // However it was called, it is one site.
        assert_eq!(run.data["site"], own_host, "{host}");
    }
    for host in [
        "studio.example",
        "old.studio.example.evil.example",
        "xold.studio.example",
        "old.studio.example:443:443",
        "old.studio.example/",
        "https://old.studio.example",
        "old.studio.example:https",
    ] {
        let form = changed(stage.form("Shot", &[1062]), "server_hostname", host);
        refuses(stage.post("/ami/sync", &form).await, 403, "site-unknown").await;
    }
    // Entries of the event log are held to the same names.
    let mut entry = stage.entry(&[1062]);
    entry.payload["server_hostname"] = "OLD.studio.example:443".into();
    stage.begins(&naming(stage.log(&entry))).await.planned().await;

    let answer = stage.get("/").await;
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains(&format!(
            "frame-ancestors 'self' {} https://old.studio.example https://older.example;",
            stage.flow.url()
        )),
        "{policy}"
    );
    stage.nothing_else_was_sent().await;
}

/// What `amigo serve` says when it cannot start.
async fn start_with(variables: &[(&str, &str)]) -> String {
    let folder = TempDir::new().unwrap();
    let mut all: BTreeMap<String, String> = [
        ("AMIGO_LISTEN", "127.0.0.1:0"),
        ("AMIGO_AYON_URL", "http://127.0.0.1:9"),
        ("AMIGO_AYON_API_KEY", API_KEY),
    ]
    .iter()
    .chain(variables)
    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
    .collect();
    all.insert(
        "AMIGO_DATABASE_URL".to_owned(),
        format!("sqlite://{}", folder.path().join("amigo.db").display()),
    );
    let ended = Program::run(folder.path(), &["serve"], &all).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.err
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_are_none_stop_the_start() {
    let folder = TempDir::new().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let missing = place("missing.pem");
    let said = start_with(&[("AMIGO_NETWORK_CA_FILE", &missing)]).await;
    assert!(
        said.contains(&format!("network.ca_file: {missing} cannot be read")),
        "{said}"
    );
    let spoilt = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (name, content, why) in [
        ("empty.pem", "", "holds no certificate in PEM form"),
        (
            "garbage.pem",
            "\u{fffd}\u{0}garbage",
            "holds no certificate in PEM form",
        ),
        ("spoilt.pem", spoilt, "holds a certificate that cannot be used"),
    ] {
        let file = place(name);
        std::fs::write(&file, content).unwrap();
        let said = start_with(&[("AMIGO_NETWORK_CA_FILE", &file)]).await;
        assert!(
            said.contains(&format!("network.ca_file: {file} {why}")),
            "{name}: {said}"
        );
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_no_proxys_stops_the_start_and_is_not_repeated() {
    for address in [
        format!("socks9://{PROXY_USER}:{PROXY_PASSWORD}@proxy.example"),
        format!("{PROXY_USER}:{PROXY_PASSWORD}@proxy.example:3128"),
        PROXY_PASSWORD.to_owned(),
    ] {
        let said = start_with(&[("AMIGO_NETWORK_PROXY", &address)]).await;
        assert!(said.contains("AMIGO_NETWORK_PROXY"), "{said}");
        assert!(!said.contains(PROXY_PASSWORD), "{said}");
    }
}

/// An authority that nobody but the studio trusts, and servers that it vouches for.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut of_ca = CertificateParams::new(Vec::new()).unwrap();
        of_ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(of_ca, KeyPair::generate().unwrap()).unwrap();
        Self {
            issuer,
            folder: TempDir::new().unwrap(),
        }
    }

    /// The authority's certificate as a file.
    fn file(&self) -> PathBuf {
        let file = self.folder.path().join("studio-ca.pem");
        std::fs::write(&file, self.issuer.pem()).unwrap();
        file
    }

    /// Puts TLS before a server; answers the address that is reached by it.
    fn before(&self, server: SocketAddr) -> String {
        let key = KeyPair::generate().unwrap();
        let of_server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = of_server.signed_by(&key, &self.issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (listener, address) = listening();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // Who does not trust the certificate hangs up.
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let mut inner = TcpStream::connect(server).await.unwrap();
                    let _ended = copy_bidirectional(&mut stream, &mut inner).await;
                });
            }
        });
        format!("https://{address}")
    }
}

fn listening() -> (TcpListener, SocketAddr) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    (TcpListener::from_std(listener).unwrap(), address)
}

fn host_of(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().unwrap()
}

/// A stage whose two systems are reached by TLS, under an authority of the studio's own.
async fn stage_by_tls(authority: &Arc<Authority>, more: Vec<(&'static str, String)>) -> Stage {
    let authority = authority.clone();
    Stage::set(move |setting| {
        setting.between = Some(Box::new(move |flow, ayon| {
            let mut variables = vec![
                ("AMIGO_AYON_URL", authority.before(host_of(ayon.url()))),
                ("AMIGO_FLOW_URL", authority.before(host_of(&flow.url()))),
            ];
            variables.extend(more);
            variables
        }));
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_studios_own_authority_is_trusted_when_it_is_named() {
    let authority = Arc::new(Authority::new());
    let file = authority.file().display().to_string();
    let stage = stage_by_tls(&authority, vec![("AMIGO_NETWORK_CA_FILE", file)]).await;
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    let run = run.apply().await.done().await;
    assert!(run.ended("done") > 0);
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_nobody_named_is_not_trusted() {
    let authority = Arc::new(Authority::new());
    let other = Authority::new();
    let file = other.file().display().to_string();
    for more in [Vec::new(), vec![("AMIGO_NETWORK_CA_FILE", file)]] {
        let stage = stage_by_tls(&authority, more).await;
        let answer = stage.post("/ami/sync", &stage.form("Shot", &[1062])).await;
        let page = refuses(answer, 503, "not-ready").await;
        assert!(page.contains("AYON cannot be reached"), "{page}");
        assert_eq!(
            stage.requests(),
            (0, 0),
            "nothing was asked over a line that is not safe"
        );
        stage.nothing_else_was_sent().await;
    }
}

/// A proxy that wants to know who asks.
#[derive(Clone, Default)]
struct ProxySeen(Arc<Mutex<Vec<String>>>);

impl ProxySeen {
    /// What it was asked for: the first line of each connection.
    fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// Opens it; answers its address, with a name and a password.
    fn open(&self) -> String {
        let (listener, address) = listening();
        let seen = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let seen = seen.clone();
                tokio::spawn(async move { seen.serve(stream).await });
            }
        });
        format!("http://{PROXY_USER}:{PROXY_PASSWORD}@{address}")
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let text = String::from_utf8(head.clone()).unwrap();
        let line = text.lines().next().unwrap();
        let word = format!("proxy-authorization: basic {PROXY_WORD}").to_lowercase();
        if !text.to_lowercase().contains(&word) {
            let no = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
            let _sent = stream.write_all(no.as_bytes()).await;
            return;
        }
        self.0.lock().unwrap().push(line.to_owned());
        let (method, address) = line.split_once(' ').unwrap();
        let address = address.split(' ').next().unwrap();
        let tunnel = method == "CONNECT";
        let host = address.trim_start_matches("http://").split('/').next().unwrap();
        let mut inner = TcpStream::connect(host).await.unwrap();
        if tunnel {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        } else {
            // Servers take whole addresses as well; the rest of the connection is theirs.
            inner.write_all(&head).await.unwrap();
        }
        let _ended = copy_bidirectional(&mut stream, &mut inner).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_goes_through_the_proxy_and_its_password_is_in_no_log() {
    let proxy = ProxySeen::default();
    let mut stage = Stage::set(|setting| {
        let proxy = proxy.clone();
        setting.between = Some(Box::new(move |_, _| vec![("AMIGO_NETWORK_PROXY", proxy.open())]));
    })
    .await;
    let binary = stage.serve_with_the_binary(&[("AMIGO_LOG", "trace")]).await;
    let ready: Value = stage.get("/readyz").await.json().await.unwrap();
    assert_eq!(ready["status"], "ready");
    let run = stage.right_click("Shot", &[1062]).await.planned().await;
    let run = run.apply().await.done().await;
    assert!(run.ended("done") > 0);
    let asked = proxy.asked();
    for url in [stage.ayon.url(), &stage.flow.url()] {
        assert!(
            asked.iter().any(|line| line.contains(&format!(" {url}/"))),
            "{url}: {asked:?}"
        );
    }
    // Trouble on the way is told without the way.
    stage.flow.controls().add_fault(crate::harness::always(
        "/_search",
        amigo::sandbox::controls::FaultBody::Reset,
        0,
    ));
    let page = stage
        .right_click("Shot", &[1063])
        .await
        .failed()
        .await
        .html()
        .await;
    assert!(!page.contains(PROXY_PASSWORD), "{page}");
    let ended = binary.terminate().await;
    assert!(ended.err.contains("planned"), "{ended:?}");
    for secret in [PROXY_PASSWORD, PROXY_WORD] {
        assert!(!ended.err.contains(secret), "the log holds {secret}");
    }
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_through_the_proxy_is_as_safe_as_the_straight_way() {
    let (authority, proxy) = (Arc::new(Authority::new()), ProxySeen::default());
    let file = authority.file().display().to_string();
    let more = vec![
        ("AMIGO_NETWORK_CA_FILE", file),
        ("AMIGO_NETWORK_PROXY", proxy.open()),
    ];
    let stage = stage_by_tls(&authority, more).await;
    stage.right_click("Shot", &[1062]).await.planned().await;
    let asked = proxy.asked();
    assert!(
        !asked.is_empty() && asked.iter().all(|line| line.starts_with("CONNECT 127.0.0.1:")),
        "{asked:?}"
    );
    stage.nothing_else_was_sent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_near_is_reached_without_the_proxy() {
    let proxy = ProxySeen::default();
    let stage = Stage::set(|setting| {
        let proxy = proxy.clone();
        setting.toml = Some("[network]\nno_proxy = [\"127.0.0.0/8\", \".example\"]\n".to_owned());
        setting.between = Some(Box::new(move |_, _| vec![("AMIGO_NETWORK_PROXY", proxy.open())]));
    })
    .await;
    stage.right_click("Shot", &[1062]).await.planned().await;
    assert_eq!(proxy.asked(), [""; 0]);
    stage.nothing_else_was_sent().await;
}

/// A proxy that is not there, or wants another password, is trouble like any other.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_lets_nobody_through_is_told_plainly() {
    let proxy = ProxySeen::default();
    let stage = Stage::set(|setting| {
        let proxy = proxy.clone();
        setting.between = Some(Box::new(move |_, _| {
            let address = proxy.open().replace(PROXY_PASSWORD, "another");
            vec![("AMIGO_NETWORK_PROXY", address)]
        }));
    })
    .await;
    let answer = stage.post("/ami/sync", &stage.form("Shot", &[1062])).await;
    let page = refuses(answer, 503, "not-ready").await;
    assert!(page.contains("AYON"), "{page}");
    assert!(!page.contains("another"), "{page}");
    assert_eq!(stage.requests(), (0, 0));
    stage.nothing_else_was_sent().await;
}
