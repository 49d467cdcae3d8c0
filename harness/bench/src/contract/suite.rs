//! The order of the cases: the waiting ones beside everything else, then the quick ones, the process, and the load.

use super::case::{Case, Check, Group, cases};
use super::done::{Came, Done};
use super::fault::Fault;
use super::instance::{Origin, Stateful};
use super::load::{Answers, Load, Question};
use super::outcome::{Checked, Report};
use super::wire::Wire;
use crate::credentials;
use crate::event::Event;
use crate::resources::{self, Sampler};
use crate::signals::Signals;
use crate::target::log_tail;
use bench_model::target::Waiver;
use std::net::SocketAddr;
use std::time::Instant;

/// Lines of an ended target's log that are shown.
const LOG_LINES: usize = 5;

/// A server that is checked. It must be ready.
pub(crate) struct Subject<'a> {
    /// The target's name, or its URL.
    pub(crate) name: &'a str,
    pub(crate) address: SocketAddr,
    /// The `Host` header.
    pub(crate) host: &'a str,
    pub(crate) signals: &'a Signals,
    /// Must be [`super::allowed`].
    pub(crate) waivers: &'a [Waiver],
    /// Its processes, where they are known.
    pub(crate) tree: Option<Tree>,
    /// How it is started, where `bench` does it.
    pub(crate) origin: Option<Origin<'a>>,
}

/// The processes of a target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tree {
    pub(crate) root: u32,
    /// See [`Sampler::with_adopter`].
    pub(crate) adopter: Option<u32>,
}

/// Which cases, and how much load.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The ids of the cases to run; all if empty. Unknown ones match nothing.
    pub(crate) only: Vec<String>,
    /// Without the cases that wait for a minute.
    pub(crate) quick: bool,
    /// Requests that the load must verify; at least 1.
    pub(crate) requests: u64,
}

impl Options {
    /// All cases and 100,000 requests: about a minute.
    pub(crate) fn full() -> Self {
        Self { only: Vec::new(), quick: false, requests: 100_000 }
    }

    /// Without a minute of waiting, as before a measurement.
    pub(crate) fn quick() -> Self {
        Self { only: Vec::new(), quick: true, requests: 10_000 }
    }

    fn chosen(&self) -> Vec<&'static Case> {
        cases().filter(|case| self.only.is_empty() || self.only.iter().any(|id| id == case.id)).collect()
    }
}

/// Checks a server. The error is the number of the signal that ended the check.
pub(crate) fn run(
    subject: &Subject<'_>,
    options: &Options,
    show: &dyn Fn(&Event<'_>),
) -> Result<Report, i32> {
    let began = Instant::now();
    let chosen = options.chosen();
    let found = match go(subject, options, show, &chosen) {
        Ok(found) => found,
        Err(Fault::Interrupted(signal)) => return Err(signal),
        // No other fault leaves a case.
        Err(Fault::Wrong { .. }) => Vec::new(),
    };
    let checked = chosen.iter().map(|case| {
        let (outcome, duration_s) = match found.iter().find(|done| done.case.id == case.id) {
            Some(done) => (done.came.judged(case, subject.waivers), done.duration_s),
            None => (Done::broken(case).came.judged(case, &[]), 0.0),
        };
        Checked { case, outcome, duration_s }
    });
    Ok(Report {
        target: subject.name.to_owned(),
        cases: checked.collect(),
        duration_s: began.elapsed().as_secs_f64(),
    })
}

fn go(
    subject: &Subject<'_>,
    options: &Options,
    show: &dyn Fn(&Event<'_>),
    chosen: &[&'static Case],
) -> Result<Vec<Done>, Fault> {
    let wire =
        Wire { address: subject.address, host: subject.host.to_owned(), signals: subject.signals.clone() };
    let waiting: Vec<&'static Case> =
        chosen.iter().copied().filter(|case| !options.quick && waits(case)).collect();
    // Where the waiting cases cannot have an instance of their own, they would be counted among the others' requests.
    let (counted, at_once): (Vec<&'static Case>, Vec<&'static Case>) =
        chosen.iter().partition(|case| case.group == Group::Metrics && subject.origin.is_none());
    let state = Stateful::new(subject.origin, wire.clone());
    let mut suite = Suite { subject, options, show, wire: wire.clone(), state, load: None, has_ended: false };
    std::thread::scope(|scope| {
        let origin = subject.origin.as_ref();
        let slow = (!waiting.is_empty()).then(|| scope.spawn(move || wait(&wire, origin, &waiting)));
        let mut found = suite.all(&at_once)?;
        if let Some(slow) = slow {
            show(&Event::Case { id: "timeouts", done: found.len(), of: chosen.len() });
            found.extend(slow.join().unwrap_or_else(|_| Ok(Vec::new()))?);
        }
        found.extend(suite.all(&counted)?);
        Ok(found)
    })
}

fn waits(case: &Case) -> bool {
    matches!(case.check, Check::Wait(_))
}

/// The waiting cases, each on a thread of its own, on an instance of their own where there can be one: connections that
/// block a worker of the target must not hold up the load, nor the load them.
fn wait(wire: &Wire, origin: Option<&Origin<'_>>, waiting: &[&'static Case]) -> Result<Vec<Done>, Fault> {
    let began = Instant::now();
    let instance = match origin.map(|origin| origin.another(wire, "timeouts")).transpose() {
        Ok(instance) => instance,
        Err(fault) => {
            let came = Came::try_from(Err(fault))?;
            let Came::Wrong(words) = came else { return Ok(Vec::new()) };
            let duration_s = began.elapsed().as_secs_f64();
            return Ok(waiting
                .iter()
                .map(|case| Done { case, came: Came::Wrong(words.clone()), duration_s })
                .collect());
        }
    };
    let wire = instance.as_ref().map_or(wire, |(_, wire)| wire);
    std::thread::scope(|scope| {
        let threads: Vec<_> = waiting
            .iter()
            .map(|case| {
                (case, scope.spawn(|| Done::timed(case, || case.check.talk(wire).map(|()| String::new()))))
            })
            .collect();
        threads
            .into_iter()
            .map(|(case, thread)| thread.join().unwrap_or_else(|_| Ok(Done::broken(case))))
            .collect()
    })
}

/// The cases that run one after another.
struct Suite<'a> {
    subject: &'a Subject<'a>,
    options: &'a Options,
    show: &'a dyn Fn(&Event<'_>),
    wire: Wire,
    state: Stateful<'a>,
    /// The answers of the load, once it was run.
    load: Option<Answers>,
    /// Whether the target is gone, so that no further case can be tried.
    has_ended: bool,
}

impl Suite<'_> {
    fn all(&mut self, chosen: &[&'static Case]) -> Result<Vec<Done>, Fault> {
        let mut found = Vec::with_capacity(chosen.len());
        for case in chosen {
            (self.show)(&Event::Case { id: case.id, done: found.len(), of: chosen.len() });
            if waits(case) && !self.options.quick {
                continue;
            }
            found.push(self.one(case)?);
        }
        Ok(found)
    }

    /// The end of what the target printed, where it is known.
    fn last_words(&self) -> String {
        let lines =
            self.subject.origin.as_ref().map(|origin| log_tail(origin.log, LOG_LINES)).unwrap_or_default();
        if lines.is_empty() { String::new() } else { format!("; it printed last: {}", lines.join(" | ")) }
    }

    fn one(&mut self, case: &'static Case) -> Result<Done, Fault> {
        let left_out = |why| Ok(Done { case, came: Came::Nothing(why), duration_s: 0.0 });
        if self.has_ended {
            return left_out("the target has ended");
        }
        let mut done = match &case.check {
            Check::Wait(_) => return left_out("--quick leaves it out"),
            Check::Process(check) => match &self.subject.origin {
                Some(origin) => Done::timed(case, || check(&self.wire, origin).map(|()| String::new()))?,
                None => return left_out("bench did not start this server"),
            },
            _ if case.needs_state() => self.state.run(case)?,
            Check::Secret(_) if self.subject.origin.is_none() && !credentials::is_given() => {
                return left_out("the key of tokens is not known: give bench the server's NODE_SECRET");
            }
            Check::Secret(_) if !credentials::has_user() => {
                return left_out("NODE_USERS, which bench was given, has not the user of bench");
            }
            Check::Load(question) => {
                let began = Instant::now();
                let Some(result) = self.under_load(*question)? else {
                    let known = self.subject.tree.is_some();
                    return left_out(if known {
                        "the load failed"
                    } else {
                        "the process is not known: give --pid"
                    });
                };
                Done { case, came: Came::try_from(result)?, duration_s: began.elapsed().as_secs_f64() }
            }
            talk => Done::timed(case, || talk.talk(&self.wire).map(|()| String::new()))?,
        };
        if self.subject.tree.is_some_and(|tree| !resources::is_alive(tree.root)) {
            self.has_ended = true;
            let words = match done.came {
                Came::Wrong(words) => format!("{words}; and the target has ended"),
                _ => "the target has ended".to_owned(),
            };
            done.came = Came::Wrong(words + &self.last_words());
        }
        Ok(done)
    }

    /// The load's answer to a question; it is run once. `None` where memory could not be read.
    fn under_load(&mut self, question: Question) -> Result<Option<Result<String, Fault>>, Fault> {
        let answers = match &mut self.load {
            Some(answers) => answers,
            none => {
                let (show, wanted, tree) = (self.show, self.options.requests, self.subject.tree);
                let load = Load {
                    wire: &self.wire,
                    wanted,
                    sampler: &|| tree.map(Tree::sampler),
                    show: &|verified| show(&Event::Loading { verified, wanted }),
                };
                none.insert(load.run()?)
            }
        };
        Ok(match question {
            Question::Requests => Some(std::mem::replace(&mut answers.requests, Ok(String::new()))),
            Question::Memory => answers.memory.take(),
        })
    }
}

impl Tree {
    fn sampler(self) -> Sampler {
        self.adopter
            .map_or_else(|| Sampler::new(self.root), |adopter| Sampler::with_adopter(self.root, adopter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices() {
        let mut options = Options::quick();
        assert_eq!(options.chosen().len(), cases().count());
        options.only = vec!["keep-alive".to_owned(), "nothing".to_owned()];
        assert_eq!(options.chosen().len(), 1);
    }
}
