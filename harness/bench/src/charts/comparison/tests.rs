//! That every chart of a comparison says what it must, whatever the comparison was like.

use super::*;
use crate::charts::canvas;
use crate::report::comparison::fixture::{Compared, GO, GO_AGAIN, JAVA, PYTHON, RUST, full, swept};
use crate::report::comparison::quantity;
use bench_model::metric::Metric;
use bench_model::sweep::Setting;

/// What a comparison may look like.
fn cases() -> Vec<(&'static str, Compared)> {
    vec![
        ("full", full()),
        ("one-block", Compared::new(&[RUST, GO], 1)),
        ("alike", Compared::new(&[GO, GO_AGAIN], 10)),
        ("eight", eight()),
        ("no-memory", without_memory()),
        ("sweep", swept(&[RUST, GO], 11)),
        ("sweep-alone", swept(&[GO], 1)),
        ("sweep-of-eight", swept(&[RUST, GO, JAVA, PYTHON, RUST, GO, JAVA, GO_AGAIN], 11)),
    ]
}

/// Eight entrants with labels of twenty characters.
fn eight() -> Compared {
    let sorts = [RUST, GO, JAVA, PYTHON, RUST, GO, JAVA, GO_AGAIN];
    let labels = ["@../other-check", ":virtual-thread", "", "<gevent> & more"];
    Compared::changed(&sorts, 10, |plan, _| {
        for (index, entrant) in plan.entrants.iter_mut().enumerate() {
            entrant.label = format!("{}{}{index}", entrant.label, labels[index % 4]);
        }
    })
}

fn without_memory() -> Compared {
    Compared::changed(&[RUST, GO], 10, |plan, blocks| {
        plan.entrants.iter_mut().for_each(|entrant| entrant.artefact_bytes = None);
        blocks.iter_mut().flat_map(|block| &mut block.runs).for_each(|run| run.report.target = None);
    })
}

#[test]
fn every_chart_names_its_entrants_and_units() {
    let compared = full();
    let source = compared.source();
    let expected: [(&str, &[&str]); 4] = [
        ("comparison-tps", &["Throughput", "requests per second", "rust"]),
        ("comparison-latency", &["log scale", "Latency from send to complete answer (s)", "99.9%", "rust"]),
        ("comparison-resources", &["CPU per request", "Memory, peak", "MiB", "Start-up time", "rust"]),
        (
            "comparison-ratios",
            &["Ratios to rust", "P99 latency (less is better)", "margin of 2%", "rust again"],
        ),
    ];
    for (chart, (name, words)) in charts(&source).iter().zip(expected) {
        let svg = chart.svg().expect("the chart is drawn");
        assert_eq!(chart.name, name);
        for word in words.iter().chain(&["go", "java", "python", "9 of 10 blocks, 2026-03-14 10:15 UTC"]) {
            assert!(svg.contains(word), "{name} lacks {word}");
        }
    }
}

#[test]
fn a_sweep_has_one_chart_more() {
    let compared = swept(&[RUST, GO], 11);
    let chart = charts(&compared.source()).remove(0);
    let svg = chart.svg().expect("the chart is drawn");
    assert_eq!((chart.name.as_str(), charts(&compared.source()).len()), ("comparison-sweep", 5));
    for (word, times) in [
        ("Sweep of conns: TPS, P99 latency and CPU per request", 1),
        ("Connections, log scale", 1),
        ("P99 latency (ms), log", 1),
        ("CPU per request (us)", 1),
        // One legend for the three panels.
        ("\nrust\n", 1),
        ("\ngo\n", 1),
    ] {
        assert_eq!(svg.matches(word).count(), times, "{word}");
    }
    let median = |label: &str| {
        let figures = compared.source().figures(label).expect("figures");
        quantity::figure(Metric::Tps, figures.values[&Metric::Tps].median)
    };
    let told = format!("go conns=1 {}, conns=10 {}", median("go conns=1"), median("go conns=10"));
    assert!(chart.description.contains(&told), "{told} is not in: {}", chart.description);
    // Without CPU figures two panels are left.
    let compared = Compared::changed(&[GO, GO_AGAIN], 1, |plan, blocks| {
        for (entrant, rate_per_s) in plan.entrants.iter_mut().zip([2000.0, 20_000.0]) {
            entrant.setting = Some(Setting::Rate(rate_per_s));
            entrant.label = format!("go rate={rate_per_s}");
        }
        blocks.iter_mut().flat_map(|block| &mut block.runs).for_each(|run| run.report.target = None);
    });
    let chart = charts(&compared.source()).remove(0);
    let svg = chart.svg().expect("the chart is drawn");
    for word in ["Sweep of rate: TPS and P99 latency<", "Offered rate (requests per second)<", "20000"] {
        assert!(svg.replace('\n', "").contains(word), "{word}");
    }
}

#[test]
fn without_figures_there_is_no_panel() {
    let compared = without_memory();
    let charts = charts(&compared.source());
    let names: Vec<&str> = charts.iter().map(|chart| chart.name.as_str()).collect();
    assert_eq!(names, ["comparison-tps", "comparison-latency", "comparison-ratios"]);
    assert!(!charts[2].svg().expect("the chart is drawn").contains("Memory"));
}

#[test]
fn all_are_drawn_without_panic() {
    for (name, compared) in cases() {
        for chart in charts(&compared.source()) {
            let svg = chart.svg().expect("the chart is drawn");
            assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{name}: {}", chart.name);
            let small = canvas::Medium { scale: 1, ..canvas::BITMAP };
            assert!(file::bitmap_of(&chart.drawing, small).is_ok(), "{name}: {}", chart.name);
        }
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error_that_names_the_file() {
    let compared = Compared::new(&[RUST, GO], 1);
    let error = draw(&compared.source(), Path::new("/nowhere/at/all")).expect_err("there is no such folder");
    assert!(error.to_string().contains("/nowhere/at/all/comparison-tps.svg"), "{error}");
}

#[test]
#[ignore = "writes charts and reports of fixtures into the folder that CHARTS names, for people to look at"]
fn look() {
    use crate::report::Format;
    use crate::report::Style;
    use crate::report::comparison::render;
    let folder = std::env::var_os("CHARTS").expect("CHARTS names a folder");
    for (name, compared) in cases() {
        let folder = Path::new(&folder).join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        draw(&compared.source(), &folder).expect("the charts are drawn");
        let html = render(Format::Html, &compared.source(), Style { colour: false, width: 80 });
        std::fs::write(folder.join("report.html"), html).expect("the report is written");
    }
}
