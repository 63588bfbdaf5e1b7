"""Lists that coordinators bring: from CSV lines through a mapping to answers.

Nothing here writes: `programs.actions.imports` does. `reading` streams rows, `mapping` reads what
a column means, `rows` makes answers of a row, `names` invents names where a list has none.
"""
