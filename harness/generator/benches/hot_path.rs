//! What the generator does in its own code for a request: reading, verifying, recording, choosing what is next.
//!
//! `cargo bench -p bench-generator`. The kernel's part of a request is a hundred times as large, but for
//! gzip bodies, which take microseconds; see `scripts/versus-wrk` for the whole.

use bench_generator::gzip::GzipTemplate;
use bench_generator::protocol::http1::{Progress, Reader, Response, write_head};
use bench_generator::request::{PreparedRequest, Surroundings, prepare};
use bench_generator::verify::Verifier;
use bench_model::backoff;
use bench_model::body::Body;
use bench_model::latency::Latencies;
use bench_model::load::LoadModel;
use bench_model::plan::RequestPlan;
use bench_model::random::Random;
use bench_model::scenario::BodyExpectation;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use flate2::{Compression, write::GzEncoder};
use std::hint::black_box;
use std::io::Write as _;
use std::ops::Range;

const BODY: &str = r#"{"id":"b2450d3c","name":"benchmark","tags":["a","b","c"],"price":12.5,"stock":{"north":3,"south":14}}"#;

fn plan() -> RequestPlan {
    RequestPlan {
        method: "POST".into(),
        path: "/echo".into(),
        headers: [("Content-Type".into(), "application/json".into())].into(),
        body: Body::Text { text: BODY.into() },
        expect_body: BodyExpectation::SameJson,
        ..RequestPlan::default()
    }
}

fn requests() -> Vec<PreparedRequest> {
    prepare(&plan(), 0, Surroundings { host: "127.0.0.1:8080", run: "" }, None)
        .expect("the request is well formed")
}

fn plain_response() -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n{BODY}",
        BODY.len()
    )
    .into_bytes()
}

fn chunked_response() -> Vec<u8> {
    let (first, second) = BODY.split_at(BODY.len() / 2);
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n\
         {:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    )
    .into_bytes()
}

/// Reads one response that comes in `pieces`.
fn read(reader: &mut Reader, pieces: &[&[u8]]) -> Response {
    reader.expect(false, 64 * 1024);
    for piece in pieces {
        match reader.advance(piece) {
            Ok(Progress::Partial) => {}
            Ok(Progress::Complete { response, .. }) => return response,
            Err(fault) => panic!("the response is well formed: {fault}"),
        }
    }
    panic!("the response is complete")
}

fn codec(criterion: &mut Criterion) {
    let (plain, chunked) = (plain_response(), chunked_response());
    let (first, second) = plain.split_at(60);
    let mut reader = Reader::default();
    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Elements(1));
    group.bench_function("read whole", |bencher| {
        bencher.iter(|| read(&mut reader, &[black_box(&plain)]));
    });
    group.bench_function("read in two pieces", |bencher| {
        bencher.iter(|| read(&mut reader, &[black_box(first), black_box(second)]));
    });
    group.bench_function("read chunked", |bencher| {
        bencher.iter(|| read(&mut reader, &[black_box(&chunked)]));
    });
    let plan = plan();
    group.bench_function("write a head", |bencher| {
        bencher.iter(|| write_head(black_box(&plan), "", "127.0.0.1:8080", BODY.len()));
    });
    group.finish();
}

fn verification(criterion: &mut Criterion) {
    let requests = requests();
    let whole = plain_response();
    let response = Response { status: 200, keep_alive: true, body_bytes: BODY.len() as u64, gzip: false };
    let mut verifier = Verifier::new(&requests);
    let first = verifier.judge(0, response, BODY.as_bytes(), None);
    verifier.learn(0, 200, &whole);
    let mut group = criterion.benchmark_group("verification");
    group.throughput(Throughput::Elements(1));
    group.bench_function("the same response again", |bencher| {
        bencher.iter(|| verifier.recognise(black_box(0), black_box(&whole)));
    });
    let mut reader = Reader::default();
    group.bench_function("the same body under another head", |bencher| {
        bencher.iter(|| {
            let response = read(&mut reader, &[black_box(&whole)]);
            verifier.judge(0, response, reader.body(), None)
        });
    });
    group.bench_function("JSON in another form", |bencher| {
        bencher.iter_batched_ref(
            || Verifier::new(&requests),
            |verifier| assert_eq!(verifier.judge(0, response, black_box(BODY.as_bytes()), None), first),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn histogram(criterion: &mut Criterion) {
    let mut random = Random::new(1);
    let values: Vec<u64> = (0..4096).map(|_| random.between(20_000, 5_000_000) as u64).collect();
    let mut latencies = Latencies::new();
    let mut next = 0;
    let mut group = criterion.benchmark_group("histogram");
    group.bench_function("record", |bencher| {
        bencher.iter(|| {
            latencies.record(black_box(values[next]));
            next = (next + 1) % values.len();
        });
    });
    let mut sum = Latencies::new();
    group.bench_function("merge", |bencher| bencher.iter(|| sum.add(black_box(&latencies))));
    group.bench_function("clear", |bencher| bencher.iter(|| sum.clear()));
    group.bench_function("encode", |bencher| bencher.iter(|| black_box(&latencies).to_base64()));
    group.finish();
}

fn schedule(criterion: &mut Criterion) {
    let mut random = Random::new(1);
    let load = LoadModel::Closed { connections: 1000 };
    let mut group = criterion.benchmark_group("schedule");
    group.bench_function("a worker's share of the connections", |bencher| {
        bencher.iter(|| load.share(black_box(3), black_box(16)));
    });
    group.bench_function("the wait after a failure", |bencher| {
        bencher.iter(|| backoff::wait_ns(black_box(4), &mut random));
    });
    group.finish();
}

/// A batch of 100 transactions, and where each one's number, accounts and amount are.
fn batch() -> (Vec<u8>, Vec<Range<usize>>) {
    let (mut body, mut slots) = (b"[".to_vec(), Vec::new());
    for number in 0..100 {
        for (text, slot) in [
            (r#"{"id":"t-"#, format!("{number:010}")),
            (r#"","from":"acct-"#, format!("{:04}", 7919 * number % 10_000)),
            (r#"","to":"acct-"#, format!("{:04}", 6007 * number % 10_000)),
            (r#"","amount":"#, format!("{}", 100 + 613 * number % 900)),
        ] {
            body.extend_from_slice(text.as_bytes());
            slots.push(body.len()..body.len() + slot.len());
            body.extend_from_slice(slot.as_bytes());
        }
        body.extend_from_slice(if number == 99 { b"}]" } else { b"}," });
    }
    (body, slots)
}

fn gzip(criterion: &mut Criterion) {
    let (body, slots) = batch();
    let template = GzipTemplate::new(&body, &slots);
    let mut bytes = template.bytes().to_vec();
    let mut group = criterion.benchmark_group("gzip");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("patch a batch", |bencher| {
        bencher.iter(|| template.patch(black_box(&body), black_box(&mut bytes)));
    });
    group.bench_function("compress it anew", |bencher| {
        bencher.iter(|| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
            encoder.write_all(black_box(&body)).and_then(|()| encoder.finish())
        });
    });
    group.finish();
}

criterion_group!(hot_path, codec, verification, histogram, schedule, gzip);
criterion_main!(hot_path);
