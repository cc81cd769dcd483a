//! The search space: its candidates, the runs that answer for several of them, and how it widens.

use millrace_contract::metadata::Hyperparameters;
use millrace_contract::spec::Space;

/// Candidates that differ in the number of rounds only: one run of the longest answers for all.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    /// With the number of rounds of the longest.
    pub(crate) longest: Hyperparameters,
    /// The position of each candidate with its number of rounds, from few to many.
    pub(crate) members: Vec<Member>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) candidate: usize,
    pub(crate) rounds: u32,
}

/// Every combination of the space, in the order of scikit-learn's `ParameterGrid` (names in
/// alphabetical order, the last changing fastest), which decides between equals.
pub fn candidates(space: &Space) -> Vec<Hyperparameters> {
    let mut all = Vec::new();
    for &colsample_bytree in &space.colsample_bytree {
        for &learning_rate in &space.learning_rate {
            for &max_depth in &space.max_depth {
                for &n_estimators in &space.n_estimators {
                    for &subsample in &space.subsample {
                        all.push(Hyperparameters {
                            n_estimators,
                            max_depth,
                            learning_rate,
                            subsample,
                            colsample_bytree,
                        });
                    }
                }
            }
        }
    }
    all
}

/// Puts candidates together that one run answers for.
pub(crate) fn groups(candidates: &[Hyperparameters]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (position, candidate) in candidates.iter().enumerate() {
        let member = Member {
            candidate: position,
            rounds: candidate.n_estimators,
        };
        let same = |group: &&mut Group| {
            let rounds = candidate.n_estimators;
            Hyperparameters {
                n_estimators: rounds,
                ..group.longest
            } == *candidate
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.members.push(member),
            None => groups.push(Group {
                longest: *candidate,
                members: vec![member],
            }),
        }
    }
    for group in &mut groups {
        group.members.sort_by_key(|member| member.rounds);
        let longest = group.members.last().map(|member| member.rounds);
        group.longest.n_estimators = longest.unwrap_or(group.longest.n_estimators);
    }
    groups
}

/// The space of a later attempt. The first attempt searches what the spec says; each further one
/// adds twice as many rounds, two more levels of depth, and a learning rate between each two
/// neighbours (their geometric mean).
pub fn widened(space: &Space, attempt: u32) -> Space {
    let mut wide = space.clone();
    for _ in 1..attempt.min(4) {
        if let Some(most) = wide.n_estimators.iter().max().copied() {
            add(&mut wide.n_estimators, (most * 2).min(10_000));
        }
        if let Some(deepest) = wide.max_depth.iter().max().copied() {
            add(&mut wide.max_depth, (deepest + 2).min(16));
        }
        let mut rates = wide.learning_rate.clone();
        rates.sort_by(f64::total_cmp);
        for pair in rates.windows(2) {
            // Four digits are enough and stay readable.
            let between = ((pair[0] * pair[1]).sqrt() * 1e4).round() / 1e4;
            if between > 0.0 {
                add(&mut wide.learning_rate, between);
            }
        }
    }
    wide
}

fn add<T: PartialEq>(values: &mut Vec<T>, value: T) {
    if !values.contains(&value) {
        values.push(value);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_default_space_has_108_candidates_in_36_groups() {
        let all = candidates(&Space::default());
        let groups = groups(&all);
        assert_eq!((all.len(), groups.len()), (108, 36));
        for group in &groups {
            let rounds: Vec<u32> = group.members.iter().map(|m| m.rounds).collect();
            assert_eq!(rounds, [50, 100, 200]);
            assert_eq!(group.longest.n_estimators, 200);
            for member in &group.members {
                let candidate = all[member.candidate];
                assert_eq!(candidate.n_estimators, member.rounds);
                assert_eq!(candidate.max_depth, group.longest.max_depth);
            }
        }
    }

    #[test]
    fn later_attempts_only_add() {
        let first = Space::default();
        assert_eq!(widened(&first, 1), first);
        let second = widened(&first, 2);
        assert_eq!(second.n_estimators, [50, 100, 200, 400]);
        assert_eq!(second.max_depth, [3, 6, 9, 11]);
        assert_eq!(second.learning_rate, [0.01, 0.1, 0.3, 0.0316, 0.1732]);
        let far = widened(&first, u32::MAX);
        assert!(far.max_depth.iter().all(|d| *d <= 16));
        assert!(far.learning_rate.iter().all(|r| *r > 0.0 && *r <= 1.0));
    }
}
