//! Signing in: passwords, tokens, and the variables that a start needs.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rustix::process::Signal;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::client::{Answer, Client};
use crate::server::{SECRET, Server, program};

const GOOD: &str = r#"{"username":"bench","password":"correct horse battery staple"}"#;

fn session(client: &mut Client, authorization: &str) -> Answer {
    client.send(format!("GET /session HTTP/1.1\r\nHost: test\r\nAuthorization: {authorization}\r\n\r\n"));
    client.answer()
}

fn refused(answer: &Answer) {
    answer.error(401);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert!(!answer.closes());
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs()
}

/// A token that this test signs by itself.
fn token(header: &str, claims: &str, secret: &str) -> String {
    let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key").chain_update(&signed);
    format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

#[test]
fn a_password_gives_a_token_and_the_token_its_claims() {
    let server = Server::start();
    let mut client = server.connect();
    let before = now_s();
    let answer = client.post("/login", GOOD);
    let after = now_s();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let json = answer.json();
    assert_eq!(json.as_object().expect("an object").len(), 1);
    let token = json["token"].as_str().expect("a token");
    let header = BASE64.decode(token.split('.').next().expect("a header")).expect("base64");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    assert_eq!(header, json!({"alg": "HS256", "typ": "JWT"}));

    let answer = session(&mut client, &format!("Bearer {token}"));
    assert_eq!(answer.status, 200);
    let claims = answer.json();
    let issued = claims["iat"].as_u64().expect("seconds");
    assert!((before..=after).contains(&issued));
    assert_eq!(claims, json!({"sub": "bench", "iat": issued, "exp": issued + 3_600}));
}

#[test]
fn the_wrong_password_and_an_unknown_user_are_401_alike() {
    let server = Server::start();
    let mut client = server.connect();
    let wrong = client.post("/login", r#"{"username":"bench","password":"correct horse"}"#);
    refused(&wrong);
    let unknown = client.post("/login", r#"{"username":"nobody","password":"correct horse battery staple"}"#);
    refused(&unknown);
    assert_eq!(wrong.error(401), unknown.error(401), "the message does not tell who exists");
    assert_eq!(client.post("/login", GOOD).status, 200, "the connection stays");
}

#[test]
fn what_is_no_name_and_password_is_400() {
    let server = Server::start();
    let mut client = server.connect();
    for body in [
        "",
        "{}",
        "[]",
        r#"["bench","correct horse battery staple"]"#,
        r#"{"username":"bench"}"#,
        r#"{"password":"correct horse battery staple"}"#,
        r#"{"username":1,"password":"x"}"#,
        r#"{"username":"bench","password":null}"#,
        r#"{"username":"bench","password":"x"} x"#,
    ] {
        client.post("/login", body).error(400);
    }
    let more = GOOD.replace('{', r#"{"remember":[true],"#).replace("horse", "\\u0068orse");
    assert_eq!(client.post("/login", &more).status, 200, "other keys are ignored");
}

#[test]
fn a_token_need_not_come_from_this_process() {
    let server = Server::start();
    let mut client = server.connect();
    let claims = json!({"sub": "somebody else", "iat": 5, "exp": now_s() + 1_000, "more": 1});
    let good = token(r#"{"typ":"JWT","alg":"HS256"}"#, &claims.to_string(), SECRET);
    let answer = session(&mut client, &format!("bearer {good}"));
    let expected = json!({"sub": "somebody else", "iat": 5, "exp": claims["exp"]});
    assert_eq!((answer.status, answer.json()), (200, expected));
    let login = client.post("/login", GOOD).json();
    let other = Server::start().connect().get("/session");
    refused(&other);
    let elsewhere = Server::start();
    let answer =
        session(&mut elsewhere.connect(), &format!("Bearer {}", login["token"].as_str().expect("a token")));
    assert_eq!(answer.status, 200);
}

#[test]
fn every_other_token_is_401() {
    let server = Server::start();
    let mut client = server.connect();
    let header = r#"{"alg":"HS256","typ":"JWT"}"#;
    let future = now_s() + 1_000;
    let claims = format!(r#"{{"sub":"bench","iat":1,"exp":{future}}}"#);
    let good = token(header, &claims, SECRET);
    assert_eq!(session(&mut client, &format!("Bearer {good}")).status, 200);
    let unsigned = format!("{}.{}.", BASE64.encode(r#"{"alg":"none","typ":"JWT"}"#), BASE64.encode(&claims));
    for authorization in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        good.clone(),
        format!("Basic {good}"),
        format!("Bearer{good}"),
        format!("Bearer {good}x"),
        format!("Bearer {}", &good[1..]),
        format!("Bearer {unsigned}"),
        format!("Bearer {}", token(r#"{"alg":"none"}"#, &claims, SECRET)),
        format!("Bearer {}", token(r#"{"alg":"HS384"}"#, &claims, SECRET)),
        format!("Bearer {}", token(header, &claims, "another secret of more than 32 bytes")),
        format!("Bearer {}", token(header, &format!(r#"{{"sub":"bench","exp":{future}}}"#), SECRET)),
        format!("Bearer {}", token(header, &format!(r#"{{"sub":7,"iat":1,"exp":{future}}}"#), SECRET)),
        // It ended this very second, or has since.
        format!(
            "Bearer {}",
            token(header, &format!(r#"{{"sub":"bench","iat":1,"exp":{}}}"#, now_s()), SECRET)
        ),
    ] {
        refused(&session(&mut client, &authorization));
    }
    refused(&client.get("/session"));
}

/// A server with one user, `slow`, whose password takes this many iterations.
fn slow_server(iterations: u32, arguments: &[&str]) -> Server {
    let users =
        format!("slow:pbkdf2-sha256${iterations}$MTIzNDU2Nzg=$2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730=");
    let mut command = program();
    command.args(["--port", "0", "--threads", "1"]).args(arguments).env("NODE_USERS", users);
    Server::spawn(command)
}

/// Sends a login of `slow` that the server has begun to read.
fn login_in_flight(server: &Server) -> Client {
    let body = r#"{"username":"slow","password":""}"#;
    let mut client = server.connect();
    client.send(format!(
        "POST /login HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    ));
    assert_eq!(client.head().status, 100);
    client.send(body);
    client
}

#[test]
fn hashing_does_not_hold_up_other_requests() {
    // Much longer than some echoes take, however busy the machine is.
    let server = slow_server(300_000, &[]);
    let mut slow = login_in_flight(&server);
    let mut client = server.connect();
    for number in 0..20 {
        assert_eq!(client.echo(&number.to_string()).json(), json!(number));
    }
    assert!(!slow.has_answer(), "the worker answered others first");
    refused(&slow.answer());
}

#[test]
fn a_login_in_flight_is_answered_before_the_end() {
    let mut server = slow_server(50_000, &["--drain-timeout-ms", "20000"]);
    let mut slow = login_in_flight(&server);
    server.signal(Signal::TERM);
    slow.answer().error(401);
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn a_hash_that_takes_too_long_does_not_hold_up_the_end() {
    let mut server = slow_server(10_000_000, &["--drain-timeout-ms", "50"]);
    let mut slow = login_in_flight(&server);
    server.signal(Signal::TERM);
    assert_eq!(server.wait().code(), Some(0));
    // Whether the end is orderly or a reset is the kernel's affair.
    if let Ok(bytes) = slow.rest() {
        assert_eq!(bytes, b"", "it was cut off");
    }
}

#[test]
fn there_is_no_start_without_a_secret_or_with_wrong_users() {
    let valid = "bench:pbkdf2-sha256$1$MTIzNDU2Nzg=$2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730=";
    for (secret, users, said) in [
        (None, valid, "NODE_SECRET is not set"),
        (Some(""), valid, "NODE_SECRET has 0 bytes"),
        (Some("0123456789abcdef0123456789abcde"), valid, "NODE_SECRET has 31 bytes"),
        (Some(SECRET), "bench", "NODE_USERS: entry 1"),
        (Some(SECRET), &format!("{valid},"), "NODE_USERS: entry 2"),
        (Some(SECRET), &valid.replace("$1$", "$0$"), "NODE_USERS: entry 1: the iterations"),
    ] {
        let mut command = program();
        command.args(["--port", "0"]).env("NODE_USERS", users).env_remove("NODE_SECRET");
        if let Some(secret) = secret {
            command.env("NODE_SECRET", secret);
        }
        let output = command.output().expect("the program runs");
        let message = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1));
        assert!(message.contains(said), "{message}");
        assert!(output.stdout.is_empty(), "nothing is announced");
    }
}

#[test]
fn without_users_nobody_signs_in() {
    let mut command = program();
    command.args(["--port", "0", "--threads", "1"]).env_remove("NODE_USERS");
    refused(&Server::spawn(command).connect().post("/login", GOOD));
}
