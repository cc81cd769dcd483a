//! A registry with a few versions, and runs of them that were scored: what publishing finds.

use jiff::civil::{Date, date};
use millrace_contract::spec::ExtraColumns;
use millrace_contract::stages::{
    ModelFiles, ModelReference, PublishOutput, PublishShards, Run, ScoreInput, ScoreOutput, Shard,
};
use millrace_contract::tables::run_folder;
use millrace_contract::{Digest, ModelName, ObjectRef, RunId, TableName, Version};
use millrace_keys::Context;
use millrace_registry::{
    Candidate, Decision, Evidence, GateVerdict, Lineage, Patience, Registry, Request, SourceFile,
    Target,
};
use millrace_served::{Of, Serving, visible};
use millrace_store::{Key, Store};
use millrace_trail::{Begun, begin};

use crate::{PublishError, run};

pub const TABLE: &str = "predictions";
const FILES: [&str; 7] = [
    "model.ubj",
    "recipe.json",
    "metadata.json",
    "spec.toml",
    "contract.toml",
    "holdout.parquet",
    "holdout_rows.parquet",
];

pub struct Desk {
    pub store: Store,
    /// In the order in which they were registered; the first is live.
    pub versions: Vec<Version>,
}

pub fn model() -> ModelName {
    ModelName::new("m").unwrap()
}

pub fn day() -> Date {
    date(2026, 11, 1)
}

pub fn of() -> Of<'static> {
    Of {
        table: TABLE,
        scored_on: day(),
    }
}

pub fn request() -> Request {
    let now = "2026-11-01T00:00:00Z".parse().unwrap();
    Request::new("ada", now).because("it is wrong")
}

pub fn run_of(run_id: &str, at: &str) -> Run {
    Run {
        run_id: RunId::new(run_id).unwrap(),
        started_at: at.parse().unwrap(),
    }
}

pub fn registry_in(store: &Store) -> Registry {
    Registry::open(&Context::unsigned(store), model()).with_patience(Patience::short())
}

/// By a process that sees the desk's store so.
pub fn publish_in(store: &Store, asked: PublishShards) -> Result<PublishOutput, PublishError> {
    run(&Context::unsigned(store), asked)
}

impl Desk {
    pub fn new(versions: usize) -> Desk {
        let mut desk = Desk {
            store: Store::memory(),
            versions: Vec::new(),
        };
        for number in 0..versions {
            let version = desk.register(&format!("train-{number}"));
            desk.versions.push(version);
        }
        if let Some(first) = desk.versions.first() {
            let registry = desk.registry();
            registry.promote(*first, Target::Live, &request()).unwrap();
        }
        desk
    }

    /// The same with a store of its own.
    pub fn copy(&self) -> Desk {
        let store = Store::memory();
        for info in self.store.list("").unwrap() {
            let bytes = self.store.get(&info.key).unwrap().bytes;
            store.put(&info.key, bytes).unwrap();
        }
        Desk {
            store,
            versions: self.versions.clone(),
        }
    }

    pub fn registry(&self) -> Registry {
        registry_in(&self.store)
    }

    pub fn register(&self, run: &str) -> Version {
        let registered = self.registry().register(&self.candidate(run), &request());
        registered.unwrap().version
    }

    fn candidate(&self, run: &str) -> Candidate {
        let files = FILES.map(|name| {
            let bytes = format!("{name} of {run}");
            let object = ObjectRef::of(format!("runs/{run}/train-1/{name}"), bytes.as_bytes());
            let key = Key::new(object.key.clone()).unwrap();
            self.store.put(&key, bytes).unwrap();
            SourceFile {
                name: name.into(),
                object,
            }
        });
        let passed = || GateVerdict {
            decision: Decision::Passed,
            summary: "all is well".into(),
            findings: Vec::new(),
        };
        Candidate {
            files: files.to_vec(),
            evidence: Evidence {
                metrics: [("r2".to_owned(), 0.9)].into(),
                quality: Some(passed()),
                fairness: Some(passed()),
            },
            lineage: Some(Lineage {
                run_id: RunId::new(run).unwrap(),
                data_uri: "data".into(),
                data_digest: Digest::of(b"data"),
                spec_digest: Digest::of(b"spec"),
                contract_digest: Digest::of(b"contract"),
                contract_version: 1,
                features: vec!["age".into()],
                hyperparameters: [("n_estimators", 10_u32)].into_iter().collect(),
                code_version: "test".into(),
            }),
            rejected_because: Vec::new(),
        }
    }

    /// What scoring a shard is asked.
    pub fn asked(&self, run: &Run, version: Version, shard: Shard) -> ScoreInput {
        let manifest = self
            .registry()
            .resolve(&version.to_string())
            .unwrap()
            .manifest;
        let named = manifest.files.iter();
        let named = named.map(|file| (file.key.rsplit('/').next().unwrap(), file));
        ScoreInput {
            run: run.clone(),
            model: ModelReference {
                name: model(),
                version: version.to_string(),
                files: ModelFiles::from_named(named).unwrap(),
            },
            data_files: ObjectRef::of("runs/r/validate/data_files.json", b"{}"),
            exclusions: None,
            shard,
            extra: ExtraColumns::default(),
            trial: false,
        }
    }

    /// Leaves what scoring a shard leaves.
    pub fn leave(&self, asked: &ScoreInput, table: &str, rows: u64) {
        let run_id = &asked.run.run_id;
        let stage = format!("score-{:05}", asked.shard.index);
        let Begun::Fresh(work) =
            begin::<_, ScoreOutput>(&self.store, run_id, &stage, asked).unwrap()
        else {
            return;
        };
        let day = asked
            .run
            .started_at
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date();
        let folder = run_folder(table, &asked.model.name, day, run_id);
        let key = format!("{folder}/part-{:05}.parquet", asked.shard.index);
        let bytes = format!("rows of {run_id}");
        let file = ObjectRef::of(key.clone(), bytes.as_bytes());
        let etag = self.store.put(&Key::new(key).unwrap(), bytes).unwrap();
        let output = ScoreOutput {
            file,
            entity_tag: Some(etag.as_str().to_owned()),
            rows_read: rows,
            rows_excluded: 0,
            rows_scored: rows,
            rows_clipped: 0,
            unseen_words: 0,
            mean: None,
            minimum: None,
            maximum: None,
            tiers: vec![],
            inverse_tiers: vec![],
        };
        work.finish(output).unwrap();
    }

    /// A run of one shard that was scored, as it is to be published.
    pub fn scored(&self, run_id: &str, at: &str, version: Version) -> PublishShards {
        let run = run_of(run_id, at);
        self.leave(&self.asked(&run, version, Shard::WHOLE), TABLE, 1);
        publication(&run, version, 1, 1)
    }

    /// Scored by the first version.
    pub fn run(&self, run_id: &str, at: &str) -> PublishShards {
        self.scored(run_id, at, self.versions[0])
    }

    pub fn publish(&self, asked: PublishShards) -> Result<PublishOutput, PublishError> {
        publish_in(&self.store, asked)
    }

    #[track_caller]
    pub fn shown(&self, run_id: &str, at: &str, version: Version) {
        let asked = self.scored(run_id, at, version);
        assert!(self.publish(asked).unwrap().changed, "{run_id}");
    }

    pub fn reject(&self, version: Version) {
        let registry = self.registry();
        Serving::of(&registry).reject(version, &request()).unwrap();
    }

    pub fn seen(&self) -> Vec<String> {
        let visible = visible(&self.store).unwrap().into_iter();
        visible
            .map(|seen| seen.shown.run.run_id.to_string())
            .collect()
    }
}

pub fn publication(run: &Run, version: Version, shards: u32, rows: u64) -> PublishShards {
    PublishShards {
        run: run.clone(),
        table: TableName::new(TABLE).unwrap(),
        model: model(),
        version: version.to_string(),
        scored_on: run.started_at.to_zoned(jiff::tz::TimeZone::UTC).date(),
        shards,
        rows,
    }
}
