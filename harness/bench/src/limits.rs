//! How many files (and so connections) this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;

/// The process may not open as many files as a run needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this run needs {needed} open files, but the system allows {limit}: allow more with `ulimit -n {needed}` in \
     this shell (as root if it is refused), for good with a line `* hard nofile {needed}` in \
     /etc/security/limits.conf and a new login, or with LimitNOFILE={needed} in a systemd unit; or lower --conns"
)]
pub(crate) struct LimitError {
    /// Files that the run needs.
    pub(crate) needed: u64,
    /// Files that it may have.
    pub(crate) limit: u64,
}

/// Raises the soft limit of open files to the hard one, and returns both as they are now; `u64::MAX` is no limit.
///
/// # Errors
/// When the system refuses.
pub(crate) fn raise_open_files() -> io::Result<(u64, u64)> {
    let hard = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: hard, maximum: hard })?;
    Ok(open_files())
}

/// The soft and the hard limit of open files; `u64::MAX` is no limit.
pub(crate) fn open_files() -> (u64, u64) {
    let limit = getrlimit(Resource::Nofile);
    (limit.current.unwrap_or(u64::MAX), limit.maximum.unwrap_or(u64::MAX))
}

/// Makes sure that `needed` files can be open at once.
///
/// # Errors
/// When the soft limit is lower, with what to do about it.
pub(crate) fn require_open_files(needed: u64) -> Result<(), LimitError> {
    let (limit, _) = open_files();
    if needed > limit {
        return Err(LimitError { needed, limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raised_and_required() {
        let (soft, hard) = raise_open_files().unwrap();
        assert_eq!(soft, hard);
        require_open_files(soft).unwrap();
        if soft < u64::MAX {
            let error = require_open_files(soft + 1).unwrap_err();
            let words = error.to_string();
            for mend in ["ulimit -n", "limits.conf", "LimitNOFILE", "--conns"] {
                assert!(words.contains(mend), "{words}");
            }
        }
    }
}
