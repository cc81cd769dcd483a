//! Cuts an expression's text into tokens.

use super::{Problem, problem};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    /// A column, or one of the words of the language.
    Name(String),
    /// A column in backquotes: never a word of the language.
    Quoted(String),
    /// Text between single quotes.
    Text(String),
    Symbol(&'static str),
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub position: usize,
    pub kind: Kind,
}

/// Longer ones first, as `<=` begins like `<`.
const SYMBOLS: [&str; 15] = [
    "<=", ">=", "!=", "<>", "==", "<", ">", "=", "+", "-", "*", "/", "(", ")", ",",
];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let mut found = Vec::new();
    let mut position = 0;
    loop {
        let rest = &text[position..];
        let trimmed = rest.trim_start();
        position += rest.len() - trimmed.len();
        let Some(first) = trimmed.chars().next() else {
            found.push(Token {
                position,
                kind: Kind::End,
            });
            return Ok(found);
        };
        let (kind, length) = token(trimmed, first, position)?;
        found.push(Token { position, kind });
        position += length;
    }
}

fn token(rest: &str, first: char, position: usize) -> Result<(Kind, usize), Problem> {
    if first == '\'' || first == '`' {
        return quoted(rest, first, position);
    }
    if first.is_ascii_digit()
        || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
    {
        return number(rest, position);
    }
    if first.is_alphabetic() || first == '_' {
        let length = length_while(rest, |c| c.is_alphanumeric() || c == '_');
        return Ok((Kind::Name(rest[..length].to_owned()), length));
    }
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        return Ok((Kind::Symbol(symbol), symbol.len()));
    }
    match first {
        '"' => problem(position, "words are written in single quotes, as in 'free'"),
        other => problem(position, format!("{other:?} has no meaning here")),
    }
}

/// A doubled quote stands for the quote itself.
fn quoted(rest: &str, quote: char, position: usize) -> Result<(Kind, usize), Problem> {
    let mut content = String::new();
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((place, letter)) = letters.next() {
        if letter != quote {
            content.push(letter);
        } else if letters.next_if(|(_, next)| *next == quote).is_some() {
            content.push(quote);
        } else {
            let kind = if quote == '`' {
                Kind::Quoted(content)
            } else {
                Kind::Text(content)
            };
            return Ok((kind, place + 1));
        }
    }
    problem(position, format!("the closing {quote} is missing"))
}

fn number(rest: &str, position: usize) -> Result<(Kind, usize), Problem> {
    let mut length = length_while(rest, |c| c.is_ascii_digit() || c == '.');
    let exponent = &rest[length..];
    if let Some(after) = exponent.strip_prefix(['e', 'E']) {
        let unsigned = after.strip_prefix(['+', '-']).unwrap_or(after);
        let digits = length_while(unsigned, |c| c.is_ascii_digit());
        if digits > 0 {
            length += exponent.len() - unsigned.len() + digits;
        }
    }
    let attached = length + length_while(&rest[length..], |c| c.is_alphanumeric() || c == '_');
    match rest[..length].parse::<f64>() {
        Ok(value) if value.is_finite() && attached == length => Ok((Kind::Number(value), length)),
        _ => problem(position, "this is not a number"),
    }
}

fn length_while(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}
