//! The flags of the live view, the same for all that measure.

use clap::Args;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// How to watch what goes on.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LiveArgs {
    /// Show on this terminal what goes on: q stops and reports, a aborts, ? helps
    #[arg(long, help_heading = "Output")]
    pub(crate) tui: bool,
    /// Show it as a web page, with the report at the end, at an address such as 127.0.0.1:8089, or a port of this machine
    #[arg(long, value_name = "ADDRESS", value_parser = address, help_heading = "Output")]
    pub(crate) serve: Option<SocketAddr>,
}

/// An address with a port, `localhost` with one, or a port alone, which is one of the loopback address.
fn address(text: &str) -> Result<SocketAddr, String> {
    let on_loopback =
        |port: &str| port.parse().ok().map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    let named = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':')).unwrap_or(text);
    on_loopback(named).or_else(|| text.parse().ok()).ok_or_else(|| {
        format!("`{text}` is no address to serve on: write it like 127.0.0.1:8089, [::1]:8089, or 8089")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("127.0.0.1:8089", Some("127.0.0.1:8089")),
            ("localhost:8089", Some("127.0.0.1:8089")),
            ("8089", Some("127.0.0.1:8089")),
            (":8089", Some("127.0.0.1:8089")),
            ("0", Some("127.0.0.1:0")),
            ("[::1]:80", Some("[::1]:80")),
            ("0.0.0.0:80", Some("0.0.0.0:80")),
            ("127.0.0.1", None),
            ("example.com:80", None),
            ("99999", None),
            ("http://127.0.0.1:80", None),
            ("", None),
        ] {
            assert_eq!(address(text).ok(), expected.map(|text| text.parse().unwrap()), "{text}");
        }
        assert!(address("here").unwrap_err().contains("127.0.0.1:8089"));
    }
}
