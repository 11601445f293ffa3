//! Converts in a process of its own, which ends when it takes too much memory or time. A small PDF can make its parser
//! need gigabytes, and nothing within a process bounds that.
//!
//! The child is the server's own program, started so that it calls [`serve_child`]. It gets a letter for the kind and
//! then the file, and answers with a line of JSON.

use super::{Document, Html, Kind, Unfit, convert};
use std::io::{Read, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Most memory of the child, in bytes. A test would take long to fill it.
const MEMORY_BYTES: u64 = if cfg!(test) { 128 } else { 1024 } * 1024 * 1024;
/// Most time of the child. Its own reader gives up a little earlier, where it can.
const TIME: Duration = Duration::from_secs(75);
/// How often the parent looks whether the child is done.
const LOOK: Duration = Duration::from_millis(10);
/// Longest answer, in bytes.
const ANSWER_BYTES: u64 = 32 * 1024 * 1024;
/// How the line with the answer begins. What a library prints is not taken for it.
const ANSWER: &str = "converted: ";

/// What the child answers: documents, or why there are none.
type Answer = Result<Vec<Document>, String>;

/// Like [`convert`], but has PDF and DOCX read by a child. `child` is a command whose process calls [`serve_child`].
/// It blocks until the child has ended, and leaves none behind.
pub fn convert_apart(child: Command, kind: Kind, bytes: &[u8], html: Html<'_>) -> Result<Vec<Document>, Unfit> {
    let letter = match kind {
        Kind::Pdf => b'p',
        Kind::Docx => b'd',
        _ => return convert(kind, bytes, html),
    };
    if bytes.len() > super::FILE_BYTES {
        return Err(Unfit::TooLarge { bytes: bytes.len() });
    }
    let output = run(child, &[&[letter], bytes])?;
    let line = output.lines().find_map(|line| line.strip_prefix(ANSWER));
    // Without an answer it has ended for want of memory, or of stack.
    let answer = line
        .and_then(|line| serde_json::from_str::<Answer>(line).ok())
        .ok_or(Unfit::TooHeavy)?;
    answer.map_err(Unfit::Told)
}

/// The child: bounds itself, reads a file from the standard input, and writes its documents to the standard output.
pub fn serve_child() -> ExitCode {
    bound();
    let mut request = Vec::new();
    let most = super::FILE_BYTES as u64 + 1;
    if std::io::stdin().lock().take(most).read_to_end(&mut request).is_err() {
        return ExitCode::FAILURE;
    }
    let (kind, bytes) = match request.split_first() {
        Some((b'p', bytes)) => (Kind::Pdf, bytes),
        Some((b'd', bytes)) => (Kind::Docx, bytes),
        _ => return ExitCode::FAILURE,
    };
    let answer: Answer = convert(kind, bytes, &|_| Err(String::new())).map_err(|why| why.to_string());
    let Ok(answer) = serde_json::to_string(&answer) else {
        return ExitCode::FAILURE;
    };
    match writeln!(std::io::stdout().lock(), "\n{ANSWER}{answer}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// From here on the process ends when it takes more memory or time. The system's own bound on memory is none for an
/// allocator that reserves more than it uses, so a thread looks.
fn bound() {
    let until = Instant::now() + TIME;
    std::thread::spawn(move || {
        while Instant::now() < until && resident_bytes().is_none_or(|bytes| bytes < MEMORY_BYTES) {
            std::thread::sleep(LOOK);
        }
        std::process::exit(1);
    });
}

/// How much memory the process uses, where the system tells.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim()
        .strip_suffix(" kB")?
        .trim()
        .parse::<u64>()
        .ok()
        .map(|kilobytes| kilobytes * 1024)
}

/// Gives a child its input and returns its output.
fn run(mut command: Command, input: &[&[u8]]) -> Result<String, Unfit> {
    let io = |why: std::io::Error| Unfit::Io(why.to_string());
    // It needs nothing of the environment, which may hold secrets.
    command
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().map_err(io)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A child that ends early does not read to the end, which is no fault of the input.
            let Some(mut stdin) = stdin else { return };
            let _ = input.iter().try_for_each(|part| stdin.write_all(part));
        });
        let output = scope.spawn(move || {
            let mut output = Vec::new();
            let read = stdout.map(|stdout| stdout.take(ANSWER_BYTES).read_to_end(&mut output));
            read.transpose().map(|_| output)
        });
        // The pipes end with the child, and the threads with the pipes.
        let ended = wait(&mut child);
        let output = output.join().map_err(|_| Unfit::TooHeavy)?.map_err(io)?;
        ended?;
        Ok(String::from_utf8_lossy(&output).into_owned())
    })
}

/// Waits for a child, and ends it when it takes too long.
fn wait(child: &mut Child) -> Result<(), Unfit> {
    let until = Instant::now() + TIME;
    loop {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(()),
            Ok(None) if Instant::now() < until => std::thread::sleep(LOOK),
            found => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(found.map_or_else(|why| Unfit::Io(why.to_string()), |_| Unfit::TooSlow));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::{docx, pdf};

    const HTML: Html<'static> = &|_| Err("no HTML here".to_owned());

    /// This program, run so that it is the child.
    fn child() -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "--ignored", "--nocapture", "--test-threads=1"]);
        command.arg(format!("{}::is_the_child", module_path!().split_once("::").unwrap().1));
        command
    }

    #[test]
    #[ignore = "it is not a test, but what the others start"]
    fn is_the_child() {
        serve_child();
    }

    #[test]
    fn documents_come_from_the_child() {
        for (kind, sample) in [(Kind::Pdf, pdf::tests::sample()), (Kind::Docx, docx::tests::sample())] {
            assert_eq!(convert_apart(child(), kind, &sample, HTML), convert(kind, &sample, HTML));
        }
        let text = convert_apart(Command::new("/no/such/program"), Kind::Text, b"text", HTML);
        assert_eq!(text.unwrap()[0].markdown, "text");
    }

    #[test]
    fn reasons_come_from_the_child() {
        let why = |bytes: &[u8]| convert_apart(child(), Kind::Pdf, bytes, HTML).unwrap_err().to_string();
        assert!(why(b"%PDF-1.7\nnothing").contains("broken"));
        assert!(why(b"").contains("empty"));
        let missing = convert_apart(Command::new("/no/such/program"), Kind::Pdf, b"%PDF", HTML);
        assert!(matches!(missing, Err(Unfit::Io(_))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_needs_too_much_memory_ends_only_the_child() {
        // Each number of an array takes two bytes in the file, and hundreds in memory.
        let bomb = [
            &b"%PDF-1.4\n1 0 obj\n["[..],
            &b"0 ".repeat(10 * 1024 * 1024),
            b"]\nendobj\ntrailer <</Root 1 0 R>>\n",
        ]
        .concat();
        assert_eq!(convert_apart(child(), Kind::Pdf, &bomb, HTML), Err(Unfit::TooHeavy));
    }
}
