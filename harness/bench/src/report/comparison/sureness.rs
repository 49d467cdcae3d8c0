//! How sure it is: the tests behind the verdicts, the noise of the machine, and the blocks it all rests on.

use super::ComparisonSource;
use super::document::{Cell, Part, Section, Table};
use super::quantity::{NONE, effect, p_value, part, ratio, ratio_interval};
use super::words::{counted, list, settled_by};
use bench_model::comparison::{LostBlock, Pair, PairVerdict};

pub(super) fn section(source: &ComparisonSource<'_>) -> Section {
    let mut parts = vec![Part::Paragraph(blocks(source))];
    let lost = lost(source);
    if !lost.is_empty() {
        parts.push(Part::List(lost));
    }
    parts.push(Part::Paragraph(noise(source)));
    let tests = tests(source);
    if !tests.rows.is_empty() {
        parts.push(Part::Sortable(tests));
        parts.push(Part::Paragraph(method(source)));
    }
    Section::new("How sure it is", parts)
}

/// How many blocks it rests on.
pub(in crate::report) fn blocks(source: &ComparisonSource<'_>) -> String {
    let blocks = &source.comparison.blocks;
    let complete = match blocks.complete {
        complete if complete >= blocks.planned => String::new(),
        1 => "; 1 is complete".to_owned(),
        complete => format!("; {complete} are complete"),
    };
    let planned = counted(blocks.planned, "planned block");
    let used = match blocks.used {
        0 => format!("None of {planned} used{complete}."),
        used if used == blocks.planned => format!("All of {planned} used."),
        used => format!("{used} of {planned} used{complete}."),
    };
    match source.disturbed {
        0 => used,
        1 => format!("{used} 1 run was made again at once, since the machine disturbed it."),
        more => format!("{used} {more} runs were made again at once, since the machine disturbed them."),
    }
}

/// The blocks that invalid runs took with them, a line each.
fn lost(source: &ComparisonSource<'_>) -> Vec<String> {
    let by_block = source.comparison.blocks.lost.chunk_by(|before, after| before.block == after.block);
    let line = |runs: &[LostBlock]| {
        let why = |run: &LostBlock| format!("{} ({})", run.label, run.codes.join(", "));
        let each: Vec<String> = runs.iter().map(why).collect();
        format!("Block {} is left out, whole, for invalid runs: {}.", runs[0].block + 1, list(&each))
    };
    by_block.map(line).collect()
}

/// What could be told from nothing on this machine.
pub(super) fn noise(source: &ComparisonSource<'_>) -> String {
    let base = source.base();
    if !source.plan.control {
        return format!(
            "There was no control: {base} was not compared with itself, so the noise of the machine is known only \
             from the targets' own."
        );
    }
    let decisive = source.decisive();
    let controls = decisive.iter().filter_map(|&metric| source.control(metric));
    let floor =
        |pair: &Pair| Some(format!("{} in {}", effect(Some(pair.detectable?)), source.noun(pair.metric)));
    let floors: Vec<String> = controls.filter_map(floor).collect();
    if floors.is_empty() {
        return format!(
            "{base} ran twice in each block, as a control, but too few blocks are left to tell the noise."
        );
    }
    let elsewhere = match source.plan.sweep() {
        Some(_) => " At the other values the noise may be another.",
        None => "",
    };
    format!(
        "Noise floor: {base} ran twice in each block and was compared with itself (A/A). The smallest differences \
         that this machine shows four times in five: {}.{elsewhere}",
        list(&floors)
    )
}

/// The tests behind the verdicts.
fn tests(source: &ComparisonSource<'_>) -> Table {
    let is_sweep = source.plan.sweep().is_some();
    let mut heads = [
        "Target",
        "Metric",
        "Ratio",
        "Verdict",
        "p",
        "p, Holm",
        "Could be seen",
        "Noise floor",
        "To settle it",
    ]
    .to_vec();
    if is_sweep {
        heads.insert(1, "Against");
    }
    let judged = source.comparison.pairs.iter().filter(|pair| pair.verdict.is_some());
    let decisive = source.decisive();
    let controls = source.comparison.control.iter().filter(|pair| decisive.contains(&pair.metric));
    let rows = judged.map(|pair| (&pair.base, test(source, pair, &pair.label, pair.verdict)));
    let again = format!("{} again (A/A)", source.base());
    // What a control is tested for is whether the machine was fair: no verdict on the base.
    let rows = rows.chain(controls.map(|pair| (&pair.base, test(source, pair, &again, None))));
    Table {
        caption: match is_sweep {
            true => "The tests of each target against its base".to_owned(),
            false => format!("The tests of each target against {}", source.base()),
        },
        heads: heads.into_iter().map(str::to_owned).collect(),
        rows: rows
            .map(|(base, mut row)| {
                if is_sweep {
                    row.insert(1, Cell::text(base));
                }
                row
            })
            .collect(),
    }
}

fn test(source: &ComparisonSource<'_>, pair: &Pair, label: &str, verdict: Option<PairVerdict>) -> Vec<Cell> {
    let inconclusive = verdict == Some(PairVerdict::Inconclusive);
    vec![
        Cell::text(label),
        Cell::text(source.title(pair.metric)),
        Cell::number(ratio(pair.ratio)).noted(ratio_interval(pair)).valued(pair.ratio),
        Cell { verdict, text: verdict.map_or(NONE, |_| "").to_owned(), ..Cell::default() },
        number(p_value, pair.p),
        number(p_value, pair.p_adjusted.filter(|_| verdict.is_some())),
        number(effect, pair.detectable),
        number(effect, pair.noise),
        Cell::text(if inconclusive { settled_by(pair) } else { NONE.to_owned() }),
    ]
}

fn number(words: fn(Option<f64>) -> String, value: Option<f64>) -> Cell {
    Cell { value, ..Cell::number(words(value)) }
}

/// How a verdict comes about.
fn method(source: &ComparisonSource<'_>) -> String {
    let plan = source.plan;
    let (margin, confidence, level) = (part(plan.margin), part(plan.confidence), part(1.0 - plan.confidence));
    format!(
        "A target is better or worse where the whole {confidence} interval lies beyond a margin of {margin} and \
         Holm's p-value is at most {level}; equivalent where the whole interval lies within the margin; \
         inconclusive otherwise. p is that of the exact two-sided Wilcoxon signed-rank test on the logarithms of \
         the blocks' ratios. Holm's correction raises it for {} made at once, so that the risk of even one \
         false find among them stays at {level}. \"Could be seen\" is the smallest effect that as many blocks of this \
         noise show four times in five, the control's where that is noisier (at 95% confidence 2.8 standard deviations of the logarithms over the square \
         root of the number of blocks). The other metrics are described and not judged, and their intervals are not corrected.",
        counted(source.comparison.pairs.iter().filter(|pair| pair.p_adjusted.is_some()).count(), "test")
    )
}
