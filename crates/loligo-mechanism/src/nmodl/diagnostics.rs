//! What can be wrong with a mechanism file, and how the message points into its text.

use std::fmt;

use thiserror::Error;

/// A stretch of the source text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it starts.
    pub start: usize,
    /// Where it ends (exclusive).
    pub end: usize,
}

impl Span {
    /// From the start of this stretch to the end of another.
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start,
            end: other.end,
        }
    }
}

/// Why a mechanism could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NmodlError {
    /// The file could not be opened or read.
    #[error("cannot read {file}: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The text is not a mechanism that we can take.
    #[error("{place}: {problem}{place:#}")]
    Text {
        /// Where.
        place: Place,
        /// What.
        problem: Box<Problem>,
    },
}

impl NmodlError {
    /// Where in the text, unless the file could not be read at all.
    pub fn place(&self) -> Option<&Place> {
        match self {
            NmodlError::Text { place, .. } => Some(place),
            NmodlError::Unreadable { .. } => None,
        }
    }

    /// What is wrong with the text, unless the file could not be read at all.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            NmodlError::Text { problem, .. } => Some(problem),
            NmodlError::Unreadable { .. } => None,
        }
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// The grammar wants something else here.
    #[error("expected {expected}, found {found}{}{advice}", if .advice.is_empty() { "" } else { ": " })]
    Unexpected {
        /// What the grammar allows here.
        expected: String,
        /// What is there.
        found: String,
        /// What to do about it, `""` if there is nothing to say.
        advice: String,
    },
    /// A comment, VERBATIM or block without its end.
    #[error("{opened} has no matching {closer}")]
    Unclosed {
        /// What was opened here.
        opened: &'static str,
        /// What would close it.
        closer: &'static str,
    },
    /// A name that nothing declares.
    #[error("unknown {kind} `{name}`{}", did_you_mean(.kind, .nearest))]
    UnknownName {
        /// What it should have been: `variable`, `function`, …
        kind: &'static str,
        /// The name.
        name: String,
        /// The most similar valid name.
        nearest: Option<String>,
    },
    /// A name declared twice.
    #[error("`{name}` is already declared as {earlier} at line {line}")]
    Duplicate {
        /// The name.
        name: String,
        /// As what it was declared first.
        earlier: &'static str,
        /// The line of the first declaration.
        line: usize,
    },
    /// Something that NMODL has and this version does not.
    #[error("{construct} is not supported yet{}{advice}", if .advice.is_empty() { "" } else { ": " })]
    Unsupported {
        /// The construct.
        construct: String,
        /// What to do instead, `""` if there is nothing.
        advice: &'static str,
    },
    /// A call with too few or too many arguments.
    #[error("`{name}` takes {expected} argument{}, not {found}", if *.expected == 1 { "" } else { "s" })]
    WrongArguments {
        /// The function or procedure.
        name: String,
        /// How many it declares.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// A function that calls itself, directly or through others.
    #[error("`{name}` calls itself (through {through}); a mechanism must be a finite formula")]
    Recursive {
        /// The function or procedure.
        name: String,
        /// The chain of calls.
        through: String,
    },
    /// A variable read where no value can be known.
    #[error("`{name}` is read here, but {reason}")]
    NoValue {
        /// The variable.
        name: String,
        /// Why it has none.
        reason: String,
    },
    /// An assignment to something that a mechanism cannot change here.
    #[error("`{name}` cannot be assigned here: {reason}")]
    NotAssignable {
        /// The variable.
        name: String,
        /// Why not.
        reason: String,
    },
    /// A statement in a block where it has no meaning.
    #[error("{statement} has no meaning in {block}")]
    Misplaced {
        /// The statement.
        statement: String,
        /// The block.
        block: &'static str,
    },
    /// A number, unit or limit that makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// Expressions or blocks nested deeper than any person writes.
    #[error("nested too deeply (more than {limit} levels)")]
    TooDeep {
        /// The greatest depth that is taken.
        limit: usize,
    },
    /// A loop or a cascade of calls that unrolls into too much.
    #[error(
        "too large: loops and calls unroll into more than {limit} operations; reduce the bounds of the loop"
    )]
    TooLarge {
        /// The greatest number of operations.
        limit: usize,
    },
}

fn did_you_mean(kind: &str, nearest: &Option<String>) -> String {
    match nearest {
        Some(name) => format!("; did you mean `{name}`?"),
        None if kind == "variable" => {
            "; PARAMETER, STATE, ASSIGNED and LOCAL declare variables".to_owned()
        }
        None if kind == "state" => "; STATE declares what has an equation".to_owned(),
        None => String::new(),
    }
}

/// A problem and where it is: what the stages of the front end hand up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Diagnostic {
    pub span: Span,
    pub problem: Problem,
}

impl Diagnostic {
    pub fn new(span: Span, problem: Problem) -> Self {
        Diagnostic { span, problem }
    }

    pub fn unsupported(span: Span, construct: impl Into<String>, advice: &'static str) -> Self {
        let construct = construct.into();
        Diagnostic::new(span, Problem::Unsupported { construct, advice })
    }

    pub fn unknown<'a>(
        span: Span,
        kind: &'static str,
        name: &str,
        valid: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let nearest = crate::nearest::nearest(name, valid).map(str::to_owned);
        let name = name.to_owned();
        Diagnostic::new(
            span,
            Problem::UnknownName {
                kind,
                name,
                nearest,
            },
        )
    }

    pub fn invalid(span: Span, message: impl Into<String>) -> Self {
        Diagnostic::new(span, Problem::Invalid(message.into()))
    }

    /// The error, with its place spelt out.
    pub fn at(self, place: Place) -> NmodlError {
        NmodlError::Text {
            place,
            problem: Box::new(self.problem),
        }
    }
}

/// A place in a file: `{}` prints `file:line:column`, `{:#}` the line of source with a caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line of source, or the part of it that is near.
    pub excerpt: String,
    /// Where in `excerpt` the caret goes, in characters from 0.
    caret: usize,
    /// How many characters are meant.
    width: usize,
}

/// How much of a line is shown to each side of the caret, in characters.
const EXCERPT_REACH: usize = 80;

impl Place {
    pub(crate) fn new(text: &str, file: &str, span: Span) -> Self {
        let start = floor_char(text, span.start.min(text.len()));
        let end = floor_char(text, span.end.clamp(start, text.len()));
        let line_start = text[..start].rfind(ends_line).map_or(0, |i| i + 1);
        let line_end = text[start..].find(ends_line);
        let line_end = line_end.map_or(text.len(), |i| start + i);
        let line: Vec<char> = text[line_start..line_end]
            .chars()
            // a tab is one column here, as it is in the count of columns
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let column = text[line_start..start].chars().count();
        let from = column.saturating_sub(EXCERPT_REACH).min(line.len());
        let to = (column + EXCERPT_REACH).min(line.len());
        let width = text[start..end.min(line_end).max(start)].chars().count();
        Place {
            file: file.to_owned(),
            line: lines_before(&text[..start]) + 1,
            column: column + 1,
            excerpt: line[from..to].iter().collect(),
            caret: column - from,
            width: width.clamp(1, EXCERPT_REACH),
        }
    }
}

/// Whether a line ends here. (Files from old Macintoshes have nothing but carriage returns.)
pub(crate) fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// How many lines end in a text; a carriage return with a line feed ends one.
fn lines_before(text: &str) -> usize {
    text.matches(ends_line).count() - text.matches("\r\n").count()
}

/// The last boundary of a character at or before a byte.
fn floor_char(text: &str, mut index: usize) -> usize {
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return write!(f, "{}:{}:{}", self.file, self.line, self.column);
        }
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let pad = " ".repeat(self.caret);
        let carets = "^".repeat(self.width);
        let excerpt = format!("{number} | {}", self.excerpt);
        let excerpt = excerpt.trim_end();
        write!(f, "\n{margin} |\n{excerpt}\n{margin} | {pad}{carets}")
    }
}
