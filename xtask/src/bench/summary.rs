//! The end of the output: the worst figures of each side with the largest response.

use std::fmt::Write as _;

use super::report::{Table, cpu, grouped, wall};

/// Tables of the same number of rows have the same sides.
pub(super) fn summary(tables: &[Table]) -> String {
    let rows = tables.iter().map(|table| table.rows).max().unwrap_or(0);
    let largest: Vec<_> = tables.iter().filter(|table| table.rows == rows).collect();
    let mut text = format!(
        "### Summary of {} rows\n\n\
         The worst of all data sets. Times are ratios to the baseline; the peak is also the worst of plain and gzip.\n\n\
         | | wall, plain | wall, gzip | CPU, plain | peak, MiB |\n|---|---:|---:|---:|---:|\n",
        grouped(rows)
    );
    let names = largest.first().map_or(&[][..], |table| &table.sides);
    for (side, (name, _)) in names.iter().enumerate() {
        let ratio = |encoding: &str, value| {
            let tables = largest.iter().filter(|table| table.encoding == encoding);
            match worst(tables.map(|table| table.ratio(side, value))) {
                Some(ratio) => format!("{ratio:.2}"),
                None => "not measured".to_owned(),
            }
        };
        let peak = worst(largest.iter().map(|table| table.peak(side))).unwrap_or_default();
        let (plain, gzip, cpu) = (ratio("plain", wall), ratio("gzip", wall), ratio("plain", cpu));
        let _ = writeln!(text, "| {name} | {plain} | {gzip} | {cpu} | {peak:.1} |");
    }
    text
}

fn worst(figures: impl Iterator<Item = f64>) -> Option<f64> {
    figures.max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bench::process::Measured;

    fn run(wall: u64, cpu: u64, mib: u64) -> Measured {
        Measured {
            rows: 1,
            sum: 1,
            peak_kib: mib * 1024,
            wall: Duration::from_millis(wall),
            cpu: Duration::from_millis(cpu),
            simulator: Duration::ZERO,
        }
    }

    /// The baseline takes one second of wall and CPU time.
    fn table(data: &'static str, rows: u64, encoding: &'static str, ours: Measured) -> Table {
        let sides = vec![
            ("baseline", vec![run(1_000, 1_000, 900)]),
            ("`rows()`", vec![ours]),
        ];
        Table {
            data,
            rows,
            encoding,
            repeats: 1,
            sides,
        }
    }

    #[test]
    fn each_figure_is_the_worst_of_the_data_sets_with_the_largest_response() {
        let tables = [
            table("demo", 1_000, "plain", run(9_000, 9_000, 99)),
            table("demo", 1_000_000, "plain", run(200, 400, 13)),
            table("demo", 1_000_000, "gzip", run(250, 9_000, 12)),
            table("realistic", 1_000_000, "plain", run(300, 350, 11)),
            table("realistic", 1_000_000, "gzip", run(240, 9_000, 14)),
        ];
        let text = summary(&tables);
        assert!(text.contains("Summary of 1,000,000 rows"), "{text}");
        assert!(
            text.contains("| baseline | 1.00 | 1.00 | 1.00 | 900.0 |"),
            "{text}"
        );
        assert!(
            text.contains("| `rows()` | 0.30 | 0.25 | 0.40 | 14.0 |"),
            "{text}"
        );
    }

    #[test]
    fn a_ratio_is_the_median_of_paired_runs() {
        let mut table = table("demo", 9, "plain", run(100, 100, 1));
        let baseline = [1_000, 2_000, 4_000].map(|wall| run(wall, wall, 900));
        let ours = [100, 200, 1_200].map(|wall| run(wall, wall, 1));
        table.sides = vec![("baseline", baseline.to_vec()), ("`rows()`", ours.to_vec())];
        let text = summary(&[table]);
        assert!(
            text.contains("| `rows()` | 0.10 | not measured | 0.10 | 1.0 |"),
            "{text}"
        );
    }
}
