//! Sixty-four connections at once, each with a body of its own in every round: every one must get its own answer.

use super::answer::Answer;
use super::connection::Connection;
use super::fault::{Fault, shown};
use super::wire::Wire;

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 20;

/// Sends all requests of a round before it reads the first answer.
pub(super) fn own_answers(wire: &Wire) -> Result<(), Fault> {
    let open = || (0..CONNECTIONS).map(|_| Connection::open(wire)).collect::<Result<Vec<_>, _>>();
    let mut connections = open()?;
    for round in 0..ROUNDS {
        for (number, connection) in connections.iter_mut().enumerate() {
            connection.send(&wire.echo(body(number, round)))?;
        }
        for (number, connection) in connections.iter_mut().enumerate() {
            let answer = connection.answer()?;
            answer.is(200)?;
            answer.echoes(&body(number, round)).map_err(|fault| mixed_up(fault, &answer, number, round))?;
            if !answer.keeps_open {
                *connection = Connection::open(wire)?;
            }
        }
    }
    Ok(())
}

/// All of the same length within a round; long in every fourth, so that answers take their time.
fn body(connection: usize, round: usize) -> String {
    let filler = "é".repeat(if round % 4 == 3 { 4000 } else { 40 });
    format!(r#"{{"connection":"{connection:02}","round":"{round:02}","filler":"{filler}"}}"#)
}

fn mixed_up(fault: Fault, answer: &Answer, number: usize, round: usize) -> Fault {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(&answer.body) else { return fault };
    match (value["connection"].as_str(), value["round"].as_str()) {
        (Some(other), Some(its_round)) => Fault::new(
            format!("a body of its own on each of {CONNECTIONS} connections"),
            format!("connection {number:02} to get its own of round {round:02}"),
            format!(
                "that of connection {} of round {}",
                shown(other.as_bytes()),
                shown(its_round.as_bytes())
            ),
        ),
        _ => fault,
    }
}
