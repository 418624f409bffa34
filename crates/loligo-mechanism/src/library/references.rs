//! Where the built-in mechanisms come from: `mechanisms/references.bib`.
//!
//! The file is ours, so that it needs no more of BibTeX than this: an entry starts with `@` in the first
//! column and ends with `}` in the first column; a field is one line, `name = {value},`.

use std::sync::LazyLock;

use super::catalogue::entry;
use super::files;

/// A publication.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// What `catalogue.toml` and `\cite` call it.
    pub key: String,
    /// The whole entry, BibTeX.
    pub bibtex: String,
}

impl Reference {
    /// What a field says, without its braces.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.bibtex.lines().find_map(|line| {
            let (field, value) = line.split_once('=')?;
            let value = value.trim().trim_end_matches(',');
            let value = value.strip_prefix('{')?.strip_suffix('}')?;
            (field.trim() == name).then_some(value)
        })
    }

    /// As it is cited in a text: `Hodgkin and Huxley 1952`, `Hay et al. 2011`.
    pub fn short(&self) -> String {
        let authors = self.field("author").unwrap_or_default();
        let families: Vec<&str> = authors
            .split(" and ")
            .filter_map(|author| author.split(',').next())
            .collect();
        let who = match families[..] {
            [one] => one.to_owned(),
            [one, other] => format!("{one} and {other}"),
            [first, ..] => format!("{first} et al."),
            [] => String::new(),
        };
        format!("{who} {}", self.field("year").unwrap_or_default())
    }
}

static REFERENCES: LazyLock<Vec<Reference>> = LazyLock::new(|| split(files::REFERENCES));

/// The entries of a BibTeX file.
fn split(text: &str) -> Vec<Reference> {
    let entries = text.split("\n@").skip(1);
    let reference = |entry: &str| {
        let (head, _) = entry.split_once(',')?;
        let (_, key) = head.split_once('{')?;
        let end = entry.find("\n}")?;
        Some(Reference {
            key: key.trim().to_owned(),
            bibtex: format!("@{}\n}}\n", &entry[..end]),
        })
    };
    entries.filter_map(reference).collect()
}

/// The publication of that key.
pub fn reference(key: &str) -> Option<&'static Reference> {
    REFERENCES.iter().find(|reference| reference.key == key)
}

/// The publications that built-in mechanisms come from, in their order, each once; names of others are
/// passed over.
///
/// ```
/// use loligo_mechanism::library;
/// let works = library::bibliography(["hh", "pospischil_na", "pospischil_k"]);
/// let years: Vec<_> = works.iter().filter_map(|work| work.field("year")).collect();
/// assert_eq!(years, ["1952", "2008"]);
/// ```
pub fn bibliography<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'static Reference> {
    let mut works: Vec<&Reference> = Vec::new();
    for entry in names.into_iter().filter_map(entry) {
        for work in entry.references.iter().filter_map(|key| reference(key)) {
            if !works.contains(&work) {
                works.push(work);
            }
        }
    }
    works
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_whole() {
        assert_eq!(
            REFERENCES.len(),
            files::REFERENCES.matches("\n@").count(),
            "an entry has no key or no end"
        );
        for work in REFERENCES.iter() {
            for field in ["author", "title", "year"] {
                let value = work.field(field);
                assert!(value.is_some_and(|v| !v.is_empty()), "{} {field}", work.key);
            }
        }
        let mut keys: Vec<&str> = REFERENCES.iter().map(|work| work.key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), REFERENCES.len(), "a key stands twice");
    }

    #[test]
    fn works_are_cited_by_their_authors() {
        let short = |key: &str| reference(key).map(Reference::short);
        assert_eq!(short("traub1991").as_deref(), Some("Traub and Miles 1991"));
        assert_eq!(short("hay2011").as_deref(), Some("Hay et al. 2011"));
        assert_eq!(short("goldman1943").as_deref(), Some("Goldman 1943"));
    }
}
