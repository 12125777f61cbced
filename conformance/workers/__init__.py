"""Engines in processes of their own, so that an engine that dies takes one case with it and not the run.

Note [One process for many cases]
A worker is a process that is started once, with Python's -c and not by a fork, and plays case after case. Only one that died, or
whose case left something behind, is replaced, and only then is torch imported again. Engines share a worker, so that their times
can be taken in turns, except those that change torch for the whole process (``own_process``). The worker answers engine by
engine: when it dies, what the other engines did with the same case is not lost. The parent reads and compiles the cases,
judges, compares and writes; it imports no engine.

Note [What ends a worker]
- Whatever kills a process: the pipe to it breaks, and the case that it played is errored with the signal, the line and the
  last words on standard error (``faulthandler`` tells them, for a signal as for a hang).
- Time: the parent holds the clock and kills, because an engine that never lets go of the GIL cannot be stopped from within.
  Should the parent be gone, an alarm of the system ends the worker a little later.
- Memory: the parent watches how much of a worker is resident (on Linux), and kills at nine tenths of what was available. A limit
  on addresses (RLIMIT_AS, RLIMIT_DATA) would count what CUDA and thread stacks only reserve. A single allocation that the
  system refuses is an error inside the case and kills nothing. Where nobody can watch, the system kills; on Linux a worker
  is marked as the first to go.
"""
