//! `bench doctor`: what is here to measure with, and what it means for a measurement.

use crate::cli::{DoctorArgs, DoctorFormat};
use crate::commands::{style, write};
use crate::doctor::noise::{self, Noise};
use crate::doctor::{self, Finding, Health};
use crate::failure::{Failure, say};
use crate::progress::Progress;
use crate::report::paragraph;
use crate::signals::Signals;
use crate::{limits, machine};
use std::process::ExitCode;

/// What those are told who did not ask for it.
const NOISE_HINT: &str = "How quiet this machine is, `bench doctor --noise` measures in under a minute.";

/// Looks and tells. Exits with 4 if a target cannot be built or run here, or nothing can be measured.
pub(crate) fn main(args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let (machine, targets) = (doctor::machine(), doctor::targets());
    let noise = if args.noise { Some(measure(args.pairs)?) } else { None };
    let noises = noise.as_ref().map(Noise::findings).unwrap_or_default();
    let text = match args.format {
        DoctorFormat::Text => {
            let width = style().width;
            let sections = [("machine", &machine), ("targets", &targets), ("noise", &noises)];
            let shown = sections.iter().filter(|(_, findings)| !findings.is_empty());
            let hint = noise.is_none().then(|| NOISE_HINT.to_owned() + "\n");
            let parts = shown.map(|(title, findings)| section(title, findings, width)).chain(hint);
            parts.collect::<Vec<_>>().join("\n")
        }
        DoctorFormat::Json => {
            let mut found =
                serde_json::json!({ "schema": "bench-doctor/1", "machine": machine, "targets": targets });
            if let Some(noise) = &noise {
                found["noise"] = serde_json::to_value(noise)?;
                found["noise"]["findings"] = serde_json::to_value(&noises)?;
            }
            serde_json::to_string_pretty(&found)? + "\n"
        }
    };
    write(&text)?;
    let bad = machine.iter().chain(&targets).chain(&noises).any(|finding| finding.health == Health::Bad);
    Ok(if bad { ExitCode::from(4) } else { ExitCode::SUCCESS })
}

fn measure(pairs: usize) -> Result<Noise, Failure> {
    say(&format!(
        "measuring how quiet this machine is takes about {:.0} s; leave it alone meanwhile. Ctrl-C stops it",
        noise::length_s(pairs)
    ));
    let signals = Signals::listen()?;
    limits::raise_open_files()?;
    let progress = Progress::new();
    // Pinning changes what the system says of the CPUs that may be used.
    let machine = machine::fingerprint();
    let measured = noise::measure(pairs, &machine, &signals, &progress);
    progress.finish();
    measured
}

fn section(title: &str, findings: &[Finding], width: usize) -> String {
    findings.iter().fold(format!("{title}\n"), |mut text, finding| {
        let mark = match finding.health {
            Health::Good => "ok",
            Health::Note => "note",
            Health::Bad => "no",
        };
        let about = match finding.meaning.is_empty() {
            true => finding.found.clone(),
            false => format!("{}: {}", finding.found, finding.meaning),
        };
        for line in paragraph::hanging(&format!("  {mark:4}  {:13} ", finding.name), &about, width) {
            text += &line;
            text.push('\n');
        }
        text
    })
}
