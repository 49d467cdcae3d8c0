//! Connections that come from addresses of the caller's choice. All of 127.0.0.0/8 is every Linux machine's.

use crate::load::{Sum, job, run};
use crate::server::{Client, Server, response};
use bench_generator::Job;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

/// How many connections came from each address.
type Peers = Arc<Mutex<BTreeMap<IpAddr, u64>>>;

/// A server that notes where its connections come from.
fn noting(script: impl Fn(&mut Client) + Send + Sync + 'static) -> (Server, Peers) {
    let peers = Peers::default();
    let noted = Arc::clone(&peers);
    let server = Server::start(move |client| {
        *noted.lock().unwrap().entry(client.peer).or_default() += 1;
        script(client);
    });
    (server, peers)
}

fn addresses(list: &[&str]) -> Vec<IpAddr> {
    list.iter().map(|address| address.parse().unwrap()).collect()
}

fn counts(peers: &Peers, sources: &[IpAddr]) -> Vec<u64> {
    let peers = peers.lock().unwrap();
    assert!(peers.keys().all(|peer| sources.contains(peer)), "{peers:?}");
    sources.iter().map(|source| peers.get(source).copied().unwrap_or(0)).collect()
}

fn assert_served(sum: &Sum) {
    assert_eq!(sum.opened.fault, None);
    assert!(sum.counters.requests > 0);
    assert_eq!(sum.counters.errors.total(), 0, "{:?}", sum.counters);
}

#[test]
fn sources_take_turns_whoever_owns_the_connections() {
    let sources = addresses(&["127.0.0.2", "127.0.0.3", "127.0.0.4"]);
    for (connections, threads, expected) in [(9, 1, [3, 3, 3]), (9, 2, [3, 3, 3]), (11, 4, [4, 4, 3])] {
        let (mut server, peers) = noting(Client::echo);
        let job = Job { source_addresses: sources.clone(), ..job(server.address, connections, threads) };
        assert_served(&run(job, 2));
        server.stop();
        assert_eq!(counts(&peers, &sources), expected, "{connections} connections on {threads} threads");
    }
}

#[test]
fn a_connection_that_is_opened_again_comes_from_where_it_did() {
    let sources = addresses(&["127.0.0.2", "127.0.0.3"]);
    let (mut server, peers) = noting(|client| {
        if let Some(body) = client.request() {
            client.send(response(200, "Connection: close\r\n", &body));
        }
    });
    let sum = run(Job { source_addresses: sources.clone(), ..job(server.address, 2, 1) }, 4);
    server.stop();
    assert_served(&sum);
    assert!(counts(&peers, &sources).iter().all(|&count| count > 1), "{peers:?}");
    assert!(sum.counters.reconnects > 2, "{:?}", sum.counters);
}

#[test]
fn an_address_of_another_machine_is_named() {
    let server = Server::echo();
    // RFC 5737: an address that is no machine's.
    let sources = addresses(&["127.0.0.2", "192.0.2.1"]);
    let mut job = Job { source_addresses: sources, ..job(server.address, 2, 1) };
    job.connect_timeout_ns = 50_000_000;
    let sum = run(job, 2);
    assert_eq!(sum.opened.open, 1);
    let fault = sum.opened.fault.unwrap();
    assert!(fault.contains("192.0.2.1 is not an address of this machine"), "{fault}");
    assert!(sum.counters.requests > 0, "the other connection goes on");
    assert!(sum.counters.errors.connect > 0);
}
