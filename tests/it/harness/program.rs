//! The real binary as a process of its own.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use super::until;

/// A running command; killed when it is dropped.
pub struct Program {
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
}

/// What a command that ended said.
#[derive(Debug)]
pub struct Ended {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Gathers lines as they come.
fn gather(from: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let into = text.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut text = into.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
    text
}

impl Program {
    /// Starts `amigo` in a folder, with nothing in its environment but `variables`.
    pub fn start(folder: &Path, arguments: &[&str], variables: &BTreeMap<String, String>) -> Self {
        Self::start_with(folder, arguments, variables, Stdio::null())
    }

    fn start_with(
        folder: &Path,
        arguments: &[&str],
        variables: &BTreeMap<String, String>,
        input: Stdio,
    ) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_amigo"))
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .envs(variables)
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = gather(child.stdout.take().unwrap());
        let err = gather(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    /// Runs a command to its end.
    pub async fn run(folder: &Path, arguments: &[&str], variables: &BTreeMap<String, String>) -> Ended {
        Self::start(folder, arguments, variables).ended().await
    }

    /// The same with something on its standard input.
    pub async fn run_on(
        input: &[u8],
        folder: &Path,
        arguments: &[&str],
        variables: &BTreeMap<String, String>,
    ) -> Ended {
        let mut program = Self::start_with(folder, arguments, variables, Stdio::piped());
        let mut pipe = program.child.stdin.take().unwrap();
        let input = input.to_vec();
        // It may end before it has read everything.
        std::thread::spawn(move || pipe.write_all(&input));
        program.ended().await
    }

    /// Its number in the process list.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line of results that holds `what`.
    pub async fn says(&mut self, what: &str) -> String {
        let (out, err) = (self.out.clone(), self.err.clone());
        let child = &mut self.child;
        until(&format!("amigo says {what:?}"), async || {
            let line = line_with(&out, what);
            if line.is_none() && child.try_wait().unwrap().is_some() {
                // What it said last may still be on its way.
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                let line = line_with(&out, what);
                assert!(line.is_some(), "amigo ended: {}", err.lock().unwrap());
                return line;
            }
            line
        })
        .await
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let err = self.err.lock().unwrap();
        err.clone()
    }

    /// Asks it to end, as service managers do, and waits until it has.
    pub async fn terminate(self) -> Ended {
        let pid = self.child.id().to_string();
        let asked = Command::new("sh")
            .args(["-c", &format!("kill -TERM {pid}")])
            .status()
            .unwrap();
        assert!(asked.success());
        self.ended().await
    }

    /// Waits until it has ended by itself.
    pub async fn ended(mut self) -> Ended {
        let child = &mut self.child;
        let status = until("amigo ends", async || child.try_wait().unwrap()).await;
        // Both pipes are closed now; their readers hold the last references but ours when they are through.
        let (out, err) = (self.out.clone(), self.err.clone());
        until("its output was read", async || {
            (Arc::strong_count(&out) == 2 && Arc::strong_count(&err) == 2).then_some(())
        })
        .await;
        let text = |from: &Mutex<String>| from.lock().unwrap().clone();
        Ended {
            code: status.code(),
            out: text(&out),
            err: text(&err),
        }
    }
}

fn line_with(text: &Mutex<String>, what: &str) -> Option<String> {
    let text = text.lock().unwrap();
    text.lines().find(|line| line.contains(what)).map(str::to_owned)
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
