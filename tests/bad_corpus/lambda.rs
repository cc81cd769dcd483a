//! The part of Lambda that a function talks to: it hands over one event and takes the answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::Value;

/// Serves one event until it is dropped.
#[derive(Debug)]
pub struct Runtime {
    address: String,
    answers: Receiver<Value>,
    closed: Arc<AtomicBool>,
}

impl Runtime {
    pub fn start(event: Vec<u8>) -> Runtime {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (sender, answers) = channel();
        let closed = Arc::new(AtomicBool::new(false));
        let is_closed = closed.clone();
        let event = Arc::new(event);
        let given = Arc::new(AtomicBool::new(false));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_closed.load(Ordering::SeqCst) {
                    return;
                }
                let (event, given, sender) = (event.clone(), given.clone(), sender.clone());
                std::thread::spawn(move || serve(stream, &event, &given, &sender));
            }
        });
        Runtime {
            address,
            answers,
            closed,
        }
    }

    /// Where the function finds it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What the function answered, once it has.
    pub fn answer(&self) -> Option<Value> {
        self.answers.try_recv().ok()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.address);
    }
}

/// One connection: a request after the other, until the function is gone.
fn serve(stream: TcpStream, event: &[u8], given: &AtomicBool, answers: &Sender<Value>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some((path, body)) = request(&mut reader) {
        let next = path.ends_with("/invocation/next");
        if next && given.swap(true, Ordering::SeqCst) {
            // There is no second event: the function waits, as it does between two calls.
            continue;
        }
        if !next {
            let _ = answers.send(serde_json::from_slice(&body).unwrap_or(Value::Null));
        }
        let (status, content) = match next {
            true => ("200 OK", event),
            false => ("202 Accepted", &b"{}"[..]),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Lambda-Runtime-Aws-Request-Id: 00000000-0000-0000-0000-000000000001\r\n\
             Lambda-Runtime-Deadline-Ms: 4102444800000\r\n\
             Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:bad\r\n\r\n",
            content.len()
        );
        if writer
            .write_all(&[head.as_bytes(), content].concat())
            .is_err()
        {
            return;
        }
    }
}

/// The path and the body of a request.
fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader
            .read_line(&mut header)
            .ok()
            .filter(|read| *read > 0)?;
        let Some((name, value)) = header.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, body))
}
