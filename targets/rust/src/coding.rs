//! Content codings: how a body was packed, and whether an answer may be.
//!
//! Only gzip and none. It must not read sockets, nor choose statuses.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap};

/// zlib's scale; the contract's choice.
const LEVEL: u32 = 6;

/// The largest window of RFC 1951, 32 KiB, as a power of two.
const WINDOW_BITS: u8 = 15;

thread_local! {
    /// A compressor is some 300 KB, too much to make and clear for each answer.
    static COMPRESSOR: RefCell<Compress> = RefCell::new(Compress::new_gzip(Compression::new(LEVEL), WINDOW_BITS));
}

/// How the body of a request is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
}

impl Coding {
    /// What `Content-Encoding` says; none if it is something else.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(CONTENT_ENCODING).iter();
        let (first, second) = (values.next(), values.next());
        match (first.map(|value| value.as_bytes().trim_ascii()), second) {
            (None, _) => Some(Self::Identity),
            (Some(word), None) if word.eq_ignore_ascii_case(b"identity") => Some(Self::Identity),
            (Some(word), None) if word.eq_ignore_ascii_case(b"gzip") => Some(Self::Gzip),
            _ => None,
        }
    }
}

/// True if `Accept-Encoding` names gzip, with no `q` or one above 0. `*` does not name it.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        is_gzip && parts.all(|parameter| weight(parameter).is_none_or(|weight| weight > 0.0))
    })
}

/// The number of `q=0.5`; none of another parameter, and 0 if it is no number.
fn weight(parameter: &str) -> Option<f64> {
    let (name, value) = parameter.split_once('=')?;
    name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse().unwrap_or(0.0))
}

/// Why a body could not be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnpackError {
    /// It is not gzip, or its checksum is wrong.
    NotGzip,
    /// It stops before its end.
    EndsEarly,
    /// There is something after its end, if only another gzip.
    GoesOn,
    /// It has become too long.
    TooLarge,
}

/// Unpacks one gzip (RFC 1952) of at most `most` bytes, and no byte beyond them.
pub(crate) fn unpack(packed: &[u8], most: usize) -> Result<Vec<u8>, UnpackError> {
    let mut inflate = Decompress::new_gzip(WINDOW_BITS);
    let mut plain = Vec::with_capacity((4 * packed.len()).max(1024).min(most + 1));
    loop {
        let read = usize::try_from(inflate.total_in()).expect("no more than there is");
        let status = inflate.decompress_vec(&packed[read..], &mut plain, FlushDecompress::None);
        if plain.len() > most {
            return Err(UnpackError::TooLarge);
        }
        match status {
            Err(_) => return Err(UnpackError::NotGzip),
            Ok(Status::StreamEnd) if inflate.total_in() == packed.len() as u64 => return Ok(plain),
            Ok(Status::StreamEnd) => return Err(UnpackError::GoesOn),
            // There was room for more, so it is the input that has come to its end.
            Ok(_) if plain.len() < plain.capacity() => return Err(UnpackError::EndsEarly),
            // Exactly, so that nothing beyond the limit is ever unpacked.
            Ok(_) => plain.reserve_exact(plain.len().min(most + 1 - plain.len())),
        }
    }
}

/// Packs an answer. Takes about a millisecond for 64 KiB.
pub(crate) fn pack(plain: &[u8]) -> Vec<u8> {
    COMPRESSOR.with_borrow_mut(|deflate| {
        deflate.reset();
        let mut packed = Vec::with_capacity(plain.len() / 4 + 128);
        loop {
            let read = usize::try_from(deflate.total_in()).expect("no more than there is");
            let status = deflate
                .compress_vec(&plain[read..], &mut packed, FlushCompress::Finish)
                .expect("anything can be packed");
            if status == Status::StreamEnd {
                return packed;
            }
            packed.reserve(packed.len());
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderName;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), value.parse().expect("a header"))).collect()
    }

    #[test]
    fn bodies_are_plain_or_gzip() {
        for (values, expected) in [
            (&[] as &[_], Some(Coding::Identity)),
            (&["identity"], Some(Coding::Identity)),
            (&["Identity"], Some(Coding::Identity)),
            (&["gzip"], Some(Coding::Gzip)),
            (&["GZip"], Some(Coding::Gzip)),
            (&["x-gzip"], None),
            (&["br"], None),
            (&[""], None),
            (&["gzip, gzip"], None),
            (&["gzip", "gzip"], None),
            (&["identity", "gzip"], None),
        ] {
            assert_eq!(Coding::of(&headers(&CONTENT_ENCODING, values)), expected, "{values:?}");
        }
    }

    #[test]
    fn gzip_is_accepted_where_it_is_named() {
        for (values, expected) in [
            (&[] as &[_], false),
            (&[""], false),
            (&["gzip"], true),
            (&["GZIP"], true),
            (&["deflate, gzip;q=1.0, *;q=0.5"], true),
            (&["br;q=1,gzip ; q=0.001"], true),
            (&["gzip;Q=0.2"], true),
            (&["gzip;level=9"], true),
            (&["gzip;q=0"], false),
            (&["gzip; q=0.000"], false),
            (&["gzip;q="], false),
            (&["gzip;q=x"], false),
            (&["*"], false),
            (&["x-gzip, gzipped, identity"], false),
            (&["br", "gzip"], true),
        ] {
            assert_eq!(accepts_gzip(&headers(&ACCEPT_ENCODING, values)), expected, "{values:?}");
        }
    }

    #[test]
    fn what_is_packed_can_be_unpacked_again_and_again() {
        let noise: Vec<u8> =
            (0..100_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for plain in [b"" as &[u8], b"x", &[b'a'; 300_000], &noise] {
            let packed = pack(plain);
            assert_eq!(packed[..3], [0x1f, 0x8b, 8], "gzip's head");
            assert_eq!(unpack(&packed, plain.len()).expect("gzip"), plain);
        }
    }

    #[test]
    fn nothing_is_unpacked_beyond_the_limit() {
        let packed = pack(&[0; 10_000_000]);
        assert!(packed.len() < 20_000);
        assert_eq!(unpack(&packed, 1024 * 1024), Err(UnpackError::TooLarge));
        let packed = pack(&[b'a'; 5_000]);
        assert_eq!(unpack(&packed, 4_999), Err(UnpackError::TooLarge));
        assert_eq!(unpack(&packed, 5_000).map(|plain| plain.len()), Ok(5_000));
    }

    #[test]
    fn what_is_not_one_whole_gzip_is_refused() {
        let packed = pack(b"{\"a\": 1}");
        for length in 0..packed.len() {
            assert_eq!(unpack(&packed[..length], 100), Err(UnpackError::EndsEarly), "{length} bytes");
        }
        for at in packed.len() - 8..packed.len() {
            let mut wrong = packed.clone();
            wrong[at] ^= 1;
            assert_eq!(unpack(&wrong, 100), Err(UnpackError::NotGzip), "checksum and length, byte {at}");
        }
        for after in [b"\0" as &[u8], b"\n", &packed] {
            assert_eq!(unpack(&[&packed, after].concat(), 100), Err(UnpackError::GoesOn));
        }
        assert_eq!(unpack(b"{\"a\": 1}", 100), Err(UnpackError::NotGzip));
        // zlib's own wrapping (RFC 1950).
        assert_eq!(unpack(b"\x78\x9c\x03\x00\x00\x00\x00\x01", 100), Err(UnpackError::NotGzip));
    }
}
