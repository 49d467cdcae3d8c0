//! The same under an open load: what is due goes out on the connections that are left.

use crate::case::Case;
use crate::closing::{closes_without_a_word, never_answers, resets};
use crate::phases::{fails_for_a_while, vanishes};
use crate::run::check;
use bench_model::counters::ErrorClass::Protocol;

/// Requests a second: enough for every connection to have several in each interval.
const RATE_PER_S: f64 = 2000.0;

#[test]
fn an_open_load_goes_on() {
    let rubbish = Case::failed(&[Protocol], "rubbish", |client| client.answer_with(|_| vec![0; 100]));
    let cases =
        [never_answers(), resets(), rubbish, closes_without_a_word(), fails_for_a_while(), vanishes()];
    check(&cases.map(|case| case.at_rate(RATE_PER_S)));
}
