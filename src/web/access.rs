//! Who may act and who may only look; and the proof that one of our own pages sent a form.

use std::fmt;

use actix_web::http::header::{HeaderMap, ORIGIN};
use actix_web::http::{StatusCode, Uri};

use super::refused::Refused;

/// Scheme, host and port of an address, as browsers compare them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebOrigin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl WebOrigin {
    /// The origin of an `http` or `https` address.
    pub fn of(address: &str) -> Option<Self> {
        let uri: Uri = address.parse().ok()?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let usual = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        Some(Self {
            host: uri.host()?.to_ascii_lowercase(),
            port: uri.port_u16().filter(|port| *port != usual),
            scheme,
        })
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

/// Lets a writing request through when its headers show that a page of `public_url` sent it.
///
/// A browser sets both headers itself and no other site can forge them; a request with neither proves nothing.
pub fn sent_by_our_page(headers: &HeaderMap, public_url: &str) -> Result<(), Refused> {
    let mut proven = false;
    for value in headers.get_all("sec-fetch-site") {
        if value.as_bytes() != b"same-origin" {
            return Err(foreign(
                public_url,
                "sec-fetch-site is not same-origin".to_owned(),
            ));
        }
        proven = true;
    }
    for value in headers.get_all(ORIGIN) {
        let sent = value.to_str().ok().and_then(WebOrigin::of);
        if sent.is_none() || sent != WebOrigin::of(public_url) {
            let sent = sent.map_or_else(|| "no web site".to_owned(), |origin| origin.to_string());
            return Err(foreign(
                public_url,
                format!("origin is {sent}, not that of public_url"),
            ));
        }
        proven = true;
    }
    if proven {
        Ok(())
    } else {
        Err(Refused::new(
            StatusCode::FORBIDDEN,
            "origin-unproven",
            "Nothing shows that this request comes from amigo's own page.",
            format!(
                "Use the button on the page at {public_url}. A script sends {public_url} as the header Origin."
            ),
        ))
    }
}

fn foreign(public_url: &str, cause: String) -> Refused {
    Refused {
        cause: Some(cause),
        ..Refused::new(
            StatusCode::FORBIDDEN,
            "origin-foreign",
            "This request was sent by another site than amigo's own page.",
            format!(
                "Open the run at {public_url} and use its button. If that is what you did, AMIGO_PUBLIC_URL is not \
                 the address your browser shows."
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};
    use rstest::rstest;

    use super::*;

    const FETCH: &str = "sec-fetch-site";

    #[rstest]
    #[case(&[(FETCH, "same-origin")], true)]
    #[case(&[("origin", "https://amigo.studio.example")], true)]
    #[case(&[("origin", "https://AMIGO.studio.example:443")], true)]
    #[case(&[(FETCH, "same-origin"), ("origin", "https://amigo.studio.example")], true)]
    #[case(&[], false)]
    #[case(&[(FETCH, "same-site")], false)]
    #[case(&[(FETCH, "cross-site")], false)]
    #[case(&[(FETCH, "none")], false)]
    #[case(&[("origin", "null")], false)]
    #[case(&[("origin", "http://amigo.studio.example")], false)]
    #[case(&[("origin", "https://amigo.studio.example:8443")], false)]
    #[case(&[(FETCH, "same-origin"), ("origin", "https://evil.example")], false)]
    #[case(&[(FETCH, "cross-site"), ("origin", "https://amigo.studio.example")], false)]
    fn only_our_own_page_may_write(#[case] sent: &[(&'static str, &'static str)], #[case] through: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let answer = sent_by_our_page(&headers, "https://amigo.studio.example/amigo");
        assert_eq!(answer.is_ok(), through);
        if let Err(refused) = answer {
            assert_eq!(refused.status, StatusCode::FORBIDDEN);
            assert!(!refused.remedy.is_empty());
        }
    }

    #[test]
    fn an_origin_drops_path_and_usual_port() {
        let origin = WebOrigin::of("https://Studio.example:443/a/b").unwrap();
        assert_eq!(origin.to_string(), "https://studio.example");
        assert_eq!(
            WebOrigin::of("http://127.0.0.1:8090").unwrap().to_string(),
            "http://127.0.0.1:8090"
        );
        assert!(WebOrigin::of("javascript:alert(1)").is_none());
    }
}
