"""What crosses the border as a file or a call: spreadsheets, the credit platform."""
