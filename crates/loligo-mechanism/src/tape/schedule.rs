//! The order of operations: few values alive at a time, and no state overwritten before its last
//! reader.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::pattern::LATENCY;
use super::select::{Operation, copy_to};
use super::{Output, OutputKind};
use crate::graph::{Expr, Graph, Node};

/// Orders `operations` (given operands first).
pub(super) fn schedule(
    graph: &Graph,
    outputs: &[Output],
    operations: Vec<Operation>,
) -> Vec<Operation> {
    let mut order = Order::new(operations);
    for (index, output) in outputs.iter().enumerate() {
        if let OutputKind::StoreOver(name) = &output.kind
            && let Some(symbol) = graph.find_symbol(name)
        {
            let overwritten = |e: &Expr| graph.node(*e) == Node::Symbol(symbol);
            order.protect(index, overwritten);
        }
    }
    order.sequence()
}

/// Operations with what must come before what.
struct Order {
    operations: Vec<Operation>,
    /// By operation: those that must come later.
    after: Vec<Vec<usize>>,
}

impl Order {
    fn new(operations: Vec<Operation>) -> Self {
        let definer: HashMap<Expr, usize> = operations
            .iter()
            .enumerate()
            .filter_map(|(index, operation)| operation.defines.map(|expr| (expr, index)))
            .collect();
        let mut after = vec![Vec::new(); operations.len()];
        for (index, operation) in operations.iter().enumerate() {
            for operand in &operation.operands {
                if let Some(&definer) = definer.get(operand) {
                    after[definer].push(index);
                }
            }
        }
        Self { operations, after }
    }

    /// Lets the write to `output` come after everything that reads the input that it overwrites.
    fn protect(&mut self, output: usize, overwritten: impl Fn(&Expr) -> bool) {
        let Some(mut writer) = self
            .operations
            .iter()
            .position(|operation| operation.output == Some(output))
        else {
            return;
        };
        let readers: Vec<usize> = (0..self.operations.len())
            .filter(|&reader| reader != writer)
            .filter(|&reader| self.operations[reader].operands.iter().any(&overwritten))
            .collect();
        let cyclic = readers
            .iter()
            .any(|&reader| self.comes_later(writer, reader));
        if cyclic && let Some(value) = self.keep_in_a_register(writer) {
            // the new value is needed before the old one is done with: copy it last
            self.operations.push(copy_to(output, value));
            self.after.push(Vec::new());
            let copy = self.operations.len() - 1;
            self.after[writer].push(copy);
            writer = copy;
        }
        for reader in readers {
            self.after[reader].push(writer);
        }
    }

    /// Takes the output away from an operation and names the value that it leaves instead.
    fn keep_in_a_register(&mut self, writer: usize) -> Option<Expr> {
        let operation = &mut self.operations[writer];
        operation.output = None;
        // a copy of one input over another defines nothing yet
        operation.defines = operation.defines.or(operation.operands.first().copied());
        operation.defines
    }

    /// Whether `later` must come after `earlier`.
    fn comes_later(&self, earlier: usize, later: usize) -> bool {
        let mut seen = vec![false; self.operations.len()];
        let mut stack = vec![earlier];
        while let Some(at) = stack.pop() {
            if at == later {
                return true;
            }
            if !std::mem::replace(&mut seen[at], true) {
                stack.extend(&self.after[at]);
            }
        }
        false
    }

    /// Lists the operations. While registers are plenty, what the longest chain of operations waits
    /// for comes first, so that a lone compartment (which has no other lanes to hide behind) is
    /// not slower than its longest chain; then what leaves the fewest registers in use, and among
    /// those what goes on with what was computed last: that is done with sooner.
    fn sequence(self) -> Vec<Operation> {
        let delays = self.delays();
        let before = self.before();
        let mut waiting_for: Vec<usize> = before.iter().map(Vec::len).collect();
        let mut position: Vec<Option<usize>> = vec![None; self.operations.len()];
        // by value: how many operations are still to read it, if it is in a register
        let mut readers: HashMap<Expr, usize> = self
            .operations
            .iter()
            .filter(|operation| operation.output.is_none())
            .filter_map(|operation| operation.defines.map(|expr| (expr, 0)))
            .collect();
        for operand in self.operations.iter().flat_map(distinct_operands) {
            readers.entry(operand).and_modify(|count| *count += 1);
        }
        let mut ready: Vec<usize> = (0..self.operations.len())
            .filter(|&index| waiting_for[index] == 0)
            .collect();
        let mut registers = 0;
        let mut sequence = Vec::with_capacity(self.operations.len());
        loop {
            let growth = |index: usize| {
                let operation = &self.operations[index];
                let freed = distinct_operands(operation)
                    .filter(|e| readers.get(e) == Some(&1))
                    .count() as isize;
                isize::from(operation.output.is_none()) - freed
            };
            // where what it reads was computed, or what will be read along with it
            let recency = |index: usize| {
                let along = self.after[index].iter().flat_map(|&later| &before[later]);
                let read = before[index].iter().chain(along);
                read.filter_map(|&earlier| position[earlier]).max()
            };
            let key = |&place: &usize| {
                let index = ready[place];
                let pressure =
                    (registers >= PLENTY).then(|| (growth(index), Reverse(recency(index))));
                (pressure, Reverse(delays[index]), index)
            };
            let next = (0..ready.len()).min_by_key(key);
            let Some(next) = next.map(|place| ready.swap_remove(place)) else {
                break;
            };
            registers += growth(next);
            for operand in distinct_operands(&self.operations[next]) {
                readers.entry(operand).and_modify(|count| *count -= 1);
            }
            for &later in &self.after[next] {
                waiting_for[later] -= 1;
                if waiting_for[later] == 0 {
                    ready.push(later);
                }
            }
            position[next] = Some(sequence.len());
            sequence.push(self.operations[next].clone());
        }
        sequence
    }

    /// By operation: those that must come earlier.
    fn before(&self) -> Vec<Vec<usize>> {
        let mut before = vec![Vec::new(); self.operations.len()];
        for (earlier, after) in self.after.iter().enumerate() {
            for &later in after {
                before[later].push(earlier);
            }
        }
        before
    }

    /// By operation: how long it takes from its start until everything that waits for it is done.
    fn delays(&self) -> Vec<usize> {
        let mut delays = vec![0; self.operations.len()];
        // an operation's successors may have been given before it, if they only wait for memory
        let mut order: Vec<usize> = Vec::with_capacity(delays.len());
        let mut waiting_for = vec![0_usize; delays.len()];
        for &later in self.after.iter().flatten() {
            waiting_for[later] += 1;
        }
        order.extend((0..delays.len()).filter(|&index| waiting_for[index] == 0));
        let mut next = 0;
        while let Some(&index) = order.get(next) {
            next += 1;
            for &later in &self.after[index] {
                waiting_for[later] -= 1;
                if waiting_for[later] == 0 {
                    order.push(later);
                }
            }
        }
        for &index in order.iter().rev() {
            let last = self.after[index].iter().map(|&later| delays[later]).max();
            delays[index] = LATENCY[&self.operations[index].opcode] + last.unwrap_or(0);
        }
        delays
    }
}

/// So many registers are in use before saving them matters more than anything else: with blocks of
/// 1 KiB they and a dozen arrays fit in a first-level cache of 32 KiB.
const PLENTY: isize = 8;

/// The operands of an operation, each once.
fn distinct_operands(operation: &Operation) -> impl Iterator<Item = Expr> + '_ {
    let operands = &operation.operands;
    (0..operands.len())
        .filter(|&i| !operands[..i].contains(&operands[i]))
        .map(|i| operands[i])
}
