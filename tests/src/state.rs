//! Everything that must be the same after a run with a fault and after one without, as text: versions, outcomes, what
//! the receivers have, verdicts, cursors. Not: attempts, batches, numbers, times.
