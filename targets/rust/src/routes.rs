//! The routing table: what each path is, and which methods it takes.
//!
//! It must not answer.

use hyper::Method;
use hyper::http::request::Parts;

/// What a request with a body is for. All of these take POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Posted {
    Echo,
    Transaction,
    Batch,
    Login,
}

/// What a request without a body is for. All of these take GET and HEAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Health,
    Ledger,
    Blocks,
    Account,
    Session,
}

#[derive(Debug, Clone, Copy)]
enum Use {
    Post(Posted),
    Get(Shown),
}

/// Every path, as in the contract. One that ends in `{id}` stands for all that have one more segment there.
const PATHS: [(&str, Use); 9] = [
    ("/echo", Use::Post(Posted::Echo)),
    ("/healthz", Use::Get(Shown::Health)),
    ("/tx", Use::Post(Posted::Transaction)),
    ("/tx/batch", Use::Post(Posted::Batch)),
    ("/ledger", Use::Get(Shown::Ledger)),
    ("/blocks", Use::Get(Shown::Blocks)),
    ("/accounts/{id}", Use::Get(Shown::Account)),
    ("/login", Use::Post(Posted::Login)),
    ("/session", Use::Get(Shown::Session)),
];

/// What a method and a path lead to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Post(Posted),
    Get(Shown),
    /// The path exists and takes only these methods.
    WrongMethod(&'static str),
    Unknown,
}

impl Route {
    pub(crate) fn of(head: &Parts) -> Self {
        let path = head.uri.path();
        let Some((_, purpose)) = PATHS.iter().find(|(pattern, _)| matches(pattern, path)) else {
            return Self::Unknown;
        };
        match (*purpose, &head.method) {
            (Use::Post(posted), &Method::POST) => Self::Post(posted),
            (Use::Post(_), _) => Self::WrongMethod("POST"),
            (Use::Get(shown), &Method::GET | &Method::HEAD) => Self::Get(shown),
            (Use::Get(_), _) => Self::WrongMethod("GET, HEAD"),
        }
    }
}

/// The last segment of a path, which is the id where the pattern ends in one.
pub(crate) fn id_in(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, id)| id)
}

fn matches(pattern: &str, path: &str) -> bool {
    match pattern.strip_suffix("{id}") {
        None => pattern == path,
        Some(folder) => path.strip_prefix(folder).is_some_and(|id| !id.is_empty() && !id.contains('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &str, path: &str) -> Route {
        let request = hyper::Request::builder().method(method).uri(path).body(()).expect("a request");
        Route::of(&request.into_parts().0)
    }

    #[test]
    fn every_path_takes_its_methods_and_no_other() {
        for (pattern, purpose) in PATHS {
            let path = pattern.replace("{id}", "any");
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get"] {
                let expected = match (purpose, method) {
                    (Use::Post(posted), "POST") => Route::Post(posted),
                    (Use::Post(_), _) => Route::WrongMethod("POST"),
                    (Use::Get(shown), "GET" | "HEAD") => Route::Get(shown),
                    (Use::Get(_), _) => Route::WrongMethod("GET, HEAD"),
                };
                assert_eq!(route(method, &path), expected, "{method} {path}");
            }
        }
    }

    #[test]
    fn paths_are_compared_exactly_and_queries_are_not() {
        for path in
            ["/", "/echo/", "/ECHO", "/tx/", "/tx/batch/", "/accounts", "/accounts/", "/accounts/a/b", "//tx"]
        {
            assert_eq!(route("GET", path), Route::Unknown, "{path}");
        }
        assert_eq!(route("GET", "/ledger?x=1"), Route::Get(Shown::Ledger));
        assert_eq!(route("GET", "/accounts/acct-0000?x=/"), Route::Get(Shown::Account));
        assert_eq!(id_in("/accounts/acct-0000"), "acct-0000");
    }
}
