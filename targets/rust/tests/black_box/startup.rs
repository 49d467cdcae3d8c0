//! The command line, the port, the line on standard output, and running out of files.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::client::request;
use crate::server::{SECRET, Server, program};

/// Runs the program to its end and gives its exit code and standard error.
fn fails_with(arguments: &[&str]) -> (Option<i32>, String) {
    let output = program().args(arguments).stdin(Stdio::null()).output().expect("the program runs");
    assert!(output.stdout.is_empty(), "nothing is announced");
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

#[test]
fn the_line_names_address_and_threads() {
    let one = Server::start_with(&["--threads", "1"]);
    assert_eq!(one.line(), format!("listening on http://127.0.0.1:{} with 1 thread\n", one.port()));
    let three = Server::start_with(&["--threads", "3"]);
    assert_eq!(three.line(), format!("listening on http://127.0.0.1:{} with 3 threads\n", three.port()));
    assert_ne!(three.port(), "0");
}

#[test]
fn every_thread_serves() {
    let server = Server::start_with(&["--threads", "4"]);
    let mut clients: Vec<_> = (0..64).map(|_| server.connect()).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        assert_eq!(client.echo(&number.to_string()).json(), json!(number));
    }
}

#[test]
fn ipv6_is_served_where_there_is_any() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let server = Server::start_with(&["--host", "::1", "--threads", "2"]);
    assert!(server.address().starts_with("[::1]:"));
    assert_eq!(server.connect().echo("6").json(), json!(6));
}

#[test]
fn a_port_in_use_is_an_error_that_names_it() {
    let server = Server::start();
    let (code, message) = fails_with(&["--port", server.port()]);
    assert_eq!(code, Some(1));
    assert!(message.contains(server.address()) && message.contains("--port"), "{message}");
    assert_eq!(server.connect().echo("1").json(), json!(1), "the first is not disturbed");
}

#[test]
fn a_port_can_be_used_again_at_once() {
    let mut server = Server::start();
    let port = server.port().to_owned();
    let mut client = server.connect();
    client.send(request("GET", "/healthz"));
    assert_eq!(client.answer().status, 200);
    server.signal(rustix::process::Signal::TERM);
    assert!(server.wait().success());
    let mut command = program();
    command.args(["--port", &port, "--threads", "1"]);
    assert_eq!(Server::spawn(command).port(), port);
}

#[test]
fn wrong_arguments_are_refused() {
    let (code, message) = fails_with(&["--port", "0", "--threads", "0"]);
    assert_eq!(code, Some(1));
    assert!(message.contains("0 threads"), "{message}");
    let (code, message) = fails_with(&["--port", "0", "--host", "192.0.2.1"]);
    assert_eq!(code, Some(1));
    assert!(message.contains("192.0.2.1"), "{message}");
    let (code, _) = fails_with(&["--port", "65536"]);
    assert_eq!(code, Some(2));
}

#[test]
fn running_out_of_files_is_survived() {
    let mut command = Command::new("sh");
    let script = format!("ulimit -n 40; exec \"{}\" --port 0 --threads 1", program().get_program().display());
    command.args(["-c", &script]).env("NODE_SECRET", SECRET).stderr(Stdio::null());
    let server = Server::spawn(command);
    let mut first = server.connect();
    assert_eq!(first.echo("1").json(), json!(1));
    // The kernel finishes these handshakes; the server cannot take all of them.
    let crowd: Vec<_> = (0..60).map(|_| server.connect()).collect();
    sleep(Duration::from_millis(100));
    assert_eq!(first.echo("2").json(), json!(2), "those who are in are served");
    drop(crowd);
    assert_eq!(server.connect().echo("3").json(), json!(3), "and there is room again");
}
