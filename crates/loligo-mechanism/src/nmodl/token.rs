//! The words and signs that NMODL text is made of.

use std::fmt;

use super::diagnostics::Span;

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it is.
    pub span: Span,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TokenKind {
    /// A name or a keyword; which one depends on where it stands.
    Word,
    /// A number without sign.
    Number(f64),
    /// A sign.
    Sign(Sign),
    /// A string in double quotes.
    Text,
    /// What follows TITLE on its line.
    Title,
    /// What stands between VERBATIM and ENDVERBATIM.
    Verbatim,
    /// A character that NMODL does not use.
    Other(char),
    /// The end of the file.
    End,
}

macro_rules! signs {
    ($($name:ident $text:literal,)*) => {
        /// Brackets and operators.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Sign {
            $(
                #[doc = concat!("`", $text, "`")]
                $name,
            )*
        }

        impl Sign {
            /// Every sign; one that starts with another comes before it.
            pub(crate) const ALL: &[Sign] = &[$(Sign::$name),*];

            /// As it is written.
            pub fn text(self) -> &'static str {
                match self {
                    $(Sign::$name => $text,)*
                }
            }
        }
    };
}

signs! {
    BothWays "<->",
    OneWay "->",
    Into "<<",
    EqualEqual "==",
    NotEqual "!=",
    LessEqual "<=",
    GreaterEqual ">=",
    AndAnd "&&",
    OrOr "||",
    OpenBrace "{",
    CloseBrace "}",
    OpenParen "(",
    CloseParen ")",
    OpenBracket "[",
    CloseBracket "]",
    Plus "+",
    Minus "-",
    Star "*",
    Slash "/",
    Caret "^",
    Comma ",",
    Equal "=",
    Less "<",
    Greater ">",
    Not "!",
    Prime "'",
    Tilde "~",
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.text())
    }
}

/// Words that cannot be names of variables.
pub(crate) const RESERVED: &[&str] = &[
    "AFTER",
    "ARTIFICIAL_CELL",
    "ASSIGNED",
    "BBCOREPOINTER",
    "BEFORE",
    "BREAKPOINT",
    "BY",
    "COMPARTMENT",
    "CONDUCTANCE",
    "CONSERVE",
    "CONSTANT",
    "CONSTRUCTOR",
    "DEFINE",
    "DEPEND",
    "DERIVATIVE",
    "DESTRUCTOR",
    "DISCRETE",
    "ELECTRODE_CURRENT",
    "ELSE",
    "EXTERNAL",
    "FOR_NETCONS",
    "FROM",
    "FUNCTION",
    "FUNCTION_TABLE",
    "GLOBAL",
    "IF",
    "INCLUDE",
    "INDEPENDENT",
    "INITIAL",
    "KINETIC",
    "LAG",
    "LINEAR",
    "LOCAL",
    "LONGITUDINAL_DIFFUSION",
    "METHOD",
    "MUTEXLOCK",
    "MUTEXUNLOCK",
    "NET_RECEIVE",
    "NEURON",
    "NONLINEAR",
    "NONSPECIFIC_CURRENT",
    "PARAMETER",
    "POINTER",
    "POINT_PROCESS",
    "PROCEDURE",
    "PROTECT",
    "RANDOM",
    "RANGE",
    "READ",
    "SOLVE",
    "START",
    "STATE",
    "STEADYSTATE",
    "STEPPED",
    "SUFFIX",
    "TABLE",
    "THREADSAFE",
    "TO",
    "UNITS",
    "USEION",
    "WATCH",
    "WHILE",
    "WITH",
    "WRITE",
    "else",
    "if",
    "while",
];
