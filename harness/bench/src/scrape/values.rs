//! What the texts that a target exposes say of the chosen metrics: values, and the growth of those that only rise. Asks
//! nobody.

use crate::prometheus::Exposition;
use bench_model::suggest::nearest;
use bench_model::target::{MetricKind, TargetMetric};
use std::collections::BTreeMap;
use std::time::Instant;

/// The chosen metrics, and what they were at the last reading.
#[derive(Debug)]
pub(super) struct Values {
    metrics: Vec<Chosen>,
}

#[derive(Debug)]
struct Chosen {
    metric: TargetMetric,
    key: String,
    /// When the last text was read, and the value in it, if it had one.
    last: Option<(Instant, Option<f64>)>,
    /// Whether it was said that the series is missing. To look for one of a similar name takes time, and is done once.
    missed: bool,
}

impl Values {
    pub(super) fn new(metrics: &[TargetMetric]) -> Self {
        let chosen = |metric: &TargetMetric| Chosen {
            key: metric.key(),
            metric: metric.clone(),
            last: None,
            missed: false,
        };
        Self { metrics: metrics.iter().map(chosen).collect() }
    }

    /// The readings in a text that came at this time, by the metrics' keys, and why the last one that is missing is.
    pub(super) fn read(
        &mut self,
        exposition: &Exposition,
        now: Instant,
    ) -> (BTreeMap<String, f64>, Option<String>) {
        let (mut readings, mut fault) = (BTreeMap::new(), None);
        for chosen in &mut self.metrics {
            match chosen.read(exposition, now) {
                Ok(reading) => readings.extend(reading.map(|reading| (chosen.key.clone(), reading))),
                Err(why) => fault = Some(why),
            }
        }
        (readings, fault)
    }
}

impl Chosen {
    fn read(&mut self, exposition: &Exposition, now: Instant) -> Result<Option<f64>, String> {
        let value = self.value(exposition)?;
        let last = self.last.replace((now, value));
        match self.metric.kind {
            _ if value.is_none() => self.missing(exposition).map_or(Ok(None), Err),
            MetricKind::Gauge => Ok(value),
            MetricKind::Counter => Ok(last.and_then(|(then, before)| {
                // A counter that comes into being does so at zero.
                growth_per_s(before.unwrap_or(0.0), value?, now.saturating_duration_since(then).as_secs_f64())
            })),
        }
    }

    /// The sum of all series that are meant; nothing where there are none.
    fn value(&self, exposition: &Exposition) -> Result<Option<f64>, String> {
        let (series, kind) = (&self.metric.series, self.metric.kind.name());
        match exposition.kind(&series.name) {
            Some(said) if said != kind && said != "untyped" => {
                return Err(format!("`{}` is a {said} and no {kind}, as the manifest says", series.name));
            }
            _ => {}
        }
        let fits = exposition.of(&series.name).filter(|sample| series.fits(&sample.name, &sample.labels));
        match fits.map(|sample| sample.value).reduce(|sum, value| sum + value) {
            Some(sum) if !sum.is_finite() => Err(format!("`{series}` is {sum}")),
            sum => Ok(sum),
        }
    }

    /// What there is to say, once, of a series that is not there.
    fn missing(&mut self, exposition: &Exposition) -> Option<String> {
        if std::mem::replace(&mut self.missed, true) {
            return None;
        }
        let series = &self.metric.series;
        let names = exposition.samples.iter().map(|sample| sample.name.as_str());
        let near = nearest(&series.name, names).filter(|near| *near != series.name);
        let mend = near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
        Some(format!("the answer has no series `{series}`{mend}"))
    }
}

/// By how much a counter grew; unknown where it fell, as that of a process which has begun anew does.
fn growth_per_s(before: f64, now: f64, elapsed_s: f64) -> Option<f64> {
    (now >= before && elapsed_s > 0.0).then(|| (now - before) / elapsed_s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::parse;
    use bench_model::target::Unit;
    use std::time::Duration;

    fn values(series: &str, kind: MetricKind) -> Values {
        let series = series.parse().unwrap();
        Values::new(&[TargetMetric { name: "it".to_owned(), series, unit: Unit::Count, kind }])
    }

    fn gauge(series: &str, text: &str) -> (Option<f64>, Option<String>) {
        let (readings, fault) = values(series, MetricKind::Gauge).read(&parse(text).unwrap(), Instant::now());
        (readings.get("it").copied(), fault)
    }

    #[test]
    fn what_fits_is_added_up() {
        let text = "used{area=\"heap\",pool=\"old\"} 5\nused{area=\"heap\",pool=\"new\"} 7\nused{area=\"non\"} 1\nup 1\n";
        for (series, sum) in
            [("used", 13.0), ("used{area=\"heap\"}", 12.0), ("used{pool=\"old\"}", 5.0), ("up", 1.0)]
        {
            assert_eq!(gauge(series, text), (Some(sum), None), "{series}");
        }
    }

    #[test]
    fn what_is_no_value_is_told() {
        for (series, text, part) in [
            ("used", "usde 5\n", "no series `used`: did you mean `usde`?"),
            ("used{a=\"b\"}", "used 5\n", "no series `used{a=\"b\"}`"),
            ("used", "", "no series `used`"),
            ("used", "used NaN\n", "`used` is NaN"),
            ("used", "used{a=\"1\"} +Inf\nused{a=\"2\"} 1\n", "`used` is inf"),
            ("used", "# TYPE used counter\nused 5\n", "`used` is a counter and no gauge"),
            ("used", "# TYPE used summary\nused{quantile=\"1\"} 5\n", "`used` is a summary and no gauge"),
        ] {
            let (value, fault) = gauge(series, text);
            assert!(
                value.is_none() && fault.as_ref().is_some_and(|fault| fault.contains(part)),
                "{text:?}: {fault:?}"
            );
        }
        for text in ["# TYPE used untyped\nused 5\n", "# TYPE used gauge\nused 5\n"] {
            assert_eq!(gauge("used", text), (Some(5.0), None));
        }
    }

    /// Texts a second apart, and what each says of a counter.
    #[test]
    fn growth() {
        let texts = [
            ("total 10\n", None),
            ("total 10\n", Some(0.0)),
            ("total 12.5\n", Some(2.5)),
            // A process that began anew.
            ("total 2\n", None),
            ("total 3\n", Some(1.0)),
            ("other 1\n", None),
            // One that was not there began at zero.
            ("total{a=\"1\"} 4\n", Some(4.0)),
            ("total{a=\"1\"} 4\ntotal{a=\"2\"} 6\n", Some(6.0)),
        ];
        let mut values = values("total", MetricKind::Counter);
        let begun = Instant::now();
        for (second, (text, expected)) in texts.into_iter().enumerate() {
            let now = begun + Duration::from_secs(second as u64);
            let (readings, _) = values.read(&parse(text).unwrap(), now);
            assert_eq!(readings.get("it_per_s").copied(), expected, "second {second}");
        }
        // Nothing came for two seconds: the growth is that of each.
        let (readings, _) = values.read(&parse("total 20\n").unwrap(), begun + Duration::from_secs(9));
        assert_eq!(readings["it_per_s"], 5.0);
    }

    #[test]
    fn a_missing_series_is_told_once() {
        let mut values = values("used", MetricKind::Gauge);
        let empty = parse("").unwrap();
        assert!(values.read(&empty, Instant::now()).1.is_some());
        assert_eq!(values.read(&empty, Instant::now()), (BTreeMap::new(), None));
    }
}
