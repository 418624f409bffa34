//! The valid name that a misspelt one probably meant.

/// The candidate with the fewest edits from `name`, if it is near enough to be meant.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // a third of the letters may be wrong; a name of one letter resembles nothing
    let allowed = (name.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name && name.len() < 64 && candidate.chars().count() > 1)
        .map(|candidate| (edits(name, candidate), candidate))
        .filter(|&(edits, _)| edits <= allowed)
        .min_by_key(|&(edits, _)| edits)
        .map(|(_, candidate)| candidate)
}

/// Letters to insert, delete, replace or swap with a neighbour, ignoring case.
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replace = last[j] + usize::from(a[i] != b[j]);
            let mut best = replace.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_a_missing_letter_and_another_case_are_near() {
        let names = ["gnabar", "gkbar", "el"];
        assert_eq!(nearest("gnabra", names), Some("gnabar"));
        assert_eq!(nearest("gnbar", names), Some("gnabar"));
        assert_eq!(nearest("GKBAR", names), Some("gkbar"));
    }

    #[test]
    fn another_word_is_not() {
        assert_eq!(nearest("temperature", ["gnabar", "el"]), None);
    }
}
