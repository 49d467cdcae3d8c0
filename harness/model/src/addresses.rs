//! Lists of IP addresses as text, such as `127.0.0.2-127.0.0.9,10.0.0.7`. Whose addresses they are, nobody asks here.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::str::FromStr;

/// Most addresses that a list may come to: room for tens of millions of connections.
const MOST: usize = 1024;

/// IP addresses of one family, each of them once, in the order in which they were written. May be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressList {
    text: String,
    addresses: Vec<IpAddr>,
}

/// What is wrong with a list of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressListError {
    /// A part that is no address, no range, or a falling one.
    #[error(
        "`{0}` is neither an IP address nor a rising range of them: write a list such as 127.0.0.2-127.0.0.9 or \
         10.0.0.7,10.0.0.8"
    )]
    Part(String),
    /// An address that is nobody's own.
    #[error("{0} stands for any address or for many, and a connection comes from one: name one of your own")]
    NoOnes(IpAddr),
    /// Nothing at all.
    #[error("it names no address: write a list such as 127.0.0.2-127.0.0.9")]
    Empty,
    /// A list that comes to more addresses than anybody needs.
    #[error(
        "it comes to more than {MOST} addresses: name fewer, since each is good for some ten thousand connections"
    )]
    Many,
    /// IPv4 and IPv6 in one list.
    #[error("it has addresses of IPv4 and of IPv6, and a target has only one of both: leave out the others")]
    Families,
}

impl AddressList {
    /// The addresses.
    #[must_use]
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }
}

impl FromStr for AddressList {
    type Err = AddressListError;

    fn from_str(text: &str) -> Result<Self, AddressListError> {
        let mut addresses: Vec<IpAddr> = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            for address in expanded(part)? {
                if address.is_unspecified() || address.is_multicast() {
                    return Err(AddressListError::NoOnes(address));
                }
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
                if addresses.len() > MOST {
                    return Err(AddressListError::Many);
                }
            }
        }
        let first = addresses.first().ok_or(AddressListError::Empty)?;
        if addresses.iter().any(|address| address.is_ipv4() != first.is_ipv4()) {
            return Err(AddressListError::Families);
        }
        Ok(Self { text: text.trim().to_owned(), addresses })
    }
}

/// The addresses of one part: an address, or the first and the last of a range with a dash between them.
fn expanded(part: &str) -> Result<Box<dyn Iterator<Item = IpAddr>>, AddressListError> {
    let wrong = || AddressListError::Part(part.to_owned());
    let (first, last) = part.split_once('-').unwrap_or((part, part));
    let address = |text: &str| text.trim().parse::<IpAddr>().map_err(|_| wrong());
    match (address(first)?, address(last)?) {
        (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => {
            Ok(Box::new((first.to_bits()..=last.to_bits()).map(|bits| IpAddr::V4(bits.into()))))
        }
        (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => {
            Ok(Box::new((first.to_bits()..=last.to_bits()).map(|bits| IpAddr::V6(bits.into()))))
        }
        _ => Err(wrong()),
    }
}

impl TryFrom<String> for AddressList {
    type Error = AddressListError;

    fn try_from(text: String) -> Result<Self, AddressListError> {
        if text.is_empty() { Ok(Self::default()) } else { text.parse() }
    }
}

impl From<AddressList> for String {
    fn from(list: AddressList) -> Self {
        list.text
    }
}

impl std::fmt::Display for AddressList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Result<Vec<String>, AddressListError> {
        let list: AddressList = text.parse()?;
        Ok(list.addresses().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn lists_and_ranges() {
        for (text, expected) in [
            ("127.0.0.2", &["127.0.0.2"][..]),
            ("10.0.0.255-10.0.1.1", &["10.0.0.255", "10.0.1.0", "10.0.1.1"]),
            (" 10.0.0.9 , 10.0.0.2 - 10.0.0.3,", &["10.0.0.9", "10.0.0.2", "10.0.0.3"]),
            ("10.0.0.2,10.0.0.1-10.0.0.3", &["10.0.0.2", "10.0.0.1", "10.0.0.3"]),
            ("fd00::fffe-fd00::1:0", &["fd00::fffe", "fd00::ffff", "fd00::1:0"]),
        ] {
            assert_eq!(written(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn mistakes() {
        let part = |text: &str| AddressListError::Part(text.to_owned());
        let no_ones = |text: &str| AddressListError::NoOnes(text.parse().unwrap());
        for (text, expected) in [
            ("", AddressListError::Empty),
            (" , ", AddressListError::Empty),
            ("localhost", part("localhost")),
            ("127.0.0.300", part("127.0.0.300")),
            ("127.0.0.2,127.0.0.9-127.0.0.3", part("127.0.0.9-127.0.0.3")),
            ("127.0.0.2-9", part("127.0.0.2-9")),
            ("127.0.0.2-::1", part("127.0.0.2-::1")),
            ("127.0.0.1,::1", AddressListError::Families),
            ("0.0.0.0", no_ones("0.0.0.0")),
            ("ff02::1", no_ones("ff02::1")),
            ("10.0.0.0-10.255.255.255", AddressListError::Many),
            ("fd00::-fdff:ffff::", AddressListError::Many),
        ] {
            assert_eq!(written(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn stored_as_it_was_written() {
        let list: AddressList = "127.0.0.2-127.0.0.4".parse().unwrap();
        let json = serde_json::to_string(&list).unwrap();
        assert_eq!(json, r#""127.0.0.2-127.0.0.4""#);
        assert_eq!(serde_json::from_str::<AddressList>(&json).unwrap(), list);
        assert!(serde_json::from_str::<AddressList>(r#""""#).unwrap().is_empty());
        assert!(serde_json::from_str::<AddressList>(r#""x""#).is_err());
    }
}
