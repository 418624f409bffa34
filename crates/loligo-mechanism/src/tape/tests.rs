use std::collections::HashMap;
use std::ops::{Add, Div, Mul, Neg, Sub};

use proptest::prelude::*;

use super::*;
use crate::graph::{Binary, Scalar, Unary};

/// A number that computes as `Graph::evaluate` does, without fused operations.
#[derive(Clone, Copy)]
struct Number(f64);

macro_rules! operators {
    ($($operator:ident $method:ident;)*) => {
        $(impl $operator for Number {
            type Output = Self;
            fn $method(self, b: Self) -> Self {
                Number(f64::binary(Binary::$operator, self.0, b.0))
            }
        })*
    };
}
operators! { Add add; Sub sub; Mul mul; Div div; }

impl Neg for Number {
    type Output = Self;
    fn neg(self) -> Self {
        Number(-self.0)
    }
}

macro_rules! functions {
    ($($unary:ident => $function:expr;)* | $($binary:ident => $operation:expr;)*) => {
        $(fn $unary(self) -> Self { Number(f64::unary($function, self.0)) })*
        $(fn $binary(self, b: Self) -> Self { Number(f64::binary($operation, self.0, b.0)) })*
    };
}

impl Algebra for Number {
    fn mul_add(self, b: Self, c: Self) -> Self {
        self * b + c
    }
    fn mul_sub(self, b: Self, c: Self) -> Self {
        self * b - c
    }
    fn neg_mul_add(self, b: Self, c: Self) -> Self {
        c - self * b
    }
    fn select(self, then: Self, otherwise: Self) -> Self {
        if self.0 != 0.0 { then } else { otherwise }
    }
    functions! {
        exp => Unary::Exp; log => Unary::Log; sqrt => Unary::Sqrt; sin => Unary::Sin;
        cos => Unary::Cos; tanh => Unary::Tanh; abs => Unary::Abs; floor => Unary::Floor;
        ceil => Unary::Ceil; sign => Unary::Sign; not => Unary::Not;
        exprel => Unary::Exprel(0); exprel_first => Unary::Exprel(1);
        exprel_second => Unary::Exprel(2); phi_one => Unary::Phi(1); phi_two => Unary::Phi(2);
        phi_three => Unary::Phi(3);
        | pow => Binary::Pow; min => Binary::Min; max => Binary::Max; less => Binary::Less;
        less_equal => Binary::LessEqual; equal => Binary::Equal; and => Binary::And;
        or => Binary::Or; gate => Binary::Gate; exprel_first_from => Binary::ExprelFirst;
    }
}

/// Runs a tape on one lane, with memory by name; an output that is stored over an input shares its
/// memory. Returns the memory afterwards.
fn run(tape: &Tape, inputs: &HashMap<&str, f64>) -> HashMap<String, f64> {
    let mut memory: HashMap<String, f64> = inputs
        .iter()
        .map(|(name, value)| (name.to_string(), *value))
        .collect();
    let constants: Vec<f64> = tape.constants().collect();
    let mut registers = vec![f64::NAN; tape.registers];
    let cell = |output: u16| match &tape.outputs[usize::from(output)] {
        (_, OutputKind::StoreOver(input)) => input.clone(),
        (name, _) => name.clone(),
    };
    for instruction in &tape.code {
        let read = |place: &Place| match *place {
            Place::Input(i) => memory[&tape.inputs[usize::from(i)]],
            Place::Output(i) => memory[&cell(i)],
            Place::Constant(i) => constants[usize::from(i)],
            Place::Register(i) => registers[usize::from(i)],
        };
        let mut operands: Vec<Number> = Vec::new();
        if Opcode::ACCUMULATIONS.contains(&instruction.opcode) {
            operands.push(Number(read(&instruction.target)));
        }
        operands.extend(instruction.operands.iter().map(read).map(Number));
        let result = instruction.opcode.apply(&operands).0;
        match instruction.target {
            Place::Output(i) => {
                memory.insert(cell(i), result);
            }
            Place::Register(i) => registers[usize::from(i)] = result,
            place => panic!("{place:?} is written to"),
        }
    }
    memory
}

fn output(name: &str, value: Expr, kind: OutputKind) -> Output {
    Output {
        name: name.into(),
        value,
        kind,
    }
}

fn over(input: &str) -> OutputKind {
    OutputKind::StoreOver(input.into())
}

fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// The nodes of a random graph in `x` and `y`: each step applies a function to earlier nodes, so
/// that much is shared.
fn nodes(graph: &mut Graph, steps: &[(u8, [prop::sample::Index; 3])]) -> Vec<Expr> {
    const UNARY: [Unary; 18] = [
        Unary::Neg,
        Unary::Exp,
        Unary::Log,
        Unary::Sqrt,
        Unary::Sin,
        Unary::Cos,
        Unary::Tanh,
        Unary::Abs,
        Unary::Floor,
        Unary::Ceil,
        Unary::Sign,
        Unary::Not,
        Unary::Exprel(0),
        Unary::Exprel(1),
        Unary::Exprel(2),
        Unary::Phi(1),
        Unary::Phi(2),
        Unary::Phi(3),
    ];
    const BINARY: [Binary; 22] = [
        Binary::Add,
        Binary::Sub,
        Binary::Mul,
        Binary::Div,
        Binary::Pow,
        Binary::Min,
        Binary::Max,
        Binary::Less,
        Binary::LessEqual,
        Binary::Equal,
        Binary::And,
        Binary::Or,
        Binary::Gate,
        // what mechanisms are mostly made of, more often
        Binary::Add,
        Binary::Sub,
        Binary::Mul,
        Binary::Add,
        Binary::Sub,
        Binary::Mul,
        Binary::Add,
        Binary::Sub,
        Binary::Mul,
    ];
    let mut nodes: Vec<Expr> = ["x", "y"].map(|name| graph.symbol(name)).into();
    nodes.extend([0.75, -2.0].map(|value| graph.constant(value)));
    for (function, [a, b, c]) in steps {
        let [a, b, c] = [a, b, c].map(|index| *index.get(&nodes));
        let function = usize::from(*function) % (UNARY.len() + BINARY.len() + 2);
        nodes.push(match function.checked_sub(UNARY.len()) {
            None => graph.unary(UNARY[function], a),
            Some(binary) => match BINARY.get(binary) {
                Some(&function) => graph.binary(function, a, b),
                None => graph.select(a, b, c),
            },
        });
    }
    nodes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_tape_computes_what_its_graph_means(
        steps in prop::collection::vec(any::<(u8, [prop::sample::Index; 3])>(), 1..60),
        chosen in prop::collection::vec(any::<prop::sample::Index>(), 4..7),
        x in -3.0..3.0f64,
        y in -3.0..3.0f64,
    ) {
        let mut graph = Graph::new();
        let nodes = nodes(&mut graph, &steps);
        let values: Vec<Expr> = chosen.iter().map(|index| *index.get(&nodes)).collect();
        let kinds = [over("x"), over("y"), OutputKind::Accumulate, OutputKind::Accumulate];
        let outputs: Vec<Output> = values
            .iter()
            .zip(kinds.into_iter().chain(std::iter::repeat(OutputKind::Store)))
            .enumerate()
            .map(|(i, (&value, kind))| output(&format!("output {i}"), value, kind))
            .collect();
        let tape = compile(&graph, &outputs);
        let expected = graph.evaluate(&values, &|name| if name == "x" { x } else { y });
        let start = 0.625;
        let memory = run(
            &tape,
            &HashMap::from([("x", x), ("y", y), ("output 2", start), ("output 3", start)]),
        );
        for (index, output) in outputs.iter().enumerate() {
            let (found, expected) = match &output.kind {
                OutputKind::StoreOver(input) => (memory[input.as_str()], expected[index]),
                OutputKind::Store => (memory[&output.name], expected[index]),
                OutputKind::Accumulate => (memory[&output.name], start + expected[index]),
            };
            prop_assert!(same(found, expected), "output {index}: {found} is not {expected}\n{tape:#?}");
        }
    }
}

#[test]
fn states_that_read_each_other_can_swap_in_place() {
    let mut graph = Graph::new();
    let [x, y] = ["x", "y"].map(|name| graph.symbol(name));
    let tape = compile(
        &graph,
        &[output("a", y, over("x")), output("b", x, over("y"))],
    );
    let memory = run(&tape, &HashMap::from([("x", 1.0), ("y", 2.0)]));
    assert_eq!((memory["x"], memory["y"]), (2.0, 1.0));
}

#[test]
fn a_result_is_written_where_it_belongs_and_read_from_there() {
    // m ← m + k(1 − m), g = m²: one instruction each
    let mut graph = Graph::new();
    let [m, k, one] = [graph.symbol("m"), graph.symbol("k"), graph.constant(1.0)];
    let distance = graph.sub(one, m);
    let change = graph.mul(k, distance);
    let updated = graph.add(m, change);
    let square = graph.mul(updated, updated);
    let outputs = [
        output("g", square, OutputKind::Store),
        output("m", updated, over("m")),
    ];
    let tape = compile(&graph, &outputs);
    assert_eq!(tape.registers, 1, "{tape:#?}");
    assert_eq!(tape.code.len(), 3, "{tape:#?}");
    assert_eq!(tape.code[2].operands, [Place::Output(1), Place::Output(1)]);
}

#[test]
fn a_product_is_accumulated_by_one_instruction() {
    let mut graph = Graph::new();
    let [a, b] = ["a", "b"].map(|name| graph.symbol(name));
    let product = graph.mul(a, b);
    let negated = graph.neg(product);
    let outputs = [output("sum", negated, OutputKind::Accumulate)];
    let tape = compile(&graph, &outputs);
    assert_eq!(tape.code.len(), 1);
    assert_eq!(tape.code[0].opcode, Opcode::AccumulateNegativeProduct);
}

#[test]
fn a_sum_of_many_products_needs_few_registers() {
    let mut graph = Graph::new();
    let mut sum = graph.constant(0.0);
    for i in 0..100 {
        let x = graph.symbol(&format!("x{i}"));
        let square = graph.exp(x);
        let shifted = graph.unary(Unary::Sin, square);
        sum = graph.add(sum, shifted);
    }
    let tape = compile(&graph, &[output("sum", sum, OutputKind::Store)]);
    // as many as are plenty, and one for the sum
    assert!(tape.registers <= 9, "{} registers", tape.registers);
}

#[test]
fn every_instruction_is_found_for_its_own_formula() {
    for &opcode in Opcode::VALUES {
        let (graph, root) = opcode.formula();
        let tape = compile(&graph, &[output("value", root, OutputKind::Store)]);
        let found: Vec<Opcode> = tape.code.iter().map(|i| i.opcode).collect();
        assert_eq!(found, [opcode]);
    }
}
