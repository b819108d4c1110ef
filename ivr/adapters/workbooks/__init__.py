"""The reports as .xlsx workbooks (openpyxl), to the letter of the regulation's appendices."""
