//! Models: cells, what is put on them, and what is done with them.

mod building;
mod contents;
mod networks;
mod selecting;
mod verbs;

use loligo::model::{self, Column, ModelError, SelectionError, Table};
use numpy::IntoPyArray;
use pyo3::prelude::*;

use crate::errors::raised;
use crate::selection::Selection;

/// Cells, what is put on them, and what is done with them.
#[pyclass(module = "loligo._engine")]
pub struct Model(pub model::Model);

/// The name and the entries of a column.
type ColumnRow<'py> = (String, Bound<'py, PyAny>);

fn columns_of(py: Python<'_>, table: Table) -> PyResult<Vec<ColumnRow<'_>>> {
    let columns = table.columns.into_iter();
    columns
        .map(|(name, column)| {
            let array = match column {
                Column::Index(values) => values.into_pyarray(py).into_any(),
                Column::Number(values) => {
                    let values = values.into_iter().map(|v| v.unwrap_or(f64::NAN));
                    values.collect::<Vec<_>>().into_pyarray(py).into_any()
                }
                Column::Flag(values) => values.into_pyarray(py).into_any(),
                Column::Text(values) => values.into_pyobject(py)?.into_any(),
            };
            Ok((name, array))
        })
        .collect()
}

fn done(result: Result<(), ModelError>) -> PyResult<()> {
    result.map_err(raised)
}

fn found(selection: Result<model::Selection, SelectionError>) -> PyResult<Selection> {
    selection.map(Selection).map_err(raised)
}
