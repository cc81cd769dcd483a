//! Words whose order is known.

/// From low to high. Compared without regard to case, spaces and signs.
const KNOWN: &[&[&str]] = &[
    &["very low", "low", "medium", "high", "very high"],
    &["low", "moderate", "high"],
    &["low", "mid", "high"],
    &["small", "medium", "large"],
    &["xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl"],
    &[
        "poor",
        "fair",
        "good",
        "very good",
        "premium",
        "ideal",
        "excellent",
    ],
    &["bad", "average", "good"],
    &["never", "rarely", "sometimes", "often", "always"],
    &["none", "mild", "moderate", "severe"],
    &[
        "strongly disagree",
        "disagree",
        "neutral",
        "agree",
        "strongly agree",
    ],
    &[
        "very dissatisfied",
        "dissatisfied",
        "neutral",
        "satisfied",
        "very satisfied",
    ],
    &["beginner", "intermediate", "advanced", "expert"],
    &["junior", "middle", "senior"],
    &["free", "basic", "standard", "plus", "premium", "vip"],
    &["bronze", "silver", "gold", "platinum"],
    &["first", "second", "third"],
    &[
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ],
    &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
    &["i1", "si2", "si1", "vs2", "vs1", "vvs2", "vvs1", "if"],
];

/// The words in their order, where three or more of them all stand in one list.
pub(crate) fn order_of(words: &[String]) -> Option<Vec<String>> {
    if words.len() < 3 {
        return None;
    }
    let place = |list: &[&str], word: &str| list.iter().position(|known| *known == plain(word));
    let list = KNOWN
        .iter()
        .find(|list| words.iter().all(|word| place(list, word).is_some()))?;
    let mut ordered = words.to_vec();
    ordered.sort_by_key(|word| place(list, word));
    // Two ways to write one word have no order.
    let distinct = ordered
        .windows(2)
        .all(|pair| plain(&pair[0]) != plain(&pair[1]));
    distinct.then_some(ordered)
}

fn plain(word: &str) -> String {
    let spaced = word.replace(['_', '-', '.'], " ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(words: &[&str]) -> Option<Vec<String>> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        order_of(&words)
    }

    #[test]
    fn known_words_come_in_their_order() {
        let cuts = order(&["Fair", "Good", "Ideal", "Premium", "Very Good"]).unwrap_or_default();
        assert_eq!(cuts, ["Fair", "Good", "Very Good", "Premium", "Ideal"]);
        assert_eq!(order(&["high", "low"]), None);
        assert_eq!(order(&["red", "green", "blue"]), None);
        assert_eq!(order(&["low", "Low", "high"]), None);
    }
}
