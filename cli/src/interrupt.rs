//! Ctrl-C and SIGTERM stop a run at the next possible moment; the second time the program ends at once.

use std::process::exit;
use std::sync::Once;

use millrace_flow::Stop;
use tokio::signal;

static STOP: Stop<'static> = Stop::new();
/// What shells give a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// The flag that a signal raises. Whoever asks for it must heed it.
pub fn stop_on_signals() -> &'static Stop<'static> {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(listen);
    &STOP
}

/// Where no thread can be had, a signal ends the program as it always does.
fn listen() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    if let Ok(runtime) = runtime {
        let _ = std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || runtime.block_on(heed()));
    }
}

async fn heed() {
    loop {
        signalled().await;
        if STOP.is_requested() {
            exit(INTERRUPTED);
        }
        eprintln!("stopping; once more to end at once");
        STOP.request();
    }
}

#[cfg(unix)]
async fn signalled() {
    let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn signalled() {
    let _ = signal::ctrl_c().await;
}
