//! Finding the version that a run applies, and registering the one that a run made.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use millrace_contract::metadata::Metadata;
use millrace_contract::stages::{
    Documents, ModelFiles, ModelReference, RegisterModel, RegisteredVersion, ResolveModel,
    ResolvedVersion,
};
use millrace_contract::tables::scores_folder;
use millrace_keys::Context;
use millrace_registry::{
    Candidate, Evidence, GateVerdict, LIVE, Lineage, Manifest, Registry, Request, SourceFile,
    metrics_of,
};
use millrace_store::{Key, Store};
use millrace_trail::{Begun, begin, fetch_json, load_documents};

use crate::{RegistryStageError, catalogue};

/// A run that has resolved its model keeps that version, whatever is live by then; only a version
/// that was rejected since is refused.
pub fn resolve(
    context: &Context,
    asked: &ResolveModel,
) -> Result<ResolvedVersion, RegistryStageError> {
    let store = &context.store;
    let registry = Registry::open(context, asked.model.clone());
    match begin::<_, ResolvedVersion>(store, &asked.run.run_id, "resolve", asked)? {
        Begun::Finished(record) => {
            registry.resolve_for_use(&record.output.model.version)?;
            Ok(record.output)
        }
        Begun::Fresh(work) => {
            let wanted = asked.version.as_deref().unwrap_or(LIVE);
            let found = registry.resolve_for_use(wanted)?;
            let resolved = resolved(store, asked, &found.version.to_string(), &found.manifest)?;
            let resolved = work.finish(resolved)?;
            tracing::info!(
                run_id = %asked.run.run_id,
                model = %asked.model,
                version = %resolved.model.version,
                "resolved"
            );
            Ok(resolved)
        }
    }
}

fn resolved(
    store: &Store,
    asked: &ResolveModel,
    version: &str,
    manifest: &Manifest,
) -> Result<ResolvedVersion, RegistryStageError> {
    let named = manifest
        .files
        .iter()
        .map(|file| (file.key.rsplit('/').next().unwrap_or(&file.key), file));
    let files =
        ModelFiles::from_named(named).map_err(|detail| RegistryStageError::ModelIncomplete {
            model: asked.model.to_string(),
            version: version.to_owned(),
            detail,
        })?;
    let documents = Documents {
        spec: files.spec.clone(),
        contract: files.contract.clone(),
    };
    let (spec, contract) = load_documents(store, &documents)?;
    let day = asked.run.started_at.to_zoned(TimeZone::UTC).date();
    let folder = scores_folder(&spec.scores.table, &asked.model, day);
    Ok(ResolvedVersion {
        location: format!("{}/", store.object_uri(&Key::new(folder)?)),
        model: ModelReference {
            name: asked.model.clone(),
            version: version.to_owned(),
            files,
        },
        columns: catalogue::columns(&spec, &contract),
        table: spec.scores.table,
    })
}

/// Registers a candidate, or as rejected what a gate or `rejected_because` refuses.
pub fn register(
    context: &Context,
    asked: &RegisterModel,
    now: Timestamp,
) -> Result<RegisteredVersion, RegistryStageError> {
    let store = &context.store;
    let files = &asked.train.files;
    let metadata: Metadata = fetch_json(store, &files.metadata, "a model's metadata")?;
    let verdict = |object| -> Result<GateVerdict, RegistryStageError> {
        Ok(fetch_json(store, object, "a gate's verdict")?)
    };
    let candidate = Candidate {
        files: files
            .named()
            .into_iter()
            .map(|(name, object)| SourceFile {
                name: name.to_owned(),
                object: object.clone(),
            })
            .collect(),
        evidence: Evidence {
            metrics: metrics_of(&metadata),
            quality: Some(verdict(&asked.quality)?),
            fairness: Some(verdict(&asked.fairness)?),
        },
        lineage: Some(Lineage::of(&metadata, asked.data.clone())),
        rejected_because: asked.rejected_because.clone(),
    };
    let request = Request::new("training run", now)
        .for_run(asked.run.run_id.clone())
        .because(format!("made by run {}", asked.run.run_id));
    let registry = Registry::open(context, metadata.model_name.clone());
    let registered = registry.register(&candidate, &request)?;
    tracing::info!(
        run_id = %asked.run.run_id,
        version = %registered.version,
        state = %registered.state,
        "registered"
    );
    Ok(RegisteredVersion {
        model: metadata.model_name,
        version: registered.version,
        state: registered.state.to_string(),
    })
}
