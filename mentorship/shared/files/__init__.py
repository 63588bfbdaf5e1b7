"""Files that people bring and take: rows that expire, workbooks read safely, lists written."""
