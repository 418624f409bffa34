//! The words of a Neurolucida file: brackets, numbers, strings and names, each with its place.

use super::{Fault, Place};
use crate::error::AscFault;

/// What stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    /// `<`, which opens a spine.
    OpenSpine,
    /// `>`
    CloseSpine,
    /// `|`, between the branches of a split.
    Bar,
    Number(f64),
    /// In quotation marks.
    Text(String),
    /// Any other word.
    Word(String),
}

impl Token {
    /// How a message shows it.
    pub fn shown(&self) -> String {
        match self {
            Token::Open => "`(`".to_string(),
            Token::Close => "`)`".to_string(),
            Token::OpenSpine => "`<`".to_string(),
            Token::CloseSpine => "`>`".to_string(),
            Token::Bar => "`|`".to_string(),
            Token::Number(number) => format!("the number {number}"),
            Token::Text(text) => format!("\"{}\"", shortened(text)),
            Token::Word(word) => format!("`{}`", shortened(word)),
        }
    }
}

/// All tokens of the text with their places; commas are blanks, and a semicolon starts a comment.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Place)>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut rest = line;
        while let Some(start) = rest.find(|c: char| !(c.is_whitespace() || c == ',')) {
            rest = &rest[start..];
            if rest.starts_with(';') {
                break;
            }
            let before = &line[..line.len() - rest.len()];
            let place = Place {
                line: number + 1,
                column: before.chars().count() + 1,
            };
            let (token, length) = token(rest).map_err(|fault| (place, fault))?;
            found.push((token, place));
            rest = &rest[length..];
        }
    }
    Ok(found)
}

/// The token at the start of a text, and how many bytes it has.
fn token(text: &str) -> Result<(Token, usize), AscFault> {
    let token = match text.chars().next() {
        Some('(') => Token::Open,
        Some(')') => Token::Close,
        Some('<') => Token::OpenSpine,
        Some('>') => Token::CloseSpine,
        Some('|') => Token::Bar,
        Some('"') => {
            let end = text[1..].find('"').ok_or(AscFault::OpenString)? + 1;
            return Ok((Token::Text(text[1..end].to_string()), end + 1));
        }
        _ => return word(text),
    };
    Ok((token, 1))
}

fn word(text: &str) -> Result<(Token, usize), AscFault> {
    let ends = |c: char| c.is_whitespace() || "(),;<>|\"".contains(c);
    let length = text.find(ends).unwrap_or(text.len());
    let word = &text[..length];
    // not what Rust takes for numbers beside these: inf and nan
    let numeric = word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let token = match word.parse::<f64>() {
        Ok(number) if numeric && number.is_finite() => Token::Number(number),
        Ok(_) if numeric => {
            return Err(AscFault::Number {
                text: shortened(word),
            });
        }
        _ => Token::Word(word.to_string()),
    };
    Ok((token, length))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
