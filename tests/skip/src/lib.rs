//! A test that cannot run on this machine says so, and fails where nothing may be skipped.

use std::env;
use std::io::Write;
use std::panic::Location;

/// Set to 1, as `.ci/run` does, a test that would be skipped fails. `scripts/skip` is the same for scripts.
pub const NOTHING_SKIPPED: &str = "MILLRACE_NOTHING_SKIPPED";

/// Where `scripts/emulator run` made a bucket for tests.
pub const TEST_S3: &str = "MILLRACE_TEST_S3";

/// Says that the test which calls this is skipped, and why; the test then returns.
///
/// # Panics
/// Where nothing may be skipped.
#[track_caller]
pub fn skip(why: &str) {
    let place = Location::caller();
    let thread = std::thread::current();
    let test = thread.name().unwrap_or_default();
    let said = format!("SKIPPED {test} ({}): {why}", place.file());
    assert!(
        may_skip(env::var(NOTHING_SKIPPED).ok().as_deref()),
        "{said}; {NOTHING_SKIPPED} is set"
    );
    // Past the harness, which keeps for itself what a test that passes has printed.
    let _ = writeln!(std::io::stderr(), "{said}");
}

/// The S3 of this test run; without one the test is skipped.
#[track_caller]
pub fn s3_or_skip() -> Option<String> {
    let uri = env::var(TEST_S3).ok();
    if uri.is_none() {
        skip("there is no S3; `scripts/emulator run` has one");
    }
    uri
}

/// Whatever is not plainly "no" asks for every test.
fn may_skip(setting: Option<&str>) -> bool {
    matches!(setting, None | Some("" | "0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_no_lets_tests_be_skipped() {
        assert!([None, Some(""), Some("0")].into_iter().all(may_skip));
        assert!(
            ["1", "true", "yes", "no"]
                .into_iter()
                .all(|set| !may_skip(Some(set)))
        );
    }
}
