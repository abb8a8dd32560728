"""Compares a workbook of rows with the CSV file of the same rows, and looks at a report, as openpyxl reads them."""

import csv
import datetime
import sys

import openpyxl

csv_file, workbook, report = sys.argv[1:]
with open(csv_file, newline="", encoding="utf-8") as file:
    headings, *expected = csv.reader(file)

sheet = openpyxl.load_workbook(workbook)["Rows"]
first, *rows = sheet.iter_rows()
assert [cell.value for cell in first] == headings, first
assert all(cell.font.bold for cell in first)
assert sheet.freeze_panes == "A2", sheet.freeze_panes
assert sheet.auto_filter.ref == sheet.dimensions, sheet.auto_filter.ref
assert len(rows) == len(expected) > 100, len(rows)


def shown(heading, cell):
    """The cell as CSV has it."""
    value = cell.value
    match heading:
        case _ if value is None:
            return ""
        case "date":
            assert isinstance(value, datetime.datetime) and cell.number_format == "yyyy-mm-dd", cell
            return str(value.date())
        case "requests" | "status200" | "status300" | "status400" | "status429" | "status500":
            assert isinstance(value, int) and cell.number_format == "#,##0", cell
            return str(value)
        case _:
            assert isinstance(value, str) and cell.data_type in ("s", "inlineStr"), cell
            return value


for row, cells in zip(rows, expected):
    found = [shown(heading, cell) for heading, cell in zip(headings, row)]
    assert found == cells, (found, cells)
for heading, column in zip(headings, sheet.iter_cols()):
    width = sheet.column_dimensions[column[0].column_letter].width
    widest = max(len(shown(heading, cell)) for cell in column[1:])
    assert min(widest, 59) < width < 61, (heading, width, widest)
print(f"openpyxl reads {len(rows)} rows")

report = openpyxl.load_workbook(report)
assert report.sheetnames == ["Summary", "Days", "Month", "Clients", "Endpoints", "Rate limited", "Rows"], report.sheetnames
charts = [len(sheet._charts) for sheet in report]
assert charts == [2, 0, 0, 0, 0, 0, 0], charts
for sheet in report.worksheets[1:]:
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == sheet.dimensions, sheet
assert not any(cell.data_type == "f" for sheet in report for row in sheet.iter_rows() for cell in row)
print("openpyxl reads the report")
