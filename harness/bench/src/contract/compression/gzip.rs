//! Gzip (RFC 1952) as the cases need it: right, wrong in one place, and larger than it looks. Pure.

use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compress, Compression, FlushCompress, GzBuilder};
use std::io::{Read as _, Write as _};

/// Length of the header without optional fields, and of the checksum and the length at the end, in bytes.
pub(super) const HEADER: usize = 10;
pub(super) const TRAILER: usize = 8;

/// One member that holds `content`.
pub(super) fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
    finished(GzEncoder::new(Vec::new(), Compression::default()), content.as_ref())
}

/// The same with all optional fields of the header.
pub(super) fn gzip_with_fields(content: &[u8]) -> Vec<u8> {
    let builder = GzBuilder::new()
        .filename("body.json")
        .comment("a comment")
        .extra(b"AB\x02\x00xy".to_vec())
        .mtime(1_000_000_000);
    finished(builder.write(Vec::new(), Compression::best()), content)
}

fn finished(mut encoder: GzEncoder<Vec<u8>>, content: &[u8]) -> Vec<u8> {
    // Writing to memory does not fail.
    let _ = encoder.write_all(content);
    encoder.finish().unwrap_or_default()
}

/// A body that grows to `mib` mebibytes of blanks, and has a wrong checksum: who unpacks all of it sees that.
pub(super) fn bomb(mib: usize) -> Vec<u8> {
    let blanks = vec![b' '; 1 << 20];
    let mut deflate = Compress::new(Compression::best(), false);
    let mut block = Vec::with_capacity(1 << 16);
    // After a full flush the next block refers to nothing before it, so that one can be had again and again.
    let _ = deflate.compress_vec(&blanks, &mut block, FlushCompress::Full);
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    (0..mib).for_each(|_| bytes.extend_from_slice(&block));
    // The last block is empty.
    bytes.extend_from_slice(&[3, 0]);
    bytes.extend_from_slice(&[0; TRAILER]);
    bytes
}

/// The content of one member and nothing after it.
pub(super) fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    let mut decoder = GzDecoder::new(bytes);
    decoder.read_to_end(&mut content).map_err(|error| error.to_string())?;
    let rest = decoder.into_inner().len();
    if rest == 0 { Ok(content) } else { Err(format!("{rest} bytes after the end of gzip")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_and_unpacked() {
        let content = b"{\"a\":[1,2,3]}";
        assert_eq!(unpacked(&gzip(content)).unwrap(), content);
        let with_fields = gzip_with_fields(content);
        assert_eq!(with_fields[3] & 0b1_1100, 0b1_1100, "extra, name and comment");
        assert_eq!(unpacked(&with_fields).unwrap(), content);
        assert!(unpacked(content).is_err() && unpacked(b"").is_err());
        assert!(unpacked(&[gzip(content), vec![0]].concat()).unwrap_err().contains("1 bytes after"));
    }

    #[test]
    fn a_bomb_grows() {
        let bomb = bomb(40);
        assert!(bomb.len() < 80_000, "{}", bomb.len());
        let mut decoder = GzDecoder::new(bomb.as_slice());
        let mut content = Vec::new();
        // All of it comes out before the checksum turns out wrong.
        assert!(decoder.read_to_end(&mut content).is_err());
        assert_eq!((content.len(), content.iter().all(|&byte| byte == b' ')), (40 << 20, true));
    }
}
