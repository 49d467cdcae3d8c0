//! Where scenarios and targets are found: by name in the folders above, by path, or inside the program.

use crate::failure::Failure;
use anyhow::{Context as _, anyhow};
use bench_model::scenario::Scenario;
use bench_model::suggest::nearest;
use bench_model::target::{FileError, Manifest};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A scenario or a manifest, and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Found<T> {
    pub(crate) value: T,
    /// The file; absent for what the program carries inside.
    pub(crate) file: Option<PathBuf>,
}

macro_rules! scenarios_inside {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../scenarios/", $name, ".toml")))),*]
    };
}

/// What an installed `bench` carries inside, so that it runs anywhere: every scenario of the repository, and the reference target.
const SCENARIOS_INSIDE: [(&str, &str); 11] = scenarios_inside![
    "echo-1k",
    "echo-64k",
    "json-echo",
    "login",
    "node-mix",
    "session",
    "transaction",
    "transaction-accepted",
    "transaction-batch",
    "transaction-gzip",
    "transaction-new-connection",
];
const TARGETS_INSIDE: [(&str, &str); 1] = [("rust", include_str!("../../../targets/rust/inside.toml"))];
/// The file in a target's folder that describes it.
const MANIFEST: &str = "target.toml";

/// Reads the scenario of that name or path.
pub(crate) fn scenario(name: &str) -> Result<Found<Scenario>, Failure> {
    let found = find("scenario", name, &scenario_files(), &SCENARIOS_INSIDE, Scenario::parse)?;
    let stem =
        found.file.as_deref().and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    match (stem, &found.file) {
        (Some(stem), Some(file)) if stem != found.value.name => Err(Failure::Usage(anyhow!(
            "{}: its name is `{}`, not `{stem}` as the file's: make them the same",
            file.display(),
            found.value.name
        ))),
        _ => Ok(found),
    }
}

/// Reads the manifest that `NAME[:VARIANT][@CHECKOUT]` or a path names.
///
/// A path is that of a manifest or its folder, and takes a variant as well. A checkout is the root of another copy of
/// the repository, so that two builds of one target can be compared.
pub(crate) fn target(named: &str) -> Result<Found<Manifest>, Failure> {
    let (left, checkout) = match named.split_once('@') {
        Some((_, "")) => {
            return Err(Failure::Usage(anyhow!("{named}: give the root of a checkout after the @")));
        }
        Some((left, checkout)) => (left, Some(Path::new(checkout))),
        None => (named, None),
    };
    let (name, variant) = match left.rsplit_once(':') {
        Some((name, variant)) if !variant.contains('/') => (name, Some(variant)),
        _ => (left, None),
    };
    let files = checkout.map_or_else(target_files, |checkout| manifests_below(&checkout.join("targets")));
    let found = if let Some(checkout) = checkout {
        if files.is_empty() {
            return Err(Failure::Usage(anyhow!(
                "{named}: {} has no targets/*/{MANIFEST}: give the root of a checkout after the @",
                checkout.display()
            )));
        }
        find("target", name, &files, &[], Manifest::parse)
    } else if Path::new(name).join(MANIFEST).is_file() && name.contains('/') {
        let file = format!("{}/{MANIFEST}", name.trim_end_matches('/'));
        find("target", &file, &files, &[], Manifest::parse)
    } else {
        find("target", name, &files, &TARGETS_INSIDE, Manifest::parse)
    };
    let found = found?;
    if files.contains_key(name) && found.value.name != name {
        return Err(Failure::Usage(anyhow!(
            "targets/{name}/{MANIFEST}: its name is `{}`, not `{name}` as the folder's: make them the same",
            found.value.name
        )));
    }
    match variant {
        None => Ok(found),
        Some(variant) => with_variant(found, variant),
    }
}

/// The reference target as every `bench` carries it inside, whatever lies around: it needs no checkout and no build.
pub(crate) fn target_inside() -> Result<Manifest, Failure> {
    Ok(find("target", "rust", &BTreeMap::new(), &TARGETS_INSIDE, Manifest::parse)?.value)
}

/// The scenario of the reference target, from inside as well.
pub(crate) fn scenario_inside() -> Result<Scenario, Failure> {
    Ok(find("scenario", "json-echo", &BTreeMap::new(), &SCENARIOS_INSIDE, Scenario::parse)?.value)
}

fn with_variant(found: Found<Manifest>, name: &str) -> Result<Found<Manifest>, Failure> {
    if let Some(value) = found.value.with_variant(name) {
        return Ok(Found { value, file: found.file });
    }
    let known = || found.value.variant.keys().map(String::as_str);
    let mend = match nearest(name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if found.value.variant.is_empty() => "it has none".to_owned(),
        None => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
    };
    Err(Failure::Usage(anyhow!("the target `{}` has no variant `{name}`: {mend}", found.value.name)))
}

impl<T> Found<T> {
    /// The folder of the file; absent for what the program carries inside.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let folder = self.file.as_deref()?.parent()?;
        Some(if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() })
    }
}

/// All scenarios by name; a broken file gives its error.
pub(crate) fn scenarios() -> BTreeMap<String, Result<Found<Scenario>, Failure>> {
    names(&scenario_files(), &SCENARIOS_INSIDE).map(|name| (name.clone(), scenario(&name))).collect()
}

/// All targets by name; a broken file gives its error.
pub(crate) fn targets() -> BTreeMap<String, Result<Found<Manifest>, Failure>> {
    names(&target_files(), &TARGETS_INSIDE).map(|name| (name.clone(), target(&name))).collect()
}

fn find<T>(
    kind: &str,
    name: &str,
    files: &BTreeMap<String, PathBuf>,
    inside: &[(&str, &str)],
    parse: impl Fn(&str) -> Result<T, FileError>,
) -> Result<Found<T>, Failure> {
    let is_path = name.contains('/') || name.ends_with(".toml");
    let file = if is_path { Some(PathBuf::from(name)) } else { files.get(name).cloned() };
    if let Some(file) = file {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read the {kind} file {}", file.display()))
            .map_err(Failure::Usage)?;
        let value = parse(&text)
            .map_err(|error| Failure::Usage(anyhow!(error.of_file(&file.display().to_string()))))?;
        return Ok(Found { value, file: Some(file) });
    }
    if let Some((_, text)) = inside.iter().find(|(known, _)| *known == name) {
        let value = parse(text).map_err(|error| anyhow!("the {kind} `{name}` inside bench, {error}"))?;
        return Ok(Found { value, file: None });
    }
    let known: Vec<String> = names(files, inside).collect();
    let mend = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}; or give the path of a file", known.join(", ")),
    };
    let nowhere = match files.is_empty() {
        true => format!(
            " (no `{kind}s` folder is here or above, so these are inside bench: begin one with `bench init`, or go to a checkout)"
        ),
        false => String::new(),
    };
    Err(Failure::Usage(anyhow!("there is no {kind} `{name}`: {mend}{nowhere}")))
}

fn names<'a>(
    files: &'a BTreeMap<String, PathBuf>,
    inside: &'a [(&str, &str)],
) -> impl Iterator<Item = String> + 'a {
    let missing = inside.iter().map(|(name, _)| (*name).to_owned()).filter(|name| !files.contains_key(name));
    files.keys().cloned().chain(missing.collect::<Vec<_>>())
}

/// `scenarios/*.toml` of the nearest folder of that name, from the current one upwards.
fn scenario_files() -> BTreeMap<String, PathBuf> {
    let files = upwards("scenarios").map(|folder| entries(&folder)).unwrap_or_default();
    files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|file| Some((file.file_stem()?.to_str()?.to_owned(), file)))
        .collect()
}

/// `targets/*/target.toml` of the nearest folder of that name, from the current one upwards.
fn target_files() -> BTreeMap<String, PathBuf> {
    upwards("targets").map(|folder| manifests_below(&folder)).unwrap_or_default()
}

fn manifests_below(folder: &Path) -> BTreeMap<String, PathBuf> {
    entries(folder)
        .into_iter()
        .map(|folder| {
            (folder.file_name().map(|name| name.to_string_lossy().into_owned()), folder.join(MANIFEST))
        })
        .filter(|(_, file)| file.is_file())
        .filter_map(|(name, file)| Some((name?, file)))
        .collect()
}

/// The folder that holds `targets`.
pub(crate) fn home() -> Option<PathBuf> {
    upwards("targets")?.parent().map(Path::to_owned)
}

fn upwards(folder: &str) -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|above| above.join(folder)).find(|candidate| candidate.is_dir())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).map(|all| all.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_and_target_of_the_repository_loads() {
        for (name, scenario) in scenarios() {
            let scenario = scenario.unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
            assert_eq!(scenario.value.name, name);
            for request in &scenario.value.request {
                request.body.recipe().render().unwrap();
            }
        }
        for (name, target) in targets() {
            assert_eq!(target.unwrap_or_else(|failure| panic!("{name}: {failure:?}")).value.name, name);
        }
        assert!(scenarios().contains_key("json-echo") && targets().contains_key("rust"));
    }

    #[test]
    fn what_is_inside_needs_nothing_around_it() {
        assert!(target_inside().unwrap().build.is_none(), "it is built already");
        for (name, text) in SCENARIOS_INSIDE {
            let scenario = Scenario::parse(text).unwrap();
            assert_eq!(scenario.name, name);
            assert!(
                scenario.request.iter().all(|request| request.body.file.is_none()),
                "{name} has no files"
            );
        }
    }

    #[test]
    fn every_scenario_of_the_repository_is_inside() {
        let inside: Vec<String> = SCENARIOS_INSIDE.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(inside, scenario_files().into_keys().collect::<Vec<_>>());
    }

    #[test]
    fn a_slip_of_the_pen_is_met_with_the_right_name() {
        let Err(Failure::Usage(error)) = scenario("json-ecoh") else { panic!("found") };
        assert!(error.to_string().contains("did you mean `json-echo`?"), "{error}");
    }
}
