//! The blocks' paired ratios to the base: what the verdicts are taken from.

use super::board::{Board, Panel, Row};
use super::figures::described;
use super::{footer, strokes, subject};
use crate::charts::axis::Axis;
use crate::charts::chart::{Chart, Drawing, Tabled};
use crate::charts::look::{BLACK, Mark, Stroke, stroke};
use crate::charts::measure::Measure;
use crate::report::comparison::quantity::{part, ratio};
use crate::report::comparison::words::{direction, verdict};
use crate::report::comparison::{Asked, ComparisonSource};
use bench_model::comparison::Pair;
use bench_model::metric::Metric;

/// The name of this chart.
pub(crate) const RATIOS: &str = "comparison-ratios";

/// Above this ratio of the largest to the smallest ratio shown, equal distances are equal ratios.
const LOGARITHMIC_FROM: f64 = 2.0;

/// The entrant. In a sweep, where bases are several, what stands above and below the ratio: `go : rust conns=10`,
/// `go conns=10 : 1`.
fn label(Asked { entrant, base }: &Asked<'_>) -> String {
    match base.setting {
        None => entrant.label.clone(),
        Some(_) if base.setting == entrant.setting => format!("{} : {}", entrant.target(), base.label),
        Some(setting) => format!("{} : {}", entrant.label, setting.value()),
    }
}

/// The decisive metrics of every entrant but the base, and of the base against itself.
pub(super) fn chart(source: &ComparisonSource<'_>) -> Option<Chart> {
    let asked: Vec<Asked<'_>> = source.questions().into_iter().flat_map(|question| question.asked).collect();
    let mut labels: Vec<String> = asked.iter().map(label).collect();
    let has_control = !source.comparison.control.is_empty();
    if has_control {
        labels.push(format!("{} again", source.base()));
    }
    let panels: Vec<Panel> =
        source.decisive().into_iter().filter_map(|metric| panel(source, &asked, metric)).collect();
    if panels.is_empty() {
        return None;
    }
    let (confidence, margin, base) = (part(source.plan.confidence), part(source.plan.margin), source.base());
    let is_sweep = source.plan.sweep().is_some();
    let how = if is_sweep { "; a : b is a's figure over b's" } else { "" };
    let control =
        if has_control { format!("  \"{base} again\": the noise of equals.") } else { String::new() };
    let board = Board {
        title: if is_sweep { "Ratios, each to its base".to_owned() } else { format!("Ratios to {base}") },
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
        name: RATIOS.to_owned(),
        caption: format!(
            "Ratio of each target to {} in every block, with the estimate, its {confidence} interval and the \
             margin of {margin} around 1{how}",
            whom(source)
        ),
        description: described(&board),
        drawing: Drawing::Board(board),
        live: None,
        table: Tabled::Live,
    })
}

/// What the ratios are to.
fn whom<'a>(source: &ComparisonSource<'a>) -> &'a str {
    if source.plan.sweep().is_some() { "its base" } else { source.base() }
}

fn panel(source: &ComparisonSource<'_>, asked: &[Asked<'_>], metric: Metric) -> Option<Panel> {
    let strokes = strokes(source.plan);
    let stroke_of = |asked: &Asked<'_>| {
        let index = source.plan.entrants.iter().position(|entrant| entrant.label == asked.entrant.label)?;
        strokes.get(index).copied()
    };
    let mut pairs: Vec<Option<(&Pair, Stroke)>> =
        asked.iter().map(|asked| Some((source.pair(*asked, metric)?, stroke_of(asked)?))).collect();
    if !source.comparison.control.is_empty() {
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
    let title = format!("times that of {}", whom(source));
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
        title: format!("{} ({})", source.title(metric), direction(metric)),
        x: x.of(Measure::Ratio),
        band: Some(band),
        rule: Some(1.0),
        rows: pairs.into_iter().map(|pair| pair.map(row)).collect(),
    })
}
