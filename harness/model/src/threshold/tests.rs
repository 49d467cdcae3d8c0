//! The grammar by table: what is read, how it is written again, and what is refused in which words.

use super::*;
use crate::counters::ErrorClass;
use crate::metric::Metric;
use crate::slo::Statistic;

fn absolute(text: &str) -> Absolute {
    text.parse::<Threshold>().unwrap().absolute().unwrap()
}

#[test]
fn is_written_as_it_is_read() {
    for (text, written) in [
        ("p99>20ms", "p99>20ms"),
        ("tps<10k", "tps<10k"),
        ("memory.peak>100MiB", "memory.peak>100MiB"),
        (" P99.9 > 1.5s ", "p99.9>1.5s"),
        ("p999>=90s", "p99.9>=90s"),
        ("tps <= 12500", "tps<=12.5k"),
        ("rps<500", "rps<500"),
        ("service.p99>250us", "service.p99>250us"),
        ("errors>0.1%", "errors>0.1%"),
        ("errors>0%", "errors>0%"),
        ("errors.timeout>0", "errors.timeout>0"),
        ("errors.connect>=1k", "errors.connect>=1000"),
        ("cpu>50us", "cpu>50us"),
        ("cpu-per-request>50us", "cpu>50us"),
        ("memory-idle>89MB", "memory.idle>89MB"),
        ("memory>1.5GiB", "memory.peak>1.5GiB"),
        ("startup>2s", "startup>2s"),
        ("start-up>250ms", "startup>250ms"),
        ("size>20MB", "size>20MB"),
        ("max>3s", "max>3s"),
        ("tps worse than base by 5%", "tps worse than base by 5%"),
        ("  Any  worse than base by 2.5 % ", "any worse than base by 2.5%"),
        ("p999 worse than base by 150%", "p99.9 worse than base by 150%"),
        ("cpu worse than base by 7%", "cpu worse than base by 7%"),
    ] {
        let threshold: Threshold = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(threshold.to_string(), written);
        assert_eq!(written.parse::<Threshold>().unwrap(), threshold);
        let stored = serde_json::to_string(&threshold).unwrap();
        assert_eq!(stored, format!("\"{written}\""));
        assert_eq!(serde_json::from_str::<Threshold>(&stored).unwrap(), threshold);
    }
}

#[test]
fn bounds_are_in_the_figures_unit() {
    for (text, bound) in [
        ("p99>20ms", 20_000.0),
        ("startup>2s", 2_000.0),
        ("tps<10k", 10_000.0),
        ("memory.peak>100MiB", 104_857_600.0),
        ("errors>0.1%", 0.1),
        ("errors.reset>2k", 2_000.0),
    ] {
        assert_eq!(absolute(text).bound, bound, "{text}");
    }
}

#[test]
fn sides() {
    for (text, below, at, above) in [
        ("p99>20ms", false, false, true),
        ("p99>=20ms", false, true, true),
        ("tps<10k", true, false, false),
        ("tps<=10k", true, true, false),
    ] {
        let threshold = absolute(text);
        let fails = [0.5, 1.0, 2.0].map(|factor| threshold.fails(threshold.bound * factor));
        assert_eq!(fails, [below, at, above], "{text}");
    }
}

#[test]
fn mistakes() {
    for (text, part) in [
        ("", "a threshold is missing"),
        ("p99", "write a figure, > or <, and a bound"),
        ("p99 20ms", "write a figure, > or <, and a bound"),
        ("p99=20ms", "write a figure, > or <, and a bound"),
        ("p99!=20ms", "write a figure, > or <, and a bound"),
        ("p99>", "write a figure, > or <, and a bound"),
        (">20ms", "write a figure, > or <, and a bound"),
        ("p99>>20ms", "write a figure, > or <, and a bound"),
        ("1ms<p99<20ms", "write a figure, > or <, and a bound"),
        ("p98>20ms", "`p98` is no figure that a threshold can be about (did you mean `p9"),
        ("memory.peek>1MiB", "did you mean `memory.peak`?"),
        ("Service.P98>1ms", "did you mean `service.p9"),
        (
            "latency>1s",
            "choose from tps, rps, mean, p50, p75, p90, p95, p99, p99.9, p99.99, max, errors, errors.unsent",
        ),
        ("zebra>1", "startup, size, and service.p99 and the like of an open load"),
        ("tps<10ms", "`tps<10ms`: `10ms` is not a rate"),
        ("p99>20", "`p99>20`: `20` lacks a unit: write 20ms"),
        ("p99>20 parsecs", "is not a duration"),
        ("p99>20MiB", "is not a duration"),
        ("memory.peak>100", "`100` is not a size"),
        ("memory.peak>100M", "`100M` is not a size"),
        ("errors>0.1", "`0.1` is not a percentage"),
        ("errors.timeout>1%", "`1%` is not a count"),
        (
            "p99<20ms",
            "`p99<20ms` would fail what is good: a threshold says what must not be, so write `p99>20ms`",
        ),
        ("tps>10k", "so write `tps<10k`"),
        ("errors<=1%", "so write `errors>=1%`"),
        ("p99>0ms", "is always so"),
        ("errors>=0%", "is always so"),
        ("tps<0", "is not a rate"),
        ("tps worse than base", "is written `tps worse than base by 5%`"),
        ("tps worse", "is written `tps worse than base by 5%`"),
        ("worse than base by 5%", "is written `tps worse than base by 5%`"),
        ("tps better than base by 5%", "is written `tps worse than base by 5%`"),
        ("tps worse than main by 5%", "is written `tps worse than base by 5%`"),
        ("tps worse than base by 5", "`5` is not a percentage"),
        ("tps worse than base by -5%", "is not a percentage"),
        ("tps worse than base by 0%", "the margin must be above 0%"),
        ("tps worse than base by 100%", "under 100%"),
        ("any worse than base by 100%", "under 100%"),
        (
            "p95 worse than base by 5%",
            "`p95` is not compared with the base: choose from any, tps, p50, p99, p99.9, cpu",
        ),
        ("tsp worse than base by 5%", "did you mean `tps`?"),
    ] {
        let error = text.parse::<Threshold>().expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn no_figure_has_two_names_and_every_name_is_read() {
    let all = Figure::all();
    for (index, figure) in all.iter().enumerate() {
        assert_eq!(figure.to_string().parse(), Ok(*figure));
        assert!(all[..index].iter().all(|other| other.to_string() != figure.to_string()), "{figure}");
        assert!(!figure.title().is_empty());
    }
    for metric in Metric::ALL {
        assert_eq!(metric.name().parse(), Ok(Figure::from(metric)));
        assert_eq!(Figure::from(metric).metric(), Some(metric));
        assert_eq!(Figure::from(metric).more_is_better(), metric.higher_is_better());
        let unit = serde_json::to_value(Figure::from(metric).unit()).unwrap();
        assert_eq!(unit, metric.unit());
    }
    assert_eq!(Figure::Latency(Statistic::P95).metric(), None);
    assert_eq!("errors.mismatch".parse(), Ok(Figure::ErrorsOf(ErrorClass::Mismatch)));
}

#[test]
fn limits_are_as_people_say_them() {
    let by: Relative = "any worse than base by 5%".parse().unwrap();
    assert!((by.limit(Metric::Tps) - 0.95).abs() < 1e-12 && (by.limit(Metric::P99) - 1.05).abs() < 1e-12);
}

#[test]
fn outcomes_in_files() {
    let threshold: Threshold = "p99>20ms".parse().unwrap();
    let measured = Measured {
        unit: Unit::Microseconds,
        value: 23_400.0,
        limit: 20_000.0,
        low: None,
        high: None,
        at_least: false,
        at_most: false,
        sure: None,
    };
    let failed =
        Outcome { state: State::Failed, measured: Some(measured), ..Outcome::not_evaluated(threshold, "") };
    let unclear = Outcome { state: State::Inconclusive { settle_blocks: Some(24) }, ..failed.clone() };
    let unseen = Outcome::not_evaluated(threshold, "the run is invalid");
    for (outcome, json) in [
        (
            failed,
            r#"{"threshold":"p99>20ms","outcome":"failed","figure":"p99","measured":{"unit":"us","value":23400.0,"limit":20000.0}}"#,
        ),
        (
            unclear,
            r#"{"threshold":"p99>20ms","outcome":"inconclusive","settle_blocks":24,"figure":"p99","measured":{"unit":"us","value":23400.0,"limit":20000.0}}"#,
        ),
        (
            unseen,
            r#"{"threshold":"p99>20ms","outcome":"not-evaluated","why":"the run is invalid","figure":"p99"}"#,
        ),
    ] {
        assert_eq!(serde_json::to_string(&outcome).unwrap(), json);
        assert_eq!(serde_json::from_str::<Outcome>(json).unwrap(), outcome);
    }
}
