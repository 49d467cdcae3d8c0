//! The audit by tables: the often-quoted claims, figures that hold, and distributions whose figures are known exactly.

use super::*;
use AuditVerdict::{Consistent, Contradictory, Unchecked};

fn ms(ms: f64) -> Option<Duration> {
    Some(Duration::from_secs_f64(ms / 1e3))
}

/// Connections, TPS and P99 in milliseconds.
fn figures(connections: u64, tps: f64, p99: f64) -> Figures {
    Figures { connections: Some(connections), tps: Some(tps), p99: ms(p99), ..Figures::default() }
}

fn near(value: Option<f64>, expected: f64) -> bool {
    value.is_some_and(|value| (value / expected - 1.0).abs() < 0.001)
}

#[test]
fn the_often_quoted_table() {
    // TPS, P99 in ms -> mean in ms, slowest hundredth in ms, in flight within the P99.
    for (tps, p99, mean, slowest, in_flight) in [
        (18_432.0, 42.0, 54.253, 1267.35, 774.1),
        (12_753.0, 68.0, 78.413, 1109.3, 867.2),
        (3_210.0, 156.0, 311.526, 15_708.6, 500.8),
    ] {
        let audit = figures(1000, tps, p99).audit();
        assert_eq!(audit.verdict, Contradictory, "{audit:?}");
        assert!(near(audit.implied_mean_us, mean * 1e3), "{audit:?}");
        assert!(near(audit.slowest_us, slowest * 1e3), "{audit:?}");
        assert!(near(audit.in_flight_within_p99, in_flight), "{audit:?}");
    }
}

#[test]
fn its_words() {
    let go = figures(1000, 18_432.0, 42.0).audit().findings[0].message();
    assert_eq!(
        go,
        "at 18,432 TPS on 1000 connections, always busy, the mean latency is 54.3 ms, but 99% of the requests \
         are said to have taken 42 ms at most. Both hold only if the slowest 1% took 1.27 s or more on average, 30 \
         times the P99. Otherwise connections stood idle (had no request taken longer than the P99, at most 774 of 1000 \
         were in flight), or the percentiles leave out slow requests that the TPS counts."
    );
    let wrk = |tps, p99| Figures { recorded_up_to: ms(2000.0), ..figures(1000, tps, p99) };
    let go = wrk(18_432.0, 42.0).audit().findings[0].message();
    assert!(!go.contains("cannot be") && go.contains("above its timeout, 2 s unless"), "{go}");
    let flask = wrk(3_210.0, 156.0).audit().findings[0].message();
    assert!(flask.contains("15.7 s or more on average, 101 times the P99, which cannot be"), "{flask}");
}

#[test]
fn verdicts() {
    let given = |p50, mean| Figures { p50: ms(p50), mean: ms(mean), ..figures(100, 10_000.0, 20.0) };
    let only = |p50| Figures { p50: ms(p50), p99: None, ..figures(100, 10_000.0, 1.0) };
    let alone = |mean| Figures { mean: ms(mean), p99: ms(42.0), ..Figures::default() };
    for (name, figures, verdict, codes) in [
        ("all hold", given(9.0, 10.0), Consistent, &[][..]),
        ("within 5%", given(9.0, 9.6), Consistent, &[]),
        ("idle connections", given(9.0, 9.4), Contradictory, &["mean-off-the-law"]),
        ("more than can be", given(9.0, 10.6), Contradictory, &["mean-off-the-law"]),
        ("swapped", given(21.0, 10.0), Contradictory, &["median-above-p99"]),
        ("a median of more than twice the mean", only(21.1), Contradictory, &["percentiles-above-mean"]),
        ("a median of twice the mean", only(20.0), Consistent, &[]),
        ("a tail that can be", figures(100, 10_000.0, 9.5), Consistent, &["tail"]),
        ("a tail that cannot", figures(100, 10_000.0, 9.0), Contradictory, &["tail"]),
        ("a P99 of a hundred means", figures(100, 10_000.0, 1000.0), Consistent, &[]),
        ("a P99 of more", figures(100, 10_000.0, 1100.0), Contradictory, &["percentiles-above-mean"]),
        ("a mean and a P99 alone", alone(30.0), Consistent, &[]),
        ("a mean above the P99", alone(50.0), Contradictory, &["tail"]),
        // What wrk 4.1.0 printed with --timeout 1s of a server that slept for 1.3 s before every 50th answer: the slow
        // answers are in its rate and in none of its latencies.
        (
            "wrk",
            Figures { p50: ms(44.04), mean: ms(45.33), ..figures(1, 14.84, 51.99) },
            Contradictory,
            &["mean-off-the-law"],
        ),
        ("a rate alone", Figures { tps: Some(1.0), ..Figures::default() }, Unchecked, &[]),
        ("no latency", Figures { p99: None, ..figures(100, 1.0, 1.0) }, Unchecked, &[]),
        ("no connections", Figures { connections: None, ..figures(1, 1.0, 1.0) }, Unchecked, &[]),
        ("nothing", Figures::default(), Unchecked, &[]),
    ] {
        let audit = figures.audit();
        let found: Vec<&str> = audit.findings.iter().map(Finding::code).collect();
        assert_eq!((audit.verdict, &found[..]), (verdict, codes), "{name}: {audit:?}");
        assert!(audit.findings.iter().all(|finding| finding.message().len() > 40));
    }
}

/// The bounds must hold for whatever distribution there is: figures that are computed from latencies never contradict,
/// unless the slowest hundredth is in truth as slow as the audit says.
#[test]
fn true_figures_pass() {
    let spreads: [fn(f64) -> f64; 5] = [
        |_| 5.0,
        |u| 10.0 * u,
        |u| -10.0 * (1.0 - u).ln(),
        |u| (1.0 - u).powf(-1.0 / 1.5),
        |u| if u < 0.985 { 1.0 } else { 200.0 },
    ];
    for (index, latency_ms) in spreads.into_iter().enumerate() {
        let count = 100_000;
        let all: Vec<f64> = (0..count).map(|n| latency_ms((f64::from(n) + 0.5) / f64::from(count))).collect();
        let mean = all.iter().sum::<f64>() / f64::from(count);
        let slowest = all[99_000..].iter().sum::<f64>() / 1000.0;
        let (p50, p99) = (all[49_999], all[98_999]);
        let complete = Figures { p50: ms(p50), mean: ms(mean), ..figures(64, 64.0 / mean * 1e3, p99) };
        let partial = Figures { p50: None, mean: None, ..complete };
        for figures in [complete, partial] {
            let audit = figures.audit();
            assert_eq!(audit.verdict, Consistent, "{index}: {audit:?}");
            assert!(
                audit.slowest_us.is_none_or(|least| least <= slowest * 1e3 * 1.000_001),
                "{index}: {audit:?}"
            );
        }
    }
}
