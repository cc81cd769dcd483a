//! How good bytes become bad ones, so that no large file has to be kept.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// Keeps so many bytes.
    TruncateTo(usize),
    /// Takes so many bytes off the end.
    CutFromEnd(usize),
    /// Keeps this share of the bytes.
    KeepShare(f64),
    /// Turns the bits of `mask` at a place; a negative one counts from the end.
    Flip {
        at: i64,
        mask: u8,
    },
    /// Writes bytes, in hexadecimal digits, over those at a place.
    Overwrite {
        at: i64,
        hex: String,
    },
    /// Replaces every occurrence of a text.
    Replace(String, String),
    Append(String),
    /// Repeats a text at the end.
    AppendTimes {
        text: String,
        times: usize,
    },
    /// Sets the value at a pointer of a JSON document.
    Set {
        at: String,
        to: toml::Value,
    },
    /// Removes an item of a list of a JSON document.
    RemoveItem(String),
    /// Every value of a CSV column.
    Column {
        name: String,
        to: String,
    },
    /// One value of a CSV column; rows count from 1.
    Cell {
        name: String,
        row: usize,
        to: String,
    },
    /// Keeps so many rows of a CSV file.
    Rows(usize),
}

impl Change {
    pub fn apply(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        match self {
            Change::TruncateTo(length) => bytes.truncate(*length),
            Change::CutFromEnd(length) => bytes.truncate(bytes.len() - length),
            Change::KeepShare(share) => bytes.truncate((bytes.len() as f64 * share) as usize),
            Change::Flip { at, mask } => {
                let place = place(&bytes, *at);
                bytes[place] ^= mask;
            }
            Change::Overwrite { at, hex } => {
                let start = place(&bytes, *at);
                let new: Vec<u8> = (0..hex.len())
                    .step_by(2)
                    .map(|digit| u8::from_str_radix(&hex[digit..digit + 2], 16).unwrap())
                    .collect();
                bytes[start..start + new.len()].copy_from_slice(&new);
            }
            Change::Replace(from, to) => return text(&bytes).replace(from, &expanded(to)).into(),
            Change::Append(text) => bytes.extend(text.as_bytes()),
            Change::AppendTimes { text, times } => bytes.extend(text.repeat(*times).as_bytes()),
            Change::Set { at, to } => {
                let mut document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                let place = document
                    .pointer_mut(at)
                    .unwrap_or_else(|| panic!("no {at}"));
                *place = serde_json::to_value(to).unwrap();
                return document.to_string().into();
            }
            Change::RemoveItem(pointer) => {
                let mut document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                let (list, index) = pointer.rsplit_once('/').unwrap();
                let items = document.pointer_mut(list).unwrap().as_array_mut().unwrap();
                items.remove(index.parse().unwrap());
                return document.to_string().into();
            }
            Change::Column { name, to } => return cells(&bytes, name, |_| true, to),
            Change::Cell { name, row, to } => return cells(&bytes, name, |at| at == *row, to),
            Change::Rows(rows) => {
                let kept: Vec<&str> = text(&bytes).lines().take(rows + 1).collect();
                return (kept.join("\n") + "\n").into();
            }
        }
        bytes
    }
}

fn place(bytes: &[u8], at: i64) -> usize {
    match at {
        0.. => at as usize,
        _ => bytes.len() - at.unsigned_abs() as usize,
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Sets the values of a column in some rows. The good rows have no quotes.
fn cells(bytes: &[u8], name: &str, wanted: impl Fn(usize) -> bool, to: &str) -> Vec<u8> {
    let mut lines = text(bytes).lines();
    let header = lines.next().unwrap();
    let column = header.split(',').position(|field| field == name).unwrap();
    let mut changed = header.to_owned() + "\n";
    for (row, line) in lines.enumerate() {
        let mut fields: Vec<&str> = line.split(',').collect();
        if wanted(row + 1) {
            fields[column] = to;
        }
        changed += &(fields.join(",") + "\n");
    }
    changed.into()
}

/// Writes out what is too long to be kept: `$times(3,ab)` is ababab, `$count(3)` is 1, 2, 3.
pub fn expanded(text: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        written += before;
        let inside = |name: &str| after.strip_prefix(name)?.strip_prefix('(');
        if let Some((times, more)) = inside("times").and_then(|inside| inside.split_once(',')) {
            // The text may be a parenthesis itself.
            let end = 1 + more[1..].find(')').unwrap();
            written += &more[..end].repeat(times.parse().unwrap());
            rest = &more[end + 1..];
        } else if let Some((last, more)) = inside("count").and_then(|inside| inside.split_once(')'))
        {
            let last: usize = last.parse().unwrap();
            let numbers: Vec<String> = (1..=last).map(|number| number.to_string()).collect();
            written += &numbers.join(", ");
            rest = more;
        } else {
            written.push('$');
            rest = after;
        }
    }
    written + rest
}
