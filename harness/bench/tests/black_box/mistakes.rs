//! Bad input from the outside: one clear sentence that names the mend, the documented exit code, nothing left behind.

use crate::support::Sandbox;
use std::io::{Read as _, Write as _};
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
        ("empty.toml", "name = \"empty\"\ndescription = \"d\"\nrequest = []\n".to_owned()),
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
        ("run --scenario unknown.toml", 2, &["unknown.toml, line 4, column 1", "did you mean `headers`?"]),
        ("run --scenario number.toml", 2, &["number.toml", "line 4"]),
        (
            "run --scenario empty.toml",
            2,
            &["empty.toml, line 3, column 1: `request` is empty", "[[request]]"],
        ),
        ("run --scenario stages.toml", 2, &["stages.toml", "line 4", "`stages` is empty"]),
        ("run --scenario broken.toml", 2, &["broken.toml", "line 1"]),
        ("run --scenario nobody.toml", 2, &["absent.json"]),
        ("run --scenario renamed.toml", 2, &["`mine`", "`renamed`"]),
        ("run --url http://h/ --pid 0", 2, &["--pid 0", "no such process"]),
        ("run --url http://h/ --pid 4194000", 2, &["--pid 4194000", "no such process"]),
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
    assert_told(&sandbox, cases);
}

/// What those type who come from other tools, or who are not where they think they are.
#[test]
fn mistakes_of_those_who_are_new() {
    let sandbox = Sandbox::new();
    let cases: &[Case<'_>] = &[
        ("run --scenario json-echo --target golang", 2, &["golang", "rust", "bench init"]),
        ("run --scenario orders", 2, &["`orders`", "json-echo", "no `scenarios` folder", "bench init"]),
        ("run http://127.0.0.1:8080/", 2, &["--url http://127.0.0.1:8080/"]),
        ("run json-echo", 2, &["--scenario json-echo"]),
        ("run --scenario json-echo --vus 10", 2, &["--conns N"]),
        ("run --scenario json-echo --format xml", 2, &["xml", "text", "json", "csv", "markdown"]),
        ("compare --scenario json-echo --targets rust,rust --metrics tsp", 2, &["did you mean `tps`?"]),
        ("compare --base 20260102T030405Z-nothing", 2, &["20260102T030405Z-nothing", "bench list runs"]),
        ("compare --scenario json-echo --targets rust@nowhere,rust", 2, &["nowhere", "root of a checkout"]),
        ("capacity --target rust --slo p99<20", 2, &["p99<20", "20ms"]),
        ("completions tcsh", 2, &["bash", "fish"]),
        ("man rnu", 2, &["did you mean `run`?"]),
        ("init --name Orders", 2, &["small letters"]),
        ("report", 2, &["say what to show", "--history"]),
    ];
    assert_told(&sandbox, cases);
}

#[test]
fn mistakes_in_requests() {
    let sandbox = Sandbox::new();
    let good = "description = \"d\"\n[[request]]\npath = \"/\"\n";
    for (name, text) in [
        ("header", good.to_owned() + "headers = { Idem = '{{sreal}}' }\n"),
        ("weight", good.to_owned() + "\n\nweight = 0\n"),
        ("blanks", good.replace("path = \"/\"", "path = \"/x/{{int 1 10}}\"")),
        ("huge", good.to_owned() + "method = 'POST'\nbody.fresh = '{{serial}}'\nbody.batch = 2\n"),
    ] {
        let file = sandbox.folder.path().join(format!("{name}.toml"));
        std::fs::write(file, format!("name = \"{name}\"\n{text}")).unwrap();
    }
    let header = ["header.toml", "line 5", "`headers.Idem`", "did you mean `serial`?"];
    let huge = "run --scenario huge.toml --batch 100000000 --dry-run";
    assert_told(
        &sandbox,
        &[
            ("run --scenario header.toml", 2, &header),
            ("run --scenario weight.toml", 2, &["weight.toml", "line 7", "`weight` is 0"]),
            ("run --scenario blanks.toml", 2, &["/x/{{int 1 10}}", "write `digits` in a path"]),
            (huge, 2, &["100000000 items", "at most 1000000", "--batch"]),
            ("run --url http://h/ -H X:{{serail}}", 2, &["the header X", "did you mean `serial`?"]),
        ],
    );
}

fn assert_told(sandbox: &Sandbox, cases: &[Case<'_>]) {
    for (typed, code, parts) in cases {
        let output = sandbox.run(&typed.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(*code), "{typed}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{typed} must say {parts:?}: {said}");
        assert!(output.stdout.is_empty() && !said.contains("panicked"), "{typed}: {said}");
    }
}

/// Answers the first request on its port with these bytes, and closes.
fn answer_once(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).and_then(|_| stream.write_all(&bytes));
    });
    url
}

/// What is wrong is named, and nothing of what a server sends steers the terminal.
#[test]
fn a_wrong_answer_is_named_and_does_nothing_to_the_terminal() {
    let sandbox = Sandbox::new();
    let scenario = "name = \"order\"\ndescription = \"d\"\n[[setup]]\npath = \"/login\"\nkeep = { token = \"token\" }\n\
                    [[request]]\npath = \"/\"\n";
    std::fs::write(sandbox.folder.path().join("login.toml"), scenario.replace("order", "login")).unwrap();
    let order = "name = \"order\"\ndescription = \"d\"\n[[request]]\npath = \"/orders\"\n\
                 expect.json = { id = 7, status = \"committed\" }\n";
    std::fs::write(sandbox.folder.path().join("order.toml"), order).unwrap();
    let answer = |status: &str, headers: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    for (scenario, bytes, parts) in [
        (
            "order",
            answer("200 OK", "", br#"{"id":7,"status":"pending"}"#),
            &["GET /orders", "`status` is \"pending\", not \"committed\""][..],
        ),
        (
            "order",
            answer("200 OK", "", br#"{"status":"committed"}"#),
            &["`id` is missing, which should be 7"],
        ),
        (
            "order",
            answer("500 No", "", b"\x1b[2J\x1b]0;title\x07"),
            &["status 500", r"\u{1b}[2J\u{1b}]0;title"],
        ),
        (
            "order",
            answer("200 OK", "Content-Encoding: gzip\r\n", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab"),
            &["its gzip is broken or cut short"],
        ),
        (
            "login",
            answer("200 OK", "", br#"{"token":"a\r\nX: b"}"#),
            &["set-up", "`token` has a control character"],
        ),
        ("login", answer("401 No", "", b""), &["GET /login", "status 401", "NODE_USERS"]),
    ] {
        let url = answer_once(bytes);
        let file = format!("{scenario}.toml");
        let output = sandbox.run(&["run", "--scenario", &file, "--url", &url, "-d", "1s", "--warmup", "0s"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{parts:?}: {said}");
        let steers = |c: char| c.is_control() && c != '\n';
        assert!(!said.contains(steers) && !said.contains('\u{fffd}'), "{said:?}");
    }
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
