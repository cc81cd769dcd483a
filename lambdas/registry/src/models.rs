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
    Candidate, Evidence, GateVerdict, LIVE, Lineage, Registry, Request, ResolvedModel, SourceFile,
    metrics_of,
};
use millrace_store::{Key, Store};
use millrace_trail::{Begun, begin, fetch_json, load_documents};

use crate::{RegistryStageError, candidates, catalogue};

/// A run that has resolved its model keeps that version, whatever is live by then; only a version
/// that was rejected since is refused. A trial may apply any: nobody is shown what it scores.
pub fn resolve(
    context: &Context,
    asked: &ResolveModel,
) -> Result<ResolvedVersion, RegistryStageError> {
    let store = &context.store;
    let registry = Registry::open(context, asked.model.clone());
    let wanted = asked.version.as_deref().unwrap_or(LIVE);
    match begin::<_, ResolvedVersion>(store, &asked.run.run_id, "resolve", asked)? {
        Begun::Finished(record) => {
            if !asked.trial {
                registry.resolve_for_use(&record.output.model.version)?;
            }
            Ok(record.output)
        }
        Begun::Fresh(work) => {
            let candidate = wanted.strip_prefix(candidates::PREFIX);
            if candidate.is_some() && !asked.trial {
                registry.standing()?.may_serve(wanted)?;
            }
            let model = match (candidate, asked.trial) {
                (Some(named), true) => candidates::find(store, &asked.model, named)?,
                (None, true) => registered(asked, registry.resolve_for_trial(wanted)?)?,
                (_, false) => registered(asked, registry.resolve_for_use(wanted)?)?,
            };
            let resolved = work.finish(resolved(store, asked, model)?)?;
            tracing::info!(
                run_id = %asked.run.run_id,
                model = %asked.model,
                version = %resolved.model.version,
                trial = asked.trial,
                "resolved"
            );
            Ok(resolved)
        }
    }
}

fn registered(
    asked: &ResolveModel,
    found: ResolvedModel,
) -> Result<ModelReference, RegistryStageError> {
    let version = found.version.to_string();
    let named = found
        .manifest
        .files
        .iter()
        .map(|file| (file.key.rsplit('/').next().unwrap_or(&file.key), file));
    let files =
        ModelFiles::from_named(named).map_err(|detail| RegistryStageError::ModelIncomplete {
            model: asked.model.to_string(),
            version: version.clone(),
            detail,
        })?;
    Ok(ModelReference {
        name: asked.model.clone(),
        version,
        files,
    })
}

fn resolved(
    store: &Store,
    asked: &ResolveModel,
    model: ModelReference,
) -> Result<ResolvedVersion, RegistryStageError> {
    let files = &model.files;
    let documents = Documents {
        spec: files.spec.clone(),
        contract: files.contract.clone(),
    };
    let (spec, contract) = load_documents(store, &documents)?;
    if spec.name != asked.model {
        return Err(RegistryStageError::NoSuchCandidate {
            model: asked.model.to_string(),
            version: model.version,
            detail: format!("it is of the model `{}`", spec.name),
        });
    }
    let day = asked.run.started_at.to_zoned(TimeZone::UTC).date();
    let folder = scores_folder(&spec.scores.table, &asked.model, day);
    Ok(ResolvedVersion {
        location: format!("{}/", store.object_uri(&Key::new(folder)?)),
        model,
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
