//! The latency distributions of all entrants on HdrHistogram's percentile axis: the used runs of each, merged.

use super::{Chart, Drawing, footer, strokes, subject};
use crate::charts::axis::{Axis, time_unit};
use crate::charts::distribution::curve;
use crate::charts::look::{Mark, SIZE, Stroke};
use crate::charts::picture::{Line, Panel, Picture, highest, lowest};
use crate::report::amount::time_us;
use crate::report::comparison::{ComparisonSource, Curve};
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
        lines.push(Line { name: entrant.label.clone(), stroke: *stroke, points: known });
        if bounds.len() > 1 {
            let dotted = Stroke { dash: Some((2.0, 3.0)), mark: Mark::None, ..*stroke };
            let name = format!("{}: at least so long (cut off)", entrant.label);
            lines.push(Line { name, stroke: dotted, points: bounds });
        }
    }
    let latency = source.plan.entrants.first().map_or("Latency", |entrant| latency_title(&entrant.plan.load));
    let title = format!("{latency} ({unit})");
    let y = Axis::logarithmic(title, lowest(&lines), highest(&lines));
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
        name: "comparison-latency",
        caption: "Latency at each percentile, the used runs of each target merged".to_owned(),
        description: format!("{latency}: {}", described.join("; ")),
        drawing: Drawing::Picture(picture),
    })
}

fn described(curve: &Curve) -> String {
    let at = |quantile: f64| {
        let found = curve.distribution.quantile(quantile);
        let sign = if found.at_least { "at least " } else { "" };
        format!("{sign}{}", time_us(found.value_ns as f64 / 1e3))
    };
    format!("{} P50 {}, P99 {}, P99.9 {}", curve.label, at(0.5), at(0.99), at(0.999))
}
