//! What must hold within a spec, and between a spec and its contract.

use std::collections::BTreeSet;

use super::{
    Demand, Interval, Label, MissingNumber, Reasons, Scores, Spec, SplitMethod, Strategy, Task,
    Tiers, measured, refuse,
};
use crate::calibration::CalibrationChoice;
use crate::contract::{Column, ColumnType, Contract, Role};
use crate::problem::DocumentError;
use crate::tables::{VIEWS, always, by_run};

type Checked = Result<(), String>;

/// Nobody reads more of them, and each is two columns.
const MOST_REASONS: u32 = 20;
/// What nobody needs, and what would take all memory when it is a slip of the keyboard.
const MOST_BINS: usize = 1_000;
/// From so many pairs on their mean is close enough to normal.
const FEWEST_ROWS_AGAINST_LIVE: u64 = 30;

impl Spec {
    pub(super) fn check(&self, origin: &str) -> Result<(), DocumentError> {
        let at = |place: &'static str| move |detail: String| refuse(origin, place, detail);
        self.check_task(origin)?;
        self.check_selection().map_err(at("selection"))?;
        self.check_encoding()
            .map_err(at("encoding.missing_number"))?;
        self.check_split().map_err(at("split"))?;
        self.search.check(self.learner.space(), origin)?;
        self.scores.check().map_err(at("scores"))?;
        self.check_quality().map_err(at("quality"))?;
        self.check_demands(origin)?;
        self.check_fairness().map_err(at("fairness"))
    }

    /// Which parts of the spec mean something for its task.
    fn check_task(&self, origin: &str) -> Result<(), DocumentError> {
        let wrong = |place: &str, detail: String| Err(refuse(origin, place, detail));
        let task = self.task;
        let scoring = self.scoring();
        if !task.scorings().contains(&scoring) {
            let names: Vec<&str> = task.scorings().iter().map(|known| known.name()).collect();
            let detail = format!(
                "`scoring` is `{}`: a search of `{}` decides by {}",
                scoring.name(),
                task.as_str(),
                names.join(", ")
            );
            return wrong("search.scoring", detail);
        }
        self.check_strategy(self.search.strategy, origin)?;
        match task {
            Task::Multiclass => wrong(
                "task",
                "no learner here learns three classes or more: use `binary`, or predict a number".into(),
            ),
            Task::Regression if self.scores.label.is_some() => wrong(
                "scores.label",
                "a regression has no probability that a label could follow from: use `tiers`, or `task = \"binary\"`".into(),
            ),
            Task::Regression if self.calibration != CalibrationChoice::Best => wrong(
                "calibration",
                "a regression has no probabilities to calibrate: leave it out, or use `task = \"binary\"`".into(),
            ),
            Task::Binary if self.scores.interval.is_some() => wrong(
                "scores.interval",
                "a probability has no interval that the truth, a yes or a no, could lie in: leave it out".into(),
            ),
            Task::Binary if self.scores.range.is_some_and(|range| range != [0.0, 1.0]) => wrong(
                "scores.range",
                "probabilities lie in 0 to 1: leave the range out, or write [0.0, 1.0]".into(),
            ),
            Task::Regression | Task::Binary => Ok(()),
        }
    }

    /// Whether this strategy can search by the spec's measure; a run may ask for another than the spec's.
    pub fn check_strategy(&self, strategy: Strategy, origin: &str) -> Result<(), DocumentError> {
        let scoring = self.scoring();
        if scoring.is_paired() || strategy == Strategy::Exhaustive {
            return Ok(());
        }
        let detail = format!(
            "`{}` has no loss for each row, by which `race` and `tpe` drop candidates: use the strategy `exhaustive`",
            scoring.name()
        );
        Err(refuse(origin, "search.scoring", detail))
    }

    fn check_selection(&self) -> Checked {
        if self.selection.best == Some(0) {
            return Err("`best` is 0: keep at least one column".into());
        }
        match self.selection.maximum_correlation {
            Some(limit) if !(0.0..=1.0).contains(&limit) => Err(format!(
                "`maximum_correlation` is {limit}, it must lie in 0 to 1"
            )),
            _ => Ok(()),
        }
    }

    fn check_encoding(&self) -> Checked {
        match (self.missing_number(), self.learner.takes_missing()) {
            (MissingNumber::Keep, false) => Err(format!(
                "{} takes no missing values: use `median` or `mean`, or leave the line out",
                self.learner.name()
            )),
            _ => Ok(()),
        }
    }

    fn check_split(&self) -> Checked {
        let share = self.split.holdout_share;
        if !(share > 0.0 && share < 1.0) {
            return Err(format!(
                "`holdout_share` is {share}, it must lie between 0 and 1"
            ));
        }
        let bins = self.split.stratify_bins;
        if !(1..=MOST_BINS).contains(&bins) {
            return Err(format!(
                "`stratify_bins` is {bins}, it must lie in 1, which means no stratification, to {MOST_BINS}"
            ));
        }
        Ok(())
    }

    fn check_quality(&self) -> Checked {
        let gate = &self.quality;
        if gate.attempts == 0 {
            return Err("`attempts` is 0: training must be tried once".into());
        }
        if gate.must_not_be_worse_than_live_by.is_nan() || gate.must_not_be_worse_than_live_by < 0.0
        {
            return Err("`must_not_be_worse_than_live_by` must be 0 or more".into());
        }
        if gate.minimum_rows_against_live < FEWEST_ROWS_AGAINST_LIVE {
            return Err(format!(
                "`minimum_rows_against_live` is {}, it must be {FEWEST_ROWS_AGAINST_LIVE} or more: of fewer rows no interval can be given",
                gate.minimum_rows_against_live
            ));
        }
        let clipped = gate.maximum_clipped_share;
        if !(0.0..=1.0).contains(&clipped) {
            return Err(format!(
                "`maximum_clipped_share` is {clipped}, it must lie in 0 to 1"
            ));
        }
        let labels = self
            .scores
            .tiers
            .as_ref()
            .map(|t| t.labels.as_slice())
            .unwrap_or_default();
        for (label, recall) in &gate.minimum_tier_recall {
            if !labels.contains(label) {
                return Err(format!(
                    "`minimum_tier_recall` names the tier `{label}`, which `scores.tiers` does not have"
                ));
            }
            if !(0.0..=1.0).contains(recall) {
                return Err(format!(
                    "the recall of tier `{label}` is {recall}, it must lie in 0 to 1"
                ));
            }
        }
        Ok(())
    }

    fn check_demands(&self, origin: &str) -> Result<(), DocumentError> {
        for (key, value) in &self.quality.measured {
            let wrong = |detail| Err(refuse(origin, format!("quality.{key}"), detail));
            let Some((_, measure)) = Demand::of(key) else {
                return wrong(format!(
                    "`{key}` is no key of this section; limits are `minimum_<measure>`, `maximum_<measure>` and `good_<measure>`"
                ));
            };
            if let Err(detail) = measured::check(measure, self.task) {
                return wrong(detail);
            }
            if !value.is_finite() {
                return wrong(format!("`{key}` must be a finite number"));
            }
        }
        Ok(())
    }

    fn check_fairness(&self) -> Checked {
        let gate = &self.fairness;
        for (name, value) in [
            (
                "maximum_demographic_parity_difference",
                gate.maximum_demographic_parity_difference,
            ),
            (
                "maximum_equalized_odds_difference",
                gate.maximum_equalized_odds_difference.unwrap_or(0.0),
            ),
            ("proxy.maximum_association", gate.proxy.maximum_association),
            ("proxy.maximum_probe_auc", gate.proxy.maximum_probe_auc),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(format!("`{name}` is {value}, it must lie in 0 to 1"));
            }
        }
        if !gate.threshold.is_finite() {
            return Err("`threshold` must be a finite number".into());
        }
        if let Some([low, high]) = self.scores.range
            && !gate.attributes.is_empty()
            && !(low..=high).contains(&gate.threshold)
        {
            return Err(format!(
                "`threshold` is {}, it must lie in the range of the scores, {low} to {high}",
                gate.threshold
            ));
        }
        if !(gate.confidence_level > 0.0 && gate.confidence_level < 1.0) {
            return Err("`confidence_level` must lie between 0 and 1".into());
        }
        if gate.bootstrap_draws < 1_000 {
            return Err("`bootstrap_draws` must be 1000 or more".into());
        }
        for (attribute, edges) in &gate.bands {
            if edges.is_empty() || !rising(edges) {
                return Err(format!("the bands of `{attribute}` must be rising numbers"));
            }
        }
        Ok(())
    }

    /// Whether this spec fits the table that the contract describes.
    pub fn check_against(&self, contract: &Contract, origin: &str) -> Result<(), DocumentError> {
        let column = |name: &str| contract.columns.get(name);
        match column(&self.target).map(|c| c.role) {
            Some(Role::Target) => {}
            Some(_) => {
                return Err(refuse(
                    origin,
                    "target",
                    format!("column `{}` does not have the role `target`", self.target),
                ));
            }
            None => {
                return Err(refuse(
                    origin,
                    "target",
                    format!("the contract has no column `{}`", self.target),
                ));
            }
        }
        let boolean = column(&self.target).is_some_and(|c| c.column_type == ColumnType::Boolean);
        let zero_to_one = column(&self.target).is_some_and(|c| c.range == Some([0.0, 1.0]));
        match self.task {
            Task::Regression if boolean => {
                return Err(refuse(
                    origin,
                    "task",
                    format!(
                        "`{}` is true or false: use `task = \"binary\"`",
                        self.target
                    ),
                ));
            }
            Task::Binary if !boolean && !zero_to_one => {
                return Err(refuse(
                    origin,
                    "target",
                    format!(
                        "`{}` is not a class: the contract must call it `boolean`, or give it the range [0, 1]",
                        self.target
                    ),
                ));
            }
            Task::Regression | Task::Binary | Task::Multiclass => {}
        }
        if self.split.method == Some(SplitMethod::ById) && contract.id().is_none() {
            return Err(refuse(
                origin,
                "split.method",
                "the contract has no id that could decide: give the table one, or use `scikit_learn`",
            ));
        }
        if !self.rows.are_all() && self.split.method_for(contract) != SplitMethod::ById {
            return Err(refuse(
                origin,
                "rows",
                "which rows are used must follow from their ids: give the table an id, and hold out by it (`split.method`)",
            ));
        }
        if self.scores.pseudonymise_ids && contract.id().is_none() {
            return Err(refuse(
                origin,
                "scores.pseudonymise_ids",
                "the contract has no id",
            ));
        }
        let feature = |c: Option<&Column>| c.is_some_and(|c| c.role == Role::Feature);
        if let Some(name) = self.features.exclude.iter().find(|n| !feature(column(n))) {
            return Err(refuse(
                origin,
                "features.exclude",
                format!("the contract has no feature `{name}`"),
            ));
        }
        let protected = |name: &String| column(name).is_some_and(|c| c.role == Role::Protected);
        for (place, names) in [
            (
                "features.include_protected",
                &self.features.include_protected,
            ),
            ("fairness.attributes", &self.fairness.attributes),
        ] {
            if let Some(name) = names.iter().find(|n| !protected(n)) {
                return Err(refuse(
                    origin,
                    place,
                    format!("the contract has no protected attribute `{name}`"),
                ));
            }
        }
        for name in self.fairness.bands.keys() {
            if !self.fairness.attributes.contains(name)
                || !column(name).is_some_and(|c| c.column_type.is_numeric())
            {
                return Err(refuse(
                    origin,
                    "fairness.bands",
                    format!("`{name}` is not a numeric attribute that is judged"),
                ));
            }
        }
        for name in &self.fairness.attributes {
            let numeric = column(name).is_some_and(|c| c.column_type.is_numeric());
            if numeric && !self.fairness.bands.contains_key(name) {
                return Err(refuse(
                    origin,
                    "fairness.bands",
                    format!("`{name}` is a number: say how it is cut into bands"),
                ));
            }
        }
        let id_clash = self
            .scores
            .columns()
            .into_iter()
            .find(|name| contract.id() == Some(name.as_str()));
        if let Some(name) = id_clash {
            return Err(refuse(
                origin,
                "scores",
                format!("`{name}` is the table's id, a score cannot have that name"),
            ));
        }
        if self.learnable(contract).next().is_none() {
            return Err(refuse(
                origin,
                "features",
                "no column is left to learn from",
            ));
        }
        Ok(())
    }

    /// The columns that are learned from, in the contract's order.
    pub fn learnable<'a>(
        &'a self,
        contract: &'a Contract,
    ) -> impl Iterator<Item = (&'a str, &'a Column)> {
        contract
            .columns
            .iter()
            .filter(|(name, column)| match column.role {
                Role::Feature => !self.features.exclude.contains(name),
                Role::Protected => self.features.include_protected.contains(name),
                Role::Id | Role::Date | Role::Target | Role::Unused => false,
            })
            .map(|(name, column)| (name.as_str(), column))
    }
}

impl Scores {
    /// The names of the columns that are computed from the score.
    pub fn columns(&self) -> Vec<String> {
        let mut names = vec![self.column.clone()];
        names.extend(self.confidence.iter().map(|c| c.column.clone()));
        names.extend(self.tiers.iter().map(|t| t.column.clone()));
        names.extend(self.label.iter().map(|l| l.column.clone()));
        names.extend(
            self.inverse
                .iter()
                .flat_map(|i| [i.column.clone(), i.tiers.column.clone()]),
        );
        let intervals = self.interval.iter();
        names.extend(intervals.flat_map(|i| [i.low.clone(), i.high.clone()]));
        let reasons = self.reasons.iter();
        names.extend(reasons.flat_map(|r| r.columns().flat_map(|(name, effect)| [name, effect])));
        names
    }

    /// Whether these columns can be written together.
    pub fn check(&self) -> Checked {
        if !sql_name(&self.table) {
            return Err(format!(
                "`table` is `{}`: use lower-case letters, digits and `_`",
                self.table
            ));
        }
        if is_taken(&self.table) {
            return Err(format!(
                "`table` is `{}`, which is the name of another table or view: choose another",
                self.table
            ));
        }
        if let Some(Reasons { count }) = self.reasons
            && !(1..=MOST_REASONS).contains(&count)
        {
            return Err(format!(
                "`reasons.count` is {count}, it must lie in 1 to {MOST_REASONS}"
            ));
        }
        if let Some(Interval { coverage, .. }) = self.interval
            && !(coverage > 0.0 && coverage < 1.0)
        {
            return Err(format!(
                "`interval.coverage` is {coverage}, it must lie between 0 and 1"
            ));
        }
        let names = self.columns();
        let reserved = [
            "model_name",
            "model_version",
            "scored_at",
            "run_id",
            "scored_on",
            "model",
        ];
        for name in &names {
            if !sql_name(name) || reserved.contains(&name.as_str()) {
                return Err(format!(
                    "`{name}` cannot name a column: use lower-case letters, digits and `_`, and none of {reserved:?}"
                ));
            }
        }
        if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
            return Err("two columns have the same name".into());
        }
        if self.decimals > 9 || self.confidence.as_ref().is_some_and(|c| c.decimals > 9) {
            return Err("`decimals` must be 9 or less".into());
        }
        if let Some([low, high]) = self.range
            && !(low.is_finite() && high.is_finite() && low < high)
        {
            return Err(format!(
                "`range` [{low}, {high}] must be two finite numbers, the smaller first"
            ));
        }
        self.tiers.as_ref().map_or(Ok(()), Tiers::check)?;
        self.label.as_ref().map_or(Ok(()), Label::check)?;
        match (&self.inverse, self.range) {
            (Some(_), None) => {
                Err("`inverse` needs a `range`: it is the upper end less the score".into())
            }
            (Some(inverse), Some(_)) => inverse.tiers.check(),
            (None, _) => Ok(()),
        }
    }
}

impl Label {
    fn check(&self) -> Checked {
        if self.positive == self.negative {
            return Err(format!(
                "`label.positive` and `label.negative` are both `{}`",
                self.positive
            ));
        }
        self.threshold
            .check()
            .map_err(|detail| format!("`label`: {detail}"))
    }
}

impl Tiers {
    fn check(&self) -> Checked {
        if self.labels.len() != self.edges.len() + 1 {
            return Err(format!(
                "{} edges need {} labels",
                self.edges.len(),
                self.edges.len() + 1
            ));
        }
        if !rising(&self.edges) {
            return Err("`edges` must rise".into());
        }
        if self.labels.iter().collect::<BTreeSet<_>>().len() < self.labels.len() {
            return Err("two tiers have the same label".into());
        }
        Ok(())
    }
}

fn rising(edges: &[f64]) -> bool {
    edges.iter().all(|edge| edge.is_finite()) && edges.windows(2).all(|pair| pair[0] < pair[1])
}

/// Tables that every store has, and what analysts ask of them.
fn is_taken(table: &str) -> bool {
    let own = always().iter().any(|known| known.name == table);
    own || VIEWS.contains(&table) || table.ends_with(&by_run(""))
}

fn sql_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
