//! Names: of the documents, and what a column's name says of its purpose.

/// A name for a contract, a model or a score: lower-case letters, digits and `_`, beginning with a letter.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars() {
        match character.to_ascii_lowercase() {
            kept if kept.is_ascii_alphanumeric() => slug.push(kept),
            _ if slug.is_empty() || slug.ends_with('_') => {}
            _ => slug.push('_'),
        }
    }
    let slug = slug.trim_end_matches('_');
    let slug = match slug.starts_with(|first: char| first.is_ascii_lowercase()) {
        true => slug.to_owned(),
        false => format!("table_{slug}"),
    };
    let short: String = slug.chars().take(40).collect();
    short.trim_end_matches('_').to_owned()
}

/// The words of a name: `CustomerId`, `customer id` and `customer_id` are `customer` and `id`.
pub(crate) fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for character in name.chars() {
        let begins =
            !character.is_alphanumeric() || (character.is_uppercase() && before.is_lowercase());
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut()
            && character.is_alphanumeric()
        {
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The first of these that the name holds, as a word or as words in a row.
pub(crate) fn names_one<'a>(name: &str, of: &[&'a str]) -> Option<&'a str> {
    let words = words_of(name);
    let joined = format!(" {} ", words.join(" "));
    of.iter()
        .find(|wanted| joined.contains(&format!(" {wanted} ")))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_file_gets_a_name() {
        for (text, name) in [
            ("Diamonds", "diamonds"),
            ("My table (final) v2", "my_table_final_v2"),
            ("2026 sales", "table_2026_sales"),
            ("Größe", "gr_e"),
            ("", "table"),
            ("___", "table"),
        ] {
            assert_eq!(slug(text), name, "{text}");
            assert!(millrace_contract::ModelName::new(slug(text)).is_ok());
        }
    }

    #[test]
    fn words_are_found_however_a_name_is_written() {
        for name in [
            "CustomerId",
            "customer id",
            "customer_id",
            "CUSTOMER-ID",
            "customer.Id",
        ] {
            assert_eq!(words_of(name), ["customer", "id"], "{name}");
        }
        assert_eq!(
            names_one("Marital Status", &["sex", "marital status"]),
            Some("marital status")
        );
        assert_eq!(names_one("average_price", &["age"]), None);
        assert_eq!(names_one("age", &["age"]), Some("age"));
    }
}
