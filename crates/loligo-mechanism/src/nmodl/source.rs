//! The text of a mechanism: a file, with the files that it INCLUDEs in their places, and where each
//! piece came from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::diagnostics::{Diagnostic, NmodlError, Place, Span};
use super::lexer;
use super::table::Table;
use super::token::TokenKind;

/// Files that include files: deeper chains are refused.
const DEPTH_LIMIT: usize = 10;
/// A longer text is refused, so that no INCLUDE can take all memory.
const LENGTH_LIMIT: usize = 16 << 20;

/// Text that is ready to be compiled.
#[derive(Clone, Debug)]
pub struct Source {
    text: String,
    files: Vec<File>,
    /// In order of their place in `text`.
    pieces: Vec<Piece>,
    tables: BTreeMap<String, Table>,
}

#[derive(Clone, Debug)]
struct File {
    name: String,
    text: String,
}

/// A stretch of the text that stands in a file as it is.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where it starts in the whole text.
    start: usize,
    /// Position of the file.
    file: usize,
    /// Where it starts there.
    at: usize,
}

impl Source {
    /// A text by itself. `file` is the name that errors print.
    ///
    /// # Errors
    /// It includes a file: nothing says where that would be.
    pub fn new(text: &str, file: &str) -> Result<Self, NmodlError> {
        Source::gather(text, file, None)
    }

    /// A file, and the files that it includes, which are looked for in its folder.
    ///
    /// Bytes that are not UTF-8, which older files have in their comments, are tolerated there.
    ///
    /// # Errors
    /// A file that cannot be read, or that includes itself.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, NmodlError> {
        let path = path.as_ref();
        let text = read_text(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Source::gather(&text, &path.display().to_string(), Some(folder))
    }

    /// Gives a FUNCTION_TABLE its values.
    pub fn set_table(&mut self, name: &str, table: Table) {
        self.tables.insert(name.to_owned(), table);
    }

    /// The values of FUNCTION_TABLEs, by name.
    pub(crate) fn tables(&self) -> &BTreeMap<String, Table> {
        &self.tables
    }

    /// The text, with all files in it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name of the file that it starts with.
    pub fn file(&self) -> &str {
        self.files.first().map_or("", |file| &file.name)
    }

    fn gather(text: &str, file: &str, folder: Option<&Path>) -> Result<Self, NmodlError> {
        let mut source = Source {
            text: String::new(),
            files: Vec::new(),
            pieces: Vec::new(),
            tables: BTreeMap::new(),
        };
        source.append(text, file, folder, &mut Vec::new())?;
        Ok(source)
    }

    /// Appends a file, with what it includes in place of its INCLUDEs.
    fn append(
        &mut self,
        text: &str,
        name: &str,
        folder: Option<&Path>,
        chain: &mut Vec<String>,
    ) -> Result<(), NmodlError> {
        let file = self.files.len();
        self.files.push(File {
            name: name.to_owned(),
            text: text.to_owned(),
        });
        chain.push(name.to_owned());
        let mut at = 0;
        for (statement, included) in inclusions(text) {
            self.piece(file, at, &text[at..statement.start]);
            at = statement.end;
            let wrong = |message: String| {
                Diagnostic::invalid(statement, message).at(Place::new(text, name, statement))
            };
            let Some(folder) = folder else {
                let message = "INCLUDE needs the folder of the file: read it from there";
                return Err(wrong(message.to_owned()));
            };
            let path: PathBuf = folder.join(&included);
            let path_name = path.display().to_string();
            if chain.contains(&path_name) {
                return Err(wrong(format!("{path_name} includes itself")));
            }
            if chain.len() == DEPTH_LIMIT || self.text.len() > LENGTH_LIMIT {
                return Err(wrong("files include too many files".to_owned()));
            }
            let inner =
                read_text(&path).map_err(|error| wrong(format!("the file to include: {error}")))?;
            self.append(&inner, &path_name, Some(folder), chain)?;
        }
        self.piece(file, at, &text[at..]);
        chain.pop();
        Ok(())
    }

    fn piece(&mut self, file: usize, at: usize, text: &str) {
        let start = self.text.len();
        self.pieces.push(Piece { start, file, at });
        self.text.push_str(text);
    }

    /// The place of a stretch of the text in its own file.
    pub(crate) fn place(&self, span: Span) -> Place {
        let after = self
            .pieces
            .partition_point(|piece| piece.start <= span.start);
        let Some(piece) = self.pieces[..after].last() else {
            return Place::new(&self.text, "", span);
        };
        let file = &self.files[piece.file];
        let there = |position: usize| position - piece.start + piece.at;
        let own = Span {
            start: there(span.start),
            end: there(span.end.max(span.start)),
        };
        Place::new(&file.text, &file.name, own)
    }
}

/// INCLUDE "file", and the file, in order. (In a text that has no tokens there are none.)
fn inclusions(text: &str) -> Vec<(Span, String)> {
    let Ok(lexer::Tokens { tokens, .. }) = lexer::tokens(text) else {
        return Vec::new();
    };
    let slice = |span: Span| &text[span.start..span.end];
    let pairs = tokens.iter().zip(tokens.iter().skip(1));
    let included = pairs.filter(|(word, file)| {
        word.kind == TokenKind::Word
            && slice(word.span) == "INCLUDE"
            && file.kind == TokenKind::Text
    });
    included
        .map(|(word, file)| {
            let name = slice(file.span).trim_matches('"').to_owned();
            (word.span.to(file.span), name)
        })
        .collect()
}

fn read_text(path: &Path) -> Result<String, NmodlError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(source) => Err(NmodlError::Unreadable {
            file: path.display().to_string(),
            source,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_an_included_file_is_named_by_that_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("is written");
            path
        };
        write("inner.inc", "one\ntwo three\n");
        let outer = write("outer.mod", "a\nINCLUDE \"inner.inc\"\nb\n");
        let source = Source::read(&outer).expect("both are there");
        assert_eq!(source.text(), "a\none\ntwo three\n\nb\n");
        let place = |word: &str| {
            let start = source.text().find(word).expect("is there");
            let end = start + word.len();
            source.place(Span { start, end })
        };
        let inner = place("three");
        assert!(inner.file.ends_with("inner.inc"));
        assert_eq!((inner.line, inner.column), (2, 5));
        assert_eq!((place("b").line, place("b").column), (3, 1));
    }

    #[test]
    fn files_in_a_circle_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("self.mod");
        std::fs::write(&path, "INCLUDE \"self.mod\"").expect("is written");
        let error = Source::read(&path).expect_err("is a circle").to_string();
        assert!(error.contains("includes itself"), "{error}");
    }

    #[test]
    fn a_text_without_a_folder_cannot_include() {
        let error = Source::new("INCLUDE \"a.inc\"", "x.mod").expect_err("where would it be?");
        assert!(
            error.to_string().starts_with("x.mod:1:1: INCLUDE needs"),
            "{error}"
        );
    }
}
