//! URLs of servers that run already: where to connect, and what to ask for.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long one of several addresses is tried.
const TRIAL: Duration = Duration::from_secs(1);

/// A server's URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Host name or address, IPv6 without brackets.
    host: String,
    port: u16,
    /// The `Host` header.
    pub(crate) host_header: String,
    /// Path and query; at least `/`.
    pub(crate) path: String,
}

/// What is wrong with a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    #[error("`{0}` is not a URL: write it like http://127.0.0.1:8080/path")]
    Malformed(String),
    #[error("`{0}` is not served over plain HTTP: only http:// URLs can be loaded so far")]
    Scheme(String),
    #[error("cannot find the host of `{url}`: {reason}")]
    Unknown { url: String, reason: String },
}

impl Address {
    /// Takes a URL apart; the scheme may be left out.
    pub(crate) fn parse(url: &str) -> Result<Self, AddressError> {
        let malformed = || AddressError::Malformed(url.to_owned());
        let with_scheme = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let uri: http::Uri = with_scheme.parse().map_err(|_| malformed())?;
        if uri.scheme_str() != Some("http") {
            return Err(AddressError::Scheme(url.to_owned()));
        }
        let authority =
            uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(malformed)?;
        // `Authority` takes "host:" and "host:99999" without a murmur and then has no port.
        let port_typed = authority.as_str().len() > authority.host().len();
        if authority.host().is_empty() || (port_typed && authority.port_u16().is_none_or(|port| port == 0)) {
            return Err(malformed());
        }
        Ok(Self {
            host: authority.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: authority.port_u16().unwrap_or(80),
            host_header: authority.to_string(),
            path: uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        })
    }

    /// The socket address: of those that the resolver gives, the first that takes a connection, or else the first.
    pub(crate) fn resolve(&self) -> Result<SocketAddr, AddressError> {
        let unknown =
            |reason: String| AddressError::Unknown { url: format!("http://{}", self.host_header), reason };
        let found = (self.host.as_str(), self.port).to_socket_addrs();
        let found: Vec<SocketAddr> = found.map_err(|error| unknown(error.to_string()))?.collect();
        let takes = |address: &&SocketAddr| TcpStream::connect_timeout(address, TRIAL).is_ok();
        let chosen = if found.len() > 1 { found.iter().find(takes) } else { None };
        chosen.or(found.first()).copied().ok_or_else(|| unknown("the name has no address".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for (url, host, port, header, path) in [
            ("http://127.0.0.1:8080/a?b=c", "127.0.0.1", 8080, "127.0.0.1:8080", "/a?b=c"),
            ("http://localhost", "localhost", 80, "localhost", "/"),
            ("localhost:81", "localhost", 81, "localhost:81", "/"),
            ("http://[::1]:9/x", "::1", 9, "[::1]:9", "/x"),
            ("http://h?q", "h", 80, "h", "/?q"),
        ] {
            let address = Address::parse(url).unwrap();
            assert_eq!(
                (address.host.as_str(), address.port, address.host_header.as_str(), address.path.as_str()),
                (host, port, header, path)
            );
        }
        for wrong in [
            "",
            "http://",
            "http://h:99999/",
            "http://h:/",
            "http://h:0/",
            "http://a b/",
            "/path",
            "http://u:p@h/",
        ] {
            assert!(matches!(Address::parse(wrong), Err(AddressError::Malformed(_))), "{wrong}");
        }
        assert!(matches!(Address::parse("https://h/"), Err(AddressError::Scheme(_))));
        assert_eq!(Address::parse("http://[::1]:9/").unwrap().resolve().unwrap().to_string(), "[::1]:9");
    }
}
