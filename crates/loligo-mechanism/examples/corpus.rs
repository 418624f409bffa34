//! Compiles every `.mod` file below a folder, and says how many were taken and why the others were
//! not, whether those that parse say the same when they are printed, and how many are warned of for
//! their units: `cargo run --example corpus FOLDER`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use loligo_mechanism::nmodl::{self, NmodlError};

fn main() {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("which folder?");
        return;
    };
    let mut files = Vec::new();
    gather(Path::new(&folder), &mut files);
    files.sort();
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut parsed, mut printed, mut taken, mut warned) = (0, 0, 0, 0);
    for file in &files {
        let Ok(bytes) = std::fs::read(file) else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(program) = nmodl::parse(&text, "") {
            parsed += 1;
            let name = file.display().to_string();
            match nmodl::parse(&nmodl::print(&program), &name) {
                Ok(again) if again == program => printed += 1,
                Ok(_) => println!("{name} is printed as something else"),
                Err(error) => println!("{name} is printed as no program: {error}"),
            }
        }
        match nmodl::read(file) {
            Ok(mechanism) => {
                taken += 1;
                let units = |w: &String| w.contains("is in (") || w.contains("the unit (");
                warned += usize::from(mechanism.warnings.iter().any(units));
            }
            Err(error) => {
                let reason = match &error {
                    NmodlError::Text { problem, .. } => problem.to_string(),
                    other => other.to_string(),
                };
                let first = error.to_string();
                let first = first.lines().next().unwrap_or_default().to_owned();
                reasons.entry(reason).or_default().push(first);
            }
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, files)| std::cmp::Reverse(files.len()));
    for (reason, files) in &reasons {
        println!("{:4}  {reason}", files.len());
        for file in files.iter().take(3) {
            println!("          {file}");
        }
    }
    println!(
        "{} files: {parsed} parsed, {printed} of them the same when printed; {taken} taken, \
         {warned} of them with units that do not fit; {} not",
        files.len(),
        files.len() - taken
    );
}

/// Every `.mod` file below a folder.
fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "mod") {
            files.push(path);
        }
    }
}
