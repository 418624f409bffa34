//! A tape bound to memory, ready to run.

use loligo_mechanism::tape::{OutputKind, Place, Tape};

use super::aligned::AlignedVec;
use super::kernel::{Block, Cursor, MAX_OPERANDS, Step};
use super::real::Real;
use super::unit::VectorUnit;

/// Where a tape's input comes from.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Binding {
    /// One value per lane, from this position of the workspace on.
    Array {
        /// The position of lane 0.
        offset: usize,
    },
    /// One value for all lanes.
    Uniform(f64),
}

/// Runs a [`Tape`] over the lanes of a workspace on a vector unit.
///
/// Inputs and outputs are bound once and may be pointed elsewhere between runs at the cost of a few
/// stores. Each thread has a runner of its own (it owns the registers).
///
/// ```
/// use loligo_engine::vector::{Binding, Real, Runner, VectorUnit};
/// use loligo_mechanism::Graph;
/// use loligo_mechanism::tape::{Output, OutputKind, compile};
///
/// let mut graph = Graph::new();
/// let [x, k] = ["x", "k"].map(|name| graph.symbol(name));
/// let scaled = graph.mul(x, k);
/// let value = graph.exp(scaled);
/// let tape = compile(&graph, &[Output { name: "y".into(), value, kind: OutputKind::Store }]);
///
/// let n = f64::LANES;
/// let mut runner = Runner::<f64>::new(&tape, VectorUnit::widest());
/// runner.bind_input(tape.input("x").unwrap(), Binding::Array { offset: 0 });
/// runner.bind_input(tape.input("k").unwrap(), Binding::Uniform(0.5));
/// runner.bind_output(tape.output("y").unwrap(), n);
///
/// let mut workspace = vec![2.0; 2 * n];
/// runner.run(&mut workspace, &mut [], n);
/// assert!((workspace[n] - std::f64::consts::E).abs() <= f64::EPSILON * 2.0);
/// ```
#[derive(Debug)]
pub struct Runner<T: Real> {
    unit: VectorUnit,
    inputs: usize,
    /// Inputs and outputs together.
    places: usize,
    steps: Vec<Step>,
    /// Inputs, outputs, constants, registers: a position in it names a place.
    slots: Vec<Slot>,
    /// What `slots` are in memory while a block is computed.
    cursors: Vec<Cursor<T>>,
    /// Lanes that are computed at a time.
    block: usize,
    /// How far arrays reach, unless a binding changed since.
    needed: Option<Needed>,
    /// A chunk for each input and constant, filled with its value, then the registers.
    own: AlignedVec<T>,
}

/// What a place is.
#[derive(Clone, Copy, Debug)]
enum Slot {
    /// Not bound yet.
    Unbound { is_sum: bool },
    /// Lanes of the workspace.
    Array { offset: usize },
    /// Lanes of the sums.
    Sums { offset: usize },
    /// Memory of the runner itself, from this position on.
    Own { offset: usize, stride: usize },
}

/// The last lane 0 of any array in the workspace and in the sums.
#[derive(Clone, Copy, Default, Debug)]
struct Needed {
    workspace: Option<usize>,
    sums: Option<usize>,
}

/// Bytes of the first-level cache that registers may fill; the smallest such cache among today's
/// machines has 32 KiB, and inputs and outputs pass through it too.
const REGISTER_BYTES: usize = 16 * 1024;

/// The most lanes in a block, in chunks of 64 bytes: more would not make dispatch cheaper.
const MAX_CHUNKS: usize = 16;

impl<T: Real> Runner<T> {
    /// A runner whose inputs and outputs are still to be bound.
    pub fn new(tape: &Tape, unit: VectorUnit) -> Self {
        let (inputs, outputs) = (tape.inputs.len(), tape.outputs.len());
        let literals = inputs + outputs;
        let registers = literals + tape.constants.len();
        let position = |place: Place| match place {
            Place::Input(i) => usize::from(i),
            Place::Output(i) => inputs + usize::from(i),
            Place::Constant(i) => literals + usize::from(i),
            Place::Register(i) => registers + usize::from(i),
        };
        let position = |place| {
            u16::try_from(position(place)).expect("a tape has fewer than 65536 places in all")
        };
        let steps = tape.code.iter().map(|instruction| {
            let mut operands = [0; MAX_OPERANDS];
            for (operand, &place) in operands.iter_mut().zip(&instruction.operands) {
                *operand = position(place);
            }
            Step {
                opcode: instruction.opcode,
                target: position(instruction.target),
                operands,
            }
        });

        let chunk_bytes = T::LANES * size_of::<T>();
        let chunks = (REGISTER_BYTES / chunk_bytes / tape.registers.max(1)).clamp(1, MAX_CHUNKS);
        let block = chunks * T::LANES;
        let splats = (inputs + tape.constants.len()) * T::LANES;
        let mut slots = vec![Slot::Unbound { is_sum: false }; inputs];
        slots.extend(tape.outputs.iter().map(|(_, kind)| Slot::Unbound {
            is_sum: *kind == OutputKind::Accumulate,
        }));
        slots.extend((0..tape.constants.len()).map(|i| Slot::Own {
            offset: (inputs + i) * T::LANES,
            stride: 0,
        }));
        slots.extend((0..tape.registers).map(|i| Slot::Own {
            offset: splats + i * block,
            stride: T::LANES,
        }));
        let mut runner = Self {
            unit,
            inputs,
            places: literals,
            steps: steps.collect(),
            cursors: Vec::new(),
            slots,
            block,
            needed: None,
            own: AlignedVec::zeros(splats + tape.registers * block),
        };
        for (index, value) in tape.constants().enumerate() {
            let start = (inputs + index) * T::LANES;
            runner.own[start..start + T::LANES].fill(T::from_f64(value));
        }
        runner.point_at_own_memory();
        runner
    }

    /// Binds the input at that position of [`Tape::inputs`].
    ///
    /// # Panics
    /// If there is no such input.
    pub fn bind_input(&mut self, index: usize, binding: Binding) {
        assert!(
            index < self.inputs,
            "the tape has {} inputs, not {index} + 1",
            self.inputs
        );
        match binding {
            Binding::Array { offset } => {
                self.slots[index] = Slot::Array { offset };
                self.cursors[index].stride = T::LANES;
                self.needed = None;
            }
            Binding::Uniform(value) => self.set_uniform(index, value),
        }
    }

    fn set_uniform(&mut self, index: usize, value: f64) {
        let offset = index * T::LANES;
        if !matches!(self.slots[index], Slot::Own { .. }) {
            self.slots[index] = Slot::Own { offset, stride: 0 };
            self.cursors[index] = self.own_cursor(offset, 0);
            self.needed = None;
        }
        self.own[offset..offset + T::LANES].fill(T::from_f64(value));
    }

    /// Binds the output at that position of [`Tape::outputs`] to the workspace from `offset` on; an
    /// [`OutputKind::Accumulate`] to the sums.
    ///
    /// # Panics
    /// If there is no such output.
    pub fn bind_output(&mut self, index: usize, offset: usize) {
        let slot = &mut self.slots[self.inputs..self.places][index];
        *slot = match slot {
            Slot::Unbound { is_sum: true } | Slot::Sums { .. } => Slot::Sums { offset },
            _ => Slot::Array { offset },
        };
        self.needed = None;
    }

    /// Computes lanes 0 to `n` of every output.
    ///
    /// # Panics
    /// If an input or output is not bound, `n` is not a multiple of [`Real::LANES`], or an array
    /// would reach past the end of `workspace` or `sums`.
    pub fn run(&mut self, workspace: &mut [T], sums: &mut [f64], n: usize) {
        let needed = match self.needed {
            Some(needed) => needed,
            None => self.measure(),
        };
        assert!(
            n.is_multiple_of(T::LANES),
            "{n} lanes are not padded to {}",
            T::LANES
        );
        // nothing bound to an array needs no lanes of it
        let fits = |last: Option<usize>, len: usize| {
            last.is_none_or(|offset| n <= len && offset <= len - n)
        };
        assert!(
            fits(needed.workspace, workspace.len()) && fits(needed.sums, sums.len()),
            "{n} lanes from {needed:?} reach past the end of {} numbers or {} sums",
            workspace.len(),
            sums.len(),
        );

        let (workspace, sums) = (workspace.as_mut_ptr(), sums.as_mut_ptr());
        let chunks = n / T::LANES;
        let blocks = chunks.div_ceil(self.block / T::LANES);
        let mut first = 0;
        for block in 0..blocks {
            // blocks of nearly equal width, rather than a narrow last one
            let next = chunks * (block + 1) / blocks;
            let lane = first * T::LANES;
            for (slot, cursor) in self.slots.iter().zip(&mut self.cursors) {
                match *slot {
                    Slot::Array { offset } => cursor.start = workspace.wrapping_add(offset + lane),
                    Slot::Sums { offset } => cursor.start = sums.wrapping_add(offset + lane).cast(),
                    Slot::Own { .. } | Slot::Unbound { .. } => {}
                }
            }
            // SAFETY: Steps name positions of the table (`new`). Arrays have `n` lanes from their
            // offsets (checked above) and this block lies within them; registers have `block`
            // lanes, uniforms and constants one chunk and stride 0; all of that is exclusively
            // borrowed. Only accumulations have a sum as target, with room for as many `f64`.
            let block = unsafe { Block::new(&self.steps, &self.cursors, next - first) };
            self.unit.vectorize(block);
            first = next;
        }
    }

    /// Finds how far arrays reach, after a binding changed.
    fn measure(&mut self) -> Needed {
        let mut needed = Needed::default();
        for (position, slot) in self.slots.iter().enumerate() {
            match *slot {
                Slot::Array { offset } => needed.workspace = needed.workspace.max(Some(offset)),
                Slot::Sums { offset } => needed.sums = needed.sums.max(Some(offset)),
                Slot::Own { .. } => {}
                Slot::Unbound { .. } if position < self.inputs => {
                    panic!("input {position} is not bound")
                }
                Slot::Unbound { .. } => panic!("output {} is not bound", position - self.inputs),
            }
        }
        self.needed = Some(needed);
        needed
    }

    fn own_cursor(&self, offset: usize, stride: usize) -> Cursor<T> {
        let start = self.own.start().wrapping_add(offset);
        Cursor { start, stride }
    }

    fn point_at_own_memory(&mut self) {
        self.cursors = self
            .slots
            .iter()
            .map(|slot| match *slot {
                Slot::Own { offset, stride } => self.own_cursor(offset, stride),
                _ => self.own_cursor(0, T::LANES),
            })
            .collect();
    }
}

impl<T: Real> Clone for Runner<T> {
    fn clone(&self) -> Self {
        let mut copy = Self {
            unit: self.unit,
            inputs: self.inputs,
            places: self.places,
            steps: self.steps.clone(),
            slots: self.slots.clone(),
            cursors: Vec::new(),
            block: self.block,
            needed: self.needed,
            own: self.own.clone(),
        };
        copy.point_at_own_memory();
        copy
    }
}
