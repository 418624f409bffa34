//! What is known of each built-in mechanism: `mechanisms/catalogue.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use super::files::CATALOGUE;
use super::references::reference;

/// What a mechanism is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Lets ions through the membrane.
    Channel,
    /// Keeps account of a concentration, or of what follows from it.
    Pool,
    /// Moves ions through the membrane, at a cost.
    Pump,
    /// Passes a signal from cell to cell.
    Synapse,
    /// A whole simplified neuron.
    Cell,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Channel => "channel",
            Kind::Pool => "pool",
            Kind::Pump => "pump",
            Kind::Synapse => "synapse",
            Kind::Cell => "cell",
        })
    }
}

/// What is known of one built-in mechanism.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The name that it is inserted by.
    pub name: String,
    /// What it is, in one line.
    pub description: String,
    /// What it is for.
    pub kind: Kind,
    /// The ions that it reads or writes.
    pub ions: Vec<String>,
    /// The animal, `""` if it is of none.
    pub species: String,
    /// The cells or tissue that it was made for, `""` if of none.
    pub preparation: String,
    /// The temperature of its kinetics and how they go with it, `""` if it has none.
    pub temperature: String,
    /// Keys of its references, the first being that of the model.
    pub references: Vec<String>,
    /// Whether it is no file of `mechanisms/`, but a class of this name in the Python package.
    pub in_python: bool,
}

impl Entry {
    /// Its references as they are cited in a text: `Hay et al. 2011, Kole et al. 2006`.
    pub fn citation(&self) -> String {
        let known = self.references.iter().filter_map(|key| reference(key));
        let short: Vec<String> = known.map(|reference| reference.short()).collect();
        short.join(", ")
    }

    /// Whether each word of `search` is part of anything that is known of it; case does not count.
    pub fn matches(&self, search: &str) -> bool {
        let text = [
            &self.name,
            &self.description,
            &self.kind.to_string(),
            &self.ions.join(" "),
            &self.species,
            &self.preparation,
            &self.citation(),
        ]
        .map(|part| part.to_lowercase())
        .join(" ");
        let mut words = search.split_whitespace();
        words.all(|word| text.contains(&word.to_lowercase()))
    }
}

/// What the file says of a mechanism, whose name is the key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    description: String,
    kind: Kind,
    #[serde(default)]
    ions: Vec<String>,
    #[serde(default)]
    species: String,
    #[serde(default)]
    preparation: String,
    #[serde(default)]
    temperature: String,
    references: Vec<String>,
    #[serde(default)]
    in_python: bool,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let records: BTreeMap<String, Record> =
        toml::from_str(CATALOGUE).expect("the catalogue that was compiled in, which a test reads");
    let entry = |(name, record): (String, Record)| Entry {
        name,
        description: record.description,
        kind: record.kind,
        ions: record.ions,
        species: record.species,
        preparation: record.preparation,
        temperature: record.temperature,
        references: record.references,
        in_python: record.in_python,
    };
    records.into_iter().map(entry).collect()
});

/// What is known of each built-in mechanism, by name.
///
/// ```
/// use loligo_mechanism::library;
/// let sodium = library::entries().iter().filter(|entry| entry.matches("sodium hippocamp"));
/// let names: Vec<&str> = sodium.map(|entry| entry.name.as_str()).collect();
/// assert!(names.contains(&"traub_na"));
/// ```
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// What is known of the built-in mechanism of that name.
pub fn entry(name: &str) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.name == name)
}
