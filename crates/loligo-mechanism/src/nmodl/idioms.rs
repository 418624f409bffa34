//! C code between VERBATIM and ENDVERBATIM that has a meaning here: none of it computes anything.
//!
//! | C | why it is there | here |
//! |---|---|---|
//! | `return 0;`, `return;` | old translators wanted a PROCEDURE to end so | nothing |
//! | `cai = _ion_cai;` | before INITIAL uses the concentration of an ion | it is always read anew |
//! | `printf(…);`, `fprintf(…);` | a message | a mechanism prints nothing |
//! | `#include <…>` | what other C code needs | nothing |
//!
//! Anything else is refused: it would have to be understood as C.

/// Whether C code consists of idioms only.
pub(crate) fn is_harmless(code: &str) -> bool {
    let code = without_comments(code);
    let lines = code.lines().filter(|line| {
        let line = line.trim_start();
        // a colon starts a comment of NMODL's, which some authors put here too
        !line.starts_with("#include") && !line.starts_with(':')
    });
    let code: String = lines.collect::<Vec<_>>().join("\n");
    code.split(';').all(|statement| {
        let statement: String = statement.split_whitespace().collect();
        statement.trim_matches(':').is_empty() || is_idiom(statement.trim_matches(':'))
    })
}

/// Whether a statement, without spaces, is one of the table above.
fn is_idiom(statement: &str) -> bool {
    let prints = |function: &str| {
        let call = statement.strip_prefix(function);
        call.is_some_and(|call| call.starts_with('(') && call.ends_with(')'))
    };
    if matches!(statement, "return" | "return0") || prints("printf") || prints("fprintf") {
        return true;
    }
    let reads = statement.split_once("=_ion_");
    reads.is_some_and(|(name, ion)| name == ion)
}

fn without_comments(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some(start) = rest.find("/*") {
        kept.push_str(&rest[..start]);
        rest = match rest[start..].find("*/") {
            Some(end) => &rest[start + end + 2..],
            None => "",
        };
    }
    kept.push_str(rest);
    let lines = kept.lines();
    let lines = lines.map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::is_harmless;

    #[test]
    fn idioms_are_known() {
        for code in [
            "",
            " return 0; ",
            "\n\t: return 0; :\n",
            "return; // done",
            "/* the\n concentrations */ cai = _ion_cai; Cai = _ion_Cai;",
            "printf(\"%g\\n\", v);",
            "#include <stdlib.h>\n#include <math.h>",
        ] {
            assert!(is_harmless(code), "{code}");
        }
    }

    #[test]
    fn other_code_is_not() {
        for code in [
            "int i;",
            "cai = _ion_cao;",
            "return 1;",
            "a = 0; return 0;",
            "printf(\"a\"), a = 1;",
        ] {
            assert!(!is_harmless(code), "{code}");
        }
    }
}
