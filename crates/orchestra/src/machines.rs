//! The two machines, and what stands for the names of AWS in them on this machine.

use std::collections::BTreeMap;

use millrace_contract::stages::RunKind;
use millrace_flow::Machine;

use crate::{OrchestraError, Sizes};

/// `statemachines/training.asl.json`.
pub const TRAINING: &str = include_str!("../../../statemachines/training.asl.json");
/// `statemachines/inference.asl.json`.
pub const INFERENCE: &str = include_str!("../../../statemachines/inference.asl.json");

/// One shard, for one scoring program uses all cores; a second would only compete with it. For the same
/// reason shards, and parts of a search, run one after another here.
const BYTES_PER_SHARD: &str = "1000000000000";

/// As many as one execution runs side by side, and whose events it has room for.
const FEW_SHARDS: &str = "40";

/// The machine of a kind of run, with the local substitutions.
pub fn load(kind: RunKind) -> Result<Machine, OrchestraError> {
    load_for(kind, Sizes::default())
}

/// The same for things of other sizes.
pub(crate) fn load_for(kind: RunKind, sizes: Sizes) -> Result<Machine, OrchestraError> {
    let (name, text) = match kind {
        RunKind::Training => ("training", TRAINING),
        RunKind::Inference => ("inference", INFERENCE),
    };
    let mut substitutions = local_substitutions();
    substitutions.extend(sizes.substitutions());
    Machine::load(text, &substitutions)
        .map(|machine| machine.named(name))
        .map_err(|source| OrchestraError::Machine {
            machine: name,
            source,
        })
}

/// Every placeholder of both machines.
pub fn local_substitutions() -> BTreeMap<String, String> {
    let table = [
        ("ValidateFunction", "validate"),
        ("RegistryFunction", "registry"),
        ("FairnessGateFunction", "fairness-gate"),
        ("PublishFunction", "publish"),
        ("Cluster", "local"),
        ("ValidationTask", "validation"),
        ("ValidationContainer", "validation"),
        ("TrainingTask", "training"),
        ("TrainingContainer", "training"),
        ("InferenceTask", "inference"),
        ("InferenceContainer", "inference"),
        ("Subnets", "local"),
        ("SecurityGroups", "local"),
        ("AssignPublicIp", "DISABLED"),
        ("Topic", "local"),
        ("Database", "local"),
        ("WorkGroup", "local"),
        ("BytesPerShard", BYTES_PER_SHARD),
        ("FewShards", FEW_SHARDS),
        ("StoreBucket", "local"),
        ("StorePrefix", ""),
        ("ScoreConcurrency", "1"),
        ("SearchConcurrency", "1"),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    table.into_iter().map(owned).collect()
}
