"""Other programs that do a part of the same job, run as they are to be measured against.

Nothing of them is in this repository and none is a dependency of the project: `environments` puts
the version that a lock file here names into a folder of its own, outside the repository.
"""
