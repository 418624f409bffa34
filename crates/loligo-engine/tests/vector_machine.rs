//! The virtual machine against the meaning of graphs, and against itself: units with fused
//! multiply–add agree bit for bit, and a lane's result does not depend on its neighbours.

use loligo_engine::vector::{Binding, Real, Runner, VectorUnit};
use loligo_mechanism::graph::{Binary, Expr, Graph, Unary};
use loligo_mechanism::tape::{Instruction, Opcode, Output, OutputKind, Place, Tape, compile};
use proptest::prelude::*;
use proptest::sample::Index;

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
const BINARY: [Binary; 13] = [
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
];

/// A step of a random graph: which function, of which earlier nodes.
type Step = (Index, [Index; 3]);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(any::<Step>(), 1..40)
}

/// Random expressions of any kind in x and y, values of any size.
fn wild(steps: &[Step]) -> (Graph, Vec<Expr>) {
    let mut graph = Graph::new();
    let mut nodes: Vec<Expr> = ["x", "y"].map(|name| graph.symbol(name)).into();
    nodes.extend([0.75, -2.0].map(|value| graph.constant(value)));
    for (function, operands) in steps {
        let [a, b, c] = operands.map(|index| *index.get(&nodes));
        let function = function.index(UNARY.len() + BINARY.len() + 1);
        nodes.push(match function.checked_sub(UNARY.len()) {
            None => graph.unary(UNARY[function], a),
            Some(binary) => match BINARY.get(binary) {
                Some(&function) => graph.binary(function, a, b),
                None => graph.select(a, b, c),
            },
        });
    }
    (graph, nodes)
}

/// Random expressions whose values stay below 3 and whose derivatives stay below 4, so that an
/// error grows at most fourfold from node to node.
fn tame(steps: &[Step]) -> (Graph, Vec<Expr>) {
    let mut graph = Graph::new();
    let mut nodes: Vec<Expr> = ["x", "y"].map(|name| graph.symbol(name)).into();
    for (function, operands) in steps.iter().take(12) {
        let [a, b, c] = operands.map(|index| *index.get(&nodes));
        let node = match function.index(10) {
            0 => {
                let sum = graph.add(a, b);
                graph.unary(Unary::Tanh, sum)
            }
            1 => {
                let product = graph.mul(a, b);
                let difference = graph.sub(c, product);
                graph.unary(Unary::Sin, difference)
            }
            2 => {
                let square = graph.mul(a, a);
                let negated = graph.neg(square);
                graph.exp(negated)
            }
            3 => {
                let bounded = graph.unary(Unary::Tanh, a);
                graph.unary(Unary::Exprel(0), bounded)
            }
            4 => {
                let bounded = graph.unary(Unary::Tanh, b);
                graph.unary(Unary::Phi(1), bounded)
            }
            5 => {
                let square = graph.mul(b, b);
                let one = graph.constant(1.0);
                let denominator = graph.add(one, square);
                graph.div(a, denominator)
            }
            6 => graph.binary(Binary::Min, a, b),
            7 => graph.binary(Binary::Max, a, b),
            8 => {
                let cosine = graph.unary(Unary::Cos, a);
                let half = graph.constant(0.5);
                let scaled = graph.mul(half, b);
                graph.mul(cosine, scaled)
            }
            _ => {
                let size = graph.unary(Unary::Abs, a);
                let one = graph.constant(1.0);
                let shifted = graph.add(one, size);
                graph.unary(Unary::Log, shifted)
            }
        };
        nodes.push(node);
    }
    (graph, nodes)
}

/// The last nodes as outputs: one over x, one over y, one added to a sum, one stored.
fn tape(graph: &Graph, nodes: &[Expr]) -> (Tape, [Expr; 4]) {
    let last = |back: usize| nodes[nodes.len().saturating_sub(back + 1)];
    let values = [last(0), last(1), last(2), last(3)];
    let kinds = [
        OutputKind::StoreOver("x".into()),
        OutputKind::StoreOver("y".into()),
        OutputKind::Accumulate,
        OutputKind::Store,
    ];
    let outputs: Vec<Output> = values
        .into_iter()
        .zip(kinds)
        .map(|(value, kind)| Output {
            name: format!("{kind:?}"),
            value,
            kind,
        })
        .collect();
    (compile(graph, &outputs), values)
}

/// x after, y after, the stored output, and the sums (from ¼ on).
fn run<T: Real>(tape: &Tape, unit: VectorUnit, x: &[T], y: &[T]) -> ([Vec<T>; 3], Vec<f64>) {
    let n = x.len();
    let mut workspace = [x, y, &vec![T::ZERO; n]].concat();
    let mut sums = vec![0.25; n];
    let mut runner = Runner::<T>::new(tape, unit);
    for (index, input) in tape.inputs.iter().enumerate() {
        let offset = if input == "x" { 0 } else { n };
        runner.bind_input(index, Binding::Array { offset });
    }
    for (output, offset) in [0, n, 0, 2 * n].into_iter().enumerate() {
        runner.bind_output(output, offset);
    }
    runner.run(&mut workspace, &mut sums, n);
    let stored = workspace.split_off(2 * n);
    let y = workspace.split_off(n);
    ([workspace, y, stored], sums)
}

fn bits<T: Real>(values: &[T]) -> Vec<u64> {
    // any NaN is as good as any other
    let bits = |x: f64| if x.is_nan() { f64::NAN } else { x }.to_bits();
    values.iter().map(|x| bits(x.to_f64())).collect()
}

fn fused_units() -> Vec<VectorUnit> {
    VectorUnit::present()
        .filter(|unit| unit.is_fused())
        .collect()
}

/// Numbers of every kind, and mostly ordinary ones.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -5.0..5.0f64,
        2 => -800.0..800.0f64,
        1 => prop::sample::select(vec![
            0.0, -0.0, 1.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-310, 1e-40, 1e300,
        ]),
    ]
}

fn lanes_do_not_meet<T: Real>(steps: &[Step], numbers: &[(f64, f64)]) {
    let (graph, nodes) = wild(steps);
    let (tape, _) = tape(&graph, &nodes);
    let n = numbers.len().next_multiple_of(T::LANES);
    let padded = (0..n).map(|i| numbers[i % numbers.len()]);
    let (x, y): (Vec<T>, Vec<T>) = padded
        .map(|(x, y)| (T::from_f64(x), T::from_f64(y)))
        .unzip();
    let mut first = None;
    for unit in fused_units() {
        let (arrays, sums) = run(&tape, unit, &x, &y);
        let found = (arrays.map(|array| bits(&array)), bits(&sums));
        let alone = (0..numbers.len().min(4)).flat_map(|lane| [(lane, T::FEW), (lane, T::LANES)]);
        for (lane, width) in alone {
            let alone = run(&tape, unit, &vec![x[lane]; width], &vec![y[lane]; width]);
            for (together, alone) in found.0.iter().zip(&alone.0) {
                assert_eq!(together[lane], bits(alone)[0], "lane {lane} on {unit}");
            }
            assert_eq!(found.1[lane], bits(&alone.1)[0], "lane {lane} on {unit}");
        }
        let first = first.get_or_insert_with(|| found.clone());
        assert_eq!(*first, found, "{unit} differs from a wider unit");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn units_agree_bit_for_bit_and_lanes_do_not_meet(
        steps in steps(),
        numbers in prop::collection::vec((number(), number()), 1..200),
    ) {
        lanes_do_not_meet::<f64>(&steps, &numbers);
        lanes_do_not_meet::<f32>(&steps, &numbers);
    }

    #[test]
    fn tapes_compute_what_their_graphs_mean(
        steps in steps(),
        numbers in prop::collection::vec((-2.0..2.0f64, -2.0..2.0f64), 16..17),
    ) {
        let (graph, nodes) = tame(&steps);
        let (tape, values) = tape(&graph, &nodes);
        let (x, y): (Vec<f64>, Vec<f64>) = numbers.iter().copied().unzip();
        let narrow = |v: &[f64]| v.iter().map(|&v| v as f32).collect::<Vec<f32>>();
        // twelve nodes of a few roundings each, every one amplified at most fourfold a node
        let growth = 4.0_f64.powi(12);
        for unit in VectorUnit::present() {
            let (arrays, sums) = run::<f64>(&tape, unit, &x, &y);
            let (single, single_sums) = run::<f32>(&tape, unit, &narrow(&x), &narrow(&y));
            for lane in 0..x.len() {
                let expected = graph.evaluate(&values, &|name| if name == "x" { x[lane] } else { y[lane] });
                let expected = [expected[0], expected[1], expected[3], 0.25 + expected[2]];
                let found = [arrays[0][lane], arrays[1][lane], arrays[2][lane], sums[lane]];
                let rough = [
                    f64::from(single[0][lane]),
                    f64::from(single[1][lane]),
                    f64::from(single[2][lane]),
                    single_sums[lane],
                ];
                for i in 0..4 {
                    let close = |found: f64, epsilon: f64| (found - expected[i]).abs() <= growth * epsilon;
                    prop_assert!(close(found[i], f64::EPSILON), "{found:?} {expected:?} {unit}");
                    prop_assert!(close(rough[i], f64::from(f32::EPSILON)), "{rough:?} {expected:?}");
                }
            }
        }
    }
}

/// A tape of one instruction, whose operands are as many inputs.
fn single(opcode: Opcode) -> Tape {
    Tape {
        inputs: (0..opcode.arity()).map(|i| i.to_string()).collect(),
        outputs: vec![("value".into(), OutputKind::Store)],
        constants: Vec::new(),
        registers: 0,
        code: vec![Instruction {
            opcode,
            target: Place::Output(0),
            operands: (0..opcode.arity())
                .map(|i| Place::Input(i as u16))
                .collect(),
        }],
    }
}

fn run_single<T: Real>(opcode: Opcode, unit: VectorUnit, operands: &[Vec<T>]) -> Vec<T> {
    let n = operands[0].len();
    let mut runner = Runner::new(&single(opcode), unit);
    for index in 0..operands.len() {
        runner.bind_input(index, Binding::Array { offset: index * n });
    }
    runner.bind_output(0, operands.len() * n);
    let mut workspace = operands.concat();
    workspace.resize((operands.len() + 1) * n, T::ZERO);
    runner.run(&mut workspace, &mut [], n);
    workspace.split_off(operands.len() * n)
}

#[test]
fn every_instruction_computes_its_formula_on_every_unit() {
    let n = 5 * f32::LANES;
    for &opcode in Opcode::VALUES {
        // from 0.05 to 0.95 in a different order for each operand
        let operands: Vec<Vec<f64>> = (0..opcode.arity())
            .map(|i| (0..n).map(move |k| 0.05 + 0.9 * ((k * (7 + 4 * i) % n) as f64) / n as f64))
            .map(|values| values.map(|x| f64::from(x as f32)).collect())
            .collect();
        let narrow: Vec<Vec<f32>> = operands
            .iter()
            .map(|values| values.iter().map(|&x| x as f32).collect())
            .collect();
        let (graph, root) = opcode.formula();
        let expected: Vec<f64> = (0..n)
            .map(|k| {
                graph.evaluate(&[root], &|name| operands[name.parse::<usize>().unwrap()][k])[0]
            })
            .collect();
        // seven roundings of numbers below 4
        let close =
            |found: f64, k: usize, epsilon: f64| (found - expected[k]).abs() < 32.0 * epsilon;
        let mut first = None;
        for unit in VectorUnit::present() {
            let double = run_single(opcode, unit, &operands);
            let single = run_single(opcode, unit, &narrow);
            for k in 0..n {
                assert!(
                    close(double[k], k, f64::EPSILON),
                    "{opcode:?} on {unit}: {}",
                    double[k]
                );
                let rough = f64::from(single[k]);
                // a division by a small number multiplies the error of its operands by up to 20
                assert!(
                    close(rough, k, 20.0 * f64::from(f32::EPSILON)),
                    "{opcode:?} on {unit}: {rough}"
                );
            }
            if unit.is_fused() {
                let found = (bits(&double), bits(&single));
                let first = first.get_or_insert_with(|| found.clone());
                assert_eq!(*first, found, "{opcode:?} on {unit}");
            }
        }
    }
}

#[test]
fn a_uniform_input_is_an_array_of_equal_values() {
    let mut graph = Graph::new();
    let [x, y] = ["x", "y"].map(|name| graph.symbol(name));
    let product = graph.mul(x, y);
    let value = graph.exp(product);
    let output = |kind| Output {
        name: "z".into(),
        value,
        kind,
    };
    let tape = compile(&graph, &[output(OutputKind::Store)]);
    let n = 3 * f64::LANES;
    let mut workspace: Vec<f64> = (0..n).map(|i| i as f64 / n as f64).collect();
    workspace.resize(3 * n, 0.7);
    let mut runner = Runner::<f64>::new(&tape, VectorUnit::widest());
    let position = |name| tape.input(name).unwrap();
    runner.bind_input(position("x"), Binding::Array { offset: 0 });
    runner.bind_input(position("y"), Binding::Array { offset: 2 * n });
    runner.bind_output(0, n);
    runner.run(&mut workspace, &mut [], n);
    let from_arrays = workspace[n..2 * n].to_vec();
    runner.bind_input(position("y"), Binding::Uniform(0.7));
    runner.run(&mut workspace, &mut [], n);
    assert_eq!(from_arrays, workspace[n..2 * n]);
}

#[test]
#[should_panic(expected = "reach past the end")]
fn an_array_past_the_end_of_the_workspace_is_refused() {
    let (mut runner, n) = copying_runner();
    runner.bind_input(0, Binding::Array { offset: 0 });
    runner.bind_output(0, 1);
    runner.run(&mut vec![0.0; n], &mut [], n);
}

#[test]
#[should_panic(expected = "input 0 is not bound")]
fn an_input_that_is_not_bound_is_refused() {
    let (mut runner, n) = copying_runner();
    runner.bind_output(0, 0);
    runner.run(&mut vec![0.0; n], &mut [], n);
}

#[test]
#[should_panic(expected = "not padded")]
fn lanes_that_are_not_padded_are_refused() {
    let (mut runner, n) = copying_runner();
    runner.bind_input(0, Binding::Uniform(1.0));
    runner.bind_output(0, 0);
    runner.run(&mut vec![0.0; n], &mut [], n - 1);
}

fn copying_runner() -> (Runner<f64>, usize) {
    let mut graph = Graph::new();
    let value = graph.symbol("x");
    let output = Output {
        name: "y".into(),
        value,
        kind: OutputKind::Store,
    };
    let tape = compile(&graph, &[output]);
    (Runner::new(&tape, VectorUnit::widest()), 2 * f64::LANES)
}
