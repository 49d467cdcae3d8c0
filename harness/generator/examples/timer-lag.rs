//! How late this machine lets a process be that does nothing but wait: the floor under every generator's schedule lag.
//!
//!     timer-lag RATE SECONDS [--spin]
//!
//! Waits for each of RATE times a second, the way the generator does, on a timerfd in an epoll; with `--spin` by looking
//! at the clock all the time, so that what is left is what the machine itself takes away. Prints by how much it was late,
//! as a line of JSON with the whole histogram. The caller pins it with `taskset`.

use bench_model::latency::Latencies;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
};
use std::io::Write as _;
use std::mem::MaybeUninit;

const USAGE: &str = "usage: timer-lag RATE SECONDS [--spin], such as `timer-lag 1000 5`";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let typed: Vec<String> = std::env::args().skip(1).collect();
    let (rate, seconds, spins) = match typed.as_slice() {
        [rate, seconds] => (rate, seconds, false),
        [rate, seconds, spin] if spin == "--spin" => (rate, seconds, true),
        _ => return Err(USAGE.into()),
    };
    let rate_per_s: u64 = rate.parse().ok().filter(|&rate| rate > 0).ok_or(USAGE)?;
    let count = rate_per_s * seconds.parse::<u64>().map_err(|_| USAGE)?;
    let late = if spins { spin(rate_per_s, count) } else { sleep(rate_per_s, count)? };
    let encoded = late.to_base64();
    let late = late.histogram();
    let us = |quantile| late.value_at_quantile(quantile) as f64 / 1e3;
    let figures = serde_json::json!({
        "p50": us(0.5), "p90": us(0.9), "p99": us(0.99), "p99_9": us(0.999), "max": late.max() as f64 / 1e3,
        "hdr": encoded,
    });
    writeln!(std::io::stdout(), "{figures}")?;
    Ok(())
}

/// When each time is, in nanoseconds of the monotonic clock.
fn times(rate_per_s: u64, count: u64) -> impl Iterator<Item = u64> {
    let begin_ns = now_ns() + 1_000_000;
    (0..count).map(move |index| begin_ns + index * 1_000_000_000 / rate_per_s)
}

fn spin(rate_per_s: u64, count: u64) -> Latencies {
    let mut late = Latencies::new();
    for due_ns in times(rate_per_s, count) {
        while now_ns() < due_ns {}
        late.record(now_ns() - due_ns);
    }
    late
}

fn sleep(rate_per_s: u64, count: u64) -> Result<Latencies, Errno> {
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
    let timer = rustix::time::timerfd_create(TimerfdClockId::Monotonic, flags)?;
    epoll::add(&epoll, &timer, EventData::new_u64(0), EventFlags::IN | EventFlags::ET)?;
    let mut events = [const { MaybeUninit::<Event>::uninit() }; 4];
    let mut late = Latencies::new();
    for due_ns in times(rate_per_s, count) {
        let at =
            Timespec { tv_sec: (due_ns / 1_000_000_000) as i64, tv_nsec: (due_ns % 1_000_000_000) as i64 };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: at };
        rustix::time::timerfd_settime(&timer, TimerfdTimerFlags::ABSTIME, &once)?;
        while now_ns() < due_ns {
            match epoll::wait(&epoll, &mut events, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        late.record(now_ns() - due_ns);
    }
    Ok(late)
}

fn now_ns() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
