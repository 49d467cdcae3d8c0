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
    Metrics,
}

#[derive(Debug, Clone, Copy)]
enum Use {
    Post(Posted),
    Get(Shown),
}

/// Every path, as in the contract. One that ends in `{id}` stands for all that have one more segment there.
const PATHS: [(&str, Use); 10] = [
    ("/echo", Use::Post(Posted::Echo)),
    ("/healthz", Use::Get(Shown::Health)),
    ("/tx", Use::Post(Posted::Transaction)),
    ("/tx/batch", Use::Post(Posted::Batch)),
    ("/ledger", Use::Get(Shown::Ledger)),
    ("/blocks", Use::Get(Shown::Blocks)),
    ("/accounts/{id}", Use::Get(Shown::Account)),
    ("/login", Use::Post(Posted::Login)),
    ("/session", Use::Get(Shown::Session)),
    ("/metrics", Use::Get(Shown::Metrics)),
];

/// What a method and a path lead to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    pub(crate) purpose: Purpose,
    pub(crate) label: Label,
}

/// What a request is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Post(Posted),
    Get(Shown),
    /// The path exists and takes only these methods.
    WrongMethod(&'static str),
    Unknown,
}

/// What a request is counted under. There are few of them, whatever clients send.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    /// The index of its path; one beyond them for an unknown path.
    endpoint: usize,
    /// The index of its method; the last where the endpoint does not allow it.
    method: usize,
}

const METHODS: [&str; 4] = ["GET", "HEAD", "POST", OTHER];
const OTHER: &str = "other";

impl Route {
    pub(crate) fn of(head: &Parts) -> Self {
        let path = head.uri.path();
        let found = PATHS.iter().position(|(pattern, _)| matches(pattern, path));
        let (purpose, method) = match (found.map(|endpoint| PATHS[endpoint].1), &head.method) {
            (Some(Use::Post(posted)), &Method::POST) => (Purpose::Post(posted), "POST"),
            (Some(Use::Post(_)), _) => (Purpose::WrongMethod("POST"), OTHER),
            (Some(Use::Get(shown)), &Method::GET) => (Purpose::Get(shown), "GET"),
            (Some(Use::Get(shown)), &Method::HEAD) => (Purpose::Get(shown), "HEAD"),
            (Some(Use::Get(_)), _) => (Purpose::WrongMethod("GET, HEAD"), OTHER),
            (None, _) => (Purpose::Unknown, OTHER),
        };
        let method = METHODS.iter().position(|name| *name == method).expect("one of them");
        Self { purpose, label: Label { endpoint: found.unwrap_or(PATHS.len()), method } }
    }
}

impl Label {
    /// How many there can be.
    pub(crate) const COUNT: usize = (PATHS.len() + 1) * METHODS.len();

    /// Below [`Self::COUNT`].
    pub(crate) fn index(self) -> usize {
        self.endpoint * METHODS.len() + self.method
    }

    pub(crate) fn endpoint(self) -> &'static str {
        PATHS.get(self.endpoint).map_or(OTHER, |(path, _)| path)
    }

    pub(crate) fn method(self) -> &'static str {
        METHODS[self.method]
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
                    (Use::Post(posted), "POST") => Purpose::Post(posted),
                    (Use::Post(_), _) => Purpose::WrongMethod("POST"),
                    (Use::Get(shown), "GET" | "HEAD") => Purpose::Get(shown),
                    (Use::Get(_), _) => Purpose::WrongMethod("GET, HEAD"),
                };
                assert_eq!(route(method, &path).purpose, expected, "{method} {path}");
            }
        }
    }

    #[test]
    fn paths_are_compared_exactly_and_queries_are_not() {
        for path in
            ["/", "/echo/", "/ECHO", "/tx/", "/tx/batch/", "/accounts", "/accounts/", "/accounts/a/b", "//tx"]
        {
            assert_eq!(route("GET", path).purpose, Purpose::Unknown, "{path}");
        }
        assert_eq!(route("GET", "/ledger?x=1").purpose, Purpose::Get(Shown::Ledger));
        assert_eq!(route("GET", "/accounts/acct-0000?x=/").purpose, Purpose::Get(Shown::Account));
        assert_eq!(id_in("/accounts/acct-0000"), "acct-0000");
    }

    #[test]
    fn labels_are_few_and_take_nothing_from_clients() {
        let labels = |method, path| {
            let label = route(method, path).label;
            assert!(label.index() < Label::COUNT);
            (label.method(), label.endpoint())
        };
        assert_eq!(labels("POST", "/tx/batch?x=1"), ("POST", "/tx/batch"));
        assert_eq!(labels("HEAD", "/accounts/acct-0000"), ("HEAD", "/accounts/{id}"));
        assert_eq!(labels("GET", "/accounts/nobody"), ("GET", "/accounts/{id}"));
        assert_eq!(labels("GET", "/tx"), ("other", "/tx"));
        assert_eq!(labels("POST", "/metrics"), ("other", "/metrics"));
        assert_eq!(labels("BREW", "/echo"), ("other", "/echo"));
        assert_eq!(labels("GET", "/nothing"), ("other", "other"));
        assert_eq!(labels("BREW", "/accounts/"), ("other", "other"));
    }
}
