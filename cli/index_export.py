"""`provenance index export`: tables as Parquet or CSV."""

from pathlib import Path

import click

from provenance.cli.asking import asked
from provenance.cli.common import say, usage
from provenance.cli.index_filters import FilterOptions, filter_options
from provenance.report.escape import clean

__all__ = ["command"]

_TABLES = ("files", "manifests", "edges", "people", "signers")
_SUFFIXES = (".parquet", ".csv")


@click.command("export", short_help="Tables as Parquet or CSV.")
@click.argument("index", metavar="INDEX")
@click.option("-o", "--output", required=True, metavar="OUT", help="OUT.parquet or OUT.csv.")
@click.option(
    "--table",
    "name",
    type=click.Choice(_TABLES),
    default="files",
    help="Of what; files unless said.",
)
@filter_options
@click.option("--no-reports", is_flag=True, help="Parquet: without the whole reports.")
@click.option("-q", "--quiet", is_flag=True, help="No talk.")
def command(
    index: str, output: str, name: str, filters: FilterOptions, no_reports: bool, quiet: bool
) -> None:
    """Write a table of an index into one file: a row a file, manifest, ingredient, person, signer.

    Options choose files as for query; the other tables tell of the manifests that these hold.
    Parquet has the whole reports as JSON text, CSV does not. What is there under the name is
    replaced when all is written.
    """
    from provenance.batch.columns import csv_lines
    from provenance.batch.index_query import Query
    from provenance.batch.index_tables import columns_of, table
    from provenance.batch.parquet import write_parquet
    from provenance.build.embed import replacing

    suffix = Path(output).suffix.lower()
    if suffix not in _SUFFIXES:
        usage(f"-o {output}: the name must end in {' or '.join(_SUFFIXES)}.")
    with asked(index) as held:
        if Path(output).exists() and Path(output).samefile(index):
            usage(f"{output} is the index; name another place for the result.")
        wanted = suffix == ".parquet" and not no_reports
        columns = columns_of(name)
        rows = table(Query(held, filters.filters()), name, reports=wanted)
        if name == "files" and not wanted:
            columns, rows = columns[:-1], (row[:-1] for row in rows)
        if suffix == ".parquet":
            count = write_parquet(output, columns, rows)
        else:
            count = -1  # of the names of the columns
            with replacing(output) as stream:
                for line in csv_lines(columns, rows):
                    stream.write(line.encode("utf-8", "backslashreplace"))
                    count += 1
    if not quiet:
        say(f"provenance: {count:,} row{'s' * (count != 1)} in {clean(output)}")
