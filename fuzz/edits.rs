//! From bytes to text: either the bytes themselves, or a valid text with edits that the bytes
//! choose, which gets far behind the first error without a stored corpus.

/// A text made from the bytes of the fuzzer. `seeds` are valid texts, `pieces` what is put in.
pub fn text(data: &[u8], seeds: &[&str], pieces: &[&str]) -> String {
    let Some((&choice, rest)) = data.split_first() else {
        return String::new();
    };
    let Some(seed) = seeds.get(usize::from(choice) % (seeds.len() + 1)) else {
        return String::from_utf8_lossy(rest).into_owned();
    };
    let mut text = (*seed).to_owned();
    for edit in rest.chunks_exact(4) {
        let position = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % (text.len() + 1);
        let from = floor_char(&text, position);
        let to = floor_char(&text, (from + usize::from(edit[2] % 16)).min(text.len()));
        let piece = pieces[usize::from(edit[3]) % pieces.len()];
        text.replace_range(from..to.max(from), piece);
    }
    text
}

fn floor_char(text: &str, mut index: usize) -> usize {
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}
