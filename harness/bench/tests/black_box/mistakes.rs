//! Bad input from the outside: one clear sentence that names the mend, the documented exit code, nothing left behind.

use crate::support::Sandbox;
use std::net::TcpListener;

/// What is typed, the exit code, and what the message must say.
type Case<'a> = (&'a str, i32, &'a [&'a str]);

#[test]
fn mistakes() {
    let sandbox = Sandbox::new();
    let folder = sandbox.folder.path();
    let good = "name = \"NAME\"\ndescription = \"d\"\n[[request]]\npath = \"/\"\n";
    for (name, text) in [
        ("unknown.toml", good.replace("path", "headrs = {}\npath")),
        ("number.toml", good.replace("[[request]]", "[load]\nconnections = \"many\"\n[[request]]")),
        ("stages.toml", good.replace("[[request]]", "[load]\nstages = []\n[[request]]")),
        ("nobody.toml", good.to_owned() + "body.file = \"absent.json\"\n"),
        ("broken.toml", "name = ".to_owned()),
        ("renamed.toml", good.replace("NAME", "mine")),
    ] {
        std::fs::write(folder.join(name), text.replace("NAME", name.trim_end_matches(".toml"))).unwrap();
    }
    std::fs::write(folder.join("a-file"), "").unwrap();
    // A port that is taken for as long as it takes to know that nobody listens there.
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refusing = format!("run --url http://{refused}/ -c 1");
    let cases: &[Case<'_>] = &[
        ("run", 2, &["--scenario", "--url"]),
        ("run --scenraio json-echo", 2, &["--scenario"]),
        ("run --scenario json-ecoh", 2, &["json-ecoh", "did you mean `json-echo`?"]),
        ("run --scenario absent.toml", 2, &["absent.toml", "No such file"]),
        ("run --scenario unknown.toml", 2, &["unknown.toml", "line 4", "did you mean `headers`?"]),
        ("run --scenario number.toml", 2, &["number.toml", "line 4"]),
        ("run --scenario stages.toml", 2, &["stages.toml", "line 4", "`stages` is empty"]),
        ("run --scenario broken.toml", 2, &["broken.toml", "line 1"]),
        ("run --scenario nobody.toml", 2, &["absent.json"]),
        ("run --scenario renamed.toml", 2, &["`mine`", "`renamed`"]),
        ("run --url http://h/ --pid 0", 2, &["--pid 0", "no such process"]),
        ("run --url http://h/ --pid 4194000", 2, &["--pid 4194000", "no such process"]),
        ("run --scenario json-echo --target golang", 2, &["golang", "rust"]),
        ("run --scenario json-echo --conns 0", 2, &["at least 1 connection"]),
        ("run --scenario json-echo --conns many", 2, &["`many` is not a count"]),
        ("run --scenario json-echo -c 5000000", 1, &["open files", "ulimit"]),
        ("run --scenario json-echo -d 10parsecs", 2, &["`10parsecs` is not a duration"]),
        ("run --scenario json-echo -d 0s", 2, &["at least 1ms"]),
        ("run --scenario json-echo --warmup soon", 2, &["auto"]),
        ("run --scenario json-echo --threads 0", 2, &["at least 1 thread"]),
        ("run --scenario json-echo --target-cpus 999", 2, &["999"]),
        ("run --scenario json-echo --generator-cpus x", 2, &["--generator-cpus", "x"]),
        ("run --scenario json-echo -m POST", 2, &["--method", "--scenario"]),
        ("run --scenario json-echo --url http://h/path", 2, &["path"]),
        ("run --url https://h/", 2, &["http://"]),
        ("run --url http://h:99999/", 2, &["http://127.0.0.1:8080"]),
        ("run --url http://h/ -H nocolon", 2, &["nocolon", "colon"]),
        ("run --url http://h/ -H content-length:3", 2, &["content-length"]),
        ("run --url http://h/ -b @absent.txt", 2, &["absent.txt", "--body"]),
        ("run --url http://h/ -b nojson --expect-body same-json", 2, &["not JSON"]),
        ("run --url http://h/ --expect-body same-json", 2, &["--body"]),
        ("run --url http://h/ --expect-body absent.txt", 2, &["absent.txt"]),
        ("run --url http://h/ --expect-status 9xx", 2, &["9xx"]),
        ("run --url http://no-such-host.invalid/", 1, &["no-such-host.invalid"]),
        (&refusing, 1, &["cannot connect", "start the server"]),
        ("run --scenario json-echo --results a-file", 1, &["a-file", "--results"]),
        ("run --scenario json-echo --results /proc/nowhere", 1, &["/proc/nowhere", "--results"]),
        ("report latest", 2, &["no run", "bench run"]),
        ("report nothing", 2, &["`nothing`"]),
        ("list everything", 2, &["runs", "scenarios", "targets"]),
        ("lits runs", 2, &["list"]),
    ];
    for (typed, code, parts) in cases {
        let output = sandbox.run(&typed.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(*code), "{typed}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{typed} must say {parts:?}: {said}");
        assert!(output.stdout.is_empty() && !said.contains("panicked"), "{typed}: {said}");
    }
    assert_eq!(sandbox.results().len(), 0, "nothing half-written is left");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let sandbox = Sandbox::new();
    let mut serve = sandbox.bench(&["serve", "--port", &port]);
    let output = serve.env("NODE_SECRET", "a-key-of-at-least-thirty-two-bytes").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains(&port) && said.contains("--port"), "{said}");
}

#[test]
fn a_server_without_a_secret_is_told_how_to_start() {
    let sandbox = Sandbox::new();
    let output = sandbox.bench(&["serve", "--port", "0"]).env_remove("NODE_SECRET").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("NODE_SECRET=$(openssl rand -hex 32) bench serve"), "{said}");
    assert!(output.stdout.is_empty(), "nothing is announced");
}
