//! Places for operands: inputs, outputs and constants where they are, values in between in as few
//! registers as their lifetimes allow (linear scan over straight-line code).

use std::collections::HashMap;

use super::select::Operation;
use super::{Instruction, Place};
use crate::graph::{Expr, Graph, Node};

/// What a tape is made of besides its outputs.
pub(super) struct Allocation {
    pub inputs: Vec<String>,
    pub constants: Vec<u64>,
    pub registers: usize,
    pub code: Vec<Instruction>,
}

/// Gives each operand and each result a place; `sequence` is in order of execution.
pub(super) fn allocate(graph: &Graph, sequence: &[Operation]) -> Allocation {
    let mut last_reader: HashMap<Expr, usize> = HashMap::new();
    for (index, operation) in sequence.iter().enumerate() {
        for &operand in &operation.operands {
            last_reader.insert(operand, index);
        }
    }
    let mut allocator = Allocator {
        graph,
        place: HashMap::new(),
        free: Vec::new(),
        allocation: Allocation {
            inputs: Vec::new(),
            constants: Vec::new(),
            registers: 0,
            code: Vec::with_capacity(sequence.len()),
        },
    };
    for (index, operation) in sequence.iter().enumerate() {
        let operands = operation
            .operands
            .iter()
            .map(|&e| allocator.place_of(e))
            .collect();
        // a result may take the register of an operand that dies here: an instruction reads a
        // lane before it writes it
        for operand in &operation.operands {
            if last_reader[operand] == index {
                allocator.release(*operand);
            }
        }
        let target = match operation.output {
            Some(output) => Place::Output(index_of(output)),
            None => allocator.take_register(),
        };
        if let Some(expr) = operation.defines {
            allocator.place.insert(expr, target);
            if !last_reader.contains_key(&expr) {
                allocator.release(expr);
            }
        }
        allocator.allocation.code.push(Instruction {
            opcode: operation.opcode,
            target,
            operands,
        });
    }
    allocator.allocation
}

struct Allocator<'g> {
    graph: &'g Graph,
    place: HashMap<Expr, Place>,
    free: Vec<u16>,
    allocation: Allocation,
}

impl Allocator<'_> {
    fn place_of(&mut self, expr: Expr) -> Place {
        if let Some(&place) = self.place.get(&expr) {
            return place;
        }
        let place = match self.graph.node(expr) {
            Node::Symbol(symbol) => {
                let name = self.graph.name(symbol).to_owned();
                self.allocation.inputs.push(name);
                Place::Input(index_of(self.allocation.inputs.len() - 1))
            }
            Node::Constant(bits) => {
                self.allocation.constants.push(bits);
                Place::Constant(index_of(self.allocation.constants.len() - 1))
            }
            node => unreachable!("{node:?} is read before an operation defines it"),
        };
        self.place.insert(expr, place);
        place
    }

    fn take_register(&mut self) -> Place {
        // the register that was freed last is the likeliest to be in the first-level cache
        let register = self.free.pop().unwrap_or_else(|| {
            self.allocation.registers += 1;
            index_of(self.allocation.registers - 1)
        });
        Place::Register(register)
    }

    fn release(&mut self, expr: Expr) {
        if let Some(&Place::Register(register)) = self.place.get(&expr)
            && !self.free.contains(&register)
        {
            self.free.push(register);
        }
    }
}

fn index_of(index: usize) -> u16 {
    u16::try_from(index).expect("a tape has fewer than 65536 places of a kind")
}
