//! The audit against copies of the reference server, each with one fault planted in its source, built and loaded as any
//! target is: the way in which a user would come upon such a server.

use crate::ledger_audit::audit_of;
use crate::support::Sandbox;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// What belongs to the harness's repository and is needed to build the reference server.
const NEEDED: &[&str] = &["Cargo.toml", "Cargo.lock", "harness", "targets/rust", "targets/CONTRACT.md"];

/// A line of the server, and what stands there instead.
struct Fault {
    file: &'static str,
    line: &'static str,
    instead: &'static str,
    /// What the audit has to say of it.
    found: &'static str,
}

/// Every 10,000th transaction has a receipt and is forgotten.
const DROPS: Fault = Fault {
    file: "mod.rs",
    line: "        let transaction = self.accept(transfer)?;\n",
    instead: "        let transaction = self.accept(transfer)?;
        static APPLIED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        if APPLIED.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 10_000 == 0 {
            return Ok(self.open.next());
        }
",
    found: "has a receipt and is in no block",
};

/// Every 10,000th transaction moves its amount twice and is stored twice.
const APPLIES_TWICE: Fault = Fault {
    file: "mod.rs",
    line: "        let place = self.open.put(transaction);\n",
    instead: "        static APPLIED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        if APPLIED.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 10_000 == 0 {
            self.balances[transaction.from.index()] -= transaction.amount;
            self.balances[transaction.to.index()] += transaction.amount;
            self.open.put(Transaction { id: transaction.id.clone(), ..transaction });
            if self.open.is_full() {
                self.seal();
            }
        }
        let place = self.open.put(transaction);
",
    found: "is stored twice, again in block",
};

/// Block 100 follows block 98, as block 99 does.
const FORKS: Fault = Fault {
    file: "block.rs",
    line: "        let next = Self::new(self.height + 1, hash, std::mem::take(&mut self.line));\n",
    instead: "        let parent = if self.height + 1 == 100 { self.previous } else { hash };
        let next = Self::new(self.height + 1, parent, std::mem::take(&mut self.line));
",
    found: "block 100 follows",
};

#[test]
fn a_copy_of_the_reference_server_with_one_fault_is_found_out() {
    let copy = Sandbox::new();
    let repository = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    for name in NEEDED {
        copy_all(&repository.join(name), &copy.folder.path().join(name));
    }

    let (run, _) = load(&copy);
    assert_eq!(audit_of(&run), "", "a faithful copy passes");

    for fault in [DROPS, APPLIES_TWICE, FORKS] {
        let file = copy.folder.path().join("targets/rust/src/ledger").join(fault.file);
        let source = fs::read_to_string(&file).expect("a part of the ledger");
        assert_eq!(source.matches(fault.line).count(), 1, "{} has changed: {}", fault.file, fault.line);
        fs::write(&file, source.replace(fault.line, fault.instead)).expect("a fault is planted");
        let (run, code) = load(&copy);
        fs::write(&file, source).expect("the fault is mended");

        let stored = run["audit"]["stored"].as_u64().expect("an audit");
        assert!(stored >= 10_000, "no occasion for {:?}: only {stored} were stored", fault.found);
        let message = audit_of(&run);
        assert!(message.contains(fault.found), "{:?} is not in: {message}", fault.found);
        assert_eq!((&run["verdict"], code), (&"invalid".into(), 3), "{}", fault.found);
    }
}

/// Builds the copy and loads it with batches of 100; gives the run and its exit code.
fn load(copy: &Sandbox) -> (Value, i32) {
    let mut command = copy.bench(&[
        "run",
        "--scenario",
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/transaction-batch.toml"),
        "--target",
        "targets/rust/target.toml",
        "--batch",
        "100",
        "-c",
        "8",
        "-d",
        "3s",
        "--warmup",
        "0s",
        "--format",
        "json",
    ]);
    // What is asked is whether it is right, and a test waits for the build.
    command.envs([("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"), ("CARGO_PROFILE_RELEASE_LTO", "off")]);
    command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    let output = command.output().expect("bench starts");
    let run = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (run, output.status.code().expect("an exit code"))
}

/// Copies a file or a folder, without what was built in it.
fn copy_all(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(from, to).expect("a copy");
        return;
    }
    // By this tag cargo marks the folders that it builds in.
    if from.join("CACHEDIR.TAG").is_file() {
        return;
    }
    for entry in fs::read_dir(from).expect("a folder of the repository").flatten() {
        copy_all(&entry.path(), &to.join(entry.file_name()));
    }
}
