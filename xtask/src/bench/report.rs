//! The printed tables: medians, and medians of the ratios of paired runs.

use std::fmt::Write as _;

use super::process::Measured;

/// All runs with one response.
pub(super) struct Table {
    /// The name of the data set.
    pub(super) data: &'static str,
    pub(super) rows: u64,
    pub(super) encoding: &'static str,
    /// How often a process fetched the response.
    pub(super) repeats: u64,
    /// The runs of each side, the baseline first.
    pub(super) sides: Vec<(&'static str, Vec<Measured>)>,
}

impl Table {
    pub(super) fn markdown(&self) -> String {
        let runs = self.sides[0].1.len();
        let (unit, scale) = if self.repeats > 1 { ("ms", 1e3) } else { ("s", 1.0) };
        let scale = scale / self.repeats as f64;
        let mut text = format!("### {}\n\nMedians of {runs} runs", self.title());
        if self.repeats > 1 {
            let _ = write!(text, " of {} fetches each; times are of one fetch", self.repeats);
        }
        let _ = writeln!(
            text,
            ".\n\n| | wall, {unit} | | CPU, {unit} | | peak, MiB | | simulator's CPU, {unit} |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|"
        );
        for (side, (name, runs)) in self.sides.iter().enumerate() {
            let wall = median(runs.iter().map(wall)) * scale;
            let cpu = median(runs.iter().map(cpu)) * scale;
            let simulator = median(runs.iter().map(|run| run.simulator.as_secs_f64())) * scale;
            let _ = writeln!(
                text,
                "| {name} | {wall:.3} | {:.2} | {cpu:.3} | {:.2} | {:.1} | {:.2} | {simulator:.3} |",
                self.ratio(side, self::wall),
                self.ratio(side, self::cpu),
                self.peak(side),
                self.ratio(side, peak),
            );
        }
        text
    }

    /// The median of the ratios of a side's runs to the runs of the baseline.
    pub(super) fn ratio(&self, side: usize, value: fn(&Measured) -> f64) -> f64 {
        let pairs = self.sides[side].1.iter().zip(&self.sides[0].1);
        median(pairs.map(|(run, baseline)| value(run) / value(baseline)))
    }

    /// The median of a side's peak memory, in MiB.
    pub(super) fn peak(&self, side: usize) -> f64 {
        median(self.sides[side].1.iter().map(peak))
    }

    /// How much more memory the sides take than with a smaller response, except these that keep all of it.
    pub(super) fn growth_from(&self, smaller: &Self, buffered: &[&str]) -> String {
        let mut growths = Vec::new();
        for (side, (name, _)) in self.sides.iter().enumerate() {
            let before = smaller.sides.iter().position(|(smaller, _)| smaller == name);
            if let Some(before) = before.filter(|_| !buffered.contains(name)) {
                growths.push(format!(
                    "{name} {:+.1} MiB",
                    self.peak(side) - smaller.peak(before)
                ));
            }
        }
        format!(
            "Peak memory, {} against {}: {}\n",
            self.title(),
            smaller.title(),
            growths.join(", ")
        )
    }

    fn title(&self) -> String {
        format!("{} {} rows, {}", grouped(self.rows), self.data, self.encoding)
    }
}

pub(super) fn wall(run: &Measured) -> f64 {
    run.wall.as_secs_f64()
}

pub(super) fn cpu(run: &Measured) -> f64 {
    run.cpu.as_secs_f64()
}

fn peak(run: &Measured) -> f64 {
    run.peak_kib as f64 / 1024.0
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
    use std::time::Duration;

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
            data: "demo",
            rows: 3,
            encoding: "plain",
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
        assert_eq!(
            table(2_048).growth_from(&table(1_024), &["baseline"]),
            "Peak memory, 3 demo rows, plain against 3 demo rows, plain: `rows()` +1.0 MiB\n"
        );
    }
}
