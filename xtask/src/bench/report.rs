//! The printed tables: medians, and medians of the ratios of paired runs.

use std::{fmt::Write as _, ops::Range, time::Duration};

use super::process::Measured;

/// All runs with one response: first the baseline, then the ways of the client.
pub(super) struct Table {
    pub(super) title: String,
    /// How often a process fetched the response.
    pub(super) repeats: u64,
    pub(super) sides: Vec<(&'static str, Vec<Measured>)>,
}

impl Table {
    pub(super) fn markdown(&self) -> String {
        let runs = self.sides[0].1.len();
        let (unit, scale) = if self.repeats > 1 { ("ms", 1e3) } else { ("s", 1.0) };
        let scale = scale / self.repeats as f64;
        let mut text = format!("### {}\n\nMedians of {runs} runs", self.title);
        if self.repeats > 1 {
            let _ = write!(text, " of {} fetches each; times are of one fetch", self.repeats);
        }
        let _ = writeln!(
            text,
            ".\n\n| | wall, {unit} | | CPU, {unit} | | peak, MiB | | simulator's CPU, {unit} |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|"
        );
        for (name, runs) in &self.sides {
            let wall = self.column(runs, |run| seconds(run.wall) * scale, 3);
            let cpu = self.column(runs, |run| seconds(run.cpu) * scale, 3);
            let peak = self.column(runs, |run| run.peak_kib as f64 / 1024.0, 1);
            let simulator = median(runs.iter().map(|run| seconds(run.simulator) * scale));
            let _ = writeln!(text, "| {name} | {wall} | {cpu} | {peak} | {simulator:.3} |");
        }
        text
    }

    /// The median of the runs, and of their ratios to the runs of the baseline.
    fn column(&self, runs: &[Measured], value: impl Fn(&Measured) -> f64, digits: usize) -> String {
        let baseline = &self.sides[0].1;
        let ratio = median(
            runs.iter()
                .zip(baseline)
                .map(|(ours, baseline)| value(ours) / value(baseline)),
        );
        let value = median(runs.iter().map(&value));
        format!("{value:.digits$} | {ratio:.2}")
    }

    /// How much more memory the ways at these positions take than with another response.
    pub(super) fn growth_from(&self, other: &Self, places: Range<usize>) -> String {
        let peak = |table: &Self, place: usize| {
            median(
                table.sides[place + 1]
                    .1
                    .iter()
                    .map(|run| run.peak_kib as f64 / 1024.0),
            )
        };
        let growths = places.map(|place| {
            let growth = peak(self, place) - peak(other, place);
            format!("{} {growth:+.1} MiB", self.sides[place + 1].0)
        });
        format!(
            "Peak memory, {} against {}: {}\n",
            self.title,
            other.title,
            growths.collect::<Vec<_>>().join(", ")
        )
    }
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

/// The middle value, or the mean of the two middle values.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    let upper = values[values.len() / 2];
    let lower = values[(values.len() - 1) / 2];
    (lower + upper) / 2.0
}

/// A number with commas between groups of three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(wall: u64, peak_kib: u64) -> Measured {
        Measured {
            rows: 1,
            sum: 1,
            peak_kib,
            wall: Duration::from_millis(wall),
            cpu: Duration::from_millis(wall),
            simulator: Duration::from_millis(100),
        }
    }

    #[test]
    fn medians_and_thousands() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert_eq!(
            (grouped(7), grouped(1_000), grouped(1_234_567)),
            ("7".into(), "1,000".into(), "1,234,567".into())
        );
    }

    #[test]
    fn ratios_are_of_paired_runs() {
        let table = |peak| Table {
            title: "3 rows, plain".to_owned(),
            repeats: 1,
            sides: vec![
                (
                    "baseline",
                    vec![run(1_000, 10_240), run(2_000, 10_240), run(4_000, 10_240)],
                ),
                ("`rows()`", vec![run(100, peak), run(200, peak), run(1_200, peak)]),
            ],
        };
        let text = table(1_024).markdown();
        // The baseline's median is 2 s, ours 0.2 s; of the ratios 0.1, 0.1 and 0.3 it is 0.1.
        assert!(
            text.contains("| `rows()` | 0.200 | 0.10 | 0.200 | 0.10 | 1.0 | 0.10 | 0.100 |"),
            "{text}"
        );
        assert!(
            table(2_048)
                .growth_from(&table(1_024), 0..1)
                .contains("`rows()` +1.0 MiB")
        );
    }
}
