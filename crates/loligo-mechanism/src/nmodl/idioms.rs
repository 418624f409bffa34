//! C code between VERBATIM and ENDVERBATIM that has a meaning here.
//!
//! | C | why it is there | here |
//! |---|---|---|
//! | `return 0;`, `return;` | old translators wanted a PROCEDURE to end so | the end of the PROCEDURE or NET_RECEIVE |
//! | `break;` | NMODL has no word for it | the end of the innermost loop |
//! | `cai = _ion_cai;` | before INITIAL uses the concentration of an ion | nothing: it is always read anew |
//! | `printf(…);`, `fprintf(…);`, `fflush(…);`, also behind `if (…)` | a message | nothing: a mechanism prints nothing |
//! | `#include <…>`, declarations of functions, `extern double dt;` | what other C code needs | nothing |
//! | `extern int cvode_active_; if (cvode_active_) { hoc_execerror(…); }` | the mechanism wants a fixed step | nothing: there is no other |
//! | `if (_p_rng) { value = nrn_random_pick(_p_rng); return value; } else {` … `}` | a random stream of one's own, else what stands between | what stands between: every stream is one's own here |
//! | `value = nrnran123_dblpick(…); _lurand = value;`, with its cases | a random number between 0 and 1 | a draw, see [`crate::Mechanism::draws`] |
//! | `nrnran123_setseq(…);` | the stream starts anew with every run | nothing: it does |
//!
//! Outside of blocks, C code declares what C code in blocks uses; it is no part of the model. The
//! same holds for C code in routines that nothing in the mechanism calls (`setRNG`, `bbsavestate`).
//! Anything else is refused: it would have to be understood as C.

use super::ast::Distribution;

/// What C code that consists of idioms asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    /// Nothing.
    Nothing,
    /// To leave the routine or block.
    Return,
    /// To leave the innermost loop.
    Break,
    /// To assign a random number to a FUNCTION, or to a variable of C's.
    Draw(String, Distribution),
}

/// What C code means, if it consists of idioms only.
pub(crate) fn meaning(code: &str) -> Option<Meaning> {
    let code = without_comments(code);
    let lines = code.lines().filter(|line| {
        let line = line.trim_start();
        // a colon starts a comment of NMODL's, which some authors put here too
        !line.starts_with('#') && !line.starts_with(':')
    });
    let code: String = lines.collect::<Vec<_>>().join("\n");
    own_stream(&code)
        .or_else(|| draw(&code))
        .or_else(|| statements(&code))
}

/// Names of macros that C code defines.
pub(crate) fn macros(code: &str) -> impl Iterator<Item = &str> {
    code.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix('#')?.trim_start();
        let name = rest.strip_prefix("define")?.split_whitespace().next()?;
        name.split('(').next()
    })
}

/// Statements of which each asks for nothing, or to leave.
fn statements(code: &str) -> Option<Meaning> {
    let mut meaning = Meaning::Nothing;
    for statement in code.split(';') {
        let words: Vec<&str> = statement.split_whitespace().collect();
        let joined = words.concat();
        // braces of C blocks, and colons that are left over from a comment
        let bare = joined.trim_matches(|c| matches!(c, '{' | '}' | ':'));
        match bare {
            "return" | "return0" => meaning = Meaning::Return,
            "break" => meaning = Meaning::Break,
            "" => {}
            _ if does_nothing(bare) || declares(&words) => {}
            _ => return None,
        }
    }
    Some(meaning)
}

/// Whether a statement, without spaces, asks for nothing.
fn does_nothing(statement: &str) -> bool {
    // if (cvode_active_) { and if (usingR123) { only guard what follows
    for guard in ["if(cvode_active_){", "if(usingR123){", "if(_p_rng){"] {
        if let Some(guarded) = statement.strip_prefix(guard) {
            return does_nothing(guarded);
        }
    }
    let calls = |function: &str| {
        let call = statement.strip_prefix(function);
        call.is_some_and(|call| call.starts_with('(') && call.ends_with(')'))
    };
    let silent = ["printf", "fprintf", "fflush", "nrnran123_setseq"];
    if silent.into_iter().any(calls) {
        return true;
    }
    // if (…) { printf(…)
    if let Some(rest) = statement.strip_prefix("if(")
        && let Some((_, call)) = rest.split_once("){")
    {
        return call.starts_with("printf(") && call.ends_with(')');
    }
    if statement.starts_with("hoc_execerror(") && statement.contains("CVODE") {
        return statement.ends_with(')');
    }
    let reads = statement.split_once("=_ion_");
    reads.is_some_and(|(name, ion)| name == ion)
}

/// Whether a statement declares a function, or a number that the simulator has.
fn declares(words: &[&str]) -> bool {
    let types = ["extern", "double", "int", "void", "void*"];
    let joined = words.join(" ");
    let declares = words.first().is_some_and(|word| {
        let word = word.trim_start_matches('{');
        types.contains(&word)
    });
    let function = joined.ends_with(')') && !joined.contains('=') && !joined.contains('{');
    let external = joined.trim_start_matches('{').starts_with("extern ") && !joined.contains('=');
    declares && (function || external)
}

/// The two halves around what is drawn where no stream was given.
fn own_stream(code: &str) -> Option<Meaning> {
    let joined: String = code.split_whitespace().collect();
    if joined == "}" {
        return Some(Meaning::Nothing);
    }
    let (declaration, rest) = joined.split_once("if(_p_")?;
    let (_, rest) = rest.split_once("){")?;
    let (picked, otherwise) = rest.split_once('}')?;
    let pick = |statement: &str, variable: &str| {
        let value = statement.strip_prefix(variable);
        value.is_some_and(|value| value.starts_with("=nrn_random_pick(") && value.ends_with(')'))
    };
    let otherwise = otherwise.strip_prefix("else{")?;
    // a guard against threads, which share nothing here
    let only_guards =
        otherwise.is_empty() || otherwise.starts_with("if(_nt!=nrn_threads){hoc_execerror(");
    let statements: Vec<&str> = picked.split_terminator(';').collect();
    match (declaration, statements.as_slice()) {
        ("doublevalue;", [value, "returnvalue"]) if only_guards && pick(value, "value") => {
            Some(Meaning::Draw("value".to_owned(), Distribution::Uniform))
        }
        ("", [value]) if only_guards => {
            let name = value.strip_prefix("_l")?.split('=').next()?;
            pick(value, &format!("_l{name}")).then_some(Meaning::Nothing)
        }
        _ => None,
    }
}

/// `double value = 0.; if (usingR123) { value = nrnran123_dblpick(…); } … _lurand = value;`
fn draw(code: &str) -> Option<Meaning> {
    let joined: String = code.split_whitespace().collect();
    let mut distribution = None;
    let mut target = None;
    for statement in joined.split(';') {
        let mut statement = statement.trim_matches(|c| matches!(c, '{' | '}'));
        // cases of which stream it is
        loop {
            let case = statement.strip_prefix("else").unwrap_or(statement);
            let case = case.trim_start_matches('{');
            let inner = case
                .strip_prefix("if(usingR123)")
                .or_else(|| case.strip_prefix("if(_p_rng)"));
            let next = inner.unwrap_or(case).trim_start_matches('{');
            if next == statement {
                break;
            }
            statement = next;
        }
        if let Some(name) = statement
            .strip_prefix("_l")
            .and_then(|s| s.strip_suffix("=value"))
        {
            target = Some(name.to_owned());
            continue;
        }
        let value = statement.strip_prefix("double").unwrap_or(statement);
        let value = value.strip_prefix("value");
        match value.map(|value| value.strip_prefix('=').unwrap_or(value)) {
            None if statement.is_empty() => {}
            Some("" | "0" | "0.0" | "0.") => {}
            Some(pick) if pick.starts_with("nrnran123_dblpick(") => {
                distribution = Some(Distribution::Uniform);
            }
            Some(pick) if pick.starts_with("nrnran123_negexp(") => {
                distribution = Some(Distribution::Exponential);
            }
            Some(pick) if pick.starts_with("nrnran123_normal(") => {
                distribution = Some(Distribution::Normal);
            }
            // what it draws was said where the stream was made; that it is uniform is the custom
            Some(pick) if pick.starts_with("nrn_random_pick(") => {
                distribution = distribution.or(Some(Distribution::Uniform));
            }
            _ => return None,
        }
    }
    Some(Meaning::Draw(target?, distribution?))
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
    use super::*;

    fn check(code: &str, expected: Option<Meaning>) {
        assert_eq!(meaning(code), expected, "{code}");
    }

    #[test]
    fn what_asks_for_nothing_is_known() {
        for code in [
            "",
            "/* the\n concentrations */ cai = _ion_cai; Cai = _ion_Cai;",
            "printf(\"%g\\n\", v);",
            "if (debug == 1) { printf(\"a %g\", t); }",
            "fflush(NULL);",
            "#include <stdlib.h>\n#include <math.h>",
            "double nrn_random_pick(void* r);\nvoid* nrn_random_arg(int argpos);",
            "extern double dt;",
            "{extern int cvode_active_; if (cvode_active_) { hoc_execerror(\"no\", \" CVODE\"); }}",
            "if( usingR123 ) { nrnran123_setseq((nrnran123_State*)_p_rng, 0, 0); }",
            "}",
        ] {
            check(code, Some(Meaning::Nothing));
        }
    }

    #[test]
    fn return_leaves() {
        for code in [
            " return 0; ",
            "\n\t: return 0; :\nreturn 0;",
            "return; // done",
            "printf(\"%g\\n\", v); return;",
        ] {
            check(code, Some(Meaning::Return));
        }
    }

    #[test]
    fn break_leaves_a_loop() {
        check("\n break ; ", Some(Meaning::Break));
        check("if (x) break;", None);
    }

    #[test]
    fn a_stream_of_ones_own_gives_way_to_what_follows() {
        check(
            "double value; if (_p_rng) { /* own */ value = nrn_random_pick(RANDCAST _p_rng); \
             return value; } else {",
            Some(Meaning::Draw("value".to_owned(), Distribution::Uniform)),
        );
        check(
            "if (_p_mine) { _lerand = nrn_random_pick(_p_mine); }else{",
            Some(Meaning::Nothing),
        );
    }

    #[test]
    fn a_pick_is_a_draw() {
        check(
            "double value = 0.0;\nif (usingR123) {\n value = nrnran123_dblpick((nrnran123_State*)_p_rng);\n\
             } else if (_p_rng) {\n#ifndef CORENEURON_BUILD\n value = nrn_random_pick(RANDCAST _p_rng);\n\
             #endif\n} else { value = 0.0; }\n_lurand = value;",
            Some(Meaning::Draw("urand".to_owned(), Distribution::Uniform)),
        );
    }

    #[test]
    fn other_code_is_not() {
        for code in [
            "int i;",
            "cai = _ion_cao;",
            "return 1;",
            "a = 0; return 0;",
            "printf(\"a\"), a = 1;",
            "if (x) { y = 1; printf(\"a\"); }",
            "double value; if (_p_rng) { value = 2*nrn_random_pick(_p_rng); return value; } else {",
            "hoc_execerror(\"stop\", 0);",
        ] {
            check(code, None);
        }
    }

    #[test]
    fn macros_are_named() {
        let names: Vec<&str> = macros("#include <a>\n# define dt x\n#define f(x) x").collect();
        assert_eq!(names, ["dt", "f"]);
    }
}
