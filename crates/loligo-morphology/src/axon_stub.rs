//! A stub in the place of the axon, which published models have where the axon was not reconstructed well.

use crate::branch::{Attachment, Branch, Point};
use crate::error::{BranchFault, MorphologyError};
use crate::morphology::Morphology;

const AXON: i32 = 2;

/// Cylinders, one after the other, that stand for the axon of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct AxonStub {
    /// Where on branch 0, the soma, the first of them attaches, as
    /// [`Attachment::at`](crate::Attachment::at).
    pub at: f64,
    /// Length and radius of each, µm.
    pub sections: Vec<(f64, f64)>,
}

impl Morphology {
    /// This morphology with a stub instead of its axon: branches of type 2 are left out, those of
    /// the stub come last, called `axon[0]`, `axon[1]`, ….
    ///
    /// # Errors
    /// [`MorphologyError::Branch`] if something else attaches to the axon, if branch 0 is axon, or
    /// if the stub has no length, or attaches outside of the soma.
    pub fn with_axon_stub(&self, stub: &AxonStub) -> Result<Morphology, MorphologyError> {
        let mut place = vec![None; self.branches.len()];
        let mut branches: Vec<Branch> = Vec::new();
        for (index, branch) in self.branches.iter().enumerate() {
            if branch.kind == AXON {
                if index == 0 {
                    return Err(MorphologyError::branch(0, BranchFault::RootIsAxon));
                }
                continue;
            }
            let mut kept = branch.clone();
            if let Some(to) = &mut kept.parent {
                let fault = || {
                    let fault = BranchFault::LeavesAxon { axon: to.branch };
                    MorphologyError::branch(index, fault)
                };
                to.branch = place[to.branch].ok_or_else(fault)?;
            }
            place[index] = Some(branches.len());
            branches.push(kept);
        }
        let mut start = self.branches[0].at(stub.at);
        let mut parent = Attachment {
            branch: 0,
            at: stub.at,
        };
        for (number, &(length, radius)) in stub.sections.iter().enumerate() {
            let end = Point {
                y: start.y + length,
                ..start
            };
            let points = [start, end].map(|point| Point { radius, ..point }).to_vec();
            // its length is what was asked for, wherever it lies
            let path = vec![0.0, length];
            let mut branch = Branch::with_path(Some(parent), AXON, points, path)
                .map_err(|fault| MorphologyError::branch(branches.len(), fault))?;
            branch.name = format!("axon[{number}]");
            parent = Attachment {
                branch: branches.len(),
                at: 1.0,
            };
            start = end;
            branches.push(branch);
        }
        let mut morphology = Morphology::new(self.name.clone(), branches)?;
        morphology.notes.clone_from(&self.notes);
        Ok(morphology)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Instantiated;

    const SWC: &str = "1 1 0 0 0 5 -1\n2 2 0 9 0 1 1\n3 2 0 99 0 1 2\n4 3 9 0 0 1 1\n5 3 99 0 0 1 4\n6 3 99 50 0 1 5\n7 3 150 0 0 1 5\n";

    fn stub() -> AxonStub {
        AxonStub {
            at: 1.0,
            sections: vec![(30.0, 0.5), (20.0, 0.25)],
        }
    }

    fn read(text: &str) -> Morphology {
        Morphology::parse_import3d(text, "cell", Instantiated::default()).unwrap()
    }

    #[test]
    fn a_stub_comes_last_and_dendrites_stay_connected() {
        let cell = read(SWC).with_axon_stub(&stub()).unwrap();
        let shape: Vec<_> = cell
            .branches
            .iter()
            .map(|branch| {
                (
                    branch.name.as_str(),
                    branch.parent.map(|to| (to.branch, to.at)),
                )
            })
            .collect();
        let expected = [
            ("soma", None),
            ("dend[0]", Some((0, 0.5))),
            ("dend[1]", Some((1, 1.0))),
            ("dend[2]", Some((1, 1.0))),
            ("axon[0]", Some((0, 1.0))),
            ("axon[1]", Some((4, 1.0))),
        ];
        let bare = |name: &str| name.trim_end_matches("[0]").to_string();
        assert_eq!(shape.len(), expected.len());
        for (found, expected) in shape.iter().zip(expected) {
            assert_eq!(bare(found.0), bare(expected.0));
            assert_eq!(found.1, expected.1);
        }
        assert_eq!(cell.branches[4].length(), 30.0);
        assert_eq!(cell.branches[5].points()[1].radius, 0.25);
    }

    #[test]
    fn a_cell_without_an_axon_gets_one() {
        let cell = read("1 1 0 0 0 5 -1\n2 3 9 0 0 1 1\n3 3 99 0 0 1 2\n");
        assert_eq!(cell.with_axon_stub(&stub()).unwrap().branches.len(), 4);
    }

    #[test]
    fn what_hangs_on_the_axon_is_an_error() {
        let cell = read(&SWC.replace("4 3 9 0 0 1 1", "4 3 9 99 0 1 3"));
        let message = cell.with_axon_stub(&stub()).unwrap_err().to_string();
        assert!(message.contains("attached to the axon"), "{message}");
    }

    #[test]
    fn a_stub_without_length_is_an_error() {
        let empty = AxonStub {
            sections: vec![(0.0, 1.0)],
            ..stub()
        };
        let message = read(SWC).with_axon_stub(&empty).unwrap_err().to_string();
        assert!(message.contains("no length"), "{message}");
    }
}
