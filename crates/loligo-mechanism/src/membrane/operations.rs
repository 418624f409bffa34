//! How much arithmetic a compartment takes, as its mechanisms are written and as it is compiled.

use super::{Membrane, MembraneError, Phases, Rules, Step};
use crate::graph::{Binary, Expr, Graph, Node, Unary};
use crate::mechanism::{Mechanism, VOLTAGE};
use crate::passes::{hoist, reassociate, simplify};
use crate::tape::{Output, OutputKind, compile};

/// How many operations of each kind some expressions take, where what is shared counts once.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Operations {
    /// Sums and differences; changes of sign.
    pub additions: usize,
    /// Products.
    pub multiplications: usize,
    /// Quotients.
    pub divisions: usize,
    /// Exponentials, and x/(eˣ − 1), φ₁, φ₂, φ₃, each of which is one.
    pub exponentials: usize,
    /// Powers, logarithms, roots, sines, cosines, hyperbolic tangents.
    pub functions: usize,
    /// Comparisons, choices between values, and roundings.
    pub choices: usize,
}

impl Operations {
    /// Those of `outputs` together.
    ///
    /// ```
    /// use loligo_mechanism::Graph;
    /// use loligo_mechanism::membrane::Operations;
    ///
    /// let mut graph = Graph::new();
    /// let [g, v, e] = ["g", "v", "e"].map(|name| graph.symbol(name));
    /// let drive = graph.sub(v, e);
    /// let current = graph.mul(g, drive);
    /// let operations = Operations::of(&graph, &[current, drive]);
    /// assert_eq!((operations.additions, operations.multiplications), (1, 1));
    /// ```
    pub fn of(graph: &Graph, outputs: &[Expr]) -> Self {
        let mut operations = Operations::default();
        for expr in graph.reachable(outputs) {
            if let Some(count) = operations.kind_of(graph.node(expr)) {
                *count += 1;
            }
        }
        operations
    }

    fn kind_of(&mut self, node: Node) -> Option<&mut usize> {
        Some(match node {
            Node::Constant(_) | Node::Symbol(_) | Node::Unary(Unary::Detach, _) => return None,
            Node::Unary(Unary::Neg, _) | Node::Binary(Binary::Add | Binary::Sub, ..) => {
                &mut self.additions
            }
            Node::Binary(Binary::Mul | Binary::Gate, ..) => &mut self.multiplications,
            Node::Binary(Binary::Div, ..) => &mut self.divisions,
            Node::Unary(Unary::Exp | Unary::Exprel(_) | Unary::Phi(_), _) => &mut self.exponentials,
            Node::Unary(Unary::Log | Unary::Sqrt | Unary::Sin | Unary::Cos | Unary::Tanh, _)
            | Node::Binary(Binary::Pow, ..) => &mut self.functions,
            Node::Unary(..) | Node::Binary(..) | Node::Select(..) => &mut self.choices,
        })
    }
}

/// What the mechanisms of a compartment cost, before and after the passes. The cable equation, and
/// what converts currents for it, are not among it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Costs {
    /// The states at t = 0, as written.
    pub start_as_written: Operations,
    /// The same, simplified.
    pub start: Operations,
    /// A step as written: each formula once, with those that step the states, and the slopes of
    /// currents.
    pub step_as_written: Operations,
    /// What of a step is computed once in a run, since nothing in it varies.
    pub once: Operations,
    /// What is left for every step.
    pub step: Operations,
    /// How many instructions of a tape that is.
    pub instructions: usize,
}

/// What these mechanisms cost in a compartment together.
///
/// ```
/// use loligo_mechanism::library::builtin;
/// use loligo_mechanism::membrane::{Rules, costs};
///
/// let hh = builtin("hh").expect("is built in");
/// let costs = costs(&[&hh], Rules::NATIVE)?;
/// assert!(costs.step.exponentials < costs.step_as_written.exponentials);
/// # Ok::<(), loligo_mechanism::membrane::MembraneError>(())
/// ```
///
/// # Errors
/// [`MembraneError`] if the mechanisms cannot be in one membrane.
pub fn costs(mechanisms: &[&Mechanism], rules: Rules) -> Result<Costs, MembraneError> {
    let mut membrane = Membrane::new(mechanisms, rules)?;
    let as_written = membrane.outputs(Phases::UpdateAndMembrane, &[]);
    let step_as_written = Operations::of(&membrane.graph, &as_written);
    let Step {
        mut states,
        slope,
        drive,
        voltage,
        ..
    } = membrane.step(Phases::UpdateAndMembrane, &[]);
    states.extend([slope, drive, voltage]);

    let initial: Vec<Expr> = membrane.states.iter().map(|state| state.initial).collect();
    let start_as_written = Operations::of(&membrane.graph, &initial);
    let own = membrane.states.iter().map(|state| &state.name);
    let own = own.chain(membrane.draws.iter().map(|draw| &draw.symbol));
    let own: Vec<String> = own.cloned().collect();
    let graph = &mut membrane.graph;
    let initial = simplify::simplify(graph, &initial);

    let varies = |name: &str| name == VOLTAGE || name == "t" || own.iter().any(|own| own == name);
    let step = reassociate::reassociate(graph, &states, &varies);
    let split = hoist::hoist(graph, &step, "prologue", &varies);
    let once: Vec<Expr> = split.prologue.iter().map(|(_, value)| *value).collect();
    let outputs = split.outputs.iter().enumerate();
    let outputs: Vec<Output> = outputs
        .map(|(index, &value)| Output {
            name: index.to_string(),
            value,
            kind: OutputKind::Store,
        })
        .collect();
    Ok(Costs {
        start_as_written,
        start: Operations::of(graph, &initial),
        step_as_written,
        once: Operations::of(graph, &once),
        step: Operations::of(graph, &split.outputs),
        instructions: compile(graph, &outputs).code.len(),
    })
}
