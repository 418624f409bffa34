//! Making models: from files, and of parts.

use loligo::model::{self, Attachment, Compartments};
use loligo::morphology::{
    AxonStub, Branch, Instantiated, Morphology, MorphologyError, Point, Roots, SwcOptions,
};
use numpy::PyReadonlyArray2;
use pyo3::prelude::*;

use super::Model;
use crate::errors::{exception, raised};

/// At which the d_lambda rule takes the length constant, Hz; NEURON's custom.
const FREQUENCY: f64 = 100.0;

/// How many compartments branches get: the same number, or one for each.
#[derive(FromPyObject)]
enum Counts {
    Same(usize),
    Each(Vec<usize>),
}

/// Where on the soma a stub of an axon attaches, and the length and radius of each of its sections, µm.
type Stub = (f64, Vec<(f64, f64)>);

/// What a branch attaches to and where, its SWC type, its name, its points, and whether it stands for a ball.
type Drawn<'py> = (
    Option<(usize, f64)>,
    i32,
    String,
    PyReadonlyArray2<'py, f64>,
    bool,
);

#[pymethods]
impl Model {
    /// A cell from the text of an SWC file. Without `ncomp`, by the d_lambda rule.
    #[staticmethod]
    #[expect(
        clippy::too_many_arguments,
        reason = "the options of the reader, by name"
    )]
    fn parse_swc(
        py: Python<'_>,
        text: &str,
        name: &str,
        ncomp: Option<Counts>,
        d_lambda: f64,
        min_radius: Option<f64>,
        max_branch_len: Option<f64>,
        roots: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let options = SwcOptions {
            min_radius,
            max_branch_len,
            roots: roots_named(roots)?,
        };
        let compartments = compartments(ncomp, d_lambda);
        py.detach(|| {
            let morphology = Morphology::parse_swc(text, name, &options).map_err(raised)?;
            model::Model::from_morphology(&morphology, &compartments).map_err(raised)
        })
        .map(Model)
    }

    /// A cell of the sections that NEURON's Import3d makes of an SWC file.
    #[staticmethod]
    #[pyo3(signature = (text, name, ncomp, d_lambda, axon_stub = None))]
    fn parse_import3d(
        py: Python<'_>,
        text: &str,
        name: &str,
        ncomp: Option<Counts>,
        d_lambda: f64,
        axon_stub: Option<Stub>,
    ) -> PyResult<Self> {
        let compartments = compartments(ncomp, d_lambda);
        py.detach(|| {
            let read = Morphology::parse_import3d(text, name, Instantiated::default());
            from_sections(read, axon_stub, &compartments)
        })
    }

    /// A cell of the sections that NEURON's Import3d makes of a Neurolucida file in text form.
    #[staticmethod]
    #[pyo3(signature = (text, name, ncomp, d_lambda, axon_stub = None))]
    fn parse_asc(
        py: Python<'_>,
        text: &str,
        name: &str,
        ncomp: Option<Counts>,
        d_lambda: f64,
        axon_stub: Option<Stub>,
    ) -> PyResult<Self> {
        let compartments = compartments(ncomp, d_lambda);
        py.detach(|| {
            let read = Morphology::parse_asc(text, name, Instantiated::default());
            from_sections(read, axon_stub, &compartments)
        })
    }

    /// A cell of branches: for each the branch that it attaches to, which comes before it, and where on that from 0 to 1 (none
    /// for the first, the root); SWC type; name; its points, shape (point, 5): x, y, z, radius, and how far along the
    /// branch they are, µm; and whether it is a cylinder as long as wide that stands for a ball, of which it has the
    /// volume, too.
    #[staticmethod]
    fn from_branches(drawn: Vec<Drawn<'_>>, name: &str, ncomp: Vec<usize>) -> PyResult<Self> {
        let branches = drawn.iter().enumerate().map(|(index, branch)| {
            let (parent, kind, name, points, is_ball) = branch;
            let points = points.as_array();
            if points.ncols() != 5 {
                let found = points.ncols();
                return Err(exception(
                    "ArgumentError",
                    format!("the points of branch {index} have {found} columns, expected 5"),
                ));
            }
            let points = points.rows().into_iter();
            let points = points.map(|row| (Point::new(row[0], row[1], row[2], row[3]), row[4]));
            let parent = parent.map(|(branch, at)| Attachment { branch, at });
            let made = Branch::measured(parent, *kind, &points.collect::<Vec<_>>());
            let mut made = made.map_err(|fault| {
                raised(MorphologyError::Branch {
                    branch: index,
                    fault,
                })
            })?;
            made.name.clone_from(name);
            made.is_ball = *is_ball;
            Ok(made)
        });
        let branches = branches.collect::<PyResult<_>>()?;
        let morphology = Morphology::new(name, branches).map_err(raised)?;
        let model = model::Model::from_morphology(&morphology, &Compartments::Each(ncomp));
        Ok(Model(model.map_err(raised)?))
    }

    /// An unbranched cylinder, µm.
    #[staticmethod]
    fn cylinder(length: f64, radius: f64, ncomp: usize) -> PyResult<Self> {
        let model = model::Model::cylinder(length, radius, ncomp);
        Ok(Model(model.map_err(raised)?))
    }

    /// A branch of unbranched parts, one after the other.
    #[staticmethod]
    fn chain(parts: Vec<PyRef<'_, Model>>) -> PyResult<Self> {
        let parts: Vec<_> = parts.iter().map(|part| part.0.clone()).collect();
        Ok(Model(model::Model::chain(&parts).map_err(raised)?))
    }

    /// A cell of branches; each attaches to the far end of its parent.
    #[staticmethod]
    fn tree(branches: Vec<PyRef<'_, Model>>, parents: Vec<Option<usize>>) -> PyResult<Self> {
        if branches.len() != parents.len() {
            let (found, expected) = (parents.len(), branches.len());
            return Err(exception(
                "ArgumentError",
                format!("{found} parents were given for {expected} branches"),
            ));
        }
        let branches: Vec<_> = branches.iter().map(|branch| branch.0.clone()).collect();
        let end = |parent: Option<usize>| parent.map(|branch| Attachment { branch, at: 1.0 });
        let parents: Vec<_> = parents.into_iter().map(end).collect();
        let model = model::Model::tree(&branches, &parents);
        Ok(Model(model.map_err(raised)?))
    }

    /// Cells side by side.
    #[staticmethod]
    fn network(cells: Vec<PyRef<'_, Model>>) -> PyResult<Self> {
        let cells: Vec<_> = cells.iter().map(|cell| cell.0.clone()).collect();
        Ok(Model(model::Model::network(&cells).map_err(raised)?))
    }

    /// A copy that goes its own way.
    fn copy(&self) -> Self {
        Model(self.0.clone())
    }
}

fn from_sections(
    read: Result<Morphology, MorphologyError>,
    axon_stub: Option<Stub>,
    compartments: &Compartments,
) -> PyResult<Model> {
    let mut morphology = read.map_err(raised)?;
    if let Some((at, sections)) = axon_stub {
        morphology = morphology
            .with_axon_stub(&AxonStub { at, sections })
            .map_err(raised)?;
    }
    let model = model::Model::from_morphology(&morphology, compartments).map_err(raised)?;
    Ok(Model(model))
}

fn compartments(ncomp: Option<Counts>, d_lambda: f64) -> Compartments {
    match ncomp {
        Some(Counts::Same(count)) => Compartments::PerBranch(count),
        Some(Counts::Each(counts)) => Compartments::Each(counts),
        None => Compartments::DLambda {
            fraction: d_lambda,
            frequency: FREQUENCY,
        },
    }
}

fn roots_named(roots: &Bound<'_, PyAny>) -> PyResult<Roots> {
    if let Ok(id) = roots.extract::<i64>() {
        return Ok(Roots::Choose(id));
    }
    match roots.extract::<String>().as_deref() {
        Ok("single") => Ok(Roots::Single),
        Ok("join") => Ok(Roots::Join),
        _ => Err(exception(
            "ArgumentError",
            format!("roots is {roots}, expected `single`, `join`, or the id of a root"),
        )),
    }
}
