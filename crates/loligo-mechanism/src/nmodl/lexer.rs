//! From text to tokens. Comments end here; where UNITSOFF holds is kept beside the tokens.

use super::diagnostics::{Diagnostic, Problem, Span, ends_line};
use super::token::{Sign, Token, TokenKind};

/// A text in tokens.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// In order, ended by [`TokenKind::End`].
    pub tokens: Vec<Token>,
    /// From each UNITSOFF to the next UNITSON or the end, in order.
    pub units_off: Vec<Span>,
}

/// The tokens of a text.
pub(crate) fn tokens(text: &str) -> Result<Tokens, Diagnostic> {
    let mut lexer = Lexer { text, position: 0 };
    let mut tokens = Vec::new();
    let mut units_off = Vec::new();
    let mut off_since = None;
    loop {
        let token = lexer.next()?;
        let word = match token.kind {
            TokenKind::Word => lexer.slice(token),
            _ => "",
        };
        if word == "UNITSOFF" {
            off_since.get_or_insert(token.span);
            continue;
        }
        if word == "UNITSON" || token.kind == TokenKind::End {
            units_off.extend(off_since.take().map(|start: Span| start.to(token.span)));
        }
        if word != "UNITSON" {
            tokens.push(token);
        }
        if token.kind == TokenKind::End {
            return Ok(Tokens { tokens, units_off });
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    position: usize,
}

impl<'t> Lexer<'t> {
    fn slice(&self, token: Token) -> &'t str {
        &self.text[token.span.start..token.span.end]
    }

    fn rest(&self) -> &'t str {
        &self.text[self.position..]
    }

    /// Moves over the characters that satisfy `keep`.
    fn skip_while(&mut self, keep: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.position += rest.find(|c| !keep(c)).unwrap_or(rest.len());
    }

    fn next(&mut self) -> Result<Token, Diagnostic> {
        loop {
            self.skip_while(|c| c.is_whitespace() || c == '\u{feff}' || c == '\0');
            let start = self.position;
            let Some(first) = self.rest().chars().next() else {
                return Ok(self.token(TokenKind::End, start));
            };
            match first {
                // files of old Macintoshes end their lines with a carriage return alone
                ':' | '?' => self.skip_while(|c| !ends_line(c)),
                'A'..='Z' | 'a'..='z' | '_' => {
                    self.skip_while(|c| c.is_ascii_alphanumeric() || c == '_');
                    match &self.text[start..self.position] {
                        "COMMENT" => {
                            self.until_word("COMMENT", "ENDCOMMENT", start)?;
                        }
                        "VERBATIM" => {
                            let span = self.until_word("VERBATIM", "ENDVERBATIM", start)?;
                            let kind = TokenKind::Verbatim;
                            return Ok(Token { kind, span });
                        }
                        "ENDCOMMENT" => return Err(self.unopened(start, "ENDCOMMENT", "COMMENT")),
                        "ENDVERBATIM" => {
                            return Err(self.unopened(start, "ENDVERBATIM", "VERBATIM"));
                        }
                        "TITLE" => {
                            let start = self.position;
                            self.skip_while(|c| !ends_line(c));
                            return Ok(self.token(TokenKind::Title, start));
                        }
                        _ => return Ok(self.token(TokenKind::Word, start)),
                    }
                }
                '0'..='9' => return self.number(start),
                '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                    return self.number(start);
                }
                '"' => return self.string(start),
                _ => {
                    let sign = Sign::ALL
                        .iter()
                        .find(|sign| self.rest().starts_with(sign.text()));
                    let kind = match sign {
                        Some(&sign) => TokenKind::Sign(sign),
                        None => TokenKind::Other(first),
                    };
                    self.position += sign.map_or(first.len_utf8(), |sign| sign.text().len());
                    return Ok(self.token(kind, start));
                }
            }
        }
    }

    fn token(&self, kind: TokenKind, start: usize) -> Token {
        let span = Span {
            start,
            end: self.position,
        };
        Token { kind, span }
    }

    /// Moves behind the word `closer`; what stood before it is the answer.
    fn until_word(
        &mut self,
        opened: &'static str,
        closer: &'static str,
        start: usize,
    ) -> Result<Span, Diagnostic> {
        let content = self.position;
        let is_word_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for (offset, _) in self.rest().match_indices(closer) {
            let at = content + offset;
            let before = self.text[..at].chars().next_back();
            let after = self.text[at + closer.len()..].chars().next();
            if !before.is_some_and(is_word_part) && !after.is_some_and(is_word_part) {
                self.position = at + closer.len();
                return Ok(Span {
                    start: content,
                    end: at,
                });
            }
        }
        let span = Span {
            start,
            end: content,
        };
        Err(Diagnostic::new(span, Problem::Unclosed { opened, closer }))
    }

    /// An end without a start.
    fn unopened(&self, start: usize, opened: &'static str, closer: &'static str) -> Diagnostic {
        let span = self.token(TokenKind::Word, start).span;
        Diagnostic::new(span, Problem::Unclosed { opened, closer })
    }

    fn number(&mut self, start: usize) -> Result<Token, Diagnostic> {
        let digit = |c: char| c.is_ascii_digit();
        self.skip_while(digit);
        if self.rest().starts_with('.') {
            self.position += 1;
            self.skip_while(digit);
        }
        // an exponent only if digits follow: `2 e` is a number and a name
        if let Some(rest) = self.rest().strip_prefix(['e', 'E']) {
            let unsigned = rest.strip_prefix(['+', '-']).unwrap_or(rest);
            if unsigned.starts_with(digit) {
                self.position += 1 + rest.len() - unsigned.len();
                self.skip_while(digit);
            }
        }
        let token = self.token(TokenKind::Number(0.0), start);
        let written = self.slice(token);
        match written.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Token {
                kind: TokenKind::Number(value),
                ..token
            }),
            _ => Err(Diagnostic::invalid(
                token.span,
                "this number is too large for double precision",
            )),
        }
    }

    fn string(&mut self, start: usize) -> Result<Token, Diagnostic> {
        self.position += 1;
        self.skip_while(|c| c != '"' && !ends_line(c));
        if !self.rest().starts_with('"') {
            let span = self.token(TokenKind::Text, start).span;
            let opened = "a string";
            let closer = "`\"`";
            return Err(Diagnostic::new(span, Problem::Unclosed { opened, closer }));
        }
        self.position += 1;
        Ok(self.token(TokenKind::Text, start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let tokens = tokens(text).expect("lexes").tokens;
        tokens
            .iter()
            .map(|t| &text[t.span.start..t.span.end])
            .collect()
    }

    #[test]
    fn comments_of_all_three_kinds_vanish() {
        let text = "a : one\nb ? two\nCOMMENT c NOENDCOMMENT\n ENDCOMMENT d";
        assert_eq!(words(text), ["a", "b", "d", ""]);
    }

    #[test]
    fn numbers_take_an_exponent_only_with_digits() {
        assert_eq!(
            words("1e-3 .5 2. 3E+8 2e4x 7e"),
            ["1e-3", ".5", "2.", "3E+8", "2e4", "x", "7", "e", ""]
        );
    }

    #[test]
    fn the_longest_sign_wins() {
        assert_eq!(
            words("a<=b&&!c'"),
            ["a", "<=", "b", "&&", "!", "c", "'", ""]
        );
    }

    #[test]
    fn units_are_off_until_they_are_on() {
        let text = "a UNITSOFF b UNITSOFF UNITSON c UNITSON UNITSOFF d";
        assert_eq!(words(text), ["a", "b", "c", "d", ""]);
        let off = tokens(text).expect("lexes").units_off;
        let off: Vec<&str> = off.iter().map(|s| &text[s.start..s.end]).collect();
        assert_eq!(off, ["UNITSOFF b UNITSOFF UNITSON", "UNITSOFF d"]);
    }

    #[test]
    fn a_title_is_the_rest_of_its_line() {
        assert_eq!(
            words("TITLE it's: a ? title\nx"),
            [" it's: a ? title", "x", ""]
        );
    }

    #[test]
    fn an_open_comment_is_found_where_it_opens() {
        let error = tokens("a\nCOMMENT b").expect_err("is open");
        assert_eq!(error.span, Span { start: 2, end: 9 });
    }

    #[test]
    fn a_number_beyond_double_precision_is_refused() {
        assert!(tokens("1e999").is_err());
    }
}
