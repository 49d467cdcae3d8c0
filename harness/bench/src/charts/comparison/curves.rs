//! The latency distributions of all entrants on HdrHistogram's percentile axis: the used runs of each, merged.

use super::{footer, strokes, subject};
use crate::charts::axis::{Axis, time_unit};
use crate::charts::chart::{Chart, Drawing, Tabled};
use crate::charts::distribution::{cell, curve, tabled};
use crate::charts::look::{Mark, SIZE, Stroke};
use crate::charts::measure::Measure;
use crate::charts::picture::{Line, Panel, Picture, highest, lowest};
use crate::report::amount::time_us;
use crate::report::comparison::{ComparisonSource, Curve};
use crate::report::document::{Cell, Table};
use crate::report::latency_title;

pub(super) fn chart(source: &ComparisonSource<'_>) -> Option<Chart> {
    let count = |curve: &Curve| curve.distribution.observed().count() + curve.distribution.censored_count();
    let curves: Vec<(&Curve, Stroke)> = source
        .plan
        .entrants
        .iter()
        .zip(strokes(source.plan))
        .filter_map(|(entrant, stroke)| {
            let curve = source.curves.iter().find(|curve| curve.label == entrant.label)?;
            (count(curve) > 0).then_some((curve, stroke))
        })
        .collect();
    let longest = curves.iter().map(|(curve, _)| curve.distribution.longest().value_ns).max()?;
    let most = curves.iter().map(|(curve, _)| count(curve)).max()?;
    let (unit, size_us) = time_unit(longest as f64 / 1e3);
    let mut lines = Vec::new();
    for (entrant, stroke) in &curves {
        let (known, bounds) = curve(&entrant.distribution, count(entrant), size_us * 1e3);
        lines.push(Line::new(&entrant.label, *stroke, known));
        if bounds.len() > 1 {
            let dotted = Stroke { dash: Some((2.0, 3.0)), mark: Mark::None, ..*stroke };
            let name = format!("{}: at least so long (cut off)", entrant.label);
            lines.push(Line::new(name, dotted, bounds).of(&entrant.label));
        }
    }
    let latency = source.plan.entrants.first().map_or("Latency", |entrant| latency_title(&entrant.plan.load));
    let title = format!("{latency} ({unit})");
    let y = Axis::logarithmic(title, lowest(&lines), highest(&lines));
    let y = y.of(Measure::TimeUs(size_us)).of_latencies();
    let picture = Picture {
        title: "Latency distributions (log scale)".to_owned(),
        subject: subject(source),
        alarm: None,
        footer: footer(source),
        height: SIZE.1,
        x: Axis::percentiles(most),
        shade: None,
        panels: vec![Panel { y, lines, labels: Vec::new(), empty: "no request was answered" }],
    };
    let described: Vec<String> = curves.iter().map(|(curve, _)| described(curve)).collect();
    Some(Chart {
        name: "comparison-latency".to_owned(),
        caption: "Latency at each percentile, the used runs of each target merged".to_owned(),
        description: format!("{latency}: {}", described.join("; ")),
        drawing: Drawing::Picture(picture),
        live: None,
        table: Tabled::Table(table(&curves.iter().map(|(curve, _)| *curve).collect::<Vec<_>>())),
    })
}

/// The distributions in few figures: the chart has hundreds of points of each.
fn table(curves: &[&Curve]) -> Table {
    let count = |curve: &&Curve| curve.distribution.observed().count() + curve.distribution.censored_count();
    let percentiles = tabled(curves.iter().map(count).max().unwrap_or(0));
    let row = |curve: &&Curve| {
        let its = tabled(count(curve));
        let at = |&(name, quantile): &(&str, f64)| match its.iter().any(|(known, _)| *known == name) {
            true => cell(curve.distribution.quantile(quantile)),
            false => Cell::number("-"),
        };
        let label = std::iter::once(Cell::text(&curve.label));
        label.chain(percentiles.iter().map(at)).chain([cell(curve.distribution.longest())]).collect()
    };
    let heads = ["Target"].into_iter().chain(percentiles.iter().map(|(name, _)| *name)).chain(["Max"]);
    Table {
        caption: "Latency at the usual percentiles, the used runs of each target merged".to_owned(),
        heads: heads.map(str::to_owned).collect(),
        rows: curves.iter().map(row).collect(),
    }
}

fn described(curve: &Curve) -> String {
    let at = |quantile: f64| {
        let found = curve.distribution.quantile(quantile);
        let sign = if found.at_least { "at least " } else { "" };
        format!("{sign}{}", time_us(found.value_ns as f64 / 1e3))
    };
    format!("{} P50 {}, P99 {}, P99.9 {}", curve.label, at(0.5), at(0.99), at(0.999))
}
