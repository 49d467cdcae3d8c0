//! The requests of a plan: what a scenario says of them, and what was typed in its stead.

use crate::address::Address;
use crate::catalogue::Found;
use crate::cli::RequestArgs;
use crate::failure::Failure;
use anyhow::{Context as _, anyhow};
use bench_model::body::Body;
use bench_model::plan::RequestPlan;
use bench_model::scenario::{BodyExpectation, RequestSpec, Scenario};
use std::collections::BTreeMap;
use std::path::Path;

/// What was typed that changes the requests of a scenario.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Typed<'a> {
    pub(crate) request: &'a RequestArgs,
    /// Items of one request.
    pub(crate) batch: Option<usize>,
}

/// The set-up and the requests of a scenario.
pub(crate) fn from_scenario(
    found: &Found<Scenario>,
    typed: Typed<'_>,
    address: Option<&Address>,
) -> Result<(Vec<RequestPlan>, Vec<RequestPlan>), Failure> {
    if address.is_some_and(|address| address.path != "/") {
        return Err(Failure::Usage(anyhow!(
            "--url takes no path beside --scenario: the scenario has the paths"
        )));
    }
    let scenario = &found.value;
    if typed.batch.is_some() && scenario.request.iter().all(|spec| spec.body.batch.is_none()) {
        return Err(Failure::Usage(anyhow!(
            "--batch: the scenario {} sends no batches (it has no `body.batch`)",
            scenario.name
        )));
    }
    let folder = found.file.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
    let headers = headers(&typed.request.headers)?;
    let plans = |specs: &[RequestSpec]| -> Result<Vec<RequestPlan>, Failure> {
        specs.iter().map(|spec| one(spec, folder, &headers, typed.batch)).collect()
    };
    let (setup, mut requests) = (plans(&scenario.setup)?, plans(&scenario.request)?);
    for request in &mut requests {
        if let Some(status) = &typed.request.expect_status {
            request.expect_status = status.clone();
        }
        if let Some(body) = &typed.request.expect_body {
            request.expect_body = BodyExpectation::from(body.clone());
            request.expect_json.clear();
        }
    }
    Ok((setup, requests))
}

fn one(
    spec: &RequestSpec,
    folder: &Path,
    headers: &BTreeMap<String, String>,
    batch: Option<usize>,
) -> Result<RequestPlan, Failure> {
    let mut body = match &spec.body.file {
        Some(file) => text(&folder.join(file), "the scenario's body file")?,
        None => spec.body.recipe(),
    };
    if let Body::Fresh { batch: Some(items), .. } = &mut body {
        *items = batch.unwrap_or(*items);
    }
    let mut plan = spec.plan(body);
    if let BodyExpectation::File(file) = &plan.expect_body {
        plan.expect_body = BodyExpectation::File(folder.join(file).display().to_string());
    }
    plan.headers.retain(|name, _| !headers.keys().any(|typed| typed.eq_ignore_ascii_case(name)));
    plan.headers.extend(headers.clone());
    Ok(plan)
}

/// The one request of a run without a scenario.
pub(crate) fn ad_hoc(flags: &RequestArgs, address: &Address) -> Result<RequestPlan, Failure> {
    let body = match flags.body.as_deref().map(|body| (body, body.strip_prefix('@'))) {
        None => Body::None,
        Some((_, Some(file))) => text(Path::new(file), "the body file of --body")?,
        Some((body, None)) => Body::Text { text: body.to_owned() },
    };
    let expect_body = flags.expect_body.clone().map_or(BodyExpectation::Any, BodyExpectation::from);
    if expect_body == BodyExpectation::SameJson && body == Body::None {
        return Err(Failure::Usage(anyhow!("--expect-body same-json needs a --body to compare with")));
    }
    let method = if body == Body::None { "GET" } else { "POST" };
    Ok(RequestPlan {
        method: flags.method.clone().unwrap_or_else(|| method.to_owned()),
        path: address.path.clone(),
        headers: headers(&flags.headers)?,
        body,
        expect_status: flags.expect_status.clone().unwrap_or_default(),
        expect_body,
        ..RequestPlan::default()
    })
}

/// The headers that were typed, each name once.
pub(crate) fn headers(typed: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for header in typed {
        let (name, value) = header.split_once(':').ok_or_else(|| {
            Failure::Usage(anyhow!(
                "--header `{header}` has no colon: write it like 'Content-Type: application/json'"
            ))
        })?;
        let (name, value) = (name.trim(), value.trim());
        // RFC 9110, 5.3: a field given several times means the same as its values in one list.
        match headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, values)) => values.extend([", ", value]),
            None => _ = headers.insert(name.to_owned(), value.to_owned()),
        }
    }
    Ok(headers)
}

/// A file that a scenario or a flag names.
pub(crate) fn read(path: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .with_context(|| format!("cannot read {what}, {}", path.display()))
        .map_err(Failure::Usage)
}

fn text(path: &Path, what: &str) -> Result<Body, Failure> {
    let text = String::from_utf8(read(path, what)?).map_err(|_| {
        Failure::Usage(anyhow!("{what}, {}, is not UTF-8 text, as bodies must be so far", path.display()))
    })?;
    Ok(Body::Text { text })
}
