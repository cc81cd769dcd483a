//! The command takes every kind of credentials that AWS's own command line takes. A server that says nothing but "not there"
//! is asked with them, and remembers whose name each request was signed in.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use support::{Workshop, program};

/// A session at Identity Center, and where its token is kept: the name is the SHA-1 of the address.
const START_URL: &str = "https://example.awsapps.com/start";
const SSO_TOKEN: &str = "home/.aws/sso/cache/e8be5486177c5b5392bd9aa76563515b29358e6e.json";
/// A session of `aws login`, and where it is kept: the name is the SHA-256 of it.
const LOGIN_SESSION: &str = "arn:aws:iam::000000000000:user/PowerUser";
const LOGIN_TOKEN: &str =
    "home/.aws/login/cache/d19c78f768c6a12874de5f41d7f22cbb834ba205704102da0db20d8496efecb5.json";
/// Long after these tests.
const EXPIRES: &str = "2099-01-01T00:00:00Z";

/// Answers as S3 does that has no such object, and as Identity Center does that gives credentials for a token.
struct Recorder {
    address: String,
    signed_by: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    fn start() -> Recorder {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let signed_by = Arc::new(Mutex::new(Vec::new()));
        let heard = signed_by.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let heard = heard.clone();
                std::thread::spawn(move || answer(stream, &heard));
            }
        });
        Recorder { address, signed_by }
    }
}

fn answer(stream: TcpStream, heard: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let mut request = String::new();
        reader
            .read_line(&mut request)
            .ok()
            .filter(|bytes| *bytes > 0)?;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).ok()?;
            if let Some((_, credential)) = header.split_once("Credential=") {
                let key = credential.split('/').next().unwrap_or_default();
                heard.lock().unwrap().push(key.to_owned());
            }
            if header.trim().is_empty() {
                break;
            }
        }
        let (status, kind, body) = if request.contains("/federation/credentials") {
            let body = r#"{"roleCredentials":{"accessKeyId":"AKIDOFIDENTITYCENTER","secretAccessKey":"s","sessionToken":"t","expiration":4070908800000}}"#;
            ("200 OK", "application/json", body)
        } else {
            (
                "404 Not Found",
                "application/xml",
                "<Error><Code>NoSuchKey</Code><Message>not there</Message></Error>",
            )
        };
        write!(
            writer,
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .ok()?;
    }
}

/// In whose name a store in S3 is asked by somebody with this profile and nothing else.
fn asked_as(workshop: &Workshop, profile: &str) -> Vec<String> {
    let recorder = Recorder::start();
    let config = workshop.write("home/.aws/config", profile);
    let mut command = Command::new(program("millrace"));
    for name in std::env::vars_os().map(|(name, _)| name) {
        if name.to_str().is_some_and(|name| name.starts_with("AWS_")) {
            command.env_remove(name);
        }
    }
    let done = command
        .args(["--store", "s3://bucket/prefix", "models", "show", "v1.0.0"])
        .env("HOME", workshop.path("home"))
        .env("AWS_CONFIG_FILE", config)
        .env("AWS_SHARED_CREDENTIALS_FILE", workshop.path("none"))
        .env("AWS_PROFILE", "person")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", &recorder.address)
        .output()
        .unwrap();
    assert!(!done.status.success(), "there is no model there");
    let signed_by = recorder.signed_by.lock().unwrap().clone();
    assert!(
        !signed_by.is_empty(),
        "nothing was signed: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    signed_by
}

fn expect_all(signed_by: &[String], key: &str) {
    assert!(signed_by.iter().all(|name| name == key), "{signed_by:?}");
}

#[test]
fn credentials_of_a_process() {
    let workshop = Workshop::default();
    let said = workshop.write(
        "said.json",
        format!(r#"{{"Version": 1, "AccessKeyId": "AKIDOFPROCESS", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "{EXPIRES}"}}"#),
    );
    let profile =
        format!("[profile person]\nregion = eu-central-1\ncredential_process = cat {said}\n");
    expect_all(&asked_as(&workshop, &profile), "AKIDOFPROCESS");
}

#[test]
fn credentials_of_identity_center() {
    let workshop = Workshop::default();
    workshop.write(
        SSO_TOKEN,
        format!(r#"{{"startUrl": "{START_URL}", "region": "eu-central-1", "accessToken": "token", "expiresAt": "{EXPIRES}"}}"#),
    );
    let profile = format!(
        "[profile person]\nregion = eu-central-1\nsso_start_url = {START_URL}\nsso_region = eu-central-1\nsso_account_id = 111122223333\nsso_role_name = Engineer\n"
    );
    expect_all(&asked_as(&workshop, &profile), "AKIDOFIDENTITYCENTER");
}

#[test]
fn credentials_of_aws_login() {
    let workshop = Workshop::default();
    workshop.write(
        LOGIN_TOKEN,
        format!(
            r#"{{"accessToken": {{"accessKeyId": "AKIDOFLOGIN", "secretAccessKey": "s", "sessionToken": "t", "accountId": "000000000000", "expiresAt": "{EXPIRES}"}}, "tokenType": "aws_sigv4", "refreshToken": "r", "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": "none is needed before it expires"}}"#
        ),
    );
    let profile =
        format!("[profile person]\nregion = eu-central-1\nlogin_session = {LOGIN_SESSION}\n");
    expect_all(&asked_as(&workshop, &profile), "AKIDOFLOGIN");
}
