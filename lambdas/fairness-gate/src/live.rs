//! What the live model makes of the candidate's held-out rows.

use millrace_contract::NamedError;
use millrace_contract::spec::MissingEvidence;
use millrace_contract::stages::ModelFiles;
use millrace_keys::Context;
use millrace_measures::{Difference, Rows, difference};
use millrace_model::{Cores, Model};
use millrace_registry::{Manifest, Registry, RegistryError};
use millrace_store::Store;

use crate::GateError;
use crate::held_out::{self, HeldOut, is_about_columns};
use crate::unseen;

/// The live version beside the candidate.
#[derive(Debug)]
pub enum Live {
    /// No version is live: there is nothing to be worse than.
    Nothing,
    /// There is one, and the two cannot be held against each other.
    Unknown {
        version: String,
        missing: MissingEvidence,
        why: String,
    },
    /// Both on the rows that neither has learned from.
    Compared {
        version: String,
        difference: Difference,
    },
}

pub fn judge(
    context: &Context,
    candidate: &Model,
    files: &ModelFiles,
    held_out: &HeldOut,
) -> Result<Live, GateError> {
    let store = &context.store;
    let registry = Registry::open(context, candidate.spec.name.clone());
    let version = match registry.document() {
        Ok(document) => document.live(),
        Err(RegistryError::ModelNotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(version) = version.map(|version| version.to_string()) else {
        return Ok(Live::Nothing);
    };
    let unknown = |missing, why| Live::Unknown {
        version: version.clone(),
        missing,
        why,
    };
    let (live, live_files) = match load(store, &registry, &version)? {
        Ok(loaded) => loaded,
        Err(why) => return Ok(unknown(MissingEvidence::LiveUnreadable, why)),
    };
    let compared = compare(store, (candidate, files, held_out), (&live, &live_files))?;
    Ok(match compared {
        Ok(difference) => Live::Compared {
            version: version.clone(),
            difference,
        },
        Err((missing, why)) => unknown(missing, why),
    })
}

/// The live model, or why it cannot be read. A store that is away for a moment says nothing about it.
fn load(
    store: &Store,
    registry: &Registry,
    version: &str,
) -> Result<Result<(Model, ModelFiles), String>, GateError> {
    let manifest: Manifest = match registry.resolve_for_use(version) {
        Ok(resolved) => resolved.manifest,
        Err(error) if is_away(&error) || is_about_the_registry(&error) => {
            return Err(error.into());
        }
        Err(error) => return Ok(Err(named(&error))),
    };
    let named_files = manifest
        .files
        .iter()
        .map(|file| (file.key.rsplit('/').next().unwrap_or(&file.key), file));
    let files = match ModelFiles::from_named(named_files) {
        Ok(files) => files,
        Err(why) => return Ok(Err(why)),
    };
    match Model::load(store, &files) {
        Ok(model) => Ok(Ok((model, files))),
        Err(error) if is_away(&error) => Err(error.into()),
        Err(error) => Ok(Err(named(&error))),
    }
}

/// Whatever the error went through on its way, its name is the store's.
fn is_away(error: &impl NamedError) -> bool {
    error.name() == "StoreUnavailable"
}

fn is_about_the_registry(error: &RegistryError) -> bool {
    matches!(
        error,
        RegistryError::RegistryDamaged { .. } | RegistryError::ModelNotFound { .. }
    )
}

fn named(error: &impl NamedError) -> String {
    format!("{}: {error}", error.name())
}

type Compared = Result<Difference, (MissingEvidence, String)>;

fn compare(
    store: &Store,
    candidate: (&Model, &ModelFiles, &HeldOut),
    live: (&Model, &ModelFiles),
) -> Result<Compared, GateError> {
    let (model, files, held_out) = candidate;
    let incomparable = |why: String| Ok(Err((MissingEvidence::LiveIncomparable, why)));
    if live.0.spec.target != model.spec.target {
        return incomparable(format!("it predicts `{}`", live.0.spec.target));
    }
    if live.0.spec.task != model.spec.task {
        return incomparable(format!("its task is `{}`", live.0.spec.task.as_str()));
    }
    let scores = match scores_of(store, files, live.0) {
        Ok(scores) => scores,
        Err(GateError::Data(why)) if is_about_columns(&why) => {
            return incomparable(why.to_string());
        }
        Err(GateError::Model(why)) => return incomparable(named(&why)),
        Err(error) => return Err(error),
    };
    let unseen = match unseen::by_live(store, candidate, live)? {
        Ok(unseen) => unseen,
        Err(why) => return incomparable(why),
    };
    let least = model.spec.quality.minimum_rows_against_live;
    if (unseen.len() as u64) < least {
        let why = format!(
            "there are {} rows that neither has learned from, {least} are wanted",
            unseen.len()
        );
        return Ok(Err((MissingEvidence::LiveTooFewRows, why)));
    }
    let truth = at(&held_out.truth, &unseen);
    let (ours, theirs) = (at(&held_out.scores, &unseen), at(&scores, &unseen));
    match difference(model.spec.task, Rows::new(&truth, &ours)?, &theirs) {
        Some(difference) => Ok(Ok(difference)),
        None => incomparable("one of the two gives scores that are not finite numbers, or the truth of these rows never varies".into()),
    }
}

/// The live model's scores of the candidate's held-out rows.
fn scores_of(store: &Store, files: &ModelFiles, live: &Model) -> Result<Vec<f32>, GateError> {
    let columns = live.columns().into_iter().map(str::to_owned).collect();
    let rows = held_out::read(store, &files.holdout_rows, &live.contract, columns)?;
    Ok(live.score(&rows, Cores::All)?)
}

fn at<T: Copy>(values: &[T], positions: &[usize]) -> Vec<T> {
    let chosen = positions.iter().filter_map(|row| values.get(*row));
    chosen.copied().collect()
}
