//! What the terminal shows at the end of a comparison: the verdict first, then the figures and ratios that bear it out,
//! in at most 80 columns.

use super::quantity::{NONE, effect, figure, part, ratio, ratio_interval};
use super::words::{counted, direction, verdict as word};
use super::{ComparisonSource, Question, constraints, sureness, verdict};
use crate::report::paragraph::{hanging, joined, shortened};
use crate::report::{Style, painted, thresholds};
use bench_model::comparison::{Pair, PairVerdict};
use bench_model::metric::{Counted, Metric};
use clap::builder::styling::{AnsiColor, Effects, Style as Paint};

/// The metrics of the table of figures.
const COLUMNS: [Metric; 5] =
    [Metric::Tps, Metric::P99, Metric::CpuPerRequest, Metric::MemoryPeak, Metric::StartUp];

/// The heads of its columns.
fn heads(counted: Counted) -> [&'static str; 5] {
    match counted {
        Counted::Requests => ["TPS", "P99", "CPU/request", "peak memory", "start-up"],
        Counted::Items => ["items/s", "P99", "CPU/item", "peak memory", "start-up"],
    }
}

/// Columns of the longest label, which has room for `http://127.0.0.1:8080`; longer ones are cut in the middle, since
/// what tells two apart mostly stands at the end.
const LABEL_COLUMNS: usize = 21;

/// Outcomes of thresholds that are shown one by one; the rest is counted.
const THRESHOLDS: usize = 12;

const BOLD: Paint = Paint::new().effects(Effects::BOLD);
const DIM: Paint = Paint::new().effects(Effects::DIMMED);
const GOOD: Paint = AnsiColor::Green.on_default().effects(Effects::BOLD);
const BAD: Paint = AnsiColor::Red.on_default().effects(Effects::BOLD);
const DOUBTFUL: Paint = AnsiColor::Yellow.on_default();

pub(super) fn render(source: &ComparisonSource<'_>, style: Style) -> String {
    let labels = source.plan.entrants.iter().map(|entrant| entrant.label.chars().count());
    let label_columns = labels.max().unwrap_or(0).clamp(8, LABEL_COLUMNS);
    let page = Page { source, colour: style.colour, width: style.width.clamp(60, 80), label_columns };
    let mut parts = vec![page.head(), page.verdict(), page.thresholds(), page.figures()];
    parts.extend(source.questions().iter().map(|question| page.judged(question)));
    parts.extend([page.described(), page.sureness(), page.foot()]);
    joined(parts)
}

struct Page<'a> {
    source: &'a ComparisonSource<'a>,
    colour: bool,
    width: usize,
    label_columns: usize,
}

impl Page<'_> {
    fn paint(&self, paint: Paint, text: &str) -> String {
        painted(self.colour, paint, text)
    }

    fn painted(&self, paint: Paint, lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| self.paint(paint, line)).collect()
    }

    fn head(&self) -> Vec<String> {
        let load = shortened(&constraints::load(self.source), self.width);
        // Whoever copies the id needs all of it, however long the line is.
        let id = format!("comparison {}", self.source.plan.id);
        vec![self.paint(BOLD, &load), self.paint(DIM, &id)]
    }

    /// What a manager reads, after what forbids believing it.
    fn verdict(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for alarm in verdict::alarms(self.source) {
            lines.extend(self.painted(BAD, &hanging("! ", &alarm, self.width)));
        }
        lines.extend(self.painted(BOLD, &hanging("", &verdict::headline(self.source), self.width)));
        // The many pairs of a sweep are told by its tables.
        if self.source.comparison.blocks.used > 0 && self.source.plan.sweep().is_none() {
            for asked in self.source.questions().into_iter().flat_map(|question| question.asked) {
                lines.extend(hanging("- ", &verdict::sentences(self.source, asked), self.width));
            }
        }
        lines
    }

    /// What came of the thresholds, if there are any.
    fn thresholds(&self) -> Vec<String> {
        let style = Style { colour: self.colour, width: self.width };
        thresholds::lines(&self.source.comparison.thresholds, self.source.plan.counted(), THRESHOLDS, style)
    }

    fn label(&self, label: &str) -> String {
        let mut letters: Vec<char> = label.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if letters.len() > self.label_columns {
            let left_out = letters.len() + 2 - self.label_columns;
            // The value of a sweep is there whole, and of two addresses the ports.
            let entrant = self.source.plan.entrants.iter().find(|entrant| entrant.label == label);
            let is_swept = entrant.is_some_and(|entrant| entrant.setting.is_some());
            let kept = if is_swept { 0 } else { (self.label_columns - 2) / 2 };
            letters.splice(kept..kept + left_out, ['.', '.']);
        }
        format!("{:<1$}", letters.iter().collect::<String>(), self.label_columns)
    }

    fn figures(&self) -> Vec<String> {
        let used = self.source.comparison.blocks.used;
        if used == 0 {
            return Vec::new();
        }
        let row = |head: &str, cells: [String; 5]| {
            let widths = [9, 11, 13, 13, 11];
            let cells: String =
                cells.iter().zip(widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
            format!("  {head}{cells}").trim_end().to_owned()
        };
        let title = format!("Figures: median of {}", counted(used, "block"));
        let heads = row(&self.label(""), heads(self.source.plan.counted()).map(str::to_owned));
        let mut lines = vec![self.paint(BOLD, &title), self.paint(DIM, &heads)];
        for entrant in &self.source.plan.entrants {
            let figures = self.source.figures(&entrant.label);
            let cells = COLUMNS.map(|metric| {
                let estimate = figures.and_then(|figures| figures.values.get(&metric));
                estimate.map_or_else(|| NONE.to_owned(), |estimate| figure(metric, estimate.median))
            });
            lines.push(row(&self.label(&entrant.label), cells));
        }
        lines
    }

    /// The ratios that get a verdict.
    fn judged(&self, question: &Question<'_>) -> Vec<String> {
        let decisive = self.source.decisive();
        let interval = format!("[{} interval]", part(self.source.plan.confidence));
        let heads = self.row("", "ratio", &interval, ["verdict", "sees", "settles at"]);
        let (whom, margin) = (&question.whom, part(self.source.plan.margin));
        let title = match self.source.plan.sweep() {
            Some(_) => format!("Against {whom}, whose figure is 1; margin {margin}"),
            None => format!("Against {whom}: its figure is 1, so 0.5 is half as much; margin {margin}"),
        };
        self.ratios(
            question,
            &decisive,
            vec![self.paint(BOLD, &shortened(&title, self.width)), self.paint(DIM, &heads)],
        )
    }

    /// The ratios that get none; of a sweep they would fill the terminal many times over.
    fn described(&self) -> Vec<String> {
        let questions = self.source.questions();
        let question = match questions.as_slice() {
            [alone] => alone,
            [] => return Vec::new(),
            _ if self.source.comparison.pairs.is_empty() => return Vec::new(),
            _ => {
                return hanging(
                    "",
                    "Ratios of other metrics, which are not judged, are in the other formats.",
                    self.width,
                );
            }
        };
        let decisive = self.source.decisive();
        let others: Vec<Metric> =
            Metric::ALL.into_iter().filter(|metric| !decisive.contains(metric)).collect();
        let title = "Not judged (intervals not corrected for how many there are)";
        self.ratios(question, &others, vec![self.paint(BOLD, title)])
    }

    /// A group of rows for each metric, below the heads; nothing where no metric has a pair.
    fn ratios(&self, question: &Question<'_>, metrics: &[Metric], heads: Vec<String>) -> Vec<String> {
        let mut lines = heads;
        let before = lines.len();
        for &metric in metrics {
            let asked = question.asked.iter();
            let pairs: Vec<&Pair> = asked.filter_map(|&asked| self.source.pair(asked, metric)).collect();
            if !pairs.is_empty() {
                lines.push(format!("{} ({})", self.source.title(metric), direction(metric)));
                lines.extend(pairs.into_iter().map(|pair| self.pair(pair)));
            }
        }
        if lines.len() == before { Vec::new() } else { lines }
    }

    fn pair(&self, pair: &Pair) -> String {
        let inconclusive = pair.verdict == Some(PairVerdict::Inconclusive);
        let settles = match pair.settle_blocks {
            _ if !inconclusive => String::new(),
            Some(blocks) => counted(blocks, "block"),
            None if pair.detectable.is_some() => "over 1000".to_owned(),
            None => "unknown".to_owned(),
        };
        let sees = pair.detectable.filter(|_| pair.verdict.is_some());
        let sees = sees.map_or_else(String::new, |part| effect(Some(part)).replace("under ", "<"));
        let interval = ratio_interval(pair).unwrap_or_default();
        let found = pair.verdict.map_or("", word);
        let line = self.row(&pair.label, &ratio(pair.ratio), &interval, [found, &sees, &settles]);
        self.coloured(&line, pair.verdict)
    }

    fn row(&self, label: &str, ratio: &str, interval: &str, [verdict, sees, settles]: [&str; 3]) -> String {
        let line = format!(
            "  {} {ratio:>7} {interval:<17} {verdict:<12} {sees:>6} {settles:>10}",
            self.label(label)
        );
        line.trim_end().to_owned()
    }

    /// The line with its verdict in colour.
    fn coloured(&self, line: &str, verdict: Option<PairVerdict>) -> String {
        let Some(verdict) = verdict else {
            return line.to_owned();
        };
        let paint = match verdict {
            PairVerdict::Better => GOOD,
            PairVerdict::Worse => BAD,
            PairVerdict::Equivalent => BOLD,
            PairVerdict::Inconclusive => DOUBTFUL,
        };
        let word = format!(" {} ", word(verdict));
        match line.rfind(&word).or_else(|| line.rfind(word.trim_end())) {
            Some(at) => {
                let (before, rest) = line.split_at(at + 1);
                let (found, after) = rest.split_at(word.trim().len());
                format!("{before}{}{after}", self.paint(paint, found))
            }
            None => line.to_owned(),
        }
    }

    /// The noise, the blocks, and what else must be known.
    fn sureness(&self) -> Vec<String> {
        let mut lines = hanging("", &sureness::noise(self.source), self.width);
        if self.source.comparison.pairs.iter().any(|pair| pair.verdict.is_some()) {
            let sees =
                "\"sees\" is the smallest effect that so many blocks of such noise show four times in five.";
            lines.extend(hanging("", sees, self.width));
        }
        lines.extend(hanging("", &sureness::blocks(self.source), self.width));
        for caution in verdict::cautions(self.source) {
            lines.extend(self.painted(DOUBTFUL, &hanging("! ", &caution, self.width)));
        }
        lines
    }

    fn foot(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for file in self.source.files {
            lines.push(format!("Report: {file}"));
        }
        lines.push(format!("To repeat it: {}", self.source.repeat));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::comparison::fixture::{GO, RUST, batches};

    /// Two servers that are told apart by their ports, at values that stand behind them.
    #[test]
    fn addresses_in_a_sweep_are_told_apart() {
        let mut compared = batches(&[RUST, GO], 6);
        for (entrant, figures) in compared.plan.entrants.iter_mut().zip(&mut compared.comparison.figures) {
            let port = if entrant.label.starts_with("go") { 18_081 } else { 18_080 };
            let value = entrant.setting.map(|setting| setting.to_string()).unwrap_or_default();
            entrant.label = format!("http://127.0.0.1:{port} {value}");
            figures.label.clone_from(&entrant.label);
        }
        let text = render(&compared.source(), Style { colour: false, width: 80 });
        for row in [":18080 batch=1 ", ":18081 batch=1 ", ":18080 batch=100 ", ":18081 batch=100 "] {
            let rows = text.lines().filter(|line| line.starts_with("  ..") && line.contains(row));
            assert_eq!(rows.count(), 1, "{row}: {text}");
        }
    }
}
