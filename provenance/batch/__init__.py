"""Many files at once: walked, verified by workers, remembered in an index.

walk      folders, globs and lists to files, a folder at a time
look      how each file is looked at, and what becomes of its report
workers   the same by processes: bounded memory, none of them mourned
many      `verify_many`: all of it behind one call
tally     the table at the end;  progress: how far it has come
index     SQLite: every report, and what is known about it without opening the file again
"""
