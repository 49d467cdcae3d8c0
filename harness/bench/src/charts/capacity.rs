//! The picture of a search: latency against the rate that was offered, with what the SLO allows and where the capacity
//! lies. Of one target its percentiles, of several the one that the SLO is about.

use super::axis::{Axis, time_unit};
use super::look::{BLACK, BLUE, ENTRANTS, GREEN, Mark, ORANGE, SIZE, Stroke, VERMILION, stroke};
use super::measure::Measure;
use super::picture::{Line, Panel, Picture, Points, Role, date, highest, lowest};
use super::{Chart, ChartError, file};
use crate::report::capacity::{CapacitySource, words};
use crate::report::latency_title;
use bench_model::capacity::{Answer, Ending, Finding, Level};
use bench_model::slo::{Condition, Statistic};
use bench_model::stats::median;
use std::path::{Path, PathBuf};

/// The name of the files.
pub(crate) const NAME: &str = "capacity";

/// Where the highest rate is more than so many times the lowest capacity, equal distances are equal ratios.
const LOGARITHMIC_FROM: f64 = 8.0;

/// What failures add to the height.
const FAILURES_HEIGHT: u32 = 150;

const PERCENTILES: [(Statistic, Stroke); 3] = [
    (Statistic::P999, stroke(VERMILION, Some((8.0, 3.0)), Mark::Diamond)),
    (Statistic::P99, stroke(ORANGE, None, Mark::Triangle)),
    (Statistic::P50, stroke(BLUE, None, Mark::Circle)),
];

/// Draws the chart of all targets into `folder`, which must exist, and gives the files' paths.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn draw(source: &CapacitySource<'_>, folder: &Path) -> Result<[PathBuf; 2], ChartError> {
    let picture = match source.found.targets.as_slice() {
        [alone] => of_one(source, alone),
        several => of_several(source, several),
    };
    file::write(folder, NAME, &picture)
}

/// Draws the chart of one of several targets.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn draw_one(
    source: &CapacitySource<'_>,
    finding: &Finding,
    folder: &Path,
) -> Result<[PathBuf; 2], ChartError> {
    file::write(folder, NAME, &of_one(source, finding))
}

/// Every chart, for a page: of all targets, and where there are several also of each.
pub(crate) fn charts(source: &CapacitySource<'_>) -> Vec<Chart> {
    let measured: Vec<&Finding> =
        source.found.targets.iter().filter(|finding| !finding.levels.is_empty()).collect();
    let one = |(name, finding): (String, &Finding)| {
        let caption = format!("Latency of {} against the rate that was offered", finding.label);
        Chart::of_picture(&name, caption, of_one(source, finding))
    };
    match measured.as_slice() {
        [] => Vec::new(),
        [alone] => vec![one((NAME.to_owned(), *alone))],
        several => {
            let caption = "Latency of each target against the rate that was offered";
            let all = Chart::of_picture(NAME, caption, of_several(source, &source.found.targets));
            let named = several
                .iter()
                .enumerate()
                .map(|(index, &finding)| (format!("{NAME}-{}", index + 1), finding));
            std::iter::once(all).chain(named.map(one)).collect()
        }
    }
}

/// What is drawn of targets: latencies, failures, and where their capacities are.
struct Courses {
    latencies: Vec<Line>,
    failures: Vec<Line>,
    capacities: Vec<Capacity>,
}

struct Capacity {
    name: String,
    of: String,
    rate_per_s: f64,
    stroke: Stroke,
}

fn of_one(source: &CapacitySource<'_>, finding: &Finding) -> Picture {
    let size_us = unit(std::slice::from_ref(finding)).1;
    let latencies = PERCENTILES.map(|(statistic, stroke)| {
        let value = |level: &Level| statistic.of_us(&level.figures.latency_us) / size_us;
        Line::new(statistic.title(), stroke, points(finding, value))
    });
    let failed = stroke(VERMILION, Some((2.0, 3.0)), Mark::Cross);
    let failures = vec![Line::new("failed requests", failed, points(finding, failed_percent))];
    let capacity = finding.capacity_per_s.map(|rate_per_s| {
        let name = format!("capacity: {}", words::capacity(finding));
        Capacity { of: name.clone(), name, rate_per_s, stroke: stroke(GREEN, None, Mark::None) }
    });
    let capacities = capacity.into_iter().collect();
    picture(
        source,
        std::slice::from_ref(finding),
        Courses { latencies: latencies.to_vec(), failures, capacities },
    )
}

fn of_several(source: &CapacitySource<'_>, findings: &[Finding]) -> Picture {
    let statistic = words::statistic(&source.plan.slo);
    let size_us = unit(findings).1;
    let strokes = || findings.iter().zip(ENTRANTS.into_iter().cycle());
    let latencies = strokes().map(|(finding, stroke)| {
        let value = |level: &Level| statistic.of_us(&level.figures.latency_us) / size_us;
        let name = format!("{}, {}", finding.label, statistic.title());
        Line::new(name, stroke, points(finding, value)).of(&finding.label)
    });
    let failures = strokes().map(|(finding, stroke)| {
        let name = format!("{}, failed requests", finding.label);
        Line::new(name, stroke, points(finding, failed_percent)).of(&finding.label)
    });
    let capacities = strokes().filter_map(|(finding, stroke)| {
        let name = format!("capacity of {}: {}", finding.label, words::capacity(finding));
        let stroke = Stroke { dash: Some((5.0, 3.0)), mark: Mark::None, ..stroke };
        Some(Capacity { name, of: finding.label.clone(), rate_per_s: finding.capacity_per_s?, stroke })
    });
    let (latencies, failures) = (latencies.collect(), failures.collect());
    let courses = Courses { latencies, failures, capacities: capacities.collect() };
    picture(source, findings, courses)
}

fn failed_percent(level: &Level) -> f64 {
    level.figures.failed_percent
}

/// Latencies with the SLO's limits and upright lines at the capacities; below them the failures, where there were any.
fn picture(source: &CapacitySource<'_>, findings: &[Finding], courses: Courses) -> Picture {
    let plan = source.plan;
    let Courses { latencies: mut lines, failures, capacities } = courses;
    lines.retain(|line| highest(std::slice::from_ref(line)) > 0.0);
    let (unit, size_us) = unit(findings);
    let x = rates(findings, &capacities);
    let is_latency = |condition: &&Condition| matches!(condition, Condition::Latency { .. });
    // What has no latency has nothing to be measured against.
    if !lines.is_empty() {
        let limits = plan.slo.conditions().iter().filter(is_latency);
        lines.extend(limits.map(|condition| limit(condition, condition.limit() / size_us, &x)));
    }
    let latency = plan.targets.first().map_or("Latency", |target| latency_title(&target.plan.load));
    let y = Axis::logarithmic(format!("{latency} ({unit})"), lowest(&lines), highest(&lines));
    if !lines.is_empty() {
        lines.extend(capacities.iter().map(|capacity| upright(capacity, &capacity.name, &y)));
    }
    let y = y.of(Measure::TimeUs(size_us)).of_latencies();
    let mut panels = vec![Panel { y, lines, labels: Vec::new(), empty: "no level was measured" }];
    if highest(&failures) > 0.0 {
        let limits = plan.slo.conditions().iter().filter(|condition| !is_latency(condition));
        let mut lines = failures;
        lines.extend(limits.map(|condition| limit(condition, condition.limit(), &x)));
        let y = Axis::from_zero("Failed (%)", highest(&lines)).of(Measure::Percent);
        lines.extend(capacities.iter().map(|capacity| upright(capacity, "", &y)));
        panels.push(Panel { y, lines, labels: Vec::new(), empty: "no level was measured" });
    }
    Picture {
        title: "Latency against offered rate (log scale)".to_owned(),
        subject: subject(source, findings),
        alarm: None,
        footer: format!("bench {}, capacity {}, {}", plan.machine.bench_version, plan.id, plan.machine.cpu),
        height: SIZE.1 + FAILURES_HEIGHT * (panels.len() as u32 - 1),
        x,
        shade: None,
        panels,
    }
}

/// What the SLO allows, from end to end.
fn limit(condition: &Condition, value: f64, x: &Axis) -> Line {
    let ends = vec![Some((x.low, value)), Some((x.high, value))];
    Line::new(format!("SLO: {condition}"), stroke(BLACK, Some((2.0, 3.0)), Mark::None), ends)
        .playing(Role::Level)
}

fn upright(capacity: &Capacity, name: &str, y: &Axis) -> Line {
    let ends = [y.low, y.high].map(|end| Some((capacity.rate_per_s, end)));
    Line::new(name, capacity.stroke, ends.to_vec()).of(&capacity.of).playing(Role::Upright)
}

/// Which search, in one line.
fn subject(source: &CapacitySource<'_>, findings: &[Finding]) -> String {
    let plan = source.plan;
    let labels: Vec<&str> = findings.iter().map(|finding| finding.label.as_str()).collect();
    let (scenario, connections) = plan
        .targets
        .first()
        .map_or(("", 0), |target| (target.plan.scenario.as_str(), target.plan.load.connections()));
    let unfinished = findings.iter().any(|finding| finding.ending == Ending::Unfinished);
    format!(
        "{scenario} on {}, {connections} connections, {}{}",
        labels.join(", "),
        date(&plan.started_at),
        if unfinished { ", UNFINISHED" } else { "" }
    )
}

/// The rates, from zero; or by ratios, where the capacities would be crowded together at one end.
fn rates(findings: &[Finding], capacities: &[Capacity]) -> Axis {
    let title = "Offered rate (requests per second)";
    let all = || findings.iter().flat_map(|finding| &finding.levels).map(|level| level.rate_per_s);
    let most = all().fold(0.0, f64::max);
    let least = capacities.iter().map(|capacity| capacity.rate_per_s).fold(f64::INFINITY, f64::min);
    if most > least * LOGARITHMIC_FROM {
        Axis::logarithmic(title, all().fold(f64::INFINITY, f64::min), most)
    } else {
        Axis::from_zero(title, most)
    }
}

/// The unit of time that suits all latencies.
fn unit(findings: &[Finding]) -> (&'static str, f64) {
    let levels = findings.iter().flat_map(|finding| &finding.levels).filter(is_shown);
    time_unit(levels.map(|level| level.figures.latency_us.p99_9).fold(0.0, f64::max))
}

/// Whether a level's latencies are the target's.
fn is_shown(level: &&Level) -> bool {
    matches!(level.judgement.answer, Answer::Holds | Answer::Breaks) && level.figures.requests > 0
}

/// A figure at each rate, in the order of the rates; of several runs at one rate their median.
fn points(finding: &Finding, value: impl Fn(&Level) -> f64) -> Points {
    let mut levels: Vec<&Level> = finding.levels.iter().filter(is_shown).collect();
    levels.sort_by(|a, b| a.rate_per_s.total_cmp(&b.rate_per_s));
    let groups = levels.chunk_by(|a, b| a.rate_per_s == b.rate_per_s);
    let point = |group: &[&Level]| {
        let values: Vec<f64> = group.iter().map(|level| value(level)).collect();
        Some((group.first()?.rate_per_s, median(&values)?))
    };
    groups.map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::canvas;
    use crate::charts::file::{bitmap_of, svg_of};
    use crate::report::capacity::fixture::{Sought, cases, two};

    fn pictures(sought: &Sought) -> Vec<Picture> {
        let source = sought.source();
        let findings = &source.found.targets;
        let mut pictures: Vec<Picture> = findings.iter().map(|finding| of_one(&source, finding)).collect();
        pictures.push(of_several(&source, findings));
        pictures
    }

    #[test]
    fn it_names_the_target_the_limit_and_the_capacity() {
        let sought = two();
        let svgs: Vec<String> = pictures(&sought).iter().map(|picture| svg_of(picture).unwrap()).collect();
        let common =
            ["Latency against offered rate (log scale)", "Latency from due time", "SLO: p99&lt;20ms"];
        for (svg, words) in svgs.iter().zip([
            &["json-echo on rust, 256 connections, 2026-03-14 10:15 UTC", "P50", "P99.9", "capacity: 43.33k"]
                [..],
            &["json-echo on go,", "capacity: 12.46k"],
            &["json-echo on rust, go,", "rust, P99", "go, P99", "capacity of rust: 43", "capacity of go: 12"],
        ]) {
            for word in words.iter().chain(&common) {
                assert!(svg.contains(word), "{word}");
            }
        }
    }

    #[test]
    fn of_several_runs_at_a_rate_the_median_is_drawn() {
        let sought = two();
        let source = sought.source();
        let finding = &source.found.targets[0];
        let points = points(finding, |level| level.figures.latency_us.p99);
        let rates: Vec<f64> = points.iter().flatten().map(|(rate_per_s, _)| *rate_per_s).collect();
        assert!(rates.windows(2).all(|pair| pair[0] < pair[1]), "{rates:?}");
        assert!(rates.len() < finding.levels.len());
    }

    #[test]
    fn all_are_drawn_without_panic() {
        for (name, sought) in cases() {
            for picture in pictures(&sought) {
                let svg = svg_of(&picture).expect("the chart is drawn");
                assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{name}");
                let small = canvas::Medium { scale: 1, ..canvas::BITMAP };
                assert!(bitmap_of(&picture, small).is_ok(), "{name}");
            }
        }
    }

    #[test]
    #[ignore = "writes the charts of every fixture into the folder that CHARTS names, for people to look at"]
    fn look() {
        let folder = std::env::var_os("CHARTS").expect("CHARTS names a folder");
        for (name, sought) in cases() {
            let folder = Path::new(&folder).join(name);
            std::fs::create_dir_all(&folder).expect("a folder");
            draw(&sought.source(), &folder).expect("the chart is drawn");
        }
    }
}
