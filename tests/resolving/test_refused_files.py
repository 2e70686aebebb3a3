"""What cannot be resolved is told in one sentence with the remedy, and no message quotes a cell."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from c360 import cli
from c360.errors import C360Error, SelectionError, SourceError
from c360.resolving.given import Request
from c360.resolving.resolve import resolve

GOOD = "id,name,city\n1,Ann Secretly,Ulm\n2,Bob Secretly,Bern\n"
OTHER = "id,name\nA,Ann Secretly\nB,Carl Secretly\n"


def refused(tmp_path: Path, files: dict[str, str | bytes], **options) -> C360Error:
    for name, text in files.items():
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    request = {"entity": "person", "id_column": "id"} | options
    with pytest.raises((SelectionError, SourceError)) as error:
        resolve(Request([tmp_path / name for name in files], **request))
    assert "Secretly" not in str(error.value)
    assert error.value.hint
    return error.value


@pytest.mark.parametrize(
    ("files", "options", "sentence", "hint"),
    [
        ({"a.csv": GOOD}, {"id_column": "key"}, "a.csv has no column 'key' for --id.", "Columns: city, id, name."),
        ({"a.csv": GOOD + "2,Cher Secretly,\n"}, {}, "1 of 3 are empty or come again", "--id COLUMN"),
        ({"a.csv": GOOD + ",Cher Secretly,\n"}, {}, "1 of 3 are empty or come again", "--id COLUMN"),
        ({"a.csv": GOOD}, {"mapping": {"city": "town"}}, "There is no field town.", "Fields: birth_date"),
        ({"a.csv": GOOD}, {"mapping": {"town": "city"}}, "There is no column town.", "Columns: city, name."),
        ({"a.csv": GOOD}, {"mapping": {"id": "text"}}, "There is no column id.", "Columns: city, name."),
        ({"a.csv": "id,foo\n1,Secretly\n"}, {}, "No column could be told to be a known field.", "--map name=COLUMN"),
        ({"a.csv": "id\n1\n2\n"}, {}, "No column could be told", "--map"),
        ({"a.csv": GOOD}, {"mapping": {"name": "-", "city": "-"}}, "No column could be told", "--map"),
        ({"a.csv": GOOD}, {"mapping": {"name": "text", "city": "country"}}, "nothing by which to propose pairs", "--map"),
        ({"a.csv": "id,name\n1,\n2,\n"}, {}, "nothing by which to propose pairs", "--map"),
        ({"a.csv": ""}, {}, "a.csv has no rows.", "a header line"),
        ({"a.csv": "id,name\n"}, {}, "a.csv has no rows.", "a header line"),
        ({"a.csv": "id,name\n1,Ann Secretly\n2,Bob Secretly,x,y\n3,C\n"}, {}, "cannot be read", "as many fields in each line"),
        ({"a.csv": bytes(range(256)) * 9}, {}, "a.csv cannot be read", "CSV with a header line"),
        ({"a.parquet": "Ann Secretly"}, {}, "a.parquet cannot be read", "Needed: Parquet"),
        ({"a.csv": GOOD}, {"is_one_to_one": True}, "One-to-one links records of two files or more", "find duplicates"),
        ({"a.csv": GOOD, "a.txt": OTHER}, {}, "Two files have the same name.", "source"),
        ({"a.csv": "id,name\n1,Ann Secretly\n", "b.csv": "id,email\n1,a@b.example\n"}, {}, "no field in common", "email is"),
    ],
)  # fmt: skip
def test_one_sentence_and_the_remedy(tmp_path, files, options, sentence, hint):
    error = refused(tmp_path, files, **options)
    assert sentence in error.message
    assert hint in error.hint


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError, match=r"There is no file .*gone\.csv\. Hint: Name a CSV or Parquet file\."):
        resolve(Request([tmp_path / "gone.csv"], "person", "id"))


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(SourceError, match="There is no file"):
        resolve(Request([tmp_path], "person", "id"))


def test_a_parquet_file_cut_short(tmp_path):
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": ["1", "2"], "name": ["Ann Secretly", "Bob Secretly"]}), file)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(SourceError, match=r"a\.parquet cannot be read") as error:
        resolve(Request([file], "person", "id"))
    assert "Secretly" not in str(error.value)


def test_empty_ids_of_parquet_are_none(tmp_path):
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": [1.0, float("nan")], "name": ["Ann Secretly", "Bob Secretly"]}), file)
    with pytest.raises(SelectionError, match="1 of 2 are empty or come again"):
        resolve(Request([file], "person", "id"))


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--id", "key"], 2, "Error: a.csv has no column 'key' for --id."),
        (["--id", "id", "--map", "city"], 2, "Error: --map 'city' is not FIELD=COLUMN."),
        (["--id", "id", "--map", "=city"], 2, "Error: --map '=city' is not FIELD=COLUMN."),
    ],
)
def test_the_command_line_says_so(tmp_path, monkeypatch, capsys, options, code, sentence):
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(GOOD)
    assert cli.run(["identity", "resolve", "a.csv", "--entity", "person", "--out", "out", *options]) == code
    lines = capsys.readouterr().err.strip().splitlines()
    assert lines[0] == sentence
    assert lines[1].startswith("Hint: ")
    assert len(lines) == 2
    assert not Path("out").exists()
