//! A server in a process of its own, which can be killed.

use super::{Api, Client, soon};
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The `tidings` binary, serving.
pub struct Process {
    api: Api,
    addr: SocketAddr,
    data: TempDir,
    more: Vec<String>,
    child: Child,
}

impl Deref for Process {
    type Target = Api;
    fn deref(&self) -> &Api {
        &self.api
    }
}

/// Starts the binary, and returns when it listens. `None` where it ended instead.
async fn spawn(addr: SocketAddr, data: &TempDir, more: &[String]) -> Option<(SocketAddr, Child)> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tidings"))
        .args(["serve", "--no-guide", "--addr", &addr.to_string()])
        .args(if more.contains(&"--auth".to_owned()) {
            [].as_slice()
        } else {
            &["--auth", "off"]
        })
        .args(if more.contains(&"--log".to_owned()) {
            [].as_slice()
        } else {
            &["--log", "error"]
        })
        .args(more)
        .arg("--data")
        .arg(data.path())
        .stdout(Stdio::piped())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the binary runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let line = soon("the server to listen", lines.next_line()).await.expect("its output")?;
    let addr = line.strip_prefix("listening on http://")?.parse().ok()?;
    Some((addr, child))
}

impl Process {
    /// A server without knowledge bases.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, with further arguments.
    pub async fn start_with(more: &[&str]) -> Self {
        let data = TempDir::new().expect("a folder");
        let more: Vec<String> = more.iter().map(ToString::to_string).collect();
        let (addr, child) = spawn(([127, 0, 0, 1], 0).into(), &data, &more).await.expect("the server starts");
        Self {
            api: Api::new(addr),
            addr,
            data,
            more,
            child,
        }
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The folder of the database.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Kills it without warning, as `kill -9` does.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("it is killed");
    }

    /// Stops it as `SIGTERM` does, and waits for its end.
    pub async fn stop(&mut self) {
        let id = self.child.id().expect("it runs");
        let told = Command::new("kill").args(["-TERM", &id.to_string()]).status().await;
        assert!(told.expect("kill runs").success());
        let status = soon("the server's end", self.child.wait()).await.expect("it ends");
        assert!(status.success(), "{status}");
    }

    /// Starts it again with the same address and database.
    pub async fn start_again(&mut self) {
        // A client that tries to connect meanwhile may hold the port for a moment.
        for _ in 0..20 {
            if let Some((_, child)) = spawn(self.addr, &self.data, &self.more).await {
                self.child = child;
                return;
            }
        }
        panic!("the server does not start again");
    }

    /// A socket that was greeted. Without a cursor it begins at the end of the log.
    pub async fn socket(&self, query: &str) -> Client {
        if !query.contains("cursor=") {
            self.settled().await;
        }
        Client::connect(self.addr, query).await
    }

    /// Memory that it holds, in bytes.
    pub fn memory(&self) -> u64 {
        let id = self.child.id().expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux tells");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line for it");
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().expect("a number") * 1024
    }
}
