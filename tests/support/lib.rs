//! What the end-to-end tests share: a folder of their own, data in it, and the program itself.
#![allow(clippy::unwrap_used, clippy::expect_used)]

pub mod csv;
pub mod names;
pub mod quick;
pub mod random;
pub mod rows;

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use millrace_contract::stages::Run;
use millrace_contract::{Contract, ObjectRef};
use millrace_dataset::Source;
use millrace_generator::{Directory, Options, Table, generate};
use millrace_store::{Key, Store};

/// Lets tests give runs a time of their own.
pub const OTHER_CLOCK: &str = "MILLRACE_ALLOW_OTHER_CLOCK";

/// How long a test waits for what must come.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A folder with a store and whatever a test puts beside it; it goes when the test ends.
#[derive(Debug)]
pub struct Workshop {
    folder: tempfile::TempDir,
}

impl Default for Workshop {
    fn default() -> Self {
        Workshop {
            folder: tempfile::tempdir().unwrap(),
        }
    }
}

impl Workshop {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        self.text(name)
    }

    /// Customers with the usual noise and damage.
    pub fn customers(&self, name: &str, rows: u64) -> String {
        let options = Options {
            rows: Some(rows),
            ..Options::default()
        };
        self.generate(name, &options)
    }

    pub fn generate(&self, name: &str, options: &Options) -> String {
        let table: Table = options.table;
        let contract = Contract::parse(table.contract_toml(), table.as_str()).unwrap();
        generate(options, &contract, &mut Directory(self.path(name)), &|_| ()).unwrap();
        self.text(name)
    }

    /// The engagement spec with a search of a few seconds, and the contract beside it.
    pub fn small_spec(&self) -> String {
        let spec = repository_file("models/engagement.toml")
            .replace("n_estimators = [50, 100, 200]", "n_estimators = [20, 40]")
            .replace("max_depth = [3, 6, 9]", "max_depth = [3, 5]")
            .replace(
                "learning_rate = [0.01, 0.1, 0.3]",
                "learning_rate = [0.1, 0.3]",
            )
            .replace("subsample = [0.8, 1.0]", "subsample = [1.0]")
            .replace("colsample_bytree = [0.8, 1.0]", "colsample_bytree = [0.8]")
            .replace("minimum_r2 = 0.75", "minimum_r2 = 0.5")
            .replace("maximum_rmse = 0.12", "maximum_rmse = 0.2");
        self.write(
            "contracts/customers.toml",
            repository_file("contracts/customers.toml"),
        );
        self.write("models/engagement.toml", spec)
    }

    /// The same with gates that let everything through, for tests of what comes after.
    pub fn lenient_spec(&self) -> String {
        let mut spec = std::fs::read_to_string(self.small_spec()).unwrap();
        for (strict, lenient) in [
            ("parity_difference = 0.1", "parity_difference = 0.5"),
            ("worse_than_live_by = 0.005", "worse_than_live_by = 0.5"),
        ] {
            assert!(spec.contains(strict), "{strict}");
            spec = spec.replace(strict, lenient);
        }
        self.write("models/engagement.toml", spec)
    }

    /// Runs `millrace` with this workshop's store, in a folder where nothing else is.
    pub fn millrace(&self, arguments: &[&str]) -> Answer {
        self.millrace_in(&self.text("store"), arguments)
    }

    /// The same with another store.
    pub fn millrace_in(&self, store: &str, arguments: &[&str]) -> Answer {
        Answer::of(&self.command(store, arguments).output().unwrap())
    }

    fn command(&self, store: &str, arguments: &[&str]) -> Command {
        let empty = self.path("elsewhere");
        std::fs::create_dir_all(&empty).unwrap();
        let mut command = Command::new(program("millrace"));
        command
            .args(["--store", store])
            .args(arguments)
            .env(OTHER_CLOCK, "1")
            .current_dir(empty);
        command
    }

    /// Starts `millrace` and does not wait for it; what it says goes to `said.out` and `said.err`.
    pub fn begin(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(&self.text("store"), arguments);
        self.start(&mut command)
    }

    /// The same in a group of processes of its own, with every program that it starts.
    pub fn begin_group(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(&self.text("store"), arguments);
        self.start(command.process_group(0))
    }

    fn start(&self, command: &mut Command) -> Running {
        let file = |name: &str| File::create(self.path(name)).unwrap();
        let child = command
            .stdout(file("said.out"))
            .stderr(file("said.err"))
            .spawn()
            .unwrap();
        Running { child }
    }

    /// Waits until a file is there and `is_enough` of its content.
    #[track_caller]
    pub fn wait_for(&self, name: &str, is_enough: impl Fn(&str) -> bool) {
        let began = Instant::now();
        let path = self.path(name);
        while !std::fs::read_to_string(&path).is_ok_and(|content| is_enough(&content)) {
            assert!(began.elapsed() < LONGEST_WAIT, "{name} did not come");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Trains a candidate as the run of that name, which must succeed.
    #[track_caller]
    pub fn train(&self, data: &str, spec: &str, run: &str) {
        self.millrace(&["train", "--data", data, "--spec", spec, "--run-id", run])
            .succeeded();
    }

    /// Trains a model whose gates let it through, makes it live and publishes its scores of the data.
    #[track_caller]
    pub fn live(&self, data: &str, spec: &str, run: &str) {
        self.millrace(&["run", "--data", data, "--spec", spec, "--run-id", run])
            .succeeded();
    }

    /// Every file of the store with its size, to see whether anything changed.
    pub fn store_files(&self) -> Vec<(PathBuf, u64)> {
        let mut files = Vec::new();
        collect(&self.path("store"), &mut files);
        files.sort();
        files
    }
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, u64)>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.map(Result::unwrap) {
        let path = entry.path();
        match path.is_dir() {
            true => collect(&path, files),
            false => files.push((path, entry.metadata().unwrap().len())),
        }
    }
}

/// A program that was started, and ends with its test.
#[derive(Debug)]
pub struct Running {
    pub child: Child,
}

impl Running {
    /// As Ctrl-C, a service manager or a container platform ask a program to end.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    pub fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &command])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Ends it without a word, as a crash would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it and every program of its group without a word, as when a machine loses its power.
    pub fn kill_group(&mut self) {
        let command = format!("kill -KILL -{}", self.child.id());
        // There is no group any more when it had ended already.
        let _ = Command::new("sh").args(["-c", &command]).output().unwrap();
        self.child.wait().unwrap();
    }

    /// The exit code of a program that ends by itself.
    #[track_caller]
    pub fn exit_code(&mut self) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(began.elapsed() < LONGEST_WAIT, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the program said and how it ended.
#[derive(Debug)]
pub struct Answer {
    pub success: bool,
    pub out: String,
    pub error: String,
}

impl Answer {
    pub fn of(output: &Output) -> Answer {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Answer {
            success: output.status.success(),
            out: text(&output.stdout),
            error: text(&output.stderr),
        }
    }

    /// The output of a command that must have succeeded.
    #[track_caller]
    pub fn succeeded(self) -> String {
        assert!(self.success, "failed: {}\n{}", self.error, self.out);
        self.out
    }

    /// The message of a command that must have failed with this name.
    #[track_caller]
    pub fn failed_with(self, name: &str) -> String {
        assert!(
            !self.success,
            "succeeded, {name} was expected: {}",
            self.out
        );
        let line = self
            .error
            .lines()
            .find(|line| line.starts_with("error: "))
            .unwrap_or(&self.error);
        assert!(
            line.starts_with(&format!("error: {name}")),
            "{name} was expected: {}",
            self.error
        );
        self.error
    }

    /// The one document of a `--json` answer.
    #[track_caller]
    pub fn json_document(self) -> serde_json::Value {
        serde_json::from_str(&self.succeeded()).unwrap()
    }

    /// The last line of a `--json` answer.
    #[track_caller]
    pub fn json(self) -> serde_json::Value {
        let out = self.succeeded();
        serde_json::from_str(out.lines().last().unwrap()).unwrap()
    }
}

/// The list of the files of some data, as validation leaves it for what a run does next.
pub fn fixed(store: &Store, run: &Run, data: &str) -> ObjectRef {
    let list = Source::open(data).unwrap().fix().unwrap();
    let key = Key::new(format!("runs/{}/validate/data_files.json", run.run_id)).unwrap();
    let bytes = serde_json::to_vec(&list).unwrap();
    store.put(&key, bytes.clone()).unwrap();
    ObjectRef::of(key.as_ref(), &bytes)
}

/// A file of this repository.
pub fn repository_file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).unwrap()
}

/// A program of this workspace: `make test` builds them all before the tests.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.parent().unwrap().parent().unwrap().join(name);
    assert!(
        path.is_file(),
        "{} is not there: run `make build` first",
        path.display()
    );
    path
}
