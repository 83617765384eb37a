"""Ratios against peers and against the limit, all in one run; `make bench` prints the table.

No absolute time means anything from one machine to the next, so none is kept: two things are done
in turn, A B A B …, and the median of the paired ratios is what counts.
"""
