"""Tables as Apache Parquet, by pyarrow, which the extra `columns` brings.

Rows are written in groups, so that memory does not grow with their number. Times are UTC, in
microseconds; several values of one cell are a list.
"""

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from provenance.batch.columns import Column, Kind, fit
from provenance.build.embed import replacing
from provenance.errors import UnsupportedFormatError

__all__ = ["read_column", "write_parquet", "write_table"]

_ROWS = 50_000  # of a group, at most
_BYTES = 16 << 20  # of the texts of a group, roughly: there are groups, and not one row each


def write_parquet(
    path: str | Path, columns: Sequence[Column], rows: Iterable[tuple[Any, ...]]
) -> int:
    """Write a table into one file, which is there whole, or as it was before.

    Args:
        path: of the file; it is replaced.
        columns: of the table.
        rows: a value for each column; any number of them, each is held for a short time only.

    Returns:
        How many rows there were.

    Raises:
        UnsupportedFormatError: pyarrow is not there.
        OSError: the place cannot be written.
        TypeError: a value is not of its column's kind.
    """
    _arrow()  # before a file is begun
    with replacing(path) as stream:
        return write_table(stream, columns, rows)


def write_table(
    stream: BinaryIO, columns: Sequence[Column], rows: Iterable[tuple[Any, ...]]
) -> int:
    """The same, into a stream, which stays open; see `write_parquet`."""
    pyarrow, parquet = _arrow()
    schema = pyarrow.schema([pyarrow.field(one.name, _type(pyarrow, one.kind)) for one in columns])
    count = 0
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        for group in _groups(columns, rows):
            count += len(group[0])
            arrays = [
                pyarrow.array(values, field.type)
                for values, field in zip(group, schema, strict=True)
            ]
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))
    return count


def _groups(
    columns: Sequence[Column], rows: Iterable[tuple[Any, ...]]
) -> Iterator[list[list[Any]]]:
    """Rows turned into columns, so many at a time."""
    group: list[list[Any]] = [[] for _ in columns]
    size = 0
    for row in rows:
        for values, column, value in zip(group, columns, row, strict=True):
            fitted = fit(column.kind, value)
            if column.kind is Kind.TIME and fitted is not None:
                fitted = round(fitted * 1_000_000)
            elif isinstance(fitted, str):
                size += len(fitted)
            values.append(fitted)
        if len(group[0]) >= _ROWS or size >= _BYTES:
            yield group
            group, size = [[] for _ in columns], 0
    if group[0]:
        yield group


def _type(pyarrow: Any, kind: Kind) -> Any:
    if kind is Kind.INTEGER:
        return pyarrow.int64()
    if kind is Kind.TIME:
        return pyarrow.timestamp("us", tz="UTC")
    text = pyarrow.string()
    return text if kind is Kind.TEXT else pyarrow.list_(text)


def _arrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise UnsupportedFormatError(
            "Parquet", "needs pyarrow: pip install 'provenance-c2pa[columns]'"
        ) from error


def read_column(stream: BinaryIO, name: str) -> Iterator[Any]:
    """The values of one column of a file, some thousand at a time in memory.

    Raises:
        UnsupportedFormatError: pyarrow is not there.
        ValueError: it is no Parquet file, or has no such column.
    """
    _, parquet = _arrow()
    with parquet.ParquetFile(stream) as file:
        if name not in file.schema_arrow.names:
            raise ValueError(f"no column {name}")
        for batch in file.iter_batches(columns=[name]):
            yield from batch.column(0).to_pylist()
