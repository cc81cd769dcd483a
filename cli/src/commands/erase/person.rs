//! The customer who is to be forgotten: recognised wherever the id stands, and named nowhere.

use millrace_dataset::IdColumn;
use millrace_keys::Pseudonyms;

/// Shorter ids are found in texts between quotation marks alone: `7` stands everywhere and means nothing.
const SHORTEST_WORD: usize = 6;
/// What stands in a receipt where the id stood.
const HIDDEN: &str = "[id]";

/// The id, and its pseudonym where there is a key for it.
#[derive(Debug)]
pub struct Person {
    ids: Vec<String>,
    /// What ids are called, in names of folders such as `customer_id=7` too.
    columns: Vec<String>,
}

impl Person {
    pub fn new(id: &str, pseudonyms: Option<&Pseudonyms>, columns: &[IdColumn]) -> Person {
        let mut ids = vec![id.to_owned()];
        ids.extend(pseudonyms.map(|pseudonyms| pseudonyms.of(id.trim())));
        let columns = columns.iter().map(|column| column.name.clone());
        Person {
            ids,
            columns: columns.collect(),
        }
    }

    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Whether a folder or file of the path is named after them.
    pub fn is_in_name(&self, uri: &str) -> bool {
        uri.split('/').any(|segment| self.is_segment(segment))
    }

    fn is_segment(&self, segment: &str) -> bool {
        let (column, value) = match segment.split_once('=') {
            Some((column, value)) => (Some(column), value),
            None => (None, segment),
        };
        let stem = value.rsplit_once('.').map_or(value, |(stem, _)| stem);
        // A month or a part of a table may be called 7 as well.
        let is_id = column.is_some_and(|column| self.columns.iter().any(|id| id == column));
        self.trimmed()
            .any(|id| (id == value || id == stem) && (is_id || id.len() >= SHORTEST_WORD))
    }

    fn trimmed(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(|id| id.trim())
    }

    /// Whether a document that is no table names them.
    pub fn is_in_text(&self, text: &[u8]) -> bool {
        self.trimmed().any(|id| {
            let escaped = serde_json::Value::from(id).to_string();
            let quoted = places(text, escaped.as_bytes()).next().is_some();
            quoted || (id.len() >= SHORTEST_WORD && words(text, id).next().is_some())
        })
    }

    /// The text without them.
    pub fn redacted(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for id in self.trimmed().filter(|id| id.len() >= SHORTEST_WORD) {
            let found: Vec<usize> = words(text.as_bytes(), id).collect();
            for place in found.into_iter().rev() {
                text.replace_range(place..place + id.len(), HIDDEN);
            }
        }
        let hidden = |segment: &str| match self.is_segment(segment) {
            false => segment.to_owned(),
            true => match segment.split_once('=') {
                Some((column, _)) => format!("{column}={HIDDEN}"),
                None => HIDDEN.to_owned(),
            },
        };
        let segments: Vec<String> = text.split('/').map(hidden).collect();
        segments.join("/")
    }
}

fn places<'a>(text: &'a [u8], wanted: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let windows = text.windows(wanted.len().max(1)).enumerate();
    windows
        .filter(move |(_, window)| *window == wanted)
        .map(|(place, _)| place)
}

/// Where the id stands as a word of its own.
fn words<'a>(text: &'a [u8], id: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let mut end = 0;
    places(text, id.as_bytes()).filter(move |place| {
        let before = place.checked_sub(1).and_then(|before| text.get(before));
        let is_word = !is_part(before) && !is_part(text.get(place + id.len())) && *place >= end;
        if is_word {
            end = place + id.len();
        }
        is_word
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, pseudonyms: Option<&Pseudonyms>) -> Person {
        let name = "customer_id".to_owned();
        Person::new(id, pseudonyms, &[IdColumn { name, whole: true }])
    }

    #[test]
    fn a_person_is_recognised_in_names_and_texts_and_hidden_there() {
        let person = person(" C000000042", None);
        for (text, is_named) in [
            (r#"{"id": "C000000042"}"#, true),
            ("said of C000000042: nothing", true),
            ("C0000000421 and xC000000042", false),
            ("", false),
        ] {
            assert_eq!(person.is_in_text(text.as_bytes()), is_named, "{text}");
        }
        for (name, is_named, shown) in [
            (
                "s3://b/id=C000000042/part.parquet",
                true,
                "s3://b/id=[id]/part.parquet",
            ),
            ("/data/C000000042.parquet", true, "/data/[id].parquet"),
            (
                "/data/C000000043.parquet",
                false,
                "/data/C000000043.parquet",
            ),
        ] {
            assert_eq!(person.is_in_name(name), is_named, "{name}");
            assert_eq!(person.redacted(name), shown);
        }
        assert_eq!(
            person.redacted("row C000000042 of C000000042"),
            "row [id] of [id]"
        );
    }

    #[test]
    fn a_short_id_means_nothing_but_by_itself() {
        let person = person("7", None);
        assert!(person.is_in_text(br#"["7"]"#));
        assert!(!person.is_in_text(b"7 rows, 17 columns"));
        for (name, is_named) in [
            ("/data/customer_id=7/a.parquet", true),
            ("/data/month=7/a.parquet", false),
            ("/data/7/7.parquet", false),
        ] {
            assert_eq!(person.is_in_name(name), is_named, "{name}");
        }
        assert_eq!(
            person.redacted("/customer_id=7/7.csv"),
            "/customer_id=[id]/7.csv"
        );
    }

    #[test]
    fn a_pseudonym_is_theirs_too() {
        let Ok(pseudonyms) = Pseudonyms::parse(&"0".repeat(64)) else {
            unreachable!()
        };
        let person = person("C000000042", Some(&pseudonyms));
        assert!(person.is_in_text(br#""15c793c4b3f763d8b5c7170eced1576c""#));
    }
}
