//! Rows, from a sorter through a file back to rows.

mod faults;
mod reading;
mod rows;
mod sorting;
mod versions;
