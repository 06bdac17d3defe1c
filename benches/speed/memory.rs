//! What the operating system says of a process, where it says so in `/proc`.

use std::fs::read_to_string;

/// Memory of a process in MB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// The most it ever had.
    pub peak: f64,
    /// What it has now.
    pub now: f64,
}

/// Memory of the process with this id; nothing on systems without `/proc`.
pub fn of(pid: u32) -> Option<Memory> {
    let status = read_to_string(format!("/proc/{pid}/status")).ok()?;
    let megabytes = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kilobytes / 1024.0)
    };
    Some(Memory {
        peak: megabytes("VmHWM:")?,
        now: megabytes("VmRSS:")?,
    })
}

/// The processor's own name.
pub fn processor() -> Option<String> {
    let info = read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
