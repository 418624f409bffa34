//! The front end for functions that were traced elsewhere: expressions as a list of entries.
//!
//! A tracer writes one entry for each operation that it sees, operands by their position in the list,
//! and a [`System`] for each implicit step. What comes out is a graph with an expression for each
//! entry.

use std::collections::HashMap;

use thiserror::Error;

use crate::graph::{Binary, Expr, Graph, Unary};
use crate::passes::implicit::Equations;
use crate::passes::removable_singularity;

/// One operation.
#[derive(Clone, PartialEq, Debug)]
pub enum Entry {
    /// A literal.
    Constant(f64),
    /// A named input, or a solution of a [`System`].
    Symbol(String),
    /// A function by its name, see [`OF_ONE`] and [`OF_TWO`], and its operands by their positions.
    Call(String, Vec<usize>),
}

/// An implicit step that was taken together: x − before = change(x).
#[derive(Clone, PartialEq, Debug)]
pub struct System {
    /// The symbols of the unknowns x.
    pub unknowns: Vec<String>,
    /// Where the entries are of what each was before.
    pub before: Vec<usize>,
    /// Where the entries are of the change of each, as functions of the unknowns.
    pub change: Vec<usize>,
    /// The symbols that stand for the solution.
    pub solution: Vec<String>,
}

/// What is wrong with a list of entries; a tracer that works makes none of these mistakes.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum TraceError {
    /// A function that does not exist, or with another number of operands.
    #[error("entry {entry} calls `{function}` with {operands} operands, which is no function")]
    NoFunction {
        /// Where.
        entry: usize,
        /// The name.
        function: String,
        /// How many there are.
        operands: usize,
    },
    /// An operand that comes later, or not at all.
    #[error("entry {entry} reads entry {operand}, which does not come before it")]
    NoOperand {
        /// Where.
        entry: usize,
        /// What it reads.
        operand: usize,
    },
}

/// The functions of [`Entry::Call`] with one operand.
pub const OF_ONE: &[(&str, Unary)] = &[
    ("neg", Unary::Neg),
    ("exp", Unary::Exp),
    ("log", Unary::Log),
    ("sqrt", Unary::Sqrt),
    ("sin", Unary::Sin),
    ("cos", Unary::Cos),
    ("tanh", Unary::Tanh),
    ("abs", Unary::Abs),
    ("floor", Unary::Floor),
    ("ceil", Unary::Ceil),
    ("sign", Unary::Sign),
    ("phi", Unary::Phi(1)),
    ("not", Unary::Not),
    ("detach", Unary::Detach),
];

/// The functions of [`Entry::Call`] with two operands; with three there is `select`.
pub const OF_TWO: &[(&str, Binary)] = &[
    ("add", Binary::Add),
    ("sub", Binary::Sub),
    ("mul", Binary::Mul),
    ("div", Binary::Div),
    ("pow", Binary::Pow),
    ("min", Binary::Min),
    ("max", Binary::Max),
    ("less", Binary::Less),
    ("less_equal", Binary::LessEqual),
    ("equal", Binary::Equal),
    ("and", Binary::And),
    ("or", Binary::Or),
];

/// The graph of a list of entries, and the expression of each. Removable singularities are removed,
/// and the solutions of `systems` are put in the place of their symbols.
///
/// ```
/// use loligo_mechanism::traced::{Entry, graph};
/// let entries = [
///     Entry::Symbol("v".into()),
///     Entry::Constant(2.0),
///     Entry::Call("mul".into(), vec![0, 1]),
/// ];
/// let (graph, expressions) = graph(&entries, &[])?;
/// assert_eq!(graph.evaluate(&[expressions[2]], &|_| 3.0), [6.0]);
/// # Ok::<(), loligo_mechanism::traced::TraceError>(())
/// ```
///
/// # Errors
/// [`TraceError`] for a list that no tracer makes.
pub fn graph(entries: &[Entry], systems: &[System]) -> Result<(Graph, Vec<Expr>), TraceError> {
    let mut graph = Graph::new();
    let mut expressions = Vec::with_capacity(entries.len());
    for (position, entry) in entries.iter().enumerate() {
        expressions.push(expression(&mut graph, &expressions, position, entry)?);
    }
    let expressions = removable_singularity::smooth(&mut graph, &expressions);
    let mut solved: HashMap<Expr, Expr> = HashMap::new();
    for system in systems {
        let at = |positions: &[usize]| -> Result<Vec<Expr>, TraceError> {
            let found = positions.iter().map(|&operand| {
                let entry = entries.len();
                let missing = TraceError::NoOperand { entry, operand };
                expressions.get(operand).copied().ok_or(missing)
            });
            found.collect()
        };
        let before = graph.substitute(&at(&system.before)?, &solved);
        let change = graph.substitute(&at(&system.change)?, &solved);
        let solution = solve(&mut graph, &system.unknowns, &before, &change);
        let symbols = system.solution.iter().map(|name| graph.symbol(name));
        solved.extend(symbols.zip(solution).collect::<Vec<_>>());
    }
    let expressions = graph.substitute(&expressions, &solved);
    Ok((graph, expressions))
}

fn expression(
    graph: &mut Graph,
    before: &[Expr],
    position: usize,
    entry: &Entry,
) -> Result<Expr, TraceError> {
    let (function, operands) = match entry {
        Entry::Constant(value) => return Ok(graph.constant(*value)),
        Entry::Symbol(name) => return Ok(graph.symbol(name)),
        Entry::Call(function, operands) => (function, operands),
    };
    let found = operands.iter().map(|&operand| {
        let missing = TraceError::NoOperand {
            entry: position,
            operand,
        };
        before.get(operand).copied().ok_or(missing)
    });
    let operands = found.collect::<Result<Vec<Expr>, _>>()?;
    let called = match operands[..] {
        [a] => {
            let known = OF_ONE.iter().find(|(name, _)| name == function);
            known.map(|&(_, function)| graph.unary(function, a))
        }
        [a, b] => {
            let known = OF_TWO.iter().find(|(name, _)| name == function);
            known.map(|&(_, function)| graph.binary(function, a, b))
        }
        [condition, then, otherwise] if function == "select" => {
            Some(graph.select(condition, then, otherwise))
        }
        _ => None,
    };
    called.ok_or_else(|| TraceError::NoFunction {
        entry: position,
        function: function.clone(),
        operands: operands.len(),
    })
}

/// x of x − before = change(x), by Newton's method from what was before.
fn solve(graph: &mut Graph, unknowns: &[String], before: &[Expr], change: &[Expr]) -> Vec<Expr> {
    let unknowns: Vec<Expr> = unknowns.iter().map(|name| graph.symbol(name)).collect();
    // symbols for what was before keep the unrolled iterations small until the end
    let starts: Vec<Expr> = (0..before.len())
        .map(|index| graph.symbol(&format!("before the step {index}")))
        .collect();
    let residuals = unknowns.iter().zip(&starts).zip(change);
    let residuals = residuals
        .map(|((&unknown, &start), &change)| {
            let moved = graph.sub(unknown, start);
            graph.sub(moved, change)
        })
        .collect();
    let equations = Equations {
        unknowns,
        residuals,
    };
    let solution = equations.solve(graph, &starts);
    let back: HashMap<Expr, Expr> = starts.into_iter().zip(before.iter().copied()).collect();
    graph.substitute(&solution, &back)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(graph: &Graph, expr: Expr, at: &[(&str, f64)]) -> f64 {
        let number = |name: &str| at.iter().find(|(known, _)| *known == name).map(|(_, x)| *x);
        graph.evaluate(&[expr], &|name| number(name).expect("given"))[0]
    }

    fn symbol(name: &str) -> Entry {
        Entry::Symbol(name.into())
    }

    fn call(function: &str, operands: &[usize]) -> Entry {
        Entry::Call(function.into(), operands.to_vec())
    }

    #[test]
    fn every_function_has_its_meaning() {
        let entries = [
            symbol("x"),
            Entry::Constant(2.0),
            call("less", &[0, 1]),
            call("exp", &[0]),
            call("select", &[2, 3, 1]),
        ];
        let (graph, expressions) = graph(&entries, &[]).expect("well formed");
        assert_eq!(value(&graph, expressions[4], &[("x", 1.0)]), 1f64.exp());
        assert_eq!(value(&graph, expressions[4], &[("x", 3.0)]), 2.0);
    }

    /// x − s = −h·x² has the solution 2s/(1 + √(1 + 4h·s)).
    #[test]
    fn an_implicit_step_is_solved() {
        let entries = [
            symbol("x"),
            symbol("h"),
            call("mul", &[0, 0]),
            call("mul", &[1, 2]),
            call("neg", &[3]),
            symbol("s"),
            symbol("after"),
        ];
        let system = System {
            unknowns: vec!["x".into()],
            before: vec![5],
            change: vec![4],
            solution: vec!["after".into()],
        };
        let (graph, expressions) = graph(&entries, &[system]).expect("well formed");
        let found = value(&graph, expressions[6], &[("s", 2.0), ("h", 0.3)]);
        let exact = 4.0 / (1.0 + 3.4f64.sqrt());
        assert!((found - exact).abs() < 1e-15 * exact, "{found}");
    }

    #[test]
    fn a_list_that_no_tracer_makes_is_refused() {
        let error = graph(&[symbol("x"), call("zeta", &[0])], &[]).expect_err("no function");
        assert_eq!(
            error.to_string(),
            "entry 1 calls `zeta` with 1 operands, which is no function"
        );
        let error = graph(&[call("exp", &[0])], &[]).expect_err("reads itself");
        assert_eq!(
            error.to_string(),
            "entry 0 reads entry 0, which does not come before it"
        );
    }
}
