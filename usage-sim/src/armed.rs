//! The faults that lie in wait, and which of them strikes a request.

use crate::fault::{Effect, Fault, Kind};
use crate::ids::mix;

/// The faults of a simulator, in the order they were added, each with what it counted.
#[derive(Default)]
pub(crate) struct Faults(Vec<Armed>);

struct Armed {
    fault: Fault,
    seen: u64,
    struck: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(Armed {
            fault,
            seen: 0,
            struck: 0,
        });
    }

    /// What happens to a request of this kind.
    pub(crate) fn strike(&mut self, kind: Kind) -> Effect {
        let mut chosen = None;
        for armed in self
            .0
            .iter_mut()
            .filter(|armed| armed.fault.on.is_none_or(|on| on == kind))
        {
            armed.seen += 1;
            if chosen.is_none() && armed.wants() {
                armed.struck += 1;
                chosen = Some(armed.fault.effect.clone());
            }
        }
        chosen.unwrap_or_default()
    }
}

impl Armed {
    fn wants(&self) -> bool {
        let Fault {
            times,
            after,
            probability,
            ..
        } = &self.fault;
        let lucky = probability.is_none_or(|(p, seed)| {
            // The upper 53 bits, which a float holds exactly.
            let draw = (mix(mix(seed) ^ self.seen) >> 11) as f64 / (1_u64 << 53) as f64;
            draw < p
        });
        self.seen > *after && times.is_none_or(|times| self.struck < times) && lucky
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(faults: &mut Faults, count: usize) -> Vec<Option<u16>> {
        (0..count)
            .map(|_| faults.strike(Kind::Submit).status.map(|status| status.as_u16()))
            .collect()
    }

    #[test]
    fn faults_strike_in_order_and_count_every_request_of_their_kind() {
        let mut faults = Faults::default();
        faults.add(Fault::on_submit().status(429));
        faults.add(Fault::on_any().times(2).status(503));
        faults.add(Fault::on_submit().after(4).always().status(500));
        faults.add(Fault::on_login().status(400));
        let expected = [Some(429), Some(503), Some(503), None, Some(500), Some(500)];
        assert_eq!(strikes(&mut faults, 6), expected);
    }

    #[test]
    fn probability_is_kept_and_repeatable() {
        let run = |seed| {
            let mut faults = Faults::default();
            faults.add(Fault::on_any().with_probability(0.3, seed).status(503));
            strikes(&mut faults, 1000)
        };
        let struck = run(1).iter().flatten().count();
        assert!((250..350).contains(&struck), "{struck}");
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }
}
