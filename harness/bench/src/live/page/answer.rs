//! What a request is answered with: the page and its parts, the events, the report, or why not. Reads only; there is nothing
//! that a request could change.

use super::house::House;
use bytes::Bytes;
use http_body_util::channel::Channel;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode};
use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

pub(super) type Body = Either<Full<Bytes>, Channel<Bytes>>;

/// What the page itself may load: its own parts and events, and nothing from anywhere else.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                           base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The report states its own policy, which this one leaves as it is.
const REPORT_POLICY: &str = "frame-ancestors 'none'";

/// A part of the page: where it is, what it is, and its text.
const PARTS: [(&str, &str, &str); 5] = [
    ("/", "text/html; charset=utf-8", include_str!("page.html")),
    ("/page.css", "text/css; charset=utf-8", include_str!("page.css")),
    ("/page.js", "text/javascript; charset=utf-8", include_str!("page.js")),
    ("/uplot.css", "text/css; charset=utf-8", include_str!("../../report/page/vendor/uPlot.min.css")),
    (
        "/uplot.js",
        "text/javascript; charset=utf-8",
        include_str!("../../report/page/vendor/uPlot.iife.min.js"),
    ),
];

/// What a connection was used for.
#[derive(Debug, Default)]
pub(super) struct Used {
    /// For events.
    pub(super) events: Cell<bool>,
    /// For those of a page, which goes to the report at the end.
    pub(super) page: Cell<bool>,
    /// For the report.
    pub(super) report: Cell<bool>,
}

/// Answers a request that came to `served`.
pub(super) fn answer(
    request: &Request<Incoming>,
    served: IpAddr,
    house: &Rc<House>,
    used: &Rc<Used>,
) -> Response<Body> {
    if !is_meant(request.headers(), served) {
        // Another name may be anyone's, made to point here so that a page of theirs can read this one.
        let address = SocketAddr::new(served.to_canonical(), house.address.port());
        return refusal(
            StatusCode::MISDIRECTED_REQUEST,
            &format!("this is http://{address}/ and no other name\n"),
        );
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut response =
            refusal(StatusCode::METHOD_NOT_ALLOWED, "there is nothing to change here: only GET and HEAD\n");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let path = request.uri().path();
    if let Some((_, kind, text)) = PARTS.iter().find(|(at, _, _)| *at == path) {
        return whole(StatusCode::OK, kind, PAGE_POLICY, Bytes::from_static(text.as_bytes()));
    }
    match (path, house.report()) {
        ("/events", _) => events(request, house, used),
        ("/report", Some(report)) => {
            used.report.set(true);
            let mut response = whole(StatusCode::OK, "text/html; charset=utf-8", REPORT_POLICY, report);
            // That it has arrived is known from the connection's end.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
        ("/report", None) => refusal(StatusCode::NOT_FOUND, "there is no report before the end: see /\n"),
        _ => refusal(StatusCode::NOT_FOUND, "not found: see /\n"),
    }
}

fn events(request: &Request<Incoming>, house: &Rc<House>, used: &Rc<Used>) -> Response<Body> {
    const KIND: &str = "text/event-stream";
    if request.method() == Method::HEAD {
        return whole(StatusCode::OK, KIND, PAGE_POLICY, Bytes::new());
    }
    let named = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let since = named("last-event-id").and_then(|id| id.trim().parse().ok());
    let is_page = named("accept").is_some_and(|accepted| accepted.contains(KIND));
    if !used.events.replace(true) {
        used.page.set(is_page);
        house.follow(is_page);
    }
    let mut response = Response::new(Either::Right(house.view(since)));
    head(&mut response, KIND, PAGE_POLICY);
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Whether a request names the address at which it came, or `localhost`, as its host.
fn is_meant(headers: &HeaderMap, served: IpAddr) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let Some(authority) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else {
        return false;
    };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_served = address.is_ok_and(|address| address.to_canonical() == served.to_canonical());
    !authority.as_str().contains('@') && (is_served || name.eq_ignore_ascii_case("localhost"))
}

fn refusal(status: StatusCode, why: &str) -> Response<Body> {
    whole(status, "text/plain; charset=utf-8", PAGE_POLICY, Bytes::copy_from_slice(why.as_bytes()))
}

fn whole(status: StatusCode, kind: &'static str, policy: &'static str, text: Bytes) -> Response<Body> {
    let mut response = Response::new(Either::Left(Full::new(text)));
    *response.status_mut() = status;
    head(&mut response, kind, policy);
    response
}

fn head(response: &mut Response<Body>, kind: &'static str, policy: &'static str) {
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let v4: IpAddr = "127.0.0.1".parse().unwrap();
        let v6: IpAddr = "::1".parse().unwrap();
        let mapped: IpAddr = "::ffff:127.0.0.1".parse().unwrap();
        for (served, hosts, expected) in [
            (v4, &["127.0.0.1:8089"][..], true),
            (v4, &["127.0.0.1"], true),
            (v4, &["localhost:8089"], true),
            (v4, &["LOCALHOST"], true),
            // A forwarded port is another one on the other side.
            (v4, &["localhost:9000"], true),
            (v6, &["[::1]:8089"], true),
            (mapped, &["127.0.0.1:8089"], true),
            (v4, &["127.0.0.2:8089"], false),
            (v4, &["[::1]:8089"], false),
            (v4, &["evil.example:8089"], false),
            (v4, &["localhost.evil.example"], false),
            (v4, &["evil.example@127.0.0.1"], false),
            (v4, &["127.0.0.1:8089:1"], false),
            (v4, &[""], false),
            (v4, &[], false),
            (v4, &["localhost", "evil.example"], false),
        ] {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, HeaderValue::from_str(host).unwrap());
            }
            assert_eq!(is_meant(&headers, served), expected, "{hosts:?} at {served}");
        }
    }

    #[test]
    fn the_page_loads_its_own_parts_and_nothing_else() {
        let page = PARTS[0].2;
        for (at, _, text) in &PARTS[1..] {
            assert!(page.contains(&format!("\"{at}\"")), "{at} is not on the page");
            assert!(!text.is_empty());
        }
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script src=\"/").count(),
            "no script within"
        );
        assert!(!page.contains("<style") && !page.contains(" style="), "no style within");
        assert!(!page.contains("http://") && !page.contains("https://"));
    }
}
