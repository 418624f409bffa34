//! What a run shows, as arrays of Python and of XLA.
//!
//! In memory samples of one time lie together; Python's arrays have the shape `[lane][recording][sample]`. Where the state
//! at the end is returned, too, a lane is one row: its recordings, then the numbers of its state.

use std::borrow::Cow;

use loligo::engine::Recordings;
use loligo::engine::vector::Real;
use numpy::{Element, IntoPyArray, PyArrayMethods, PyReadonlyArrayDyn};
use pyo3::prelude::*;

/// How many numbers of a run's recordings lie where.
#[derive(Clone, Copy)]
pub struct Extent {
    pub lanes: usize,
    recordings: usize,
    samples: usize,
    /// Of the state at the end of a lane.
    end: usize,
}

impl Extent {
    pub fn of<T>(recordings: &Recordings<T>) -> Self {
        let lanes = recordings.lanes.max(1);
        Extent {
            lanes,
            recordings: recordings.recordings,
            samples: recordings.samples,
            end: recordings.end.len() / lanes,
        }
    }

    /// For each number of `[sample][lane][recording]`, and then of `[lane][number of the state]`, its position in lanes
    /// that are rows.
    fn positions(self) -> impl Iterator<Item = usize> {
        let Extent {
            lanes,
            recordings,
            samples,
            end,
        } = self;
        let shown = recordings * samples;
        let row = move |lane: usize| lane * (shown + end);
        let recorded = (0..samples).flat_map(move |sample| {
            let lanes = 0..lanes;
            lanes.flat_map(move |lane| {
                (0..recordings).map(move |recording| row(lane) + recording * samples + sample)
            })
        });
        let ends = (0..lanes).flat_map(move |lane| (0..end).map(move |i| row(lane) + shown + i));
        recorded.chain(ends)
    }
}

/// Lanes that are rows.
pub fn by_lane<T: Real>(shown: &Recordings<T>) -> Vec<f64> {
    let mut rows = vec![0.0; shown.data.len() + shown.end.len()];
    let numbers = shown.data.iter().chain(&shown.end);
    for (at, number) in Extent::of(shown).positions().zip(numbers) {
        rows[at] = number.to_f64();
    }
    rows
}

/// The transpose of that: cotangents of the recordings, by time, and of the state.
pub fn by_time<T: Real>(rows: &[f64], extent: Extent) -> Vec<T> {
    let numbers = extent.positions().map(|at| T::from_f64(rows[at]));
    numbers.collect()
}

/// An array of shape `[lane][recording][sample]` in the order of the memory; with the state at the end one of shape
/// `[lane][number]`.
pub fn as_array<T: Element + Real>(
    py: Python<'_>,
    shown: Recordings<T>,
) -> PyResult<Bound<'_, PyAny>> {
    if !shown.end.is_empty() {
        let rows: Vec<T> = by_lane(&shown).into_iter().map(T::from_f64).collect();
        let shape = [shown.lanes, rows.len() / shown.lanes.max(1)];
        return Ok(rows.into_pyarray(py).reshape(shape)?.into_any());
    }
    let shape = [shown.samples, shown.lanes, shown.recordings];
    let by_time = shown.data.into_pyarray(py).reshape(shape)?;
    let by_row = by_time.permute(Some([1, 2, 0]))?;
    Ok(by_row.into_any())
}

/// What [`as_array`] gave, or another array of its shape, as the engine has it.
pub fn cotangents<'a>(
    array: &'a PyReadonlyArrayDyn<'_, f64>,
    extent: Extent,
) -> PyResult<Cow<'a, [f64]>> {
    let array = array.as_array();
    if array.ndim() == 2 {
        let rows: Vec<f64> = array.iter().copied().collect();
        return Ok(Cow::Owned(by_time(&rows, extent)));
    }
    let by_time = array.permuted_axes(vec![2, 0, 1]);
    Ok(match by_time.to_slice() {
        Some(numbers) => Cow::Borrowed(numbers),
        None => Cow::Owned(by_time.iter().copied().collect()),
    })
}
