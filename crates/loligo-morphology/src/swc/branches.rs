//! Cuts a tree of points into branches, at branch points and where the type changes.

use super::soma::{self, Sphere};
use super::syntax::Fault;
use super::tree::{PointTree, SOMA};
use crate::branch::{Attachment, Branch, Point};
use crate::error::{MorphologyError, SwcFault};
use crate::morphology::Note;

/// All branches of the tree, depth first, children in ascending order of ids.
pub(crate) fn cut(tree: &PointTree, notes: &mut Vec<Note>) -> Result<Vec<Branch>, Fault> {
    let mut cutter = Cutter {
        tree,
        branches: Vec::new(),
        waiting: Vec::new(),
    };
    match soma::sphere(tree) {
        Some(sphere) => cutter.sphere(sphere)?,
        None => cutter.root()?,
    }
    while let Some(start) = cutter.waiting.pop() {
        cutter.branch(start, notes)?;
    }
    Ok(cutter.branches)
}

/// More than this is a mistake in the unit of a length.
const MOST_BRANCHES: f64 = 1e6;

/// Cuts branches that are longer than `longest` into equal pieces, each a branch.
pub(crate) fn shortened(branches: &[Branch], longest: f64) -> Result<Vec<Branch>, MorphologyError> {
    let mut pieces: Vec<Branch> = Vec::new();
    // where the pieces of every branch start, and how many there are
    let mut pieces_of: Vec<(usize, usize)> = Vec::new();
    let total: f64 = branches
        .iter()
        .map(|branch| (branch.length() / longest).ceil())
        .sum();
    if total > MOST_BRANCHES {
        return Err(MorphologyError::argument(
            "max_branch_len",
            longest,
            "a length that makes at most a million branches",
        ));
    }
    for branch in branches {
        let count = (branch.length() / longest).ceil().max(1.0) as usize;
        let first = pieces.len();
        for (number, points) in branch.pieces(count).into_iter().enumerate() {
            let parent = match (number, branch.parent) {
                (0, Some(old)) => {
                    let (start, parts) = pieces_of[old.branch];
                    let within = ((old.at * parts as f64).ceil() as usize).clamp(1, parts) - 1;
                    Some(Attachment {
                        branch: start + within,
                        at: old.at * parts as f64 - within as f64,
                    })
                }
                (0, None) => None,
                _ => Some(Attachment {
                    branch: first + number - 1,
                    at: 1.0,
                }),
            };
            let mut piece = Branch::new(parent, branch.kind, points)
                .map_err(|fault| MorphologyError::branch(pieces.len(), fault))?;
            piece.is_ball = branch.is_ball;
            pieces.push(piece);
        }
        pieces_of.push((first, count));
    }
    Ok(pieces)
}

/// A branch that is still to be cut.
struct Start {
    /// Its first own node.
    node: usize,
    /// The node that it leaves from.
    from: usize,
    /// Where it attaches.
    attachment: Attachment,
    /// Whether `from` is inside of a soma, so that the branch starts with its own first point.
    leaves_soma_inside: bool,
}

struct Cutter<'a> {
    tree: &'a PointTree,
    branches: Vec<Branch>,
    /// Branches to come; the next one is the last.
    waiting: Vec<Start>,
}

impl Cutter<'_> {
    fn sphere(&mut self, sphere: Sphere) -> Result<(), Fault> {
        let root = self.tree.root;
        self.push(None, self.tree.kind(root), sphere.points, root)?;
        self.branches[0].is_ball = sphere.is_ball;
        let attachment = Attachment { branch: 0, at: 0.5 };
        let children = self.tree.children[root]
            .iter()
            .rev()
            .filter(|child| !sphere.ends.contains(child));
        self.waiting.extend(children.map(|&node| Start {
            node,
            from: root,
            attachment,
            leaves_soma_inside: true,
        }));
        Ok(())
    }

    /// The first branch: it goes on through the root's first child, if possible of its own type, so
    /// that it has a length; other children of the root attach to its 0 end.
    fn root(&mut self) -> Result<(), Fault> {
        let root = self.tree.root;
        let next = self
            .tree
            .children_of_own_kind(root)
            .next()
            .or(self.tree.children[root].first().copied());
        let mut nodes = vec![root];
        if let Some(next) = next {
            nodes.push(next);
            self.follow(&mut nodes);
        }
        let kind = self.tree.kind(*nodes.last().unwrap_or(&root));
        let points = nodes.iter().map(|&node| self.tree.point(node)).collect();
        self.push(None, kind, points, root)?;
        self.wait_for_children(0, &nodes, 0);
        Ok(())
    }

    fn branch(&mut self, start: Start, notes: &mut Vec<Note>) -> Result<(), Fault> {
        let tree = self.tree;
        let mut nodes = vec![start.node];
        self.follow(&mut nodes);
        let own: Vec<Point> = nodes.iter().map(|&node| tree.point(node)).collect();
        let has_length = |points: &[Point]| {
            points
                .windows(2)
                .any(|pair| pair[0].distance(&pair[1]) > 0.0)
        };

        let leaves_soma = tree.kind(start.from) == SOMA && tree.kind(start.node) != SOMA;
        let mut points = Vec::with_capacity(own.len() + 1);
        if !(start.leaves_soma_inside && has_length(&own)) {
            let from = tree.point(start.from);
            points.push(if leaves_soma {
                Point {
                    radius: own[0].radius,
                    ..from
                }
            } else {
                from
            });
        }
        let lead = points.len();
        points.extend(own);

        if has_length(&points) {
            let branch = self.branches.len();
            self.push(
                Some(start.attachment),
                tree.kind(start.node),
                points,
                start.node,
            )?;
            self.wait_for_children(branch, &nodes, lead);
        } else {
            notes.push(Note::BranchWithoutLength {
                line: tree.records[start.node].line,
            });
            for (index, &node) in nodes.iter().enumerate().rev() {
                let next = nodes.get(index + 1);
                let later = tree.children[node].iter().rev();
                let later = later.filter(|&child| Some(child) != next);
                self.waiting
                    .extend(later.map(|&node| Start { node, ..start }));
            }
        }
        Ok(())
    }

    /// Extends a chain up to the next cut.
    fn follow(&self, nodes: &mut Vec<usize>) {
        while let Some(&last) = nodes.last() {
            let mut same = self.tree.children_of_own_kind(last);
            let next = match (same.next(), same.next()) {
                (Some(only), None) => only,
                _ => return,
            };
            // dendrites do not cut a soma, anything else does
            if self.tree.kind(last) != SOMA && self.tree.children[last].len() > 1 {
                return;
            }
            nodes.push(next);
        }
    }

    /// Queues what leaves from the nodes of a branch, the points of which start with `lead` that
    /// are not nodes.
    fn wait_for_children(&mut self, branch: usize, nodes: &[usize], lead: usize) {
        let mut starts = Vec::new();
        for (index, &from) in nodes.iter().enumerate() {
            let at = self.position(branch, index + lead);
            let next = nodes.get(index + 1).copied();
            for &node in self.tree.children[from]
                .iter()
                .filter(|&&child| Some(child) != next)
            {
                let leaves_soma_inside = self.tree.kind(from) == SOMA
                    && self.tree.kind(node) != SOMA
                    && at > 0.0
                    && at < 1.0;
                let attachment = Attachment { branch, at };
                starts.push(Start {
                    node,
                    from,
                    attachment,
                    leaves_soma_inside,
                });
            }
        }
        starts.sort_by_key(|start| std::cmp::Reverse(start.node));
        self.waiting.extend(starts);
    }

    /// Where a point of a branch lies, as a fraction of its length; exactly 0 and 1 at the ends.
    fn position(&self, branch: usize, point: usize) -> f64 {
        let branch = &self.branches[branch];
        branch.path()[point] / branch.length()
    }

    fn push(
        &mut self,
        parent: Option<Attachment>,
        kind: i32,
        points: Vec<Point>,
        node: usize,
    ) -> Result<(), Fault> {
        let record = &self.tree.records[node];
        let branch = Branch::new(parent, kind, points).map_err(|fault| {
            (
                record.line,
                SwcFault::Branch {
                    id: record.id,
                    fault,
                },
            )
        })?;
        self.branches.push(branch);
        Ok(())
    }
}
