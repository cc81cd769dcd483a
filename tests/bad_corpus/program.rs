//! A program that is watched: how it ends, what it says, how long it takes and how much memory.
// wait4 is the only way to learn a child's own peak of memory, and std has none.
#![allow(unsafe_code)]

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A program that runs longer than this hangs.
const LONGEST: Duration = Duration::from_secs(20);

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub said: String,
    pub peak_bytes: u64,
    pub took: Duration,
    /// It was ended by us, because it took too long.
    pub hung: bool,
}

/// Starts a program and waits; it may be ended early by `enough`, when it has said what is wanted.
#[expect(
    clippy::zombie_processes,
    reason = "`wait4` below waits, and tells the memory as well"
)]
pub fn watch(command: &mut Command, folder: &Path, mut enough: impl FnMut() -> bool) -> Ended {
    let said = folder.join("said.txt");
    let output = File::create(&said).unwrap();
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(output.try_clone().unwrap())
        .stderr(output)
        .spawn()
        .unwrap();
    let mut hung = false;
    let (status, peak_bytes) = loop {
        if let Some(ended) = ended(&child) {
            break ended;
        }
        hung |= began.elapsed() > LONGEST;
        if hung || enough() {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    Ended {
        code: libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status)),
        said: String::from_utf8_lossy(&std::fs::read(said).unwrap()).into_owned(),
        peak_bytes,
        took: began.elapsed(),
        hung,
    }
}

/// The status and the peak memory of a child that has ended.
fn ended(child: &Child) -> Option<(i32, u64)> {
    let pid = i32::try_from(child.id()).unwrap();
    let mut status = 0;
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are to live values of the types that wait4 fills, and zeros are a valid
    // rusage; the child is ours and is waited for nowhere else, so its number is not used again.
    let (waited, usage) = unsafe {
        let waited = libc::wait4(pid, &mut status, libc::WNOHANG, usage.as_mut_ptr());
        (waited, usage.assume_init())
    };
    assert!(waited >= 0, "the program cannot be waited for");
    // Linux counts in KiB.
    (waited == pid).then(|| (status, usage.ru_maxrss as u64 * 1024))
}
