//! A plan's requests made ready to be sent: their bytes, their order, and what earlier answers filled into them.

use crate::failure::Failure;
use crate::ledger_audit;
use crate::requests::read;
use anyhow::anyhow;
use bench_generator::request::{PreparedRequest, Surroundings, prepare};
use bench_model::body::Body;
use bench_model::plan::{Plan, RequestPlan};
use bench_model::scenario::BodyExpectation;
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;

/// What was kept of the answers to a scenario's set-up, by name.
pub(crate) type Kept = BTreeMap<String, String>;

/// Requests that can be sent.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) requests: Vec<PreparedRequest>,
    /// The order in which they are sent, over and over, by their place in `requests`.
    pub(crate) order: Vec<usize>,
}

impl Ready {
    /// The first request of each kind, for a look before the load.
    pub(crate) fn first_of_each(&self) -> impl Iterator<Item = &PreparedRequest> {
        let is_first = |&(index, request): &(usize, &PreparedRequest)| {
            index == 0 || self.requests[index - 1].number != request.number
        };
        self.requests.iter().enumerate().filter(is_first).map(|(_, request)| request)
    }
}

/// Finds whatever is wrong with a plan's requests, before anything is started for them.
pub(crate) fn try_all(plan: &Plan) -> Result<(), Failure> {
    let names = plan.setup.iter().flat_map(|request| request.keep.keys());
    let kept = names.map(|name| (name.clone(), "kept".to_owned())).collect();
    let around = Surroundings { host: "localhost", run: "00000000" };
    for (number, request) in plan.setup.iter().enumerate() {
        one(request, 0, around, &kept).map_err(|failure| failure.of_request("setup", number, plan))?;
    }
    all(plan, around, &kept)?;
    for (index, request) in plan.requests.iter().enumerate() {
        if let Some(why) = request.ambiguity() {
            let RequestPlan { method, path, .. } = request;
            return Err(Failure::Usage(anyhow!("request {} ({method} {path}): {why}", index + 1)));
        }
    }
    ledger_audit::require(plan, &kept)
}

/// A mark that no other run has: what it sends can be told from what others have sent to the same server.
pub(crate) fn run_mark() -> String {
    format!("{:08x}", RandomState::new().hash_one(std::process::id()) as u32)
}

/// Makes the plan's requests ready. Each comes as often as its weight says, as evenly spread as can be, with the next body of
/// its pool.
pub(crate) fn all(plan: &Plan, around: Surroundings<'_>, kept: &Kept) -> Result<Ready, Failure> {
    let (mut requests, mut pools) = (Vec::new(), Vec::new());
    for (number, request) in plan.requests.iter().enumerate() {
        let prepared = one(request, number, around, kept)
            .map_err(|failure| failure.of_request("request", number, plan))?;
        pools.push(requests.len()..requests.len() + prepared.len());
        requests.extend(prepared);
    }
    let turns = turns(&plan.requests.iter().map(|request| request.weight).collect::<Vec<_>>());
    let rounds = pools.iter().zip(&plan.requests);
    let rounds =
        rounds.map(|(pool, request)| pool.len().div_ceil(request.weight as usize)).max().unwrap_or(1);
    let mut next: Vec<_> = pools.iter().map(|pool| pool.clone().cycle()).collect();
    let order = (0..rounds).flat_map(|_| &turns).filter_map(|&number| next[number].next()).collect();
    Ok(Ready { requests, order })
}

/// Makes one request ready, once for each body of its pool.
pub(crate) fn one(
    request: &RequestPlan,
    number: usize,
    around: Surroundings<'_>,
    kept: &Kept,
) -> Result<Vec<PreparedRequest>, Failure> {
    let request = filled(request, kept)?;
    let exact = match &request.expect_body {
        BodyExpectation::File(path) => Some(Arc::<[u8]>::from(read(Path::new(path), "the expected body")?)),
        _ => None,
    };
    prepare(&request, number, around, exact.as_ref()).map_err(Failure::usage)
}

/// Requests in the order of one round: at each turn comes the one that is furthest behind its share (smooth weighted round-robin, as
/// in nginx).
fn turns(weights: &[u32]) -> Vec<usize> {
    let total: i64 = weights.iter().map(|&weight| i64::from(weight)).sum();
    let mut behind = vec![0_i64; weights.len()];
    let mut turn = || {
        for (credit, &weight) in behind.iter_mut().zip(weights) {
            *credit += i64::from(weight);
        }
        // Of equals the first.
        let next = (0..weights.len()).rev().max_by_key(|&index| behind[index]).unwrap_or(0);
        behind[next] -= total;
        next
    };
    (0..total).map(|_| turn()).collect()
}

/// The request with what was kept in the stead of `{{kept NAME}}`.
fn filled(request: &RequestPlan, kept: &Kept) -> Result<RequestPlan, Failure> {
    let mut request = request.clone();
    let fill = |text: &mut String| -> Result<(), Failure> {
        // What was kept is a server's own text, and none that is looked at again.
        let (mut filled, mut rest) = (String::new(), text.as_str());
        while let Some((before, after)) = rest.split_once("{{kept ") {
            let (name, after) = after.split_once("}}").unwrap_or((after, ""));
            let value = kept.get(name.trim()).ok_or_else(|| unknown(name, kept))?;
            filled.extend([before, value]);
            rest = after;
        }
        filled.push_str(rest);
        *text = filled;
        Ok(())
    };
    fill(&mut request.path)?;
    request.headers.values_mut().try_for_each(fill)?;
    match &mut request.body {
        Body::Text { text } => fill(text)?,
        Body::Template { template, .. } | Body::Fresh { template, .. } => fill(template)?,
        Body::None => {}
    }
    Ok(request)
}

fn unknown(name: &str, kept: &Kept) -> Failure {
    let known: Vec<&str> = kept.keys().map(String::as_str).collect();
    let known = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
    Failure::Usage(anyhow!(
        "`{{{{kept {name}}}}}` is kept by no [[setup]]: what those there are keep is {known}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_spread_evenly() {
        assert_eq!(turns(&[1]), [0]);
        assert_eq!(turns(&[1, 1]), [0, 1]);
        assert_eq!(turns(&[5, 1, 1]), [0, 0, 1, 0, 2, 0, 0]);
        let turns = turns(&[90, 9, 1]);
        let of = |number: usize| turns.iter().filter(|&&turn| turn == number).count();
        assert_eq!((turns.len(), of(0), of(1), of(2)), (100, 90, 9, 1));
        let reads: Vec<usize> = (0..100).filter(|&at| turns[at] == 1).collect();
        assert!(reads.windows(2).all(|pair| (9..=17).contains(&(pair[1] - pair[0]))), "{reads:?}");
    }

    fn request(text: &str) -> RequestPlan {
        RequestPlan {
            headers: [("Authorization".to_owned(), "Bearer {{kept token}}".to_owned())].into(),
            body: Body::Text { text: text.to_owned() },
            ..RequestPlan::default()
        }
    }

    #[test]
    fn what_was_kept_is_filled_in_wherever_it_is_named() {
        let kept =
            Kept::from([("token".to_owned(), "a{{kept id}}".to_owned()), ("id".to_owned(), "7".to_owned())]);
        let filled = filled(&request("{{kept id}}-{{kept id }}"), &kept).unwrap();
        assert_eq!(filled.headers["Authorization"], "Bearer a{{kept id}}");
        assert_eq!(filled.body, Body::Text { text: "7-7".to_owned() });
    }

    #[test]
    fn what_nobody_keeps_is_a_mistake() {
        for (text, kept) in [("", Kept::new()), ("{{kept x", Kept::from([("token".into(), "t".into())]))] {
            let Err(Failure::Usage(error)) = filled(&request(text), &kept) else { panic!("{text}") };
            assert!(error.to_string().contains("is kept by no [[setup]]"), "{error}");
        }
    }
}
