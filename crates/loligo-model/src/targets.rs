//! Which rows of a quantity share a trainable number.

use std::ops::Index;

/// For each trainable number the rows (compartments, or synapses of a mechanism) that share it. There may
/// be millions of them, so they are two flat lists.
///
/// ```
/// use loligo_model::Targets;
///
/// let targets = Targets::from_iter([vec![0, 2], vec![1]]);
/// assert_eq!(targets.len(), 2);
/// assert_eq!(targets[0], [0, 2]);
/// assert_eq!(targets.rows(), [0, 2, 1]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    rows: Vec<usize>,
    /// Where the rows of each number end.
    ends: Vec<usize>,
}

impl Targets {
    /// All rows share one number.
    pub fn together(rows: Vec<usize>) -> Self {
        Targets {
            ends: vec![rows.len()],
            rows,
        }
    }

    /// Each row has a number of its own.
    pub fn each(rows: Vec<usize>) -> Self {
        Targets {
            ends: (1..=rows.len()).collect(),
            rows,
        }
    }

    /// Rows, those of one number after those of another, and where those of each end.
    ///
    /// `None` if the ends do not go up to the last row.
    pub fn new(rows: Vec<usize>, ends: Vec<usize>) -> Option<Self> {
        let fits = ends.is_sorted() && ends.last().copied().unwrap_or(0) == rows.len();
        fits.then_some(Targets { rows, ends })
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The rows of each number.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[usize]> {
        (0..self.len()).map(|number| &self[number])
    }

    /// All rows, those of one number after those of another.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Where the rows of each number end.
    pub fn ends(&self) -> &[usize] {
        &self.ends
    }

    /// The rows under other numbers, without those that `moved` has none for, and without numbers of which
    /// no row is left.
    pub(crate) fn moved(&self, moved: impl Fn(usize) -> Option<usize>) -> Self {
        let mut left = Targets::default();
        for rows in self.iter() {
            let before = left.rows.len();
            left.rows.extend(rows.iter().filter_map(|row| moved(*row)));
            if left.rows.len() > before {
                left.ends.push(left.rows.len());
            }
        }
        left
    }
}

impl Index<usize> for Targets {
    type Output = [usize];

    fn index(&self, number: usize) -> &[usize] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.rows[start..self.ends[number]]
    }
}

impl<R: IntoIterator<Item = usize>> FromIterator<R> for Targets {
    fn from_iter<I: IntoIterator<Item = R>>(numbers: I) -> Self {
        let mut targets = Targets::default();
        for rows in numbers {
            targets.rows.extend(rows);
            targets.ends.push(targets.rows.len());
        }
        targets
    }
}
