"""What a network read from SONATA files has beside its model: tables of nodes and edges, and how it is run."""

from __future__ import annotations

import pandas as pd

from loligo._engine import Model
from loligo.saving.columns import column_of, index_of, written_column
from loligo.saving.field import Field
from loligo.saving.readable import number
from loligo.saving.writer import Json, Writer
from loligo.sonata.network import Sonata


def written(sonata: Sonata, writer: Writer) -> Json:
    """The tables, column by column."""
    return {
        "nodes": _written_table(sonata.nodes, writer),
        "edges": _written_table(sonata.edges, writer),
        "run": {name: number(value) for name, value in sonata.run.items()},
    }


def further_of(field: Field, model: Model) -> Sonata:
    """The tables that are written there."""
    run = {name: value.number() for name, value in field["run"].items()}
    return Sonata(_table(field["nodes"]), _table(field["edges"]), run)


def _written_table(table: pd.DataFrame, writer: Writer) -> Json:
    rows = writer.indices(table.index.to_numpy())
    columns = [[str(name), written_column(str(name), table[name], writer)] for name in table.columns]
    return {"rows": rows, "columns": columns}


def _table(field: Field) -> pd.DataFrame:
    rows = field["rows"].indices(least=-(2**62))
    columns = {name.text(): column_of(own, rows) for name, own in (pair.each(2) for pair in field["columns"].each())}
    return pd.DataFrame(columns, index=index_of(rows))
