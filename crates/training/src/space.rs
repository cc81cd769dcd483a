//! The candidates of a grid, and the runs that answer for several of them.

use millrace_contract::{Params, Value};

/// Candidates that differ in the learner's budget only: one run of the longest answers for all.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    /// With the budget of the longest.
    pub(crate) longest: Params,
    /// The position of each candidate with its budget, from little to much.
    pub(crate) members: Vec<Member>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) candidate: usize,
    pub(crate) rounds: u32,
}

/// How far a fit of a candidate goes: 1 where the learner has no budget and takes one step.
pub(crate) fn rounds(candidate: &Params, budget: Option<&str>) -> u32 {
    match budget.and_then(|budget| candidate.get(budget)) {
        Some(Value::Whole(rounds)) => rounds,
        _ => 1,
    }
}

/// The candidate with another budget; the same where the learner has none.
pub(crate) fn with_rounds(candidate: &Params, budget: Option<&str>, rounds: u32) -> Params {
    match budget {
        Some(budget) => candidate.clone().with(budget, rounds),
        None => candidate.clone(),
    }
}

/// Puts candidates together that one run answers for.
pub(crate) fn groups(candidates: &[Params], budget: Option<&str>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (position, candidate) in candidates.iter().enumerate() {
        let own = rounds(candidate, budget);
        let member = Member {
            candidate: position,
            rounds: own,
        };
        let same = |group: &&mut Group| {
            budget.is_some() && with_rounds(&group.longest, budget, own) == *candidate
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.members.push(member),
            None => groups.push(Group {
                longest: candidate.clone(),
                members: vec![member],
            }),
        }
    }
    for group in &mut groups {
        group.members.sort_by_key(|member| member.rounds);
        if let Some(last) = group.members.last() {
            group.longest = with_rounds(&group.longest, budget, last.rounds);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use millrace_contract::spec::{Learner, Space};

    #[test]
    fn the_usual_grid_of_xgboost_has_36_groups() {
        let space = Learner::Xgboost.space();
        let all = space.grid(&Space::default()).candidates();
        let groups = groups(&all, space.budget);
        assert_eq!((all.len(), groups.len()), (108, 36));
        for group in &groups {
            let lengths: Vec<u32> = group.members.iter().map(|m| m.rounds).collect();
            assert_eq!(lengths, [50, 100, 200]);
            assert_eq!(rounds(&group.longest, space.budget), 200);
            for member in &group.members {
                let candidate = &all[member.candidate];
                assert_eq!(rounds(candidate, space.budget), member.rounds);
                assert_eq!(candidate.get("max_depth"), group.longest.get("max_depth"));
            }
        }
    }

    #[test]
    fn without_a_budget_every_candidate_is_fitted_alone() {
        let candidates: Vec<Params> = [0.1, 1.0]
            .map(|alpha| [("alpha", alpha)].into_iter().collect())
            .to_vec();
        let groups = groups(&candidates, None);
        assert_eq!(groups.len(), 2);
        assert!(groups.iter().all(|group| group.members.len() == 1));
    }
}
