//! What a page is sent: the state as server-sent events. Knows no socket and no viewer but by the id of the last event that it
//! has.
//!
//! An id counts updates. A viewer that has one of this series gets what came since, however much, in one event; any other gets
//! everything. So a slow viewer skips what it could not take, a late one sees the whole run so far, and neither needs a queue.

use crate::live::moment::Percentiles;
use crate::live::series::Point;
use crate::live::state::State;
use crate::live::words;
use bench_model::warning::WarningText;
use bytes::Bytes;
use serde::Serialize;
use std::fmt::Write as _;

/// The columns of a point, in the order in which they are sent.
const COLUMNS: [&str; 12] = [
    "start_s",
    "duration_s",
    "tps",
    "errors_per_s",
    "p50_us",
    "p90_us",
    "p99_us",
    "p99_9_us",
    "max_us",
    "memory_bytes",
    "target_cpus",
    "generator_cpus",
];

/// Lines of what was said that are sent.
const LINES: usize = 30;

/// Everything but the points: small, and sent anew each time.
#[derive(Serialize)]
struct Head<'a> {
    run: u64,
    title: &'a str,
    position: Option<String>,
    step: String,
    /// 0 to 1.
    part_done: Option<f64>,
    latency: &'a str,
    gauges: Vec<Figure>,
    percentiles: Vec<(&'static str, String)>,
    window_from_s: Option<f64>,
    /// Intervals that a point stands for.
    stride: usize,
    warnings: &'a [WarningText],
    lines: Vec<&'a str>,
}

#[derive(Serialize)]
struct Figure {
    key: &'static str,
    title: &'static str,
    value: String,
    beside: String,
}

/// The events so far, as far as anyone can still need them.
#[derive(Debug)]
pub(super) struct Feed {
    /// Of the last update.
    id: u64,
    /// The first id of the series: who has an earlier one has another series.
    series_from: u64,
    run: u64,
    stride: usize,
    head: String,
    /// The points as JSON, each with the id of the update that brought it.
    points: Vec<(u64, String)>,
    /// The last message, which most viewers want.
    ready: Option<(Option<u64>, Bytes)>,
}

impl Feed {
    /// A feed whose ids come after `id`: those of an earlier server at the same address must not look like its own.
    pub(super) fn after(id: u64) -> Self {
        let mut feed = Self {
            id,
            series_from: 0,
            run: 0,
            stride: 0,
            head: String::new(),
            points: Vec::new(),
            ready: None,
        };
        feed.update(&State::default());
        feed
    }

    /// The id of the last update.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Takes in a state that has gone on.
    pub(super) fn update(&mut self, state: &State) {
        let head = serde_json::to_string(&head(state)).unwrap_or_default();
        let is_same_series = (self.run, self.stride) == (state.run, state.series.stride());
        if is_same_series && head == self.head && self.points.len() == state.series.points().len() {
            return;
        }
        self.id += 1;
        self.head = head;
        self.ready = None;
        if !is_same_series {
            (self.run, self.stride, self.series_from) = (state.run, state.series.stride(), self.id);
            self.points.clear();
        }
        let new = &state.series.points()[self.points.len()..];
        self.points.extend(new.iter().map(|point| (self.id, json(point))));
    }

    /// What a viewer needs that has the event `since`, or none.
    pub(super) fn message(&mut self, since: Option<u64>) -> Bytes {
        match &self.ready {
            Some((of, message)) if *of == since => message.clone(),
            _ => {
                let message = Bytes::from(self.written(since));
                self.ready = Some((since, message.clone()));
                message
            }
        }
    }

    fn written(&self, since: Option<u64>) -> String {
        let known = since.filter(|since| (self.series_from..=self.id).contains(since));
        let name = if known.is_some() { "more" } else { "all" };
        let mut text = format!("id: {}\nevent: {name}\ndata: {{\"head\":{}", self.id, self.head);
        if known.is_none() {
            let columns = COLUMNS.map(|column| format!("\"{column}\"")).join(",");
            let _ = write!(text, ",\"columns\":[{columns}]");
        }
        let new = self.points.iter().filter(|(id, _)| known.is_none_or(|known| *id > known));
        let points: Vec<&str> = new.map(|(_, point)| point.as_str()).collect();
        let _ = write!(text, ",\"points\":[{}]}}\n\n", points.join(","));
        text
    }
}

/// The last event: whether there is a report to go to, and where the results are.
pub(super) fn end(has_report: bool, folder: &str) -> Bytes {
    let data = serde_json::json!({"report": has_report, "folder": folder});
    Bytes::from(format!("event: end\ndata: {data}\n\n"))
}

fn head(state: &State) -> Head<'_> {
    let figure = |gauge: words::Gauge| Figure {
        key: gauge.key,
        title: gauge.title,
        value: gauge.value,
        beside: gauge.beside,
    };
    let newest = state.lines.len().saturating_sub(LINES);
    Head {
        run: state.run,
        title: &state.setting.title,
        position: words::position(state),
        step: words::step(state),
        part_done: words::part_done(state),
        latency: state.setting.latency,
        gauges: words::gauges(state).into_iter().map(figure).collect(),
        percentiles: words::percentiles(state).to_vec(),
        window_from_s: state.window_from_s,
        stride: state.series.stride(),
        warnings: &state.warnings,
        lines: state.lines.iter().skip(newest).map(String::as_str).collect(),
    }
}

/// A point as a list, `null` where there is no figure.
fn json(point: &Point) -> String {
    let latency_us = point.latency_us.as_ref().map(Percentiles::values);
    let known = [point.start_s, point.duration_s, point.tps, point.errors_per_s].map(Some);
    let percentiles = (0..5).map(|index| latency_us.map(|values| values[index]));
    let rest = [point.memory_bytes, point.target_cpus, Some(point.generator_cpus)];
    let values = known.into_iter().chain(percentiles).chain(rest).map(|value| value.map(rounded));
    let values: Vec<String> =
        values.map(|value| value.map_or_else(|| "null".to_owned(), |value| value.to_string())).collect();
    format!("[{}]", values.join(","))
}

/// In six significant digits, twice as many as a chart shows; 0 where it is no number.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10_f64.powi(5 - value.abs().log10().floor() as i32);
    if scale.is_finite() && scale > 0.0 { (value * scale).round() / scale } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::live::moment::Moment;
    use crate::live::series::MOST;
    use crate::live::series::tests::second;
    use crate::live::state::tests::{after, moments};
    use crate::report::fixture;
    use serde_json::Value;

    /// An event's id, name and data.
    fn parsed(message: &[u8]) -> (u64, String, Value) {
        let text = std::str::from_utf8(message).unwrap();
        let body = text.strip_suffix("\n\n").expect("an event ends in an empty line");
        let lines: Vec<&str> = body.split('\n').collect();
        let [id, event, data] = lines[..] else { panic!("not three lines: {text}") };
        let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        let id = id.strip_prefix("id: ").unwrap().parse().unwrap();
        (id, event.strip_prefix("event: ").unwrap().to_owned(), data)
    }

    fn starts(data: &Value) -> Vec<f64> {
        data["points"].as_array().unwrap().iter().map(|point| point[0].as_f64().unwrap().round()).collect()
    }

    #[test]
    fn a_viewer_gets_what_it_does_not_have() {
        let record = fixture::stored();
        let mut feed = Feed::after(7000);
        let beginning = feed.id();
        for intervals in [3, 4, 9] {
            feed.update(&after(moments(&record, intervals)));
        }
        let (last, name, data) = parsed(&feed.message(None));
        assert_eq!((last, name.as_str(), starts(&data).len()), (feed.id(), "all", 9));
        let columns: Vec<&str> =
            data["columns"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(columns, COLUMNS);
        assert!(
            data["points"]
                .as_array()
                .unwrap()
                .iter()
                .all(|point| point.as_array().unwrap().len() == COLUMNS.len())
        );
        // (the id that the viewer has, the event that it gets, the points in it)
        for (since, name, points) in [
            (Some(last), "more", vec![]),
            (Some(last - 1), "more", vec![4.0, 5.0, 6.0, 7.0, 8.0]),
            (Some(last - 2), "more", vec![3.0, 4.0, 5.0, 6.0, 7.0, 8.0]),
            (Some(beginning), "all", (0..9).map(f64::from).collect()),
            (Some(3), "all", (0..9).map(f64::from).collect()),
            (Some(last + 1), "all", (0..9).map(f64::from).collect()),
        ] {
            let (id, found, data) = parsed(&feed.message(since));
            assert_eq!((id, found.as_str(), starts(&data)), (last, name, points), "{since:?}");
        }
    }

    #[test]
    fn nothing_new_is_no_event() {
        let record = fixture::stored();
        let state = after(moments(&record, 5));
        let mut feed = Feed::after(0);
        feed.update(&state);
        let id = feed.id();
        feed.update(&state);
        assert_eq!(feed.id(), id);
        let mut later = state;
        later.apply(Moment::Line("said".to_owned()));
        feed.update(&later);
        assert_eq!(feed.id(), id + 1);
        let (_, name, data) = parsed(&feed.message(Some(id)));
        assert_eq!((name.as_str(), &data["head"]["lines"][0]), ("more", &Value::from("said")));
    }

    #[test]
    fn the_next_run_and_a_thinned_one_are_sent_whole() {
        let record = fixture::stored();
        let mut state = after(moments(&record, 5));
        let mut feed = Feed::after(0);
        feed.update(&state);
        let first = feed.id();
        state.apply(Moment::of(&Event::Began(&record.plan)));
        feed.update(&state);
        let (_, name, data) = parsed(&feed.message(Some(first)));
        assert_eq!((name.as_str(), starts(&data).len()), ("all", 0));
        (0..MOST - 1).for_each(|at| state.series.push(second(at as f64, 1.0)));
        feed.update(&state);
        let full = feed.id();
        state.series.push(second(MOST as f64, 1.0));
        feed.update(&state);
        let (_, name, data) = parsed(&feed.message(Some(full)));
        assert_eq!(
            (name.as_str(), starts(&data).len(), &data["head"]["stride"]),
            ("all", MOST / 2, &Value::from(2))
        );
    }

    /// Names may hold line feeds, which end a line of an event, and anything else.
    #[test]
    fn names_do_not_end_an_event() {
        let mut record = fixture::stored();
        record.plan.scenario = "a\n\ndata: {}\r\r</script>\u{2028}".to_owned();
        let mut feed = Feed::after(0);
        feed.update(&after(moments(&record, 5)));
        let message = feed.message(None);
        let (_, _, data) = parsed(&message);
        assert!(
            data["head"]["title"].as_str().unwrap().starts_with("a\n\ndata: {}\r\r</script>\u{2028} on ")
        );
        assert!(!message.contains(&b'\r'));
        let text = end(true, "results/x\n\ny");
        assert_eq!(std::str::from_utf8(&text).unwrap().lines().count(), 3);
    }

    #[test]
    fn figures_are_rounded_and_never_lost() {
        for (value, expected) in
            [(0.0, 0.0), (51_987.654_3, 51_987.7), (1.234_567_8e-7, 1.234_57e-7), (f64::NAN, 0.0)]
        {
            assert_eq!(rounded(value), expected, "{value}");
        }
        let silent = json(&second(3.0, 0.0));
        assert_eq!(silent, "[3,1,0,0,null,null,null,null,null,null,null,0]");
    }
}
