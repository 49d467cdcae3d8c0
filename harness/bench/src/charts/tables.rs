//! The figures of charts as tables, and in a sentence: for those who want to read them, and those who cannot see a chart.

use super::data::{BoardPanel, ChartData, Content, LinesPanel, RowData};
use super::picture::{Line, Picture, Role};
use crate::report::document::{Cell, Table};

/// A table for each panel that shows anything.
pub(super) fn of(chart: &ChartData, caption: &str) -> Vec<Table> {
    let tables: Vec<Table> = match &chart.content {
        Content::Lines { x, panels, .. } => panels.iter().map(|panel| of_lines(panel, &x.title)).collect(),
        Content::Board { labels, panels, .. } => panels.iter().map(|panel| of_rows(panel, labels)).collect(),
    };
    let several = tables.len() > 1;
    let named = |table: Table| Table {
        caption: if several {
            format!("{caption}: {}", table.caption)
        } else {
            format!("In figures: {caption}")
        },
        ..table
    };
    tables.into_iter().filter(|table| !table.rows.is_empty()).map(named).collect()
}

/// A row for each place at which a line has a value.
fn of_lines(panel: &LinesPanel, x_title: &str) -> Table {
    let heads =
        std::iter::once(x_title.to_owned()).chain(panel.lines.iter().map(|line| line.look.name.clone()));
    let row = |index: usize| {
        let cells = panel.lines.iter().map(|line| match (&line.words[index], line.y[index]) {
            (Some(words), Some(y)) => Cell::number(words).valued(y),
            _ => Cell::number("-"),
        });
        std::iter::once(Cell::text(&panel.at[index]).valued(panel.x[index])).chain(cells).collect()
    };
    let is_there = |index: &usize| panel.lines.iter().any(|line| line.words[*index].is_some());
    Table {
        caption: panel.title.clone(),
        heads: heads.collect(),
        rows: (0..panel.x.len()).filter(is_there).map(row).collect(),
    }
}

/// A row for each label, with what every block says.
fn of_rows(panel: &BoardPanel, labels: &[String]) -> Table {
    let rows = || panel.rows.iter().flatten();
    let blocks = rows().map(|row| row.dots.len()).max().unwrap_or(0);
    let is_bar = rows().any(|row| row.bar);
    let mut heads =
        ["Target", if is_bar { "Median" } else { "Ratio" }, "Interval"].map(str::to_owned).to_vec();
    heads.extend((1..=blocks).map(|block| format!("Used block {block}")));
    let row = |(label, row): (&String, &RowData)| {
        let interval = row
            .interval
            .as_ref()
            .map_or_else(|| Cell::number("-"), |interval| Cell::number(&interval.words).valued(interval.low));
        let mut cells = vec![Cell::text(label), Cell::number(&row.words).valued(row.estimate), interval];
        cells.extend((0..blocks).map(|block| match row.dots.get(block) {
            Some((value, words)) => Cell::number(words).valued(*value),
            None => Cell::number("-"),
        }));
        cells
    };
    let measured = labels.iter().zip(&panel.rows).filter_map(|(label, row)| Some((label, row.as_ref()?)));
    Table { caption: panel.title.clone(), heads, rows: measured.map(row).collect() }
}

/// `Requests per second: verified requests from 50.12k to 53.20k` for each panel.
pub(super) fn description(picture: &Picture) -> String {
    let panels = picture.panels.iter().map(|panel| {
        let lines = panel.lines.iter().filter(|line| matches!(line.role, Role::Course | Role::Level));
        let each: Vec<String> = lines
            .filter_map(|line| {
                let name = if line.name.is_empty() { &line.of } else { &line.name };
                let (least, most) = range(line)?;
                let [from, to] = [least, most].map(|value| panel.y.measure.words(value));
                Some(if from == to {
                    format!("{name} {from}")
                } else {
                    format!("{name} from {from} to {to}")
                })
            })
            .collect();
        match each.is_empty() {
            true => format!("{}: {}", panel.y.title, panel.empty),
            false => format!("{}: {}", panel.y.title, each.join(", ")),
        }
    });
    panels.collect::<Vec<_>>().join("; ")
}

fn range(line: &Line) -> Option<(f64, f64)> {
    let values = || line.points.iter().flatten().map(|&(_, y)| y).filter(|y| y.is_finite());
    Some((values().min_by(f64::total_cmp)?, values().max_by(f64::total_cmp)?))
}
