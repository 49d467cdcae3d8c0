//! What is stored: a run's folder `results/<id>/`, which appears whole, under its name, or not at all; and a
//! comparison's or a search's, which holds the runs of its blocks or levels.

mod capacity;
mod comparison;
mod planned;

pub(crate) use capacity::{CAPACITY_FILE, CapacityFolder, Spot};
pub(crate) use comparison::{COMPARISON_FILE, ComparisonFolder, StoredRun, file_name};

use anyhow::{Context as _, Result, anyhow};
use bench_model::interval::Interval;
use bench_model::record::{Observations, RunRecord, SCHEMA};
use bench_model::report::RunReport;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// The file in a run's folder that everything else can be made from.
pub(crate) const RUN_FILE: &str = "run.json";
/// The intervals as they come, until `run.json` holds them.
const SPOOL_FILE: &str = "intervals.ndjson";

/// The folder of a run that is going on, under a name of its own that no list shows.
#[derive(Debug)]
pub(crate) struct RunFolder {
    root: PathBuf,
    partial: PathBuf,
    pub(crate) id: String,
    /// In UTC, as RFC 3339.
    pub(crate) started_at: String,
    spool: BufWriter<File>,
    kept: bool,
}

/// What `run.json` holds before its intervals: the report, for people and `jq`, and what it is recomputed from.
#[derive(Serialize)]
struct RunFile<'a> {
    #[serde(flatten)]
    report: &'a RunReport,
    started_at: &'a str,
    observations: &'a Observations,
}

impl RunFolder {
    /// Makes the folder of a run called `name`, and shows at once whether results can be written there.
    pub(crate) fn create(root: &Path, name: &str) -> Result<Self> {
        let now = OffsetDateTime::now_utc().replace_nanosecond(0)?;
        let (id, partial) = new_folder(root, name, now)?;
        Self::begin(root, id, partial, now)
    }

    /// Makes the folder of a run that has its id already, as those of a comparison's blocks have.
    pub(crate) fn create_as(root: &Path, id: &str) -> Result<Self> {
        let now = OffsetDateTime::now_utc().replace_nanosecond(0)?;
        let partial = partial_of(root, id);
        fs::create_dir_all(&partial).with_context(|| elsewhere(root))?;
        Self::begin(root, id.to_owned(), partial, now)
    }

    fn begin(root: &Path, id: String, partial: PathBuf, now: OffsetDateTime) -> Result<Self> {
        let spool = BufWriter::new(File::create(partial.join(SPOOL_FILE)).with_context(|| elsewhere(root))?);
        Ok(Self { root: root.to_owned(), partial, id, started_at: now.format(&Rfc3339)?, spool, kept: false })
    }

    /// A file in the folder, where it is now.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.partial.join(name)
    }

    /// The folder, where it is now.
    pub(crate) fn path(&self) -> &Path {
        &self.partial
    }

    /// Stores an interval.
    pub(crate) fn add(&mut self, interval: &Interval) -> Result<()> {
        serde_json::to_writer(&mut self.spool, interval)
            .map_err(anyhow::Error::from)
            .and_then(|()| Ok(self.spool.write_all(b"\n").and_then(|()| self.spool.flush())?))
            .with_context(|| self.full_disk())
    }

    /// The stored intervals again, one by one.
    pub(crate) fn intervals(&self) -> Result<impl Iterator<Item = Result<Interval>> + use<>> {
        let lines = BufReader::new(File::open(self.file(SPOOL_FILE))?).lines();
        Ok(lines.map(|line| Ok(serde_json::from_str(&line?)?)))
    }

    /// Writes `run.json` from the report and the stored intervals.
    pub(crate) fn write_run(&self, report: &RunReport, observations: &Observations) -> Result<()> {
        let write = || -> Result<()> {
            let mut file = BufWriter::new(File::create(self.file(RUN_FILE))?);
            let head =
                serde_json::to_string(&RunFile { report, started_at: &self.started_at, observations })?;
            let open = head.strip_suffix('}').ok_or_else(|| anyhow!("the report is no JSON object"))?;
            write!(file, "{open},\n\"intervals\":[")?;
            let spool = BufReader::new(File::open(self.file(SPOOL_FILE))?);
            for (index, line) in spool.lines().enumerate() {
                write!(file, "{}\n{}", if index == 0 { "" } else { "," }, line?)?;
            }
            file.write_all(b"\n]}\n")?;
            file.into_inner()?.sync_all()?;
            Ok(())
        };
        write().with_context(|| self.full_disk())
    }

    /// Writes another file.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        fs::write(self.file(name), content).with_context(|| self.full_disk())
    }

    /// Removes what was written with one of these extensions.
    pub(crate) fn remove(&self, extensions: &[&str]) {
        for path in fs::read_dir(&self.partial).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path
                .extension()
                .and_then(|found| found.to_str())
                .is_some_and(|found| extensions.contains(&found))
            {
                // A file that cannot be removed is at worst half a picture beside whole figures.
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Gives the folder its name: from now on it is a stored run.
    pub(crate) fn keep(mut self) -> Result<PathBuf> {
        fs::remove_file(self.file(SPOOL_FILE))?;
        let path = self.root.join(&self.id);
        fs::rename(&self.partial, &path).with_context(|| self.full_disk())?;
        self.kept = true;
        Ok(path)
    }

    fn full_disk(&self) -> String {
        format!(
            "cannot write results below {}: free some space, or choose a folder with --results",
            self.root.display()
        )
    }
}

/// Makes a hidden folder for something called `name`, and finds the id that it will have.
fn new_folder(root: &Path, name: &str, now: OffsetDateTime) -> Result<(String, PathBuf)> {
    let stamp = now.format(format_description!("[year][month][day]T[hour][minute][second]Z"))?;
    fs::create_dir_all(root).with_context(|| elsewhere(root))?;
    let numbered =
        |again: u32| if again == 1 { format!("{stamp}-{name}") } else { format!("{stamp}-{name}-{again}") };
    (1..1000)
        .map(numbered)
        .filter(|id| !root.join(id).exists())
        .find_map(|id| {
            let partial = partial_of(root, &id);
            match fs::create_dir(&partial) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => None,
                made => Some(made.map(|()| (id, partial))),
            }
        })
        .unwrap_or_else(|| Err(std::io::Error::other("too many runs in one second")))
        .with_context(|| elsewhere(root))
}

/// Where a result is until it is whole; no list shows it.
fn partial_of(root: &Path, id: &str) -> PathBuf {
    root.join(format!(".{id}.partial"))
}

fn elsewhere(root: &Path) -> String {
    format!("cannot write results below {}: choose a folder with --results", root.display())
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing half-written is left; if even that fails, the name says what the folder is.
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

/// A stored result: the file that everything else of it can be made from.
#[derive(Debug)]
pub(crate) enum Stored {
    /// A run's `run.json`.
    Run(PathBuf),
    /// A comparison's `comparison.json`.
    Comparison(PathBuf),
    /// The `capacity.json` of a search.
    Capacity(PathBuf),
}

/// Finds a run, a comparison or a search: by id, `latest`, its folder or its file.
pub(crate) fn find(root: &Path, named: &str) -> Result<Stored> {
    let ids = ids(root);
    if named == "latest" {
        let newest = ids.first().and_then(|id| stored_in(&root.join(id)));
        return newest.ok_or_else(|| {
            anyhow!("there is no run or comparison below {}: make one with `bench run`", root.display())
        });
    }
    let path = Path::new(named);
    let as_file = || match path.file_name()?.to_str()? {
        COMPARISON_FILE => Some(Stored::Comparison(path.to_owned())),
        CAPACITY_FILE => Some(Stored::Capacity(path.to_owned())),
        _ => path.is_file().then(|| Stored::Run(path.to_owned())),
    };
    let found = stored_in(&root.join(named)).or_else(|| stored_in(path)).or_else(as_file);
    found.ok_or_else(|| {
        let near = bench_model::suggest::nearest(named, ids.iter().map(String::as_str));
        let mend = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see `bench list runs`".to_owned(),
        };
        anyhow!("there is no run or comparison `{named}` below {}: {mend}", root.display())
    })
}

fn stored_in(folder: &Path) -> Option<Stored> {
    let is_there = |name: &str| Some(folder.join(name)).filter(|file| file.is_file());
    let comparison = is_there(COMPARISON_FILE).map(Stored::Comparison);
    let capacity = || is_there(CAPACITY_FILE).map(Stored::Capacity);
    comparison.or_else(capacity).or_else(|| is_there(RUN_FILE).map(Stored::Run))
}

/// Reads a run's file.
pub(crate) fn read_run(file: &Path) -> Result<RunRecord> {
    let bytes = fs::read(file).with_context(|| format!("cannot read the run {}", file.display()))?;
    let unreadable = || format!("{} is not a run that this bench can read", file.display());
    let record: RunRecord = serde_json::from_slice(&bytes).with_context(unreadable)?;
    if record.schema != SCHEMA {
        return Err(anyhow!("{}: its schema is `{}`, not `{SCHEMA}`", unreadable(), record.schema));
    }
    Ok(record)
}

/// The ids of all stored runs, comparisons and searches, the newest first.
pub(crate) fn ids(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let mut ids: Vec<String> = entries
        .filter(|entry| stored_in(&entry.path()).is_some())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    ids
}
