//! Access to the server: requests under a foreign host name are refused, because the name may have been made to point here
//! (DNS rebinding). The control routes also refuse every page except the server's own, because recorded requests contain
//! tokens.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Accepts a request if every host that it names is a loopback name.
pub async fn require_loopback_host(request: Request, next: Next) -> Response {
    match check_host(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn check_host<B>(request: &axum::http::Request<B>) -> Result<(), (StatusCode, String)> {
    let hosts: Vec<&str> =
        request.headers().get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default()).collect();
    // Since HTTP/2 the host is in `:authority`, which arrives as part of the target.
    let may_be_missing = request.version() >= Version::HTTP_2 && request.uri().authority().is_some();
    if hosts.len() > 1 || hosts.contains(&"") || hosts.is_empty() && !may_be_missing {
        return Err((StatusCode::BAD_REQUEST, "A request needs one Host field, with the name of this server.".to_owned()));
    }
    match hosts.into_iter().chain(request.uri().authority().map(Authority::as_str)).find(|host| !is_loopback(host)) {
        None => Ok(()),
        Some(foreign) => {
            let sentence = format!(
                "The simulated Graph accepts only loopback names, such as localhost or 127.0.0.1. It does not accept '{foreign}'."
            );
            Err((StatusCode::MISDIRECTED_REQUEST, sentence))
        }
    }
}

/// Accepts a request if no page sent it, or a page that this server served.
pub async fn require_own_origin(request: Request, next: Next) -> Response {
    let mut origins = request.headers().get_all(header::ORIGIN).iter().map(|origin| origin.to_str().unwrap_or_default());
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).and_then(|host| host.parse().ok());
    let host = host.as_ref().or(request.uri().authority());
    match origins.find(|origin| !host.is_some_and(|host| is_own_origin(origin, host))) {
        None => next.run(request).await,
        Some(foreign) => {
            let sentence = format!(
                "The routes under /simulator accept only the page that this server serves, not a page of '{foreign}'."
            );
            (StatusCode::FORBIDDEN, sentence).into_response()
        }
    }
}

/// Whether an origin is this server's: loopback names are different origins, but with the same port they lead to the same
/// server.
fn is_own_origin(origin: &str, host: &Authority) -> bool {
    let Ok(origin) = origin.parse::<Uri>() else { return false };
    let port = |authority: &Authority| authority.port_u16().unwrap_or(80);
    origin.scheme_str() == Some("http")
        && origin.authority().is_some_and(|authority| is_loopback(authority.as_str()) && port(authority) == port(host))
}

/// Whether a host is `localhost`, 127.0.0.0/8 or `[::1]`, with any port. Names under `localhost` are excluded, because some
/// resolvers look them up in DNS.
fn is_loopback(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else { return false };
    let host = authority.host();
    let is_port = |rest: &str| rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    if !authority.as_str().strip_prefix(host).is_some_and(is_port) {
        return false;
    }
    let in_brackets = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || in_brackets.and_then(|host| host.parse::<Ipv6Addr>().ok()).is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_of_an_http_2_request_is_checked_as_its_host() {
        let status = |uri: &str| {
            let request = axum::http::Request::builder().version(Version::HTTP_2).uri(uri).body(()).unwrap();
            check_host(&request).err().map(|(status, _)| status)
        };
        assert_eq!(status("http://localhost:8787/beta"), None);
        assert_eq!(status("http://rebound.example:8787/beta"), Some(StatusCode::MISDIRECTED_REQUEST));
        assert_eq!(status("/beta"), Some(StatusCode::BAD_REQUEST));
    }
}
