//! A store in which all is well: customers, a model that was trained, judged, registered and is live, and its
//! scores. Each case gets a copy of it, with its one bad thing in place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use millrace_contract::{Digest, ObjectRef};
use millrace_dataset::Source;
use serde_json::{Value, json};
use support::{Workshop, repository_file};

use crate::case::{Case, Input};
use crate::change::expanded;

/// The run whose folder holds the files of the good model.
const TRAINED: &str = "runs/good-training/train-1";
const CONTRACT: &str = "contracts/customers.toml";
/// The time of every bad run: shortly after the day of the data.
pub const TIME: &str = "2026-11-02T08:00:00Z";

pub struct World {
    workshop: Workshop,
    csv: String,
    rows: Vec<u8>,
    spec: String,
}

impl World {
    pub fn new() -> World {
        let workshop = Workshop::default();
        let data = workshop.customers("customers", 6_000);
        let spec = workshop.lenient_spec();
        workshop
            .millrace(&["run", "--data", &data, "--spec", &spec, "--run-id", "good"])
            .succeeded();
        let mut rows = Vec::new();
        walk(&workshop.path("customers"), &mut |path| rows.push(path));
        World {
            csv: support::csv::customers(60, |_, _| None),
            rows: std::fs::read(&rows[0]).unwrap(),
            spec: std::fs::read_to_string(spec).unwrap(),
            workshop,
        }
    }

    fn stored(&self, key: &str) -> Vec<u8> {
        std::fs::read(self.workshop.path("store").join(key)).unwrap()
    }

    fn good(&self, case: &Case) -> Vec<u8> {
        match case.input {
            Input::Data => self.rows.clone(),
            Input::Csv => self.csv.clone().into(),
            Input::Contract => repository_file(CONTRACT).into(),
            Input::Spec => self.spec.clone().into(),
            Input::Model => self.stored(&format!("{TRAINED}/model.ubj")),
            Input::Recipe => self.stored(&format!("{TRAINED}/recipe.json")),
            Input::Metadata => self.stored(&format!("{TRAINED}/metadata.json")),
            Input::Object => self.stored(case.key.as_ref().expect("the key of the object")),
            Input::Machine => repository_file("statemachines/inference.asl.json").into(),
            Input::Event | Input::Execution => b"{}".to_vec(),
            Input::Nothing => Vec::new(),
        }
    }
}

/// The world of one case at one door.
pub struct Bench {
    folder: tempfile::TempDir,
    pub data: String,
    pub spec: String,
    pub contract: String,
    /// The spec and the contract in the store.
    pub documents: Value,
    /// The files of the model in the store.
    pub files: Value,
    /// What the command is to score with.
    pub version: &'static str,
    /// The bad bytes, for doors that take them as they are.
    pub bytes: Vec<u8>,
}

impl Bench {
    pub fn new(world: &World, case: &Case) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        copy(&world.workshop.path("store"), &folder.path().join("store"));
        let record: Value =
            serde_json::from_slice(&world.stored(&format!("{TRAINED}/output.json"))).unwrap();
        let files = record["output"]["files"].clone();
        let mut bench = Bench {
            documents: json!({"spec": files["spec"], "contract": files["contract"]}),
            files,
            data: String::new(),
            spec: String::new(),
            contract: String::new(),
            version: "live",
            bytes: case.bytes(|| world.good(case)),
            folder,
        };
        // The folder's name gives the rows their day.
        bench.write("input/snapshot_date=2026-11-01/rows.parquet", &world.rows);
        bench.data = bench.text("input");
        bench.contract = bench.write(CONTRACT, repository_file(CONTRACT).as_bytes());
        bench.spec = bench.write("models/engagement.toml", world.spec.as_bytes());
        bench.spoil(case, record);
        bench
    }

    /// Puts the bad thing into its place.
    fn spoil(&mut self, case: &Case, record: Value) {
        let bytes = self.bytes.clone();
        let named = |usual: &str| format!("bad/{}", case.name.as_deref().unwrap_or(usual));
        match case.input {
            Input::Data => self.data = self.write(&named("rows.parquet"), &bytes),
            Input::Csv => self.data = self.write(&named("rows.csv"), &bytes),
            Input::Contract => {
                self.contract = self.write(CONTRACT, &bytes);
                self.documents["contract"] = self.put("contract.toml", &bytes);
            }
            Input::Spec => {
                self.spec = self.write("models/engagement.toml", &bytes);
                self.documents["spec"] = self.put("spec.toml", &bytes);
            }
            Input::Model => self.exchange("model", "model.ubj", &bytes, record),
            Input::Recipe => self.exchange("recipe", "recipe.json", &bytes, record),
            Input::Metadata => self.exchange("metadata", "metadata.json", &bytes, record),
            Input::Object => {
                let key = case.key.as_ref().expect("the key of the object");
                self.write(&format!("store/{key}"), &bytes);
            }
            Input::Event | Input::Execution | Input::Machine | Input::Nothing => {}
        }
    }

    /// A model with one other file, truly described: what the run `altered` left.
    fn exchange(&mut self, field: &str, name: &str, bytes: &[u8], mut record: Value) {
        let before = self.files[field].clone();
        let after = self.put(name, bytes);
        exchange(&mut record, &before, &after);
        if field == "model" {
            self.describe(&after["sha256"], &mut record);
        }
        self.files[field] = after;
        self.version = "run:altered";
        let text = record.to_string();
        self.write("store/runs/altered/train-1/output.json", text.as_bytes());
    }

    /// `model.json` says that the bad model is the one: so it is read.
    fn describe(&mut self, digest: &Value, record: &mut Value) {
        let document =
            json!({ "format": "model/1", "kind": "trees", "file": "model.ubj", "sha256": digest });
        let before = self.files["description"].clone();
        let after = self.put("model.json", document.to_string().as_bytes());
        exchange(record, &before, &after);
        self.files["description"] = after;
    }

    /// An object of the store with what a document says of it.
    fn put(&self, name: &str, bytes: &[u8]) -> Value {
        let key = format!("altered/{name}");
        self.write(&format!("store/{key}"), bytes);
        let reference = ObjectRef {
            key,
            bytes: bytes.len() as u64,
            sha256: Digest::of(bytes),
        };
        serde_json::to_value(reference).unwrap()
    }

    /// The list of the files of the data, as they are, and what a document says of it.
    pub fn data_files(&self) -> Value {
        let list = Source::open(&self.data).and_then(|source| source.fix());
        // Where the data is no data, no case comes so far.
        let Ok(list) = list else { return Value::Null };
        let (key, bytes) = (
            "runs/bad/documents/data_files.json",
            serde_json::to_vec(&list).unwrap(),
        );
        self.write(&format!("store/{key}"), &bytes);
        json!(ObjectRef::of(key, &bytes))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self.text(name)
    }

    /// Words of a case that stand for what is different each time.
    pub fn fill(&self, text: &str) -> String {
        const DATA_FILES: &str = "\"$data_files\"";
        let text = match text.contains(DATA_FILES) {
            true => text.replace(DATA_FILES, &self.data_files().to_string()),
            false => text.to_owned(),
        };
        [
            ("\"$documents\"", self.documents.to_string()),
            ("\"$files\"", self.files.to_string()),
            ("$store", self.text("store")),
            ("$data", self.data.clone()),
            ("$spec", self.spec.clone()),
        ]
        .iter()
        .fold(expanded(&text), |text, (word, value)| {
            text.replace(word, value)
        })
    }

    /// The digest of every file of the store, by its key.
    pub fn digests(&self) -> BTreeMap<String, Digest> {
        let store = self.path("store");
        let mut digests = BTreeMap::new();
        walk(&store, &mut |path| {
            let key = path.strip_prefix(&store).unwrap().to_str().unwrap();
            digests.insert(key.to_owned(), Digest::of(&std::fs::read(&path).unwrap()));
        });
        digests
    }
}

fn exchange(value: &mut Value, before: &Value, after: &Value) {
    if value == before {
        *value = after.clone();
        return;
    }
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| exchange(item, before, after)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| exchange(field, before, after)),
        _ => {}
    }
}

fn copy(from: &Path, to: &Path) {
    walk(from, &mut |path| {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(path, target).unwrap();
    });
}

fn walk(folder: &Path, visit: &mut dyn FnMut(PathBuf)) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => walk(&path, visit),
            path => visit(path),
        }
    }
}
