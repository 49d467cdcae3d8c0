//! Unpacks answers that came as gzip (RFC 1952), with one state and one buffer for all of them.

use flate2::{Decompress, FlushDecompress, Status};

/// Bytes of the checksum and the length after the compressed data.
const TRAILER_BYTES: usize = 8;
/// Room for an answer to begin with, in bytes.
const FIRST_ROOM: usize = 16 * 1024;

/// What unpacks one answer after the other.
#[derive(Debug)]
pub(crate) struct Inflater {
    state: Decompress,
    plain: Vec<u8>,
}

impl Default for Inflater {
    fn default() -> Self {
        Self { state: Decompress::new(false), plain: Vec::new() }
    }
}

impl Inflater {
    /// The unpacked bytes; nothing if they are no gzip, are more than `most`, or are not what their checksum and their
    /// length say.
    pub(crate) fn unpack(&mut self, gzip: &[u8], most: usize) -> Option<&[u8]> {
        let packed = data(gzip)?;
        self.state.reset(false);
        self.plain.clear();
        self.plain.reserve(FIRST_ROOM.min(most + 1));
        loop {
            let taken = usize::try_from(self.state.total_in()).ok()?;
            let before = (taken, self.plain.len());
            let status =
                self.state.decompress_vec(&packed[taken..], &mut self.plain, FlushDecompress::None).ok()?;
            if status == Status::StreamEnd {
                break;
            }
            let is_stuck = before == (usize::try_from(self.state.total_in()).ok()?, self.plain.len());
            if self.plain.len() > most || (is_stuck && self.plain.len() < self.plain.capacity()) {
                return None;
            }
            self.plain.reserve(self.plain.len().max(FIRST_ROOM));
        }
        let trailer = &packed[usize::try_from(self.state.total_in()).ok()?..];
        let [a, b, c, d, e, f, g, h] = *trailer else { return None };
        let is_right = u32::from_le_bytes([a, b, c, d]) == crc32fast::hash(&self.plain)
            && u32::from_le_bytes([e, f, g, h]) == self.plain.len() as u32
            && self.plain.len() <= most;
        is_right.then_some(&self.plain)
    }
}

/// What comes after a gzip header (RFC 1952, 2.3).
fn data(gzip: &[u8]) -> Option<&[u8]> {
    let (&[0x1f, 0x8b, 8, flags, ..], mut rest) = gzip.split_at_checked(10)? else { return None };
    if flags & 4 != 0 {
        let (&[low, high], extra) = rest.split_first_chunk()?;
        rest = extra.get(usize::from(u16::from_le_bytes([low, high]))..)?;
    }
    for text in [8, 16] {
        if flags & text != 0 {
            let end = rest.iter().position(|&byte| byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    rest = rest.get(if flags & 2 != 0 { 2 } else { 0 }..)?;
    (rest.len() >= TRAILER_BYTES).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, GzBuilder};
    use std::io::Write as _;

    fn packed(plain: &[u8], builder: GzBuilder) -> Vec<u8> {
        let mut encoder = builder.write(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn whatever_gzip_allows_is_unpacked() {
        let mut inflater = Inflater::default();
        let long: Vec<u8> = (0..300_000_u32).flat_map(|n| n.wrapping_mul(n).to_le_bytes()).collect();
        for plain in [&b""[..], b"a", b"{\"a\":1}", &long] {
            let named = GzBuilder::new().filename("a").comment("b").extra(vec![1; 300]);
            for builder in [GzBuilder::new(), named] {
                let gzip = packed(plain, builder);
                assert_eq!(inflater.unpack(&gzip, plain.len()), Some(plain));
            }
        }
    }

    #[test]
    fn what_is_damaged_or_too_long_is_not() {
        let mut inflater = Inflater::default();
        let gzip = packed(&[b'x'; 100_000], GzBuilder::new());
        assert!(inflater.unpack(&gzip, 99_999).is_none());
        for end in 0..gzip.len() {
            assert!(inflater.unpack(&gzip[..end], 100_000).is_none(), "{end}");
        }
        for at in [0, 1, 2, 12, gzip.len() - 8, gzip.len() - 1] {
            let mut damaged = gzip.clone();
            damaged[at] ^= 1;
            assert!(inflater.unpack(&damaged, 100_000).is_none(), "{at}");
        }
        assert!(inflater.unpack(&[gzip.as_slice(), b"x"].concat(), 100_000).is_none());
        assert!(inflater.unpack(&gzip, 100_000).is_some(), "after all of these");
    }
}
