//! The `{words}` of a start command, which the harness or the manifest's own variables fill in.

use super::Start;
use crate::suggest::nearest;
use std::collections::BTreeMap;

/// What the harness fills in.
const BUILT_IN: [&str; 4] = ["bench", "cpus", "host", "port"];

/// The values of the placeholders that the harness fills in.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    /// `{bench}`: the path of the running harness.
    pub bench: &'a str,
    /// `{host}`: the address to listen on.
    pub host: &'a str,
    /// `{port}`: the port to listen on.
    pub port: u16,
    /// `{cpus}`: how many CPUs the target may use; at least 1.
    pub cpus: usize,
}

impl Filling<'_> {
    /// `text` with its placeholders filled in, the variables' own included.
    pub(super) fn fill(&self, text: &str, variables: &BTreeMap<String, String>) -> String {
        let with_variables = replace(text, |name| variables.get(name).cloned());
        replace(&with_variables, |name| match name {
            "bench" => Some(self.bench.to_owned()),
            "host" => Some(self.host.to_owned()),
            "port" => Some(self.port.to_string()),
            "cpus" => Some(self.cpus.to_string()),
            _ => None,
        })
    }
}

/// Refuses a placeholder that nothing fills in, and a variable that the harness fills in itself.
pub(super) fn check(start: &Start) -> Result<(), String> {
    if let Some(name) = start.variables.keys().find(|name| BUILT_IN.contains(&name.as_str())) {
        return Err(format!("the variable `{name}` is filled in by the harness: give yours another name"));
    }
    let variables = start.variables.keys().map(String::as_str);
    let all: Vec<&str> = BUILT_IN.into_iter().chain(variables).collect();
    // A variable is filled in once, so it cannot name another.
    require(start.variables.values(), &BUILT_IN)?;
    require(start.command.iter().chain(start.env.values()), &all)
}

/// Refuses a variable that none of these uses, which is mostly a misspelt one.
pub(super) fn check_used<'a>(
    mut variables: impl Iterator<Item = &'a String>,
    starts: &[&Start],
) -> Result<(), String> {
    let is_used = |name: &str| {
        let mark = format!("{{{name}}}");
        let mut texts = starts.iter().flat_map(|start| start.command.iter().chain(start.env.values()));
        texts.any(|text| text.contains(&mark))
    };
    match variables.find(|name| !is_used(name)) {
        Some(name) => Err(format!(
            "the variable `{name}` is used nowhere: write `{{{name}}}` in the command or in `env`"
        )),
        None => Ok(()),
    }
}

fn require<'a>(texts: impl Iterator<Item = &'a String>, known: &[&str]) -> Result<(), String> {
    let mut unknown = None;
    for text in texts {
        replace(text, |name| {
            if !known.contains(&name) {
                unknown.get_or_insert_with(|| name.to_owned());
            }
            None
        });
    }
    unknown.map_or(Ok(()), |name| {
        let mend = nearest(&name, known.iter().copied()).map_or_else(
            || format!("known are {}", known.join(", ")),
            |near| format!("did you mean `{{{near}}}`?"),
        );
        Err(format!("`{{{name}}}` is nothing that can be filled in: {mend}"))
    })
}

/// Replaces each `{name}` by what `value` says; other braces, and names without a value, stay.
/// `text` with those placeholders replaced that `value` knows.
pub(super) fn replace(text: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        rest = &rest[open..];
        let name = rest[1..].split_once('}').map(|(name, _)| name).filter(|name| is_name(name));
        match name.and_then(|name| Some((name, value(name)?))) {
            Some((name, value)) => {
                filled.push_str(&value);
                rest = &rest[name.len() + 2..];
            }
            None => {
                filled.push('{');
                rest = &rest[1..];
            }
        }
    }
    filled + rest
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling() {
        let filling = Filling { bench: "b", host: "h", port: 1, cpus: 3 };
        let variables = [("heap".to_owned(), "{cpus}g".to_owned())].into();
        for (text, expected) in [
            ("-Xmx{heap}", "-Xmx3g"),
            ("{host}:{port}", "h:1"),
            ("{", "{"),
            ("{}", "{}"),
            ("{\"a\":{port}}", "{\"a\":1}"),
            ("{Other} {none}", "{Other} {none}"),
        ] {
            assert_eq!(filling.fill(text, &variables), expected, "{text}");
        }
    }
}
