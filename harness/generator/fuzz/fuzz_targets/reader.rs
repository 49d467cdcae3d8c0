//! Fuzzes the response reader: its input is what a server sends. What must hold is what the tests assert.

#![no_main]

#[path = "../../tests/reader/invariants.rs"]
mod invariants;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|stream: &[u8]| {
    // Another cut for each stream, and the same one for the same stream.
    let sum = stream.iter().fold(0usize, |sum, &byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    let place = 1 + sum % stream.len().max(1);
    invariants::assert_hold(stream, &[&[place, usize::MAX], &[place, 1, 5]]);
});
