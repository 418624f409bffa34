//! A tape bound to memory, ready to run.

use loligo_mechanism::tape::{OutputKind, Place, Tape};

use super::aligned::AlignedVec;
use super::kernel::{Cursor, Entry, MAX_OPERANDS, Step};
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
    steps: Vec<Step>,
    /// Of each input, then of each output.
    slots: Vec<Slot>,
    /// Where inputs, outputs, constants and registers are while a block is computed; steps name
    /// places by entries of it.
    cursors: Vec<Cursor<T>>,
    /// Chunks that are computed at a time, at most.
    block: usize,
    /// A chunk for each input and constant, filled with its value, then the registers.
    own: AlignedVec<T>,
    /// The last extent in which everything that is bound was found to fit.
    fits: Option<Extent>,
}

/// What an input or output is bound to.
#[derive(Clone, Copy, Debug)]
struct Slot {
    memory: Memory,
    /// The position of lane 0.
    offset: usize,
    /// The same in bytes.
    bytes: usize,
}

/// How many lanes are computed, and how long the memories are that they lie in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Extent {
    lanes: usize,
    workspace: usize,
    sums: usize,
}

/// The memory that a slot is in, as an index into tables of starts.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Memory {
    /// Of the runner itself: one value for all lanes.
    Own,
    /// One value per lane.
    Workspace,
    /// One value per lane in double precision.
    Sums,
}

impl Slot {
    fn new<T>(memory: Memory, offset: usize) -> Self {
        let width = match memory {
            Memory::Own | Memory::Workspace => size_of::<T>(),
            Memory::Sums => size_of::<f64>(),
        };
        Slot {
            memory,
            offset,
            bytes: offset.wrapping_mul(width),
        }
    }

    /// Whether it is bound, and all its lanes lie in its memory.
    fn fits(self, extent: Extent) -> bool {
        let len = match self.memory {
            // one value serves any number of lanes
            Memory::Own => return true,
            Memory::Workspace => extent.workspace,
            Memory::Sums => extent.sums,
        };
        self.offset.saturating_add(extent.lanes) <= len
    }
}

/// The offset of what is not bound: past the end of any memory.
const UNBOUND: usize = usize::MAX;

/// Bytes that registers may fill: a few times the first-level cache, a fraction of the second-level
/// one. Tapes with few registers stay in the first; those with many (adjoints of a dozen mechanisms)
/// lose less by its misses than by being dispatched for every few chunks (measured: 24 KiB took 1.14
/// times as long for a layer 5 cell's gradient, and 192 KiB as long).
pub(crate) const REGISTER_BYTES: usize = 96 * 1024;

/// The most chunks in a block: more would not make dispatch cheaper.
const MAX_CHUNKS: usize = 32;

impl<T: Real> Runner<T> {
    /// A runner whose inputs and outputs are still to be bound.
    pub fn new(tape: &Tape, unit: VectorUnit) -> Self {
        Runner::for_lanes(tape, unit, usize::MAX)
    }

    /// The same with no more registers than so many lanes need; more lanes are run in blocks.
    pub fn for_lanes(tape: &Tape, unit: VectorUnit, lanes: usize) -> Self {
        let (inputs, outputs) = (tape.inputs.len(), tape.outputs.len());
        let constants = inputs + outputs;
        let registers = constants + tape.constants.len();
        let position = |place: Place| match place {
            Place::Input(i) => usize::from(i),
            Place::Output(i) => inputs + usize::from(i),
            Place::Constant(i) => constants + usize::from(i),
            Place::Register(i) => registers + usize::from(i),
        };
        let entry = |place| {
            let position = u16::try_from(position(place));
            Entry::at::<T>(position.expect("a tape has fewer than 65536 places in all"))
        };
        let steps = tape.code.iter().map(|instruction| {
            let mut operands = [Entry::default(); MAX_OPERANDS];
            for (operand, &place) in operands.iter_mut().zip(&instruction.operands) {
                *operand = entry(place);
            }
            Step {
                opcode: instruction.opcode,
                target: entry(instruction.target),
                operands,
            }
        });
        let memories = tape.inputs.iter().map(|_| Memory::Workspace);
        let memories = memories.chain(tape.outputs.iter().map(|(_, kind)| match kind {
            OutputKind::Store | OutputKind::StoreOver(_) => Memory::Workspace,
            OutputKind::Accumulate => Memory::Sums,
        }));

        let chunk_bytes = T::LANES * size_of::<T>();
        let block = REGISTER_BYTES / chunk_bytes / tape.registers.max(1);
        let block = block.clamp(1, MAX_CHUNKS.min(lanes.div_ceil(T::LANES).max(1)));
        let splats = (inputs + tape.constants.len()) * T::LANES;
        let mut runner = Self {
            unit,
            inputs,
            steps: steps.collect(),
            slots: memories
                .map(|memory| Slot::new::<T>(memory, UNBOUND))
                .collect(),
            cursors: Vec::new(),
            block,
            own: AlignedVec::zeros(splats + tape.registers * block * T::LANES),
            fits: None,
        };
        for (index, value) in tape.constants().enumerate() {
            runner.own_chunk(inputs + index).fill(T::from_f64(value));
        }
        runner.make_cursors(tape.constants.len(), tape.registers);
        runner
    }

    /// Binds the input at that position of [`Tape::inputs`].
    ///
    /// # Panics
    /// If there is no such input.
    pub fn bind_input(&mut self, index: usize, binding: Binding) {
        let (memory, offset, stride) = match binding {
            Binding::Array { offset } => (Memory::Workspace, offset, T::LANES),
            Binding::Uniform(value) => {
                self.own_chunk(index).fill(T::from_f64(value));
                (Memory::Own, index * T::LANES, 0)
            }
        };
        self.slots[..self.inputs][index] = Slot::new::<T>(memory, offset);
        self.cursors[index].stride = stride;
        self.fits = None;
    }

    /// Binds the output at that position of [`Tape::outputs`] to the workspace from `offset` on; an
    /// [`OutputKind::Accumulate`] to the sums.
    ///
    /// # Panics
    /// If there is no such output.
    pub fn bind_output(&mut self, index: usize, offset: usize) {
        let slot = &mut self.slots[self.inputs..][index];
        *slot = Slot::new::<T>(slot.memory, offset);
        self.fits = None;
    }

    /// Computes lanes 0 to `n` of every output.
    ///
    /// # Panics
    /// If an input or output is not bound, `n` is neither [`Real::FEW`] nor a multiple of
    /// [`Real::LANES`], or an array would reach past the end of `workspace` or `sums`.
    pub fn run(&mut self, workspace: &mut [T], sums: &mut [f64], n: usize) {
        assert!(
            n == T::FEW || n.is_multiple_of(T::LANES),
            "{n} lanes are not padded to {}",
            T::LANES
        );
        let extent = Extent {
            lanes: n,
            workspace: workspace.len(),
            sums: sums.len(),
        };
        if self.fits != Some(extent) {
            self.check(extent);
            self.fits = Some(extent);
        }
        let own = self.own.start().cast::<u8>();
        let (workspace, sums) = (workspace.as_mut_ptr(), sums.as_mut_ptr());
        let most = self.block * T::LANES;
        let mut first = 0;
        while first < n {
            // blocks of nearly equal width, rather than a narrow last one
            let left = n - first;
            let lanes = if left <= most {
                left
            } else {
                left.div_ceil(left.div_ceil(most))
                    .next_multiple_of(T::LANES)
            };
            // one value serves all blocks, arrays have lanes for each
            let starts = [
                own,
                workspace.wrapping_add(first).cast(),
                sums.wrapping_add(first).cast(),
            ];
            for (slot, cursor) in self.slots.iter().zip(&mut self.cursors) {
                let start = starts[slot.memory as usize];
                cursor.start = start.wrapping_add(slot.bytes).cast();
            }
            // SAFETY: Steps name entries of the table (`new`). Arrays have `n` lanes from their
            // offsets (checked above) and this block lies within them; registers have
            // `self.block` chunks, uniforms and constants one and stride 0; all of that is
            // exclusively borrowed. Only accumulations have a sum as target, and it has room for
            // as many `f64`.
            unsafe { T::compute(self.unit, &self.steps, &self.cursors, lanes) };
            first += lanes;
        }
    }

    /// # Panics
    /// If something is not bound, or reaches past the end of its memory.
    fn check(&self, extent: Extent) {
        let lanes = extent.lanes;
        for (position, slot) in self.slots.iter().enumerate() {
            if slot.fits(extent) {
                continue;
            }
            let (kind, index) = match position.checked_sub(self.inputs) {
                None => ("input", position),
                Some(output) => ("output", output),
            };
            let offset = slot.offset;
            assert!(offset != UNBOUND, "{kind} {index} is not bound");
            panic!(
                "{lanes} lanes from {offset} on, of {kind} {index}, reach past the end: {extent:?}"
            );
        }
    }

    fn own_chunk(&mut self, index: usize) -> &mut [T] {
        &mut self.own[index * T::LANES..][..T::LANES]
    }

    fn own_cursor(&self, offset: usize, stride: usize) -> Cursor<T> {
        let start = self.own.start().wrapping_add(offset);
        Cursor { start, stride }
    }

    /// Fills the table of cursors: inputs and outputs are placed when they are bound or run.
    fn make_cursors(&mut self, constants: usize, registers: usize) {
        let places = self.slots.iter().map(|slot| match slot.memory {
            Memory::Own => self.own_cursor(slot.offset, 0),
            Memory::Workspace | Memory::Sums => self.own_cursor(0, T::LANES),
        });
        let splats = self.inputs + constants;
        let constants = (self.inputs..splats).map(|i| self.own_cursor(i * T::LANES, 0));
        let registers =
            (0..registers).map(|i| self.own_cursor((splats + i * self.block) * T::LANES, T::LANES));
        self.cursors = places.chain(constants).chain(registers).collect();
    }
}

impl<T: Real> Clone for Runner<T> {
    fn clone(&self) -> Self {
        let mut copy = Self {
            unit: self.unit,
            inputs: self.inputs,
            steps: self.steps.clone(),
            slots: self.slots.clone(),
            cursors: self.cursors.clone(),
            block: self.block,
            own: self.own.clone(),
            fits: self.fits,
        };
        // into its own memory, not that of the original
        for (copied, original) in copy.cursors.iter_mut().zip(&self.cursors) {
            // (those of arrays point elsewhere, but `run` sets them before it uses them)
            let offset = (original.start as usize).wrapping_sub(self.own.start() as usize);
            copied.start = copy.own.start().wrapping_byte_add(offset);
        }
        copy
    }
}
