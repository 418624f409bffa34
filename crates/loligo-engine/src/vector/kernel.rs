//! The loops of the virtual machine: one per instruction, over chunks of 64 bytes, or of 16 where
//! there are no more lanes than that.
//!
//! A chunk is loaded, computed on and stored through arrays as long as a register (or a few), which
//! the compiler turns into vector instructions; written as slices that may overlap, the loops would
//! be scalar. Everything is compiled once for each vector unit.

use std::hint::black_box;

use loligo_mechanism::for_each_instruction;
use loligo_mechanism::tape::{Algebra, Opcode};

use super::functions::hot::{Hot, HotConstants};
use super::lane::{Everywhere, Lane, Near};
use super::real::{Arithmetic, Real};
use super::unit::{VectorUnit, Vectorized};

/// The most operands that an instruction has, an accumulation's sum excluded.
pub const MAX_OPERANDS: usize = 7;

/// An instruction with the places of its operands.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub opcode: Opcode,
    pub target: Entry,
    pub operands: [Entry; MAX_OPERANDS],
}

/// An entry of the table of cursors, by its distance from the table's start in bytes: multiplying
/// by the size of a cursor would take as long as all else that finding an operand takes.
#[derive(Clone, Copy, Default, Debug)]
pub struct Entry(u32);

impl Entry {
    /// The entry at a position.
    pub fn at<T>(position: u16) -> Self {
        Entry(u32::from(position) * size_of::<Cursor<T>>() as u32)
    }

    /// # Safety
    /// The table must be as long as the position.
    #[inline(always)]
    unsafe fn of<T: Copy>(self, cursors: &[Cursor<T>]) -> Cursor<T> {
        // SAFETY: promised by the caller; distances are multiples of a cursor's size.
        unsafe { *cursors.as_ptr().byte_add(self.0 as usize) }
    }
}

/// Where a place starts in the current block, and how far it advances from chunk to chunk.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<T> {
    pub start: *mut T,
    /// In elements: a chunk's length for an array, 0 for a value that all chunks share.
    pub stride: usize,
}

// SAFETY: a cursor is a position only; what it may be used for is the contract of `Compiled`.
unsafe impl<T: Send> Send for Cursor<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Cursor<T> {}

impl<T: Real> Cursor<T> {
    /// Reads a chunk and advances.
    ///
    /// # Safety
    /// `C` elements must be readable there.
    #[inline(always)]
    unsafe fn read<const C: usize>(&mut self) -> [T; C] {
        // SAFETY: promised by the caller; arrays have the alignment of their elements.
        let chunk = unsafe { self.start.cast::<[T; C]>().read() };
        self.start = self.start.wrapping_add(self.stride);
        chunk
    }

    /// Writes a chunk and advances.
    ///
    /// # Safety
    /// `C` elements must be writable there.
    #[inline(always)]
    unsafe fn write<const C: usize>(&mut self, chunk: [T; C]) {
        // SAFETY: promised by the caller; arrays have the alignment of their elements.
        unsafe { self.start.cast::<[T; C]>().write(chunk) };
        self.start = self.start.wrapping_add(self.stride);
    }
}

/// A precision that the virtual machine is compiled for.
pub trait Compiled: Sized {
    /// Runs `steps` over `lanes` lanes: `Real::FEW`, or a multiple of `Real::LANES`.
    ///
    /// # Safety
    /// Each entry in `steps` must be one of `cursors`, and each cursor must allow `lanes` elements
    /// to be read (a chunk, if its stride is 0), and written if a step has it as target. The target
    /// of an accumulation must point at as many `f64` instead.
    unsafe fn compute(unit: VectorUnit, steps: &[Step], cursors: &[Cursor<Self>], lanes: usize);
}

macro_rules! compiled {
    ($($real:ident)*) => {$(
        impl Compiled for $real {
            // not generic, so that it is compiled here and not in every crate that runs a tape
            unsafe fn compute(
                unit: VectorUnit,
                steps: &[Step],
                cursors: &[Cursor<$real>],
                lanes: usize,
            ) {
                unit.vectorize(Block::<$real, { $real::FEW }, { $real::LANES }> {
                    steps,
                    cursors,
                    lanes,
                });
            }
        }
    )*};
}
compiled! { f64 f32 }

/// What `Compiled::compute` was given, and so was promised.
struct Block<'a, T, const FEW: usize, const C: usize> {
    steps: &'a [Step],
    cursors: &'a [Cursor<T>],
    lanes: usize,
}

impl<T: Real, const FEW: usize, const C: usize> Vectorized for Block<'_, T, FEW, C> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Self {
            steps,
            cursors,
            lanes,
        } = self;
        // SAFETY: what it asks for was promised to `Compiled::compute`.
        unsafe {
            if lanes == FEW {
                // a division of short vectors takes a fraction of the time, and there are no loops
                // to make ready for
                interpret::<T, A, FEW>(steps, cursors, 1, T::HOT);
            } else {
                // where they fit, constants are kept in registers from chunk to chunk
                let fit = A::REGISTERS >= 32;
                let hot = if fit { black_box(T::HOT) } else { T::HOT };
                interpret::<T, A, C>(steps, cursors, lanes / C, hot);
            }
        }
    }
}

/// The virtual machine.
///
/// # Safety
/// See [`Compiled::compute`]; there are `chunks` times `C` lanes.
#[inline(always)]
unsafe fn interpret<T: Real, A: Arithmetic, const C: usize>(
    steps: &[Step],
    cursors: &[Cursor<T>],
    chunks: usize,
    hot: &Hot<T>,
) {
    for step in steps {
        // SAFETY: entries are within the table, says the caller.
        let cursor = |entry: Entry| unsafe { entry.of(cursors) };
        let mut target = cursor(step.target);
        macro_rules! execute {
            (
                values { $($value:ident($($operand:ident),*) = $value_formula:expr;)* }
                accumulations {
                    $($sum:ident($so_far:ident $(, $term:ident)*) = $sum_formula:expr;)*
                }
            ) => {
                match step.opcode {
                    $(Opcode::$value => {
                        let mut entries = step.operands.iter();
                        $(let mut $operand = cursor(entries.next().copied().unwrap_or_default());)*
                        let hot = *hot;
                        for _ in 0..chunks {
                            // SAFETY: the caller lets each cursor give so many chunks.
                            $(let $operand: [T; C] = unsafe { $operand.read() };)*
                            let mut result = [T::ZERO; C];
                            let mut any_far = false;
                            for lane in 0..C {
                                $(let $operand = Lane::<T, A, Near>::new($operand[lane], &hot);)*
                                let value = $value_formula;
                                result[lane] = value.value;
                                any_far |= value.is_far;
                            }
                            if any_far {
                                for lane in 0..C {
                                    $(let $operand = Lane::<T, A, Everywhere>::new($operand[lane], T::HOT);)*
                                    result[lane] = ($value_formula).value;
                                }
                            }
                            // SAFETY: the caller lets the target be written.
                            unsafe { target.write(result) };
                        }
                    })*
                    $(Opcode::$sum => {
                        let mut entries = step.operands.iter();
                        $(let mut $term = cursor(entries.next().copied().unwrap_or_default());)*
                        let mut sums = Cursor { start: target.start.cast::<f64>(), stride: C };
                        for _ in 0..chunks {
                            // SAFETY: the caller lets each cursor give so many chunks, and the
                            // target points at `f64`.
                            $(let $term: [T; C] = unsafe { $term.read() };)*
                            let mut here = sums;
                            // SAFETY: as above.
                            let $so_far: [f64; C] = unsafe { here.read() };
                            let mut result = [0.0; C];
                            for lane in 0..C {
                                let $so_far = Lane::<f64, A, Near>::new($so_far[lane], f64::HOT);
                                $(let $term = Lane::<f64, A, Near>::new($term[lane].to_f64(), f64::HOT);)*
                                result[lane] = ($sum_formula).value;
                            }
                            // SAFETY: the caller lets the target be written.
                            unsafe { sums.write(result) };
                        }
                    })*
                }
            };
        }
        for_each_instruction!(execute);
    }
}
