//! Pages of different reports.
