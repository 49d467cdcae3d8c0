//! Servers that are hostile for a while.

use crate::case::{Case, Reads, is_good};
use crate::run::check;
use crate::server::Client;
use bench_model::counters::ErrorClass::{Connect, Reset, Status};
use std::time::Duration;

pub(crate) fn fails_for_a_while() -> Case {
    Case::mixed(&[Status], "500 for a while", |client| {
        for number in 0.. {
            let Some(body) = client.request() else { return };
            client.answer(if (20..45).contains(&number) { 500 } else { 200 }, &body);
        }
    })
    .also("each of them is counted", |run| {
        let counters = &run.sum.counters;
        counters.status[&500] == 100 && counters.errors.status == 100
    })
    .also("a status is no reason to close", |run| run.connections == 8)
}

pub(crate) fn vanishes() -> Case {
    Case::mixed(&[Reset, Connect], "gone, and back", Client::echo)
        .reads(Reads::Crossing)
        .lasting(20, 250)
        .each_interval(|server, interval| match interval {
            4 => server.vanish(is_good),
            8 => server.come_back(),
            _ => {}
        })
        .also("it is found again", |run| run.hostile_reads_since(15) > 0 && run.connections == 12)
}

#[test]
fn for_a_while() {
    check(&[
        fails_for_a_while(),
        vanishes(),
        Case::verified("a pause now and then", |client| {
            for number in 1.. {
                let Some(body) = client.request() else { return };
                if number % 20 == 0 {
                    std::thread::sleep(Duration::from_millis(80));
                }
                client.answer(200, &body);
            }
        }),
    ]);
}
