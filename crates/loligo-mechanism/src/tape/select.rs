//! Instruction selection: covers a graph with the fewest, widest instructions.
//!
//! Memory, not arithmetic, is what a tape over blocks pays for: each instruction stores a block of
//! results and loads its operands. Between nodes that are used more than once (which every
//! instruction must leave in a place of their own) the graph is a forest, and covering a tree with
//! patterns at the least cost is dynamic programming (Aho and Johnson 1976).

use std::collections::{HashMap, HashSet};

use super::opcode::Opcode;
use super::pattern::{self, Operands, Pattern};
use super::{Output, OutputKind};
use crate::graph::{Binary, Expr, Graph, Node};

/// An instruction whose operands have no place yet.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub opcode: Opcode,
    /// The operands that are read, an accumulation's sum excluded.
    pub operands: Vec<Expr>,
    /// The value that later operations may read, unless it only goes to an output.
    pub defines: Option<Expr>,
    /// The output that it writes.
    pub output: Option<usize>,
}

/// Operations that compute `outputs`, operands first.
pub(super) fn select(graph: &Graph, outputs: &[Output]) -> Vec<Operation> {
    let mut graph = graph.clone();
    let roots: Vec<Root> = outputs
        .iter()
        .enumerate()
        .map(|(index, output)| Root::new(&mut graph, index, output))
        .collect();
    Selection::new(&graph, roots).operations()
}

/// What one output asks for.
struct Root {
    expr: Expr,
    /// The symbol of an accumulation's sum so far.
    sum: Option<Expr>,
}

impl Root {
    fn new(graph: &mut Graph, index: usize, output: &Output) -> Self {
        match output.kind {
            OutputKind::Store | OutputKind::StoreOver(_) => Self {
                expr: output.value,
                sum: None,
            },
            OutputKind::Accumulate => {
                let sum = graph.symbol(&format!("sum of output {index}"));
                let expr = graph.add(sum, output.value);
                Self {
                    expr,
                    sum: Some(sum),
                }
            }
        }
    }
}

/// The cheapest instruction that ends in a node.
#[derive(Clone)]
struct Choice {
    opcode: Opcode,
    operands: Vec<Expr>,
    /// Of the instruction and of all that only it needs.
    cost: usize,
}

struct Selection<'g> {
    graph: &'g Graph,
    roots: Vec<Root>,
    /// How many nodes read each node, outputs counted.
    uses: Vec<usize>,
    choices: Vec<Option<Choice>>,
}

impl<'g> Selection<'g> {
    fn new(graph: &'g Graph, roots: Vec<Root>) -> Self {
        let exprs: Vec<Expr> = roots.iter().map(|root| root.expr).collect();
        let mut uses = vec![0; graph.len()];
        let needed = graph.reachable(&exprs);
        for &expr in &needed {
            let operands: HashSet<Expr> = graph.operands(expr).collect();
            for operand in operands {
                uses[operand.index()] += 1;
            }
        }
        for root in &exprs {
            // an output must be left in memory: never an intermediate value
            uses[root.index()] += 2;
        }
        let mut selection = Self {
            graph,
            roots,
            uses,
            choices: vec![None; graph.len()],
        };
        for expr in needed {
            selection.choices[expr.index()] = selection.cheapest(expr);
        }
        selection
    }

    fn is_leaf(&self, expr: Expr) -> bool {
        matches!(self.graph.node(expr), Node::Constant(_) | Node::Symbol(_))
    }

    /// Whether nothing outside an instruction reads what is between its result and its operands.
    fn hides_nothing(&self, root: Expr, operands: &Operands) -> bool {
        let mut readers: HashMap<Expr, HashSet<Expr>> = HashMap::new();
        let mut stack = vec![root];
        while let Some(reader) = stack.pop() {
            for expr in self.graph.operands(reader) {
                if !operands.contains(&Some(expr)) {
                    readers.entry(expr).or_default().insert(reader);
                    stack.push(expr);
                }
            }
        }
        readers
            .iter()
            .all(|(&e, readers)| self.uses[e.index()] == readers.len() || self.is_cheap(e))
    }

    /// Whether computing a node again costs no more than loading it: a product or sum of leaves.
    fn is_cheap(&self, expr: Expr) -> bool {
        match self.graph.node(expr) {
            Node::Binary(Binary::Add | Binary::Sub | Binary::Mul, a, b) => {
                self.is_leaf(a) && self.is_leaf(b)
            }
            _ => false,
        }
    }

    fn sum_of(&self, expr: Expr) -> Option<Expr> {
        let root = self.roots.iter().find(|root| root.expr == expr)?;
        root.sum
    }

    fn cheapest(&self, expr: Expr) -> Option<Choice> {
        if self.is_leaf(expr) {
            return None;
        }
        let sum = self.sum_of(expr);
        let patterns: &[Pattern] = match sum {
            Some(_) => &pattern::ACCUMULATIONS,
            None => &pattern::VALUES,
        };
        patterns
            .iter()
            .flat_map(|p| {
                let found = p.matches(self.graph, expr);
                found.into_iter().map(|operands| (p.opcode, operands))
            })
            .filter(|(_, operands)| sum.is_none() || operands[0] == sum)
            .filter(|(_, operands)| self.hides_nothing(expr, operands))
            .map(|(opcode, operands)| self.choice(opcode, &operands, sum))
            .min_by_key(|choice| choice.cost)
    }

    fn choice(&self, opcode: Opcode, operands: &Operands, sum: Option<Expr>) -> Choice {
        let operands: Vec<Expr> = operands
            .iter()
            .flatten()
            .copied()
            .filter(|&operand| Some(operand) != sum)
            .collect();
        let distinct: HashSet<Expr> = operands.iter().copied().collect();
        // what several instructions read they pay for together
        let below: usize = distinct
            .iter()
            .filter_map(|e| self.choices[e.index()].as_ref().map(|choice| (e, choice)))
            .map(|(e, choice)| choice.cost / self.uses[e.index()])
            .sum();
        Choice {
            opcode,
            cost: below + cost(distinct.len()),
            operands,
        }
    }

    fn operations(&self) -> Vec<Operation> {
        let mut done = vec![false; self.graph.len()];
        let mut operations = Vec::new();
        for (index, root) in self.roots.iter().enumerate() {
            if Some(root.expr) == root.sum {
                // zero is added
                continue;
            }
            self.emit(root.expr, &mut done, &mut operations);
            if root.sum.is_some() {
                if let Some(accumulation) = operations.last_mut() {
                    accumulation.defines = None;
                    accumulation.output = Some(index);
                }
                continue;
            }
            let unwritten = operations.iter_mut().find(|operation| {
                operation.defines == Some(root.expr) && operation.output.is_none()
            });
            match unwritten {
                Some(operation) => operation.output = Some(index),
                // an input, a literal, or the value of another output too
                None => operations.push(copy_to(index, root.expr)),
            }
        }
        operations
    }

    /// Appends what `expr` needs, then its own operation.
    fn emit(&self, expr: Expr, done: &mut [bool], operations: &mut Vec<Operation>) {
        // an explicit stack: expressions may be deeper than the machine's
        let mut stack = vec![(expr, false)];
        while let Some((expr, operands_done)) = stack.pop() {
            let Some(choice) = &self.choices[expr.index()] else {
                continue;
            };
            if operands_done {
                operations.push(Operation {
                    opcode: choice.opcode,
                    operands: choice.operands.clone(),
                    defines: Some(expr),
                    output: None,
                });
            } else if !std::mem::replace(&mut done[expr.index()], true) {
                stack.push((expr, true));
                stack.extend(choice.operands.iter().rev().map(|&e| (e, false)));
            }
        }
    }
}

/// The operation that copies a value to an output.
pub(super) fn copy_to(output: usize, value: Expr) -> Operation {
    Operation {
        opcode: Opcode::Copy,
        operands: vec![value],
        defines: None,
        output: Some(output),
    }
}

/// What an instruction costs beyond its arithmetic, in hundredths of a cycle per 64 bytes of result:
/// its dispatch and its store, then each load (measured on AVX-512 and AVX2).
fn cost(operands: usize) -> usize {
    200 + 120 * operands
}
