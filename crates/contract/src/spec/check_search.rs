//! What must hold within `[search]`, by the space of the learner.

use super::space::{Parameter, ParameterSpace, Usual};
use super::{Search, Strategy, refuse, refuse_as};
use crate::params::Value;
use crate::problem::{DocumentError, PARAMETER_OUT_OF_SPACE, PARAMETER_UNKNOWN};

/// Step Functions runs no more branches of a Map side by side.
const MOST_CONTAINERS: u32 = 40;
/// What nobody needs, and what would take days when it is a slip of the keyboard.
const MOST_FOLDS: usize = 100;
const MOST_CANDIDATES: usize = 10_000;

type Checked = Result<(), DocumentError>;

impl Search {
    pub(super) fn check(&self, space: &ParameterSpace, origin: &str) -> Checked {
        if !(2..=MOST_FOLDS).contains(&self.folds) {
            let detail = format!(
                "`folds` is {}, it must lie in 2 to {MOST_FOLDS}",
                self.folds
            );
            return Err(refuse(origin, "search.folds", detail));
        }
        for (name, values) in self.space.iter() {
            check_values(space, name, values, origin)?;
        }
        for (name, value) in self.fixed.iter() {
            check_fixed(space, name, value, origin)?;
        }
        self.tpe
            .check(space)
            .map_err(|(key, detail)| refuse(origin, format!("search.{key}"), detail))?;
        self.check_containers(space, origin)?;
        let candidates = space.grid(&self.space).count();
        if candidates > MOST_CANDIDATES {
            let detail =
                format!("`space` has {candidates} candidates: leave at most {MOST_CANDIDATES}");
            return Err(refuse(origin, "search.space", detail));
        }
        Ok(())
    }

    /// How many fits a fold takes: candidates that differ in the learner's budget alone share one.
    pub fn fits_per_fold(&self, space: &ParameterSpace) -> usize {
        let grid = space.grid(&self.space);
        let shared = space.budget.map_or(1, |budget| grid.values(budget).len());
        grid.count() / shared.max(1)
    }

    fn check_containers(&self, space: &ParameterSpace, origin: &str) -> Checked {
        let containers = self.containers;
        let wrong = |detail| Err(refuse(origin, "search.containers", detail));
        if !(1..=MOST_CONTAINERS).contains(&containers) {
            return wrong(format!(
                "`containers` is {containers}, it must lie in 1 to {MOST_CONTAINERS}"
            ));
        }
        if containers > 1 && self.strategy != Strategy::Exhaustive {
            return wrong(format!(
                "`containers` is {containers}, but only the strategy `exhaustive` can be spread: the others decide by what all candidates have shown so far"
            ));
        }
        let fits = self.fits_per_fold(space);
        if containers as usize > fits {
            let share = space.budget.map_or(String::new(), |budget| {
                format!(": candidates that differ in `{budget}` share one")
            });
            return wrong(format!(
                "`containers` is {containers}, but there are only {fits} fits to share out{share}"
            ));
        }
        Ok(())
    }
}

fn parameter(
    space: &ParameterSpace,
    section: &str,
    name: &str,
    origin: &str,
) -> Result<&'static Parameter, DocumentError> {
    space.parameter(name).ok_or_else(|| {
        let detail = format!(
            "{} has no parameter `{name}`: it has {}",
            space.learner,
            space.names()
        );
        refuse_as(
            PARAMETER_UNKNOWN,
            origin,
            format!("search.{section}.{name}"),
            detail,
        )
    })
}

fn check_values(space: &ParameterSpace, name: &str, values: &[Value], origin: &str) -> Checked {
    let known = parameter(space, "space", name, origin)?;
    let refuse_as = |kind, detail| {
        Err(refuse_as(
            kind,
            origin,
            format!("search.space.{name}"),
            detail,
        ))
    };
    if let Usual::Fixed(_) = known.usual {
        let detail =
            format!("`{name}` is the same for every candidate: write it in `[search.fixed]`");
        return refuse_as(crate::problem::INVALID_SPEC, detail);
    }
    let admitted: Vec<Option<Value>> = values
        .iter()
        .map(|value| known.kind.admit(*value))
        .collect();
    let again = |place: usize| {
        admitted
            .iter()
            .take(place)
            .any(|other| *other == admitted[place])
    };
    let wrong = (0..admitted.len()).any(|place| admitted[place].is_none() || again(place));
    match wrong || values.is_empty() {
        true => refuse_as(
            PARAMETER_OUT_OF_SPACE,
            format!(
                "`space.{name}` needs one or more different {}",
                known.kind.words()
            ),
        ),
        false => Ok(()),
    }
}

fn check_fixed(space: &ParameterSpace, name: &str, value: Value, origin: &str) -> Checked {
    let known = parameter(space, "fixed", name, origin)?;
    let refuse_as = |kind, detail| {
        Err(refuse_as(
            kind,
            origin,
            format!("search.fixed.{name}"),
            detail,
        ))
    };
    if let Usual::Searched { .. } = known.usual {
        let detail = format!("`{name}` is searched: give it one value in `[search.space]`");
        return refuse_as(crate::problem::INVALID_SPEC, detail);
    }
    match known.kind.admit(value) {
        Some(_) => Ok(()),
        None => refuse_as(
            PARAMETER_OUT_OF_SPACE,
            format!("`fixed.{name}` is {value}, {}", known.kind.demand()),
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::spec::Spec;

    fn refused(search: &str) -> (String, String) {
        let text = format!(
            "format = 2\nname = \"t\"\ncontract = \"t.toml\"\ntarget = \"y\"\n[scores]\ncolumn = \"p\"\ndecimals = 3\n[search]\n{search}"
        );
        let error = Spec::parse(&text, "spec.toml").unwrap_err();
        (error.name().to_owned(), error.to_string())
    }

    #[test]
    fn what_cannot_be_searched_is_said_with_its_line() {
        for (search, name, said) in [
            (
                "folds = 1",
                "InvalidSpec",
                "line 9: search.folds: `folds` is 1",
            ),
            ("scoring = 1", "InvalidSpec", "line 9"),
            (
                "[search.space]\nn_trees = [3]",
                "ParameterUnknown",
                "line 10: search.space.n_trees: xgboost has no parameter `n_trees`: it has n_estimators, max_depth",
            ),
            (
                "[search.space]\nmax_depth = [3, 99]",
                "ParameterOutOfSpace",
                "line 10: search.space.max_depth: `space.max_depth` needs one or more different whole numbers in 1 to 16",
            ),
            (
                "[search.space]\nmax_depth = [3.5]",
                "ParameterOutOfSpace",
                "whole numbers",
            ),
            (
                "[search.space]\nmax_depth = [3, 3]",
                "ParameterOutOfSpace",
                "different",
            ),
            (
                "[search.space]\nmax_depth = []",
                "ParameterOutOfSpace",
                "one or more",
            ),
            (
                "[search.space]\nsubsample = [1, 1.0]",
                "ParameterOutOfSpace",
                "different numbers above 0",
            ),
            (
                "[search.space]\nsubsample = [nan]",
                "ParameterOutOfSpace",
                "above 0",
            ),
            (
                "[search.space]\nmax_bin = [16]",
                "InvalidSpec",
                "write it in `[search.fixed]`",
            ),
            (
                "[search.fixed]\nmax_depth = 3",
                "InvalidSpec",
                "give it one value in `[search.space]`",
            ),
            (
                "[search.fixed]\ndepth = 3",
                "ParameterUnknown",
                "line 10: search.fixed.depth",
            ),
            (
                "[search.fixed]\nreg_lambda = -1.0",
                "ParameterOutOfSpace",
                "`fixed.reg_lambda` is -1, it must be 0 or more",
            ),
            (
                "[search.fixed]\nmax_bin = 1",
                "ParameterOutOfSpace",
                "it must lie in 2 to 65535",
            ),
            (
                "[search.tpe]\ntrials = 0",
                "InvalidSpec",
                "line 10: search.tpe.trials: `tpe.trials` is 0",
            ),
            ("containers = 2", "InvalidSpec", "line 9: search.containers"),
        ] {
            let (kind, message) = refused(search);
            assert_eq!(kind, name, "{search}");
            assert!(message.contains(said), "{search}: {message}");
        }
    }

    #[test]
    fn a_spec_of_the_first_version_is_read_as_xgboosts_and_an_unknown_version_is_refused() {
        let first = "name = \"t\"\ncontract = \"t.toml\"\ntarget = \"y\"\n[search]\nalgorithm = \"xgboost\"\nobjective = \"reg:squarederror\"\nscoring = \"r2\"\n[scores]\ncolumn = \"p\"\ndecimals = 3\n";
        let read = Spec::parse(first, "spec").unwrap();
        let newest = format!("format = 2\n{first}");
        let said = Spec::parse(&newest, "spec").unwrap_err().to_string();
        assert!(said.contains("unknown field `algorithm`"), "{said}");
        let newest = newest.replace(
            "algorithm = \"xgboost\"\nobjective = \"reg:squarederror\"\nscoring = \"r2\"\n",
            "",
        );
        let newest = newest.replace("target = ", "learner = \"xgboost\"\ntarget = ");
        assert_eq!(Spec::parse(&newest, "spec").unwrap(), read);
        let later = format!("format = 3\n{first}");
        let said = Spec::parse(&later, "spec").unwrap_err().to_string();
        assert!(said.contains("line 1: format: `format` is 3"), "{said}");
        let oracle = first.replace("\"xgboost\"", "\"oracle\"");
        let said = Spec::parse(&oracle, "spec").unwrap_err().to_string();
        assert!(said.contains("unknown variant `oracle`"), "{said}");
    }
}
