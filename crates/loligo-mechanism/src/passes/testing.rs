//! Random expressions and a short way to evaluate them, for the tests of the passes.

use proptest::prelude::*;

use crate::graph::{Binary, Expr, Graph, Unary};

/// A recipe for an expression in `x` and `y`.
#[derive(Clone, Debug)]
pub enum Recipe {
    X,
    Y,
    Literal(f64),
    Unary(Unary, Box<Recipe>),
    Binary(Binary, Box<Recipe>, Box<Recipe>),
    Select(Box<Recipe>, Box<Recipe>, Box<Recipe>),
}

impl Recipe {
    pub fn expression(&self, graph: &mut Graph) -> Expr {
        match self {
            Recipe::X => graph.symbol("x"),
            Recipe::Y => graph.symbol("y"),
            Recipe::Literal(value) => graph.constant(*value),
            Recipe::Unary(function, a) => {
                let a = a.expression(graph);
                graph.unary(*function, a)
            }
            Recipe::Binary(function, a, b) => {
                let (a, b) = (a.expression(graph), b.expression(graph));
                graph.binary(*function, a, b)
            }
            Recipe::Select(c, a, b) => {
                let (c, a, b) = (
                    c.expression(graph),
                    a.expression(graph),
                    b.expression(graph),
                );
                graph.select(c, a, b)
            }
        }
    }
}

pub fn arbitrary_expression() -> impl Strategy<Value = Recipe> {
    let leaf = prop_oneof![
        Just(Recipe::X),
        Just(Recipe::Y),
        (1i32..20).prop_map(|n| Recipe::Literal(f64::from(n) / 8.0)),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let unary = prop_oneof![
            Just(Unary::Neg),
            Just(Unary::Exp),
            Just(Unary::Tanh),
            Just(Unary::Sin),
            Just(Unary::Exprel(0)),
            Just(Unary::Phi(1)),
        ];
        let binary = prop_oneof![
            Just(Binary::Add),
            Just(Binary::Sub),
            Just(Binary::Mul),
            Just(Binary::Div),
            Just(Binary::Min),
            Just(Binary::Max),
        ];
        prop_oneof![
            (unary, inner.clone()).prop_map(|(f, a)| Recipe::Unary(f, Box::new(a))),
            (binary, inner.clone(), inner.clone()).prop_map(|(f, a, b)| Recipe::Binary(
                f,
                Box::new(a),
                Box::new(b)
            )),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(c, a, b)| {
                let compared = Recipe::Binary(Binary::Less, Box::new(c), Box::new(a.clone()));
                Recipe::Select(Box::new(compared), Box::new(a), Box::new(b))
            }),
        ]
    })
}

/// A pass leaves the value of an expression as it is.
pub fn assert_same_value(
    recipe: &Recipe,
    (x, y): (f64, f64),
    pass: impl Fn(&mut Graph, Expr) -> Expr,
) -> Result<(), TestCaseError> {
    let mut graph = Graph::new();
    let expr = recipe.expression(&mut graph);
    let output = pass(&mut graph, expr);
    let at = [("x", x), ("y", y)];
    let (before, after) = (value(&graph, expr, &at), value(&graph, output, &at));
    prop_assume!(before.is_finite() && before.abs() < 1e6);
    // sums of up to 40 terms of this size, each rounded; comparisons may tip over
    let close = (before - after).abs() <= 1e-9 * (1.0 + before.abs());
    let has_branch = format!("{recipe:?}").contains("Select");
    prop_assert!(close || has_branch, "{before} {after}");
    Ok(())
}

pub fn value(graph: &Graph, expr: Expr, at: &[(&str, f64)]) -> f64 {
    let lookup = |name: &str| {
        at.iter()
            .find(|(n, _)| *n == name)
            .unwrap_or_else(|| panic!("no value for {name}"))
            .1
    };
    graph.evaluate(&[expr], &lookup)[0]
}
