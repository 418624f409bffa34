//! What people write who know another language, and what NMODL has for it.

use super::super::diagnostics::Span;

const COMMENT: &str = "a comment starts with `:`, or stands between COMMENT and ENDCOMMENT";

/// What to write instead of a sign or word that the grammar has no place for.
pub(super) fn instead(text: &str, found: Span) -> Option<&'static str> {
    let (before, rest) = (&text[..found.start], &text[found.start..]);
    // the first of two signs may have been taken for an operator
    let doubled = |sign: char| rest.starts_with(sign) && before.ends_with(sign);
    if rest.starts_with("//") || rest.starts_with("/*") || doubled('/') {
        return Some(COMMENT);
    }
    if rest.starts_with("*/") || rest.starts_with('#') || rest.starts_with('%') {
        return Some(COMMENT);
    }
    if doubled('*') {
        return Some("a power is written `^`");
    }
    let found = &text[found.start..found.end];
    match found {
        ";" => Some("statements need nothing between them"),
        "−" | "–" => Some("this is not the minus sign of a keyboard, `-`"),
        "THEN" | "then" => Some("IF (…) is followed by its block"),
        "and" | "AND" => Some("it is written `&&`"),
        "or" | "OR" => Some("it is written `||`"),
        "not" | "NOT" => Some("it is written `!`"),
        _ => None,
    }
}

/// What to write instead of a statement that starts with this word.
pub(super) fn statement(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "elseif" | "elif" | "elsif" => Some("write ELSE IF (…) { … }"),
        "for" => Some("write FROM i = 0 TO 9 { … }"),
        "return" => Some("a FUNCTION returns what is assigned to its name"),
        "double" | "float" | "int" | "let" | "var" => {
            Some("LOCAL declares the variables of a block")
        }
        "endif" | "end" | "endfor" | "fi" => Some("a block ends with `}`"),
        "def" | "func" => Some("write FUNCTION name(…) { … } outside of other blocks"),
        _ => None,
    }
}
