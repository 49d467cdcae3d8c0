//! The target's own count of what it has answered, and what of it can be compared with ours.

use super::Sent;
use crate::prometheus::{Exposition, parse};
use anyhow::{Context as _, Result};
use bench_generator::RequestCounts;
use bench_model::ledger::Finding;
use bench_model::plan::RequestPlan;
use std::collections::BTreeMap;

/// The counter of `targets/CONTRACT.md`.
const REQUESTS: &str = "api_requests_total";

/// A method and an endpoint, as the target labels them.
type Endpoint = (String, String);

/// What the target has counted so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    answered: BTreeMap<Endpoint, u64>,
}

impl Counts {
    /// The counts in the text that the target exposes.
    pub(super) fn read(text: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(text).context("the answer to GET /metrics is not text")?;
        let exposition: Exposition =
            parse(text).context("the answer to GET /metrics is no Prometheus text")?;
        let mut counts = Self::default();
        for sample in exposition.of(REQUESTS) {
            let label = |name: &str| sample.labels.get(name).cloned().unwrap_or_default();
            *counts.answered.entry((label("method"), label("endpoint"))).or_default() += sample.value as u64;
        }
        Ok(counts)
    }

    /// What does not agree between these and the counts from before the run; and how many series were compared.
    pub(super) fn compare(&self, before: &Self, sent: &Sent<'_>) -> (u64, Vec<Finding>) {
        let expected = expected(sent);
        let compared = expected.len() as u64;
        let differs = |(endpoint, counts): (Endpoint, RequestCounts)| {
            let at = |counts: &Self| counts.answered.get(&endpoint).copied().unwrap_or_default();
            let said = at(self).saturating_sub(at(before));
            let least = counts.verified + counts.refused;
            let most = least + counts.unknown;
            let (method, path) = &endpoint;
            let series = format!("{REQUESTS}{{method=\"{method}\",endpoint=\"{path}\"}}");
            (!(least..=most).contains(&said)).then_some(Finding::Requests { series, said, least, most })
        };
        (compared, expected.into_iter().filter_map(differs).collect())
    }
}

/// How many requests of each kind were answered, with those before the load.
fn expected(sent: &Sent<'_>) -> BTreeMap<Endpoint, RequestCounts> {
    let mut expected = BTreeMap::<Endpoint, RequestCounts>::new();
    for (number, request) in sent.plan.requests.iter().enumerate() {
        let counts = expected.entry(endpoint(request)).or_default();
        for of_book in sent.books.iter().filter_map(|book| book.requests.get(number)) {
            counts.verified += of_book.verified;
            counts.refused += of_book.refused;
            counts.unknown += of_book.unknown;
        }
    }
    expected
}

/// The labels that the contract gives a request.
fn endpoint(request: &RequestPlan) -> Endpoint {
    let path = request.path.split('?').next().unwrap_or_default();
    let path = if path.starts_with("/accounts/") { "/accounts/{id}" } else { path };
    (request.method.clone(), path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_added_up_over_their_statuses() {
        let text = "# TYPE api_requests_total counter\n\
                    api_requests_total{method=\"POST\",endpoint=\"/tx\",status=\"200\"} 7\n\
                    api_requests_total{method=\"POST\",endpoint=\"/tx\",status=\"422\"} 2\n\
                    api_requests_total{method=\"GET\",endpoint=\"/ledger\",status=\"200\"} 1\n";
        let counts = Counts::read(text.as_bytes()).unwrap();
        assert_eq!(counts.answered[&("POST".to_owned(), "/tx".to_owned())], 9);
        assert!(Counts::read(b"api_requests_total{").is_err() && Counts::read(&[0xff]).is_err());
    }

    #[test]
    fn labels_are_those_of_the_contract() {
        for (path, label) in [
            ("/tx", "/tx"),
            ("/accounts/acct-{{zipf 0 0999}}", "/accounts/{id}"),
            ("/blocks?from=1", "/blocks"),
        ] {
            let request = RequestPlan { path: path.to_owned(), ..RequestPlan::default() };
            assert_eq!(endpoint(&request), ("GET".to_owned(), label.to_owned()));
        }
    }
}
