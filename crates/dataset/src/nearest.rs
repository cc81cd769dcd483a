//! The name that was probably meant when another was written.

/// The name with the fewest edits, if it is near enough to be meant.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let limit = (wanted.chars().count() / 3).clamp(1, 4);
    names
        .map(|name| (edits(&wanted.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| crate::error::shown(name))
}

/// Insertions, deletions and replacements from one word to the other.
fn edits(from: &str, to: &str) -> usize {
    // A name of hostile length is not worth a quadratic comparison.
    if from.len().max(to.len()) > 256 {
        return usize::MAX;
    }
    let to: Vec<char> = to.chars().collect();
    let mut costs: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.chars().enumerate() {
        let mut diagonal = costs[0];
        costs[0] = row + 1;
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = costs[column + 1];
            costs[column + 1] = replaced.min(diagonal + 1).min(costs[column] + 1);
        }
    }
    costs[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_mistakes_are_understood_and_strangers_are_not_proposed() {
        let names = ["customer_id", "age", "gender"];
        let of = |wanted: &str| nearest(wanted, names.into_iter());
        assert_eq!(of("custmer_id").as_deref(), Some("customer_id"));
        assert_eq!(of("Gender").as_deref(), Some("gender"));
        assert_eq!(of("location"), None);
    }

    #[test]
    fn edits_are_counted() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", "abc"), 0);
    }
}
