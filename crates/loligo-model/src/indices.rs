//! Indices: which cells, branches or compartments, as users count them.

use std::ops::{Range, RangeFull, RangeInclusive};

/// A choice among things that are counted from 0.
///
/// Made of a number, a range, a list, or `..` for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Indices {
    /// All that there are.
    All,
    /// Those of these numbers.
    List(Vec<usize>),
}

impl From<RangeFull> for Indices {
    fn from(_: RangeFull) -> Self {
        Indices::All
    }
}

impl From<usize> for Indices {
    fn from(index: usize) -> Self {
        Indices::List(vec![index])
    }
}

impl From<Range<usize>> for Indices {
    fn from(range: Range<usize>) -> Self {
        Indices::List(range.collect())
    }
}

impl From<RangeInclusive<usize>> for Indices {
    fn from(range: RangeInclusive<usize>) -> Self {
        Indices::List(range.collect())
    }
}

impl From<Vec<usize>> for Indices {
    fn from(list: Vec<usize>) -> Self {
        Indices::List(list)
    }
}

impl From<&[usize]> for Indices {
    fn from(list: &[usize]) -> Self {
        Indices::List(list.to_vec())
    }
}

impl<const N: usize> From<[usize; N]> for Indices {
    fn from(list: [usize; N]) -> Self {
        Indices::List(list.to_vec())
    }
}
