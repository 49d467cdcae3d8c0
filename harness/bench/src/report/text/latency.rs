//! The latencies on the screen: as bars, or under an open load beside what they are made of; and Little's law.

use super::{BAR, BAR_COLUMNS, BOLD, DIM, Page};
use crate::report::amount::{latency_us, number, time_us};
use crate::report::latency_title;
use bench_model::summary::{LatencyFigures, Summary};
use bench_model::warning::Verdict;

impl Page<'_> {
    pub(super) fn latency(&self) -> Vec<String> {
        let figures = &self.report.summary.latency_us;
        let mut lines = vec![self.paint(BOLD, latency_title(&self.report.plan.load))];
        if figures.max <= 0.0 {
            lines.push("  none: no request was verified in the measured window".to_owned());
            return lines;
        }
        // The reasons for an invalid run take the room of the percentiles between.
        let invalid = self.report.verdict == Verdict::Invalid;
        let shown = |name: &str| !invalid || !["P75", "P95", "P99.99"].contains(&name);
        let Summary { service_time_us, schedule_lag_us, .. } = &self.report.summary;
        if let (Some(service), Some(lag)) = (service_time_us, schedule_lag_us) {
            lines.extend(self.parts_of_latency(figures, service, lag, shown));
            return lines;
        }
        for (name, value_us) in figures.named().into_iter().filter(|(name, _)| shown(name)) {
            let columns = (value_us / figures.max * BAR_COLUMNS).round().clamp(0.0, BAR_COLUMNS);
            let bar = "█".repeat(columns as usize);
            let value = latency_us(figures, name, value_us);
            let line = format!("  {name:<7}{:>9} {:<2}  {}", value.number, value.unit, self.paint(BAR, &bar));
            lines.push(line.trim_end().to_owned());
        }
        lines.push(format!(
            "  mean {}, standard deviation {}, shortest {}",
            time_us(figures.mean),
            time_us(figures.stdev),
            time_us(figures.min)
        ));
        lines
    }

    /// Under an open load: the response times, and what they are made of, side by side.
    fn parts_of_latency(
        &self,
        response: &LatencyFigures,
        service: &LatencyFigures,
        lag: &LatencyFigures,
        shown: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let row = |name: &str, [response, service, lag]: [String; 3]| {
            format!("  {name:<7}{response:>14}{service:>16}{lag:>16}")
        };
        let heads = ["latency", "service time", "schedule lag"].map(str::to_owned);
        let mut lines = vec![self.paint(DIM, &row("", heads))];
        let values = response.named().into_iter().zip(service.named()).zip(lag.named());
        for ((whole, service), lag) in values.filter(|((whole, _), _)| shown(whole.0)) {
            let name = whole.0;
            let whole = latency_us(response, name, whole.1).to_string();
            lines.push(row(name, [whole, time_us(service.1).to_string(), time_us(lag.1).to_string()]));
        }
        lines.push(row("mean", [response, service, lag].map(|figures| time_us(figures.mean).to_string())));
        lines
    }

    /// The sceptic's line: anyone can check that the figures agree with each other.
    pub(super) fn littles_law(&self) -> String {
        let summary = &self.report.summary;
        let in_flight = |mean_us: f64| number(summary.tps * mean_us / 1e6);
        let (law, there_were) = match &summary.service_time_us {
            Some(service) => (
                format!("TPS x mean service time = {} requests in flight", in_flight(service.mean)),
                format!("{} were", number(summary.in_flight_mean)),
            ),
            None => (
                format!("TPS x mean latency = {} requests in flight", in_flight(summary.latency_us.mean)),
                format!("{} connections", self.report.plan.load.connections()),
            ),
        };
        // The rule counts them in; this line is for whoever has only the figures above.
        let others = summary.errors.total() > 0 || summary.latency_us.bounded_from.is_some();
        let beside =
            if others { " (requests that failed or were cut off are in the second alone)" } else { "" };
        format!("{law}, {there_were}{beside}")
    }
}
