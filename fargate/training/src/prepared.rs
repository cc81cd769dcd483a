//! What every way through this stage begins with: rows read, some held out, the recipe fitted on the rest.

use millrace_contract::spec::{Search, SplitMethod, Task};
use millrace_contract::stages::{Listener, Progress, TrainInput};
use millrace_contract::{Contract, Spec};
use millrace_dataset::Frame;
use millrace_features::{
    FitReport, Holdout, Recipe, Unfitted, hold_out, hold_out_by_id, hold_out_sample, stratified,
};
use millrace_store::Store;
use millrace_trail::{TrailError, load_documents};
use millrace_training::{EVERY_CORE, SearchRequest, SearchRows, Setup};

use crate::TrainError;
use crate::data::{self, TrainingData};

pub struct Prepared {
    pub spec: Spec,
    pub contract: Contract,
    pub data: TrainingData,
    pub split: Holdout,
    /// The model's, fitted on all training rows. The folds of the search fit others.
    pub recipe: Recipe,
    pub fit: FitReport,
    /// The training rows, with the columns that may be learned from.
    pub learnable: Frame,
    pub target: Vec<f64>,
    /// The spec's, by the strategy that the run asks for.
    pub search: Search,
    attempt: u32,
}

/// Says what is being done now.
pub fn phase(listener: &dyn Listener, text: &str) {
    listener.hear(Progress::Phase {
        text: text.to_owned(),
    });
}

/// Which rows are held out, as the spec says.
fn split(data: &TrainingData, spec: &Spec, contract: &Contract) -> Result<Holdout, TrainError> {
    let (ids, target) = (data.ids(contract), &data.target);
    if let Some(sample) = &data.sample {
        return Ok(hold_out_sample(
            &ids,
            target,
            &spec.split,
            sample.holdout_share(),
        )?);
    }
    Ok(match spec.split.method_for(contract) {
        SplitMethod::ById => hold_out_by_id(&ids, target, &spec.split)?,
        SplitMethod::ScikitLearn => hold_out(target, &spec.split)?,
    })
}

impl Prepared {
    pub fn new(
        store: &Store,
        input: &TrainInput,
        memory_bytes: Option<u64>,
        listener: &dyn Listener,
    ) -> Result<Prepared, TrainError> {
        let (spec, contract) = load_documents(store, &input.documents)?;

        phase(listener, "reading the data");
        let data = data::read(store, input, &spec, &contract, memory_bytes)?;
        if let Some(sample) = &data.sample {
            phase(listener, &sample.words());
        }

        phase(listener, "choosing and scaling the columns");
        let mut split = split(&data, &spec, &contract)?;
        if spec.task != Task::Regression {
            let yes = |row: usize| data.target.get(row).is_some_and(|y| *y > 0.5);
            split.training = stratified(&split.training, yes, spec.search.folds);
        }
        let learnable = learnable(&data.frame, &split.training, &spec, &contract);
        let target = data.target_of(&split.training);
        let (recipe, fit) = Recipe::fit(&learnable, &target, &spec, &contract)?;
        let strategy = input.strategy.unwrap_or(spec.search.strategy);
        spec.check_strategy(strategy, &input.documents.spec.key)
            .map_err(TrailError::from)?;
        let search = Search {
            strategy,
            ..spec.search.clone()
        };
        Ok(Prepared {
            spec,
            contract,
            data,
            split,
            recipe,
            fit,
            learnable,
            target,
            search,
            attempt: input.attempt,
        })
    }

    pub fn setup(&self) -> Setup<'_> {
        Setup {
            task: self.spec.task,
            learner: self.spec.learner,
            search: &self.search,
        }
    }

    pub fn request(&self) -> Result<SearchRequest<'_>, TrainError> {
        let rows = Unfitted::new(&self.learnable, &self.target, &self.spec, &self.contract)?;
        Ok(SearchRequest {
            rows: SearchRows::Table(rows),
            setup: self.setup(),
            attempt: self.attempt,
            workers: EVERY_CORE,
        })
    }
}

/// Some rows of the columns that may be learned from.
fn learnable(data: &Frame, rows: &[usize], spec: &Spec, contract: &Contract) -> Frame {
    let names: Vec<&str> = spec.learnable(contract).map(|(name, _)| name).collect();
    data.take_columns(&names, rows)
}
