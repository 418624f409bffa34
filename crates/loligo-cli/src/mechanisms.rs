//! `loligo mechanisms`: the built-in mechanisms, and the text of one.

use std::io::Write;

use loligo::mechanism::library::{self, Entry};
use loligo::mechanisms;

use crate::arguments::MechanismsArguments;
use crate::error::CommandError;
use crate::table;

/// Lists what matches, or shows the NMODL text of one.
pub fn mechanisms(
    arguments: &MechanismsArguments,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    if let Some(name) = &arguments.show {
        write!(out, "{}", mechanisms::source(name)?)?;
        return Ok(());
    }
    let search = arguments.search.join(" ");
    let found: Vec<&Entry> = library::entries()
        .iter()
        .filter(|entry| entry.matches(&search))
        .collect();
    if found.is_empty() {
        return Err(CommandError::NoMechanism { search });
    }
    let titles = [
        "name",
        "kind",
        "ions",
        "species",
        "description",
        "reference",
    ];
    let mut rows = vec![titles.map(str::to_string).to_vec()];
    rows.extend(found.into_iter().map(row));
    Ok(table::write_text(out, &rows)?)
}

fn row(entry: &Entry) -> Vec<String> {
    vec![
        entry.name.clone(),
        entry.kind.to_string(),
        entry.ions.join(" "),
        entry.species.clone(),
        entry.description.clone(),
        entry.citation(),
    ]
}
