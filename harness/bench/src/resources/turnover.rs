//! Which of a tree's processes have ended. Counts each once, and looks at nothing itself.

use std::collections::HashMap;

/// A process id and the time of its start.
type Identity = (i32, u64);

/// Looks after which a process is one of the target's own, and no helper that comes and goes with a request.
const SETTLED: u32 = 2;

/// The processes of one tree, over many looks.
#[derive(Debug, Default)]
pub(super) struct Turnover {
    /// How often each process that was alive at the last look has been seen; none before the first look.
    looks: Option<HashMap<Identity, u32>>,
    ended: u64,
}

impl Turnover {
    /// Given the processes that are alive now, how many that were settled have ended until now. Those of the first look
    /// are settled at once: they were there before any load.
    pub(super) fn look(&mut self, alive: impl Iterator<Item = Identity>) -> u64 {
        let before = self.looks.take();
        let at_first = before.is_none();
        let mut before = before.unwrap_or_default();
        let seen = |identity: Identity| {
            let looks = before.remove(&identity).unwrap_or(0) + 1;
            (identity, if at_first { SETTLED } else { looks })
        };
        self.looks = Some(alive.map(seen).collect());
        self.ended += before.into_values().filter(|&looks| looks >= SETTLED).count() as u64;
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_settled_and_has_ended() {
        for (case, looks, expected) in [
            ("all stay", vec![vec![1, 2], vec![1, 2], vec![1, 2]], vec![0, 0, 0]),
            ("a worker is replaced", vec![vec![1, 2], vec![1, 3], vec![1, 3]], vec![0, 1, 1]),
            ("again and again", vec![vec![1, 2], vec![1, 3], vec![1, 3], vec![1, 4]], vec![0, 1, 1, 2]),
            (
                "one that came under load stays for a while",
                vec![vec![1], vec![1, 2], vec![1, 2], vec![1]],
                vec![0, 0, 0, 1],
            ),
            (
                "helpers of one request each",
                vec![vec![1], vec![1, 2], vec![1, 3], vec![1, 4]],
                vec![0, 0, 0, 0],
            ),
            ("none at the first look", vec![vec![], vec![1], vec![]], vec![0, 0, 0]),
        ] {
            let mut turnover = Turnover::default();
            let found: Vec<u64> =
                looks.into_iter().map(|alive| turnover.look(alive.into_iter().map(|pid| (pid, 7)))).collect();
            assert_eq!(found, expected, "{case}");
        }
        let mut turnover = Turnover::default();
        turnover.look([(1, 7)].into_iter());
        assert_eq!(turnover.look([(1, 8)].into_iter()), 1, "the same id is not the same process");
    }
}
