//! CPU time of a tree, added up so that it is fine-grained and never goes backwards.
//!
//! `/proc/<pid>/stat` gives a process's CPU time exactly but cut to whole clock ticks (10 ms), user and system each.
//! `/proc/<pid>/task/<tid>/schedstat` gives nanoseconds, but forgets threads that have ended. Each process is
//! therefore counted by its threads, plus whatever its ticks prove the threads to be missing. The kernel splits user
//! from system by sampling, so only their ratio is taken from the ticks.
//!
//! A process that ends takes its counters away. Two sums still know its time, and neither ever exceeds the truth:
//! the living plus the last seen of the vanished (misses what happened since the last look), and the living plus
//! what the tree has waited for (misses children that nobody waits for). The larger one is the answer.

use super::tree::{Member, Ticks};
use std::collections::HashMap;
use std::time::Duration;

/// A process id and the time of its start.
type Identity = (i32, u64);

/// What was last seen of one process.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Its own time.
    own: Duration,
    /// Time that its living threads do not account for: that of its ended ones, to within two ticks.
    ended_threads: Duration,
    ticks: Ticks,
}

/// CPU time of one tree since it began.
#[derive(Debug, Default)]
pub(super) struct CpuTime {
    living: HashMap<Identity, Seen>,
    /// Last seen of processes that have vanished.
    vanished: Duration,
    vanished_ticks: Ticks,
    user: Duration,
    system: Duration,
}

impl CpuTime {
    /// User and system time in seconds, given every process of the tree and what its adopter has waited for.
    pub(super) fn add_up(&mut self, members: &[Member], adopter_waited: Ticks) -> (f64, f64) {
        let mut before = std::mem::take(&mut self.living);
        let mut waited = adopter_waited;
        let (mut own, mut own_ticks) = (Duration::ZERO, Ticks::default());
        for member in members {
            let identity = member.identity();
            let last = before.remove(&identity).unwrap_or_default();
            let seen = last.next(member.own, member.threads_cpu);
            own += seen.own;
            own_ticks += seen.ticks;
            waited += member.waited;
            self.living.insert(identity, seen);
        }
        for gone in before.into_values() {
            self.vanished += gone.own;
            self.vanished_ticks += gone.ticks;
        }
        let by_last_seen = own + self.vanished;
        let by_waiting = own + waited.duration();
        let ticks =
            if by_waiting > by_last_seen { own_ticks + waited } else { own_ticks + self.vanished_ticks };
        self.advance(by_last_seen.max(by_waiting), ticks.user_share());
        (self.user.as_secs_f64(), self.system.as_secs_f64())
    }

    /// Splits a new total, letting neither part go backwards.
    fn advance(&mut self, total: Duration, user_share: f64) {
        let total = total.max(self.user + self.system);
        let most = total - self.system;
        self.user = total.mul_f64(user_share).clamp(self.user, most);
        self.system = total - self.user;
    }
}

impl Seen {
    fn next(self, ticks: Ticks, threads: Option<Duration>) -> Self {
        let at_least = ticks.duration();
        let threads = threads.unwrap_or_default();
        let ended_threads = self.ended_threads.max(at_least.saturating_sub(threads));
        // A look without the threads' times, as at a zombie's, must not take the ended ones' twice.
        let own = (threads + ended_threads).min(at_least + Ticks::grain()).max(self.own);
        Self { own, ended_threads: own.saturating_sub(threads), ticks }
    }
}

impl Ticks {
    /// By how much cutting both to whole ticks can make their sum too small.
    fn grain() -> Duration {
        Self { user: 1, system: 1 }.duration()
    }

    fn duration(self) -> Duration {
        let ticks_per_s = procfs::ticks_per_second() as f64;
        Duration::from_secs_f64((self.user + self.system) as f64 / ticks_per_s)
    }

    fn user_share(self) -> f64 {
        let all = self.user + self.system;
        if all == 0 {
            return 0.5;
        }
        self.user as f64 / all as f64
    }
}

impl std::ops::Add for Ticks {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { user: self.user + other.user, system: self.system + other.system }
    }
}

impl std::ops::AddAssign for Ticks {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    /// A process with its own ticks, all in user mode, its threads' time and the ticks that it has waited for.
    fn member(pid: i32, own: u64, threads: Option<u64>, waited: u64) -> Member {
        Member {
            pid,
            started_ticks: 1,
            state: if threads.is_some() { 'S' } else { 'Z' },
            own: user(own),
            threads_cpu: threads.map(ms),
            waited: user(waited),
            threads: 1,
            rss_bytes: 0,
        }
    }

    fn user(user: u64) -> Ticks {
        Ticks { user, system: 0 }
    }

    /// The tree's time in milliseconds after each look.
    fn totals(looks: Vec<Vec<Member>>) -> Vec<u64> {
        let mut cpu = CpuTime::default();
        let add_up = |members: Vec<Member>| {
            let (user, system) = cpu.add_up(&members, Ticks::default());
            ((user + system) * 1000.0).round() as u64
        };
        looks.into_iter().map(add_up).collect()
    }

    #[test]
    fn time_is_fine_grained_and_never_lost_or_doubled() {
        let m = member;
        for (case, looks, expected) in [
            (
                "finer than ticks",
                vec![vec![m(1, 10, Some(107), 0)], vec![m(1, 20, Some(213), 0)]],
                vec![107, 213],
            ),
            (
                "a thread of 60 ms ends, another goes on",
                vec![vec![m(1, 10, Some(107), 0)], vec![m(1, 11, Some(55), 0)], vec![m(1, 13, Some(77), 0)]],
                vec![107, 110, 132],
            ),
            (
                "threads that ended before the first look",
                vec![vec![m(1, 100, Some(5), 0)], vec![m(1, 100, Some(9), 0)]],
                vec![1000, 1004],
            ),
            ("threads are read later than ticks", vec![vec![m(1, 10, Some(500), 0)]], vec![120]),
            (
                "a child vanishes and nobody waits for it",
                vec![vec![m(1, 0, Some(1), 0), m(2, 50, Some(505), 0)], vec![m(1, 0, Some(3), 0)]],
                vec![506, 508],
            ),
            (
                "a child becomes a zombie and is waited for, with time unseen before",
                vec![
                    vec![m(1, 0, Some(1), 0), m(2, 50, Some(505), 0)],
                    vec![m(1, 0, Some(1), 0), m(2, 60, None, 0)],
                    vec![m(1, 0, Some(1), 61)],
                    vec![m(1, 0, Some(2), 61)],
                ],
                vec![506, 601, 611, 612],
            ),
            (
                "a child came and went between two looks",
                vec![vec![m(1, 0, Some(1), 0)], vec![m(1, 0, Some(1), 30)]],
                vec![1, 301],
            ),
        ] {
            assert_eq!(totals(looks), expected, "{case}");
        }
    }

    #[test]
    fn what_the_adopter_waited_for_counts() {
        let mut cpu = CpuTime::default();
        assert_eq!(cpu.add_up(&[member(1, 0, Some(0), 0)], user(50)), (0.5, 0.0));
    }

    #[test]
    fn neither_part_goes_backwards() {
        let mut cpu = CpuTime::default();
        let mut last = (0.0, 0.0);
        for (own, threads) in [((30, 70), 1000), ((31, 71), 1025), ((50, 60), 1105), ((50, 60), 1100)] {
            let mut process = member(1, 0, Some(threads), 0);
            process.own = Ticks { user: own.0, system: own.1 };
            let now = cpu.add_up(&[process], Ticks::default());
            assert!(now.0 >= last.0 && now.1 >= last.1, "{last:?} then {now:?}");
            last = now;
        }
        assert!((last.0 + last.1 - 1.105).abs() < 1e-6);
    }
}
