//! The blocks' paired ratios to the base: what the verdicts are taken from.

use super::board::{Board, Panel, Row};
use super::figures::described;
use super::{Chart, Drawing, footer, subject};
use crate::charts::axis::Axis;
use crate::charts::look::{BLACK, ENTRANTS, Mark, Stroke, stroke};
use crate::report::comparison::ComparisonSource;
use crate::report::comparison::quantity::{part, ratio};
use crate::report::comparison::words::{direction, verdict};
use bench_model::comparison::Pair;
use bench_model::metric::Metric;

/// Above this ratio of the largest to the smallest ratio shown, equal distances are equal ratios.
const LOGARITHMIC_FROM: f64 = 2.0;

/// The decisive metrics of every entrant but the base, and of the base against itself.
pub(super) fn chart(source: &ComparisonSource<'_>) -> Option<Chart> {
    let mut labels: Vec<String> = source.others().map(str::to_owned).collect();
    let has_control = !source.comparison.control.is_empty();
    if has_control {
        labels.push(format!("{} again", source.base()));
    }
    let panels: Vec<Panel> =
        source.decisive().into_iter().filter_map(|metric| panel(source, metric, has_control)).collect();
    if panels.is_empty() {
        return None;
    }
    let (confidence, margin, base) = (part(source.plan.confidence), part(source.plan.margin), source.base());
    let control =
        if has_control { format!("  \"{base} again\": the noise of equals.") } else { String::new() };
    let board = Board {
        title: format!("Ratios to {base}"),
        subject: subject(source),
        key: format!(
            "Diamond: estimate.  Line: its {confidence} interval.  Dots: one a block.  Shade: margin of {margin}.{control}"
        ),
        footer: footer(source),
        labels,
        columns: if panels.len() == 1 { 1 } else { 2 },
        panels,
    };
    Some(Chart {
        name: "comparison-ratios",
        caption: format!(
            "Ratio of each target to {base} in every block, with the estimate, its {confidence} interval and the \
             margin of {margin} around 1"
        ),
        description: described(&board),
        drawing: Drawing::Board(board),
    })
}

fn panel(source: &ComparisonSource<'_>, metric: Metric, has_control: bool) -> Option<Panel> {
    let strokes = ENTRANTS.into_iter().cycle().skip(1);
    let mut pairs: Vec<Option<(&Pair, Stroke)>> = source
        .others()
        .zip(strokes)
        .map(|(label, stroke)| Some((source.pair(label, metric)?, stroke)))
        .collect();
    if has_control {
        pairs.push(source.control(metric).map(|pair| (pair, stroke(BLACK, None, Mark::Circle))));
    }
    let shown = pairs.iter().flatten().flat_map(|(pair, _)| {
        pair.ratios.iter().copied().chain([Some(pair.ratio), pair.low, pair.high].into_iter().flatten())
    });
    let shown: Vec<f64> = shown.filter(|value| value.is_finite() && *value > 0.0).collect();
    if shown.is_empty() {
        return None;
    }
    let band = (1.0 / (1.0 + source.plan.margin), 1.0 + source.plan.margin);
    let low = shown.iter().copied().fold(band.0, f64::min);
    let high = shown.iter().copied().fold(band.1, f64::max);
    let title = format!("times that of {}", source.base());
    let x = if high > low * LOGARITHMIC_FROM {
        Axis::logarithmic(title + ", log scale", low, high)
    } else {
        Axis::around(title, low, high)
    };
    let is_control = |pair: &Pair| source.control(metric).is_some_and(|control| std::ptr::eq(control, pair));
    let row = |(pair, stroke): (&Pair, Stroke)| Row {
        stroke,
        bar: false,
        estimate: pair.ratio,
        interval: pair.low.zip(pair.high),
        dots: pair.ratios.clone(),
        value: ratio(pair.ratio),
        note: pair.verdict.filter(|_| !is_control(pair)).map(verdict),
    };
    Some(Panel {
        title: format!("{} ({})", metric.title(), direction(metric)),
        x,
        band: Some(band),
        rule: Some(1.0),
        rows: pairs.into_iter().map(|pair| pair.map(row)).collect(),
    })
}
