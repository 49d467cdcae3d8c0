//! What a case is, and the list of all of them. Most are tables of what is sent and what must come; code stands only
//! where HTTP itself is the matter.

use super::fault::Fault;
use super::instance::Origin;
use super::wire::Wire;
use super::{
    bodies, compression, errors, framing, http, ledger, load, metrics, process, sign_in, sizes, timeouts,
    values,
};

/// A part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Work,
    Errors,
    Http,
    Ledger,
    SignIn,
    Compression,
    Metrics,
    Timeouts,
    Process,
    Load,
}

impl Group {
    /// Its name in every output.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Errors => "errors",
            Self::Http => "http",
            Self::Ledger => "ledger",
            Self::SignIn => "sign-in",
            Self::Compression => "compression",
            Self::Metrics => "metrics",
            Self::Timeouts => "timeouts",
            Self::Process => "process",
            Self::Load => "load",
        }
    }
}

/// One case.
#[derive(Debug)]
pub(crate) struct Case {
    /// Its name for good: waivers, `--only` and other people's dashboards use it.
    pub(crate) id: &'static str,
    pub(crate) group: Group,
    /// What is checked, in a few words.
    pub(crate) what: &'static str,
    /// The words of targets/CONTRACT.md that it checks.
    pub(crate) contract: &'static str,
    pub(super) check: Check,
}

/// How a case is checked.
#[derive(Debug)]
pub(super) enum Check {
    /// Each body is posted to `/echo` and must come back as the same JSON value.
    Echoed(&'static [&'static str]),
    /// Each body is posted to `/echo` and must be refused with 400.
    Refused(&'static [&'static [u8]]),
    /// Each request must get its status and header.
    Answered(&'static [Exchange]),
    /// Whatever takes more than one request and its answer.
    Talk(fn(&Wire) -> Result<(), Fault>),
    /// As [`Check::Talk`], for what only a target with one state can do.
    State(fn(&Wire) -> Result<(), Fault>),
    /// As [`Check::State`], on an instance that has just been started with these variables.
    Fresh(&'static [(&'static str, &'static str)], fn(&Wire) -> Result<(), Fault>),
    /// As [`Check::Talk`], where the key of tokens and a user's password must be known.
    Secret(fn(&Wire) -> Result<(), Fault>),
    /// As [`Check::Talk`], but mostly waiting: goes on beside everything else.
    Wait(fn(&Wire) -> Result<(), Fault>),
    /// Needs a target that `bench` starts.
    Process(fn(&Wire, &Origin<'_>) -> Result<(), Fault>),
    /// Judged from the one load that all of these share.
    Load(load::Question),
}

/// A request and what its answer must have.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) request: (&'static str, &'static str),
    pub(super) body: Option<&'static str>,
    pub(super) status: u16,
    /// A header that must have exactly this value, if any.
    pub(super) header: Option<(&'static str, &'static str)>,
}

/// All cases, in the order of the contract.
pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    let groups: [&'static [&'static [Case]]; 7] = [
        &[values::CASES, bodies::CASES, bodies::REFUSED, sizes::WORK],
        &[errors::CASES, sizes::CASES, http::CASES, framing::CASES],
        ledger::CASES,
        sign_in::CASES,
        compression::CASES,
        metrics::CASES,
        &[timeouts::CASES, process::CASES, load::CASES],
    ];
    groups.into_iter().flatten().copied().flatten()
}

impl Case {
    /// Whether it asks for the ledger, so that it takes a target with one.
    pub(super) fn needs_state(&self) -> bool {
        let by_itself = matches!(self.check, Check::Process(_));
        matches!(self.check, Check::State(_) | Check::Fresh(..))
            || (self.group == Group::Ledger && !by_itself)
    }
}

impl Check {
    /// Does what takes one connection after another. Process and load have more to them and are not done here.
    pub(super) fn talk(&self, wire: &Wire) -> Result<(), Fault> {
        match self {
            Self::Echoed(bodies) => bodies.iter().try_for_each(|body| {
                wire.ask(&wire.echo(body))?.echoes(body)?.says_json()?;
                Ok(())
            }),
            Self::Refused(bodies) => bodies.iter().try_for_each(|body| {
                wire.ask(&wire.echo(body))?.is(400)?;
                Ok(())
            }),
            Self::Answered(exchanges) => exchanges.iter().try_for_each(|exchange| exchange.talk(wire)),
            Self::Talk(talk)
            | Self::State(talk)
            | Self::Fresh(_, talk)
            | Self::Secret(talk)
            | Self::Wait(talk) => talk(wire),
            Self::Process(_) | Self::Load(_) => Ok(()),
        }
    }
}

impl Exchange {
    fn talk(&self, wire: &Wire) -> Result<(), Fault> {
        let (method, path) = self.request;
        let answer = wire.ask(&wire.request(method, path, &[], self.body.map(str::as_bytes)))?;
        answer.is(self.status)?;
        match self.header {
            Some((name, value)) if !same_list(answer.header(&name.to_ascii_lowercase()), value) => {
                let found = super::answer::named(name, answer.header(&name.to_ascii_lowercase()));
                Err(answer.fault(
                    format!("{} with {name}: {value}", self.status),
                    format!("{} with {found}", self.status),
                ))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a header lists the same names, in whatever order.
fn same_list(found: Option<&str>, expected: &str) -> bool {
    let names = |list: &str| {
        let mut names: Vec<String> = list.split(',').map(|name| name.trim().to_ascii_uppercase()).collect();
        names.sort();
        names
    };
    found.is_some_and(|found| names(found) == names(expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const CONTRACT: &str = include_str!("../../../../targets/CONTRACT.md");

    fn words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ids_are_kebab_case_and_no_two_the_same() {
        let mut seen = BTreeSet::new();
        for case in cases() {
            assert!(seen.insert(case.id), "{} twice", case.id);
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
            assert!(case.id.chars().all(fits) && case.id.len() <= 22, "{}", case.id);
            assert!(case.what.chars().count() <= 52, "{} is wider than its column", case.what);
        }
    }

    #[test]
    fn every_case_quotes_the_contract() {
        let contract = words(CONTRACT);
        for case in cases() {
            assert!(contract.contains(&words(case.contract)), "{}: {}", case.id, case.contract);
        }
    }

    #[test]
    fn the_contract_lists_every_case_and_no_other() {
        let list = CONTRACT.split("## Cases").nth(1).unwrap();
        let listed: BTreeSet<&str> =
            list.split('`').skip(1).step_by(2).filter(|id| !id.contains(' ')).collect();
        let known: BTreeSet<&str> = cases().map(|case| case.id).collect();
        assert_eq!(listed, known);
    }

    #[test]
    fn allowed_methods_in_any_order() {
        for (found, same) in
            [(Some("HEAD,GET"), true), (Some("get, head"), true), (Some("GET"), false), (None, false)]
        {
            assert_eq!(same_list(found, "GET, HEAD"), same, "{found:?}");
        }
    }
}
