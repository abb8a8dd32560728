//! Student's t distribution.

use std::f64::consts::PI;

/// How many standard errors to either side of a mean hold this share of the outcomes, where the standard error was
/// estimated with so many degrees of freedom.
pub(crate) fn two_sided(share: f64, freedom: usize) -> f64 {
    debug_assert!(share < 1.0 && freedom > 0, "{share} {freedom}");
    let (mut low, mut high) = (0.0, 1.0);
    while within(high, freedom) < share {
        high *= 2.0;
    }
    // Each step halves what is unknown: it ends at the precision of the numbers.
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        if within(middle, freedom) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The share of outcomes between -t and t: Abramowitz and Stegun, 26.7.3 and 26.7.4.
fn within(t: f64, freedom: usize) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "degrees of freedom are few")]
    let angle = (t / (freedom as f64).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let is_odd = freedom % 2 == 1;
    // 1 + 1/2 cos² + 1·3/(2·4) cos⁴ …, or cos + 2/3 cos³ + 2·4/(3·5) cos⁵ …
    let mut term = if is_odd { cosine } else { 1.0 };
    let mut sum = 0.0;
    let mut at = if is_odd { 1 } else { 0 };
    while at + 2 <= freedom {
        sum += term;
        #[allow(clippy::cast_precision_loss, reason = "degrees of freedom are few")]
        let (above, below) = ((at + 1) as f64, (at + 2) as f64);
        term *= above / below * cosine * cosine;
        at += 2;
    }
    match is_odd {
        true => (angle + sine * sum) * 2.0 / PI,
        false => sine * sum,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles as tables publish them, such as NIST's: those of 0.90 and 0.975 hold 80 and 95 % between them.
    #[test]
    fn quantiles_are_those_of_published_tables() {
        for (share, freedom, t) in [
            (0.8, 1, 3.0777),
            (0.8, 2, 1.8856),
            (0.8, 3, 1.6377),
            (0.8, 7, 1.4149),
            (0.8, 10, 1.3722),
            (0.8, 14, 1.3450),
            (0.8, 21, 1.3232),
            (0.8, 100, 1.2901),
            (0.95, 1, 12.7062),
            (0.95, 6, 2.4469),
            (0.95, 21, 2.0796),
        ] {
            let computed = two_sided(share, freedom);
            assert!((computed - t).abs() < 0.00006, "{share} {freedom}: {computed}");
        }
    }
}
