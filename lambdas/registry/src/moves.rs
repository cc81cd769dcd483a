//! Moving a version on, out of use, or back.

use jiff::Timestamp;
use millrace_contract::ModelName;
use millrace_contract::spec::PromotionTarget;
use millrace_contract::stages::{ChangedModel, PromoteModel, RejectModel, RollbackModel};
use millrace_keys::Context;
use millrace_registry::{Changed, Registry, Request, Target};
use millrace_served::Serving;

use crate::RegistryStageError;

/// The run's id is the operation's: a run promotes its version once, even if it is started again
/// after another version became live.
pub fn promote(
    context: &Context,
    asked: &PromoteModel,
    now: Timestamp,
) -> Result<ChangedModel, RegistryStageError> {
    let target = match asked.to {
        PromotionTarget::Live => Target::Live,
        PromotionTarget::Staging => Target::Staging,
    };
    let run_id = &asked.run.run_id;
    let request = Request::new("training run", now)
        .for_run(run_id.clone())
        .because(format!("run {run_id} passed its gates"))
        .as_operation(format!("promote-{run_id}"));
    let changed = registry(context, &asked.model).promote(asked.version, target, &request)?;
    tracing::info!(run_id = %run_id, version = %asked.version, to = ?asked.to, "promoted");
    Ok(told(&asked.model, &changed))
}

/// Readers see nothing of it any more.
pub fn reject(
    context: &Context,
    asked: RejectModel,
    now: Timestamp,
) -> Result<ChangedModel, RegistryStageError> {
    let request = Request {
        operation_id: asked.operation_id,
        ..Request::new(asked.who, now).because(asked.why)
    };
    let registry = registry(context, &asked.model);
    let rejection = Serving::of(&registry).reject(asked.version, &request)?;
    Ok(told(&asked.model, &rejection.change))
}

pub fn rollback(
    context: &Context,
    asked: RollbackModel,
    now: Timestamp,
) -> Result<ChangedModel, RegistryStageError> {
    let request = Request {
        operation_id: asked.operation_id,
        why: asked.why,
        ..Request::new(asked.who, now)
    };
    let rolled_back = registry(context, &asked.model).rollback(&request)?;
    Ok(told(&asked.model, &rolled_back.change))
}

fn registry(context: &Context, model: &ModelName) -> Registry {
    Registry::open(context, model.clone())
}

fn told(model: &ModelName, changed: &Changed) -> ChangedModel {
    ChangedModel {
        model: model.clone(),
        live: changed.live,
        changed: !changed.already,
    }
}
