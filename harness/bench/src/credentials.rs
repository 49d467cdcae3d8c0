//! What a target needs for signing in: the key of its tokens and who may sign in. `bench` gives both to whatever it
//! starts (`targets/CONTRACT.md`, "Signing in"); a variable that `bench` itself has been given is passed on instead.

use std::env;
use std::sync::OnceLock;

/// The variable that holds the key of tokens.
pub(crate) const SECRET: &str = "NODE_SECRET";
/// The variable that says who may sign in.
pub(crate) const USERS: &str = "NODE_USERS";
/// The one user that `bench` sets up. All of it is public: a measurement needs no secrets.
pub(crate) const USER: &str = "bench";
/// That user's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// The user as [`USERS`] has it: the password is hashed in 10,000 iterations with the salt `bench-public-sal`.
const ENTRY: &str =
    "bench:pbkdf2-sha256$10000$YmVuY2gtcHVibGljLXNhbA==$2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730=";

/// The variables, by name, that a target is started with.
pub(crate) fn environment() -> [(String, String); 2] {
    let users = env::var(USERS).unwrap_or_else(|_| ENTRY.to_owned());
    [(SECRET.to_owned(), secret().to_owned()), (USERS.to_owned(), users)]
}

/// The key of tokens: the same for everything that one `bench` starts, so that no target has an easier one.
pub(crate) fn secret() -> &'static str {
    static SECRET_OF_THIS_PROCESS: OnceLock<String> = OnceLock::new();
    SECRET_OF_THIS_PROCESS.get_or_init(|| env::var(SECRET).unwrap_or_else(|_| drawn()))
}

/// Whether the key was given to `bench`, so that it may be that of a server which runs already.
pub(crate) fn is_given() -> bool {
    env::var_os(SECRET).is_some()
}

/// Whether what `bench` starts has its user: so it is unless `bench` was given others.
pub(crate) fn has_user() -> bool {
    env::var(USERS).map_or(true, |users| users.split(',').any(|user| user == ENTRY))
}

/// 64 hexadecimal digits. The seeds of the standard library's hash maps are the system's own random numbers.
fn drawn() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    (0..4).map(|index: u8| format!("{:016x}", RandomState::new().hash_one(index))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_the_documents_give_sets_up_the_user() {
        assert!(include_str!("../../../docs/scenarios.md").contains(&format!("{USERS}='{ENTRY}'")));
    }

    #[test]
    fn a_drawn_secret_is_long_enough_and_never_the_same() {
        assert_eq!(drawn().len(), 64);
        assert_ne!(drawn(), drawn());
    }
}
