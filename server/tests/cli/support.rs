//! A data folder to run commands on, and processes to listen to. Every wait has a deadline.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use tempfile::TempDir;
use tungstenite::{self, Message, WebSocket};

/// Longer than anything takes on a busy machine; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A data folder, and another one for files.
pub struct Place {
    data: TempDir,
    files: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// The binary, without what the caller's environment says to it.
pub fn tidings() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TIDINGS_") || name == "LEPTOS_SITE_ADDR" {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn end(command: &mut Command) -> Ended {
    let output = command.output().expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Ended {
        code: output.status.code().expect("an exit code"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

impl Place {
    pub fn new() -> Self {
        Self {
            data: TempDir::new().expect("a folder"),
            files: TempDir::new().expect("a folder"),
        }
    }

    /// One with the knowledge base `notes`.
    pub fn with_notes() -> Self {
        let place = Self::new();
        place.ok(&["kb", "create", "notes"]);
        place
    }

    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The folder of files, as an argument.
    pub fn folder(&self) -> &str {
        self.files.path().to_str().expect("UTF-8")
    }

    /// The path of a file or folder there.
    pub fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    /// Writes a file there, and the folders that it is in.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
        std::fs::write(&path, text).expect("it is written");
        path.to_str().expect("UTF-8").to_owned()
    }

    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).expect("it is removed");
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = tidings();
        command.args(args).arg("--data").arg(self.data());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ended {
        end(&mut self.command(args))
    }

    /// Runs a command that must succeed, and returns what it prints.
    #[track_caller]
    pub fn ok(&self, args: &[&str]) -> String {
        let ended = self.run(args);
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.err);
        ended.out
    }

    /// The same with `--json`.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[args, &["--json"]].concat())).expect("JSON")
    }

    /// Runs a command that must be refused with one clear sentence that has these words in it.
    #[track_caller]
    pub fn refused(&self, args: &[&str], words: &[&str]) {
        let ended = self.run(args);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{args:?}: {}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
        for word in words {
            assert!(ended.err.contains(word), "{word:?} is not in: {}", ended.err);
        }
    }

    /// Runs a command with this on its standard input.
    #[track_caller]
    pub fn fed(&self, args: &[&str], input: &str) -> String {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().expect("the binary runs");
        child
            .stdin
            .take()
            .expect("its input")
            .write_all(input.as_bytes())
            .expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Starts a command that goes on until it is stopped.
    pub fn start(&self, args: &[&str]) -> Running {
        Running::start(&mut self.command(args))
    }

    /// Starts a server, and returns when it listens.
    pub fn serve(&self) -> (Running, SocketAddr) {
        let running = self.start(&["serve", "--auth", "off", "--no-guide", "--addr", "127.0.0.1:0", "--log", "error"]);
        let addr = running.listening();
        (running, addr)
    }

    /// All events of the log.
    pub fn log(&self) -> Vec<Value> {
        let tail = self.start(&["tail", "--since", "0"]);
        let head = self.json(&["health"])["head"].as_u64().expect("a number");
        let mut events = vec![];
        while events.last().is_none_or(|event: &Value| event["seq"] != head) && head > 0 {
            events.push(tail.json());
        }
        events
    }

    /// The events of the log as `type` or `type id`.
    pub fn kinds(&self) -> Vec<String> {
        let text = |event: &Value| match event["entry_id"].as_str() {
            Some(id) => format!("{} {id}", event["type"].as_str().unwrap_or_default()),
            None => event["type"].as_str().unwrap_or_default().to_owned(),
        };
        self.log().iter().map(text).collect()
    }

    /// An entry as JSON.
    #[track_caller]
    pub fn entry(&self, kb: &str, id: &str) -> Value {
        self.json(&["entry", "show", kb, id])
    }

    /// The ids of a knowledge base, in order.
    #[track_caller]
    pub fn ids(&self, kb: &str) -> Vec<String> {
        let rows = self.json(&["entry", "list", "--kb", kb]);
        let mut ids: Vec<String> = rows
            .as_array()
            .expect("a list")
            .iter()
            .map(|row| row["entry_id"].as_str().expect("an id").to_owned())
            .collect();
        ids.sort();
        ids
    }
}

/// A command that runs. Ended when it is dropped.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

fn read_lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the binary runs");
        let lines = read_lines(child.stdout.take().expect("its output"));
        let errors = read_lines(child.stderr.take().expect("its errors"));
        Self { child, lines, errors }
    }

    /// Its next line.
    pub fn line(&self) -> String {
        self.lines
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|_| panic!("no line came; errors: {:?}", self.errors.try_iter().collect::<Vec<_>>()))
    }

    /// Its next line as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.line()).expect("JSON")
    }

    /// Where it listens.
    pub fn listening(&self) -> SocketAddr {
        self.line()
            .strip_prefix("listening on http://")
            .and_then(|addr| addr.parse().ok())
            .expect("an address")
    }

    /// Asks it to stop as `kill` does, and waits for its end.
    pub fn terminate(self) -> i32 {
        self.stop().0
    }

    /// The same. Returns its exit code, and what it wrote to standard error.
    pub fn stop(self) -> (i32, String) {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill runs");
        assert!(killed.success());
        self.end()
    }

    /// Waits until it ends. Returns its exit code, and what it wrote to standard error.
    pub fn end(mut self) -> (i32, String) {
        // Its output ends when it does.
        while match self.lines.recv_timeout(PATIENCE) {
            Ok(_) => true,
            Err(RecvTimeoutError::Disconnected) => false,
            Err(RecvTimeoutError::Timeout) => panic!("it does not end"),
        } {}
        let code = self.child.wait().expect("it has ended").code().expect("it ends by itself");
        (code, self.errors.iter().collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client of `/ws`.
pub struct Socket(WebSocket<TcpStream>);

impl Socket {
    /// Connects. `query` is what follows the `?`.
    pub fn connect(addr: SocketAddr, query: &str) -> Self {
        let stream = TcpStream::connect(addr).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a deadline");
        let (socket, _) = tungstenite::client(format!("ws://{addr}/ws?{query}"), stream).expect("a socket");
        Self(socket)
    }

    /// The next message but heartbeats; none when the server has closed.
    pub fn next(&mut self) -> Option<Value> {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(&text).expect("JSON");
                    if frame["type"] != "heartbeat" {
                        return Some(frame);
                    }
                }
                Ok(Message::Close(_)) => return None,
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) => panic!("no message came: {error}"),
                Err(_) => return None,
            }
        }
    }
}
