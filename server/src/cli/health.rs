//! `tidings health`: whether the folder and the database can be used, and whether a server answers.

use super::serve::address;
use super::{Global, print, with_store};
use crate::store::backup;
use app::protocol::{Code, Epoch, Problem};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where a server should be.
#[derive(Debug, Args)]
pub(super) struct Health {
    /// A server must answer here [default: one may, at 127.0.0.1:3000]
    #[arg(long, env = "TIDINGS_ADDR")]
    addr: Option<SocketAddr>,
}

#[derive(Serialize)]
struct Found {
    database: std::path::PathBuf,
    epoch: Epoch,
    head: u64,
    server: Option<Server>,
}

#[derive(Serialize)]
struct Server {
    addr: SocketAddr,
    version: String,
    /// Whether it serves this database.
    same_database: bool,
}

/// What a server says of itself.
#[derive(Deserialize)]
struct Ready {
    version: String,
    epoch: Epoch,
}

pub(super) async fn run(global: &Global, command: Health) -> anyhow::Result<()> {
    with_store(global, async |store| {
        backup::verify(store).await?;
        let cursor = store.read().await?.cursor();
        let addr = address(command.addr)?;
        let server = match ask(addr).await {
            Ok(ready) => Some(Server {
                addr,
                version: ready.version,
                same_database: ready.epoch == cursor.epoch,
            }),
            Err(why) if command.addr.is_some() => {
                let detail = format!("no server answers at {addr}: {why}. Start one with `tidings serve --addr {addr}`.");
                return Err(Problem::new(Code::Unreachable, detail).into());
            }
            Err(_) => None,
        };
        if let Some(server) = server.as_ref().filter(|server| command.addr.is_some() && !server.same_database) {
            anyhow::bail!(
                "the server at {} serves another database than {}; name its folder with --data.",
                server.addr,
                store.file().display()
            );
        }
        let found = Found {
            database: store.file().to_owned(),
            epoch: cursor.epoch,
            head: cursor.seq.get(),
            server,
        };
        if global.json {
            print::json(&found)
        } else {
            print_found(&found, addr)
        }
    })
    .await
}

fn print_found(found: &Found, addr: SocketAddr) -> anyhow::Result<()> {
    print::line(format_args!(
        "database\tsound\t{}, epoch {}, {} events",
        found.database.display(),
        found.epoch,
        found.head
    ))?;
    match &found.server {
        Some(server) if server.same_database => print::line(format_args!("server\tanswers\tTidings {} at http://{addr}", server.version)),
        Some(server) => print::line(format_args!(
            "server\tother\tTidings {} at http://{addr} serves another database",
            server.version
        )),
        None => print::line(format_args!("server\tnone\tnobody answers at http://{addr}")),
    }
}

/// Asks a server whether it is ready. A request is four lines, for which no client is needed.
async fn ask(addr: SocketAddr) -> anyhow::Result<Ready> {
    let answer = tokio::time::timeout(PATIENCE, async {
        let mut socket = TcpStream::connect(addr).await?;
        let request = format!("GET /readyz HTTP/1.1\r\nHost: {addr}\r\nAccept: application/json\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        socket.take(64 * 1024).read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    })
    .await
    .map_err(|_| anyhow::anyhow!("it is silent"))??;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    anyhow::ensure!(status == "200", "it is not ready ({})", head.lines().next().unwrap_or("no answer"));
    serde_json::from_str(body).map_err(|_| anyhow::anyhow!("something else than Tidings does"))
}
