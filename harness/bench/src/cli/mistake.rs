//! Mistakes of the command line that are common among those who come from other tools: what they should have typed.

use crate::catalogue;
use clap::Error;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Flags of other tools, and what they are here.
const ELSEWHERE: [(&[&str], &str); 5] = [
    (
        &["--vus", "--users", "--concurrency"],
        "connections, each with one request in flight, are `--conns N` (`-c N`)",
    ),
    (
        &["-n", "--requests", "--iterations", "--num"],
        "a run has a length and no number of requests: `--duration 10s` (`-d 10s`)",
    ),
    (&["--rps", "--qps"], "requests per second are `--rate N` (`-R N`)"),
    (&["--data", "--data-raw", "--payload"], "the body is `--body TEXT` (`-b TEXT`), or `--body @FILE`"),
    (&["--json", "--csv"], "formats are `--format json`, `--format csv` and others"),
];

/// The same error, with a tip where one is known.
pub(super) fn explained(mut error: Error) -> Error {
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidArg)
        && let Some(tip) = tip(typed)
    {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
    error
}

fn tip(typed: &str) -> Option<String> {
    if typed.starts_with("http://") || typed.starts_with("https://") {
        return Some(format!(
            "a server that runs already is `--url {typed}` of bench run, and one of `--targets` elsewhere"
        ));
    }
    let flag = typed.split('=').next().unwrap_or(typed);
    if let Some((_, tip)) = ELSEWHERE.iter().find(|(flags, _)| flags.contains(&flag)) {
        return Some((*tip).to_owned());
    }
    if typed.starts_with('-') {
        return None;
    }
    if catalogue::scenarios().contains_key(typed) {
        return Some(format!("a scenario is chosen with `--scenario {typed}`"));
    }
    let target = typed.split([':', '@']).next().unwrap_or(typed);
    let is_target = catalogue::targets().contains_key(target);
    is_target.then(|| format!("a target is chosen with `--target {typed}`, and several with `--targets`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser as _;

    #[test]
    fn what_others_call_it_is_told() {
        for (typed, tip) in [
            ("bench run http://127.0.0.1:8080/", "--url http://127.0.0.1:8080/"),
            ("bench run --scenario json-echo --vus 10", "--conns N"),
            ("bench run --scenario json-echo -n 1000", "--duration 10s"),
            ("bench run --url http://h/ --rps=5", "--rate N"),
            ("bench run json-echo", "--scenario json-echo"),
            ("bench run --scenario json-echo rust", "--target rust"),
            ("bench report latest --json", "--format json"),
        ] {
            let error = Cli::try_parse_from(typed.split(' ')).expect_err(typed);
            let said = explained(error).to_string();
            assert!(said.contains(tip), "{typed}: {said}");
        }
        let error = Cli::try_parse_from(["bench", "run", "--scenraio", "json-echo"]).expect_err("a slip");
        assert!(explained(error).to_string().contains("'--scenario'"), "clap's own tip stays");
    }
}
