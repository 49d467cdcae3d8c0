//! The fuzzer's seeds as a test: each through the reader, cut at every place.

use crate::invariants::{assert_hold, read};
use bench_generator::protocol::http1::Reader;
use std::fs;
use std::path::Path;

#[test]
fn every_seed_in_all_pieces() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/reader");
    let mut seeds = 0;
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let bytes = fs::read(&path).unwrap();
        let at_every_place = (1..bytes.len()).map(|place| vec![place, usize::MAX]);
        let cuts: Vec<Vec<usize>> = at_every_place.chain((4..=16).map(|length| vec![length])).collect();
        assert_hold(&bytes, &cuts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let name = path.file_name().unwrap().to_string_lossy();
        let result = read(&mut Reader::default(), &bytes, &[], (false, 1000)).result;
        assert_eq!(result.is_ok(), name.starts_with("good-"), "{name}: {result:?}");
        assert!(result.is_ok() || name.starts_with("bad-"), "{name} is named neither good nor bad");
        seeds += 1;
    }
    assert!(seeds >= 40, "{seeds} seeds");
}
