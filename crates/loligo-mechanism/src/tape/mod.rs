//! Tapes: straight-line code that computes outputs from inputs, for the engine to run over blocks
//! of compartments.
//!
//! [`compile`] is the back end of the mechanism compiler: it selects instructions for a graph,
//! orders them, and gives every operand a [`Place`]. Operands are read where they are and results
//! written where they belong; there are no loads and stores of their own.

mod allocate;
mod opcode;
mod pattern;
mod schedule;
mod select;
#[cfg(test)]
mod tests;

pub use opcode::{Algebra, Opcode};

use std::collections::HashMap;

use crate::graph::{Expr, Graph, Node, Unary};

/// One result of a tape.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Output {
    /// How whoever runs the tape calls it.
    pub name: String,
    /// Its value.
    pub value: Expr,
    /// What happens to the value.
    pub kind: OutputKind,
}

/// What a tape does with the value of an output.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum OutputKind {
    /// Writes it to an array of its own.
    Store,
    /// Writes it over the input of this name: a state that is updated in place.
    StoreOver(String),
    /// Adds it to an array in double precision, whatever the tape's precision.
    Accumulate,
}

/// Where an operand is, or a result goes: an index into the tape's inputs, outputs, constants or
/// registers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Place {
    /// An array, or one value for all lanes.
    Input(u16),
    /// An array.
    Output(u16),
    /// A literal.
    Constant(u16),
    /// A block of working memory.
    Register(u16),
}

/// One operation on a block of lanes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Instruction {
    /// What is computed.
    pub opcode: Opcode,
    /// Where the result goes; an accumulation adds to it.
    pub target: Place,
    /// What it is computed from, an accumulation's sum excluded.
    pub operands: Vec<Place>,
}

/// Straight-line code over blocks of lanes.
///
/// ```
/// use loligo_mechanism::Graph;
/// use loligo_mechanism::tape::{compile, Opcode, Output, OutputKind};
///
/// let mut graph = Graph::new();
/// let [gbar, m, v, e] = ["gbar", "m", "v", "e"].map(|name| graph.symbol(name));
/// let conductance = graph.mul(gbar, m);
/// let driving = graph.sub(v, e);
/// let current = graph.mul(conductance, driving);
/// let outputs = [Output { name: "i".into(), value: current, kind: OutputKind::Store }];
///
/// let tape = compile(&graph, &outputs);
/// assert_eq!(tape.inputs.len(), 4);
/// assert!(tape.code.iter().all(|instruction| instruction.opcode != Opcode::Copy));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Tape {
    /// The symbols that it reads, in order of first use.
    pub inputs: Vec<String>,
    /// Name and kind of each output, in the order given to [`compile`].
    pub outputs: Vec<(String, OutputKind)>,
    /// Literals, by their bits (so that a tape can be compared and hashed).
    pub constants: Vec<u64>,
    /// How many blocks of working memory it needs.
    pub registers: usize,
    /// What is done, in order.
    pub code: Vec<Instruction>,
}

impl Tape {
    /// The literals.
    pub fn constants(&self) -> impl Iterator<Item = f64> + '_ {
        self.constants.iter().map(|&bits| f64::from_bits(bits))
    }

    /// The position of the input of that name, if the tape reads it.
    pub fn input(&self, name: &str) -> Option<usize> {
        self.inputs.iter().position(|input| input == name)
    }

    /// The position of the output of that name, if there is one.
    pub fn output(&self, name: &str) -> Option<usize> {
        self.outputs.iter().position(|(output, _)| output == name)
    }
}

/// Compiles the code that computes `outputs`.
///
/// Input arrays must not overlap output arrays, except those that [`OutputKind::StoreOver`] says.
/// An accumulation of a value that is exactly zero disappears.
///
/// # Panics
/// If the tape would need 65536 or more places of one kind.
pub fn compile(graph: &Graph, outputs: &[Output]) -> Tape {
    let (graph, outputs) = attach(graph, outputs);
    let (graph, outputs) = (&graph, outputs.as_slice());
    let operations = select::select(graph, outputs);
    let sequence = schedule::schedule(graph, outputs, operations);
    let allocation = allocate::allocate(graph, &sequence);
    Tape {
        inputs: allocation.inputs,
        outputs: outputs
            .iter()
            .map(|output| (output.name.clone(), output.kind.clone()))
            .collect(),
        constants: allocation.constants,
        registers: allocation.registers,
        code: allocation.code,
    }
}

/// Derivatives have been taken: what was detached for them is an ordinary value.
fn attach(graph: &Graph, outputs: &[Output]) -> (Graph, Vec<Output>) {
    let mut graph = graph.clone();
    let values: Vec<Expr> = outputs.iter().map(|output| output.value).collect();
    let mut done: HashMap<Expr, Expr> = HashMap::new();
    for expr in graph.reachable(&values) {
        let attached = match graph.node(expr) {
            Node::Unary(Unary::Detach, a) => done[&a],
            _ => graph.rebuild(expr, &|e| done[&e]),
        };
        done.insert(expr, attached);
    }
    let outputs = outputs.iter().map(|output| Output {
        value: done[&output.value],
        ..output.clone()
    });
    let outputs = outputs.collect();
    (graph, outputs)
}
