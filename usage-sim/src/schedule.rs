//! The faults of a simulator, and which one applies to a request.

use crate::effect::{Effect, Kind};
use crate::fault::Fault;
use crate::ids::mix;

/// The faults in the order in which they were added.
#[derive(Default)]
pub(crate) struct FaultSchedule(Vec<ScheduledFault>);

struct ScheduledFault {
    fault: Fault,
    /// How many requests of its kind there were.
    requests: u64,
    /// To how many of them it applied.
    applied: u64,
}

impl FaultSchedule {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(ScheduledFault {
            fault,
            requests: 0,
            applied: 0,
        });
    }

    /// The effect of the fault that applies to the next request of this kind.
    pub(crate) fn next(&mut self, kind: Kind) -> Effect {
        let mut chosen = None;
        for scheduled in self
            .0
            .iter_mut()
            .filter(|scheduled| scheduled.fault.on.is_none_or(|on| on == kind))
        {
            scheduled.requests += 1;
            if chosen.is_none() && scheduled.applies() {
                scheduled.applied += 1;
                chosen = Some(scheduled.fault.effect.clone());
            }
        }
        chosen.unwrap_or_default()
    }
}

impl ScheduledFault {
    fn applies(&self) -> bool {
        let Fault {
            times,
            after,
            probability,
            ..
        } = &self.fault;
        let is_drawn = probability.is_none_or(|(p, seed)| {
            // The upper 53 bits, which a float holds exactly.
            let draw = (mix(mix(seed) ^ self.requests) >> 11) as f64 / (1_u64 << 53) as f64;
            draw < p
        });
        self.requests > *after && times.is_none_or(|times| self.applied < times) && is_drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(faults: &mut FaultSchedule, count: usize) -> Vec<Option<u16>> {
        (0..count)
            .map(|_| faults.next(Kind::Submit).status.map(|status| status.as_u16()))
            .collect()
    }

    #[test]
    fn faults_apply_in_order_and_count_every_request_of_their_kind() {
        let mut faults = FaultSchedule::default();
        faults.add(Fault::on_submit().status(429));
        faults.add(Fault::on_any().times(2).status(503));
        faults.add(Fault::on_submit().after(4).always().status(500));
        faults.add(Fault::on_login().status(400));
        let expected = [Some(429), Some(503), Some(503), None, Some(500), Some(500)];
        assert_eq!(statuses(&mut faults, 6), expected);
    }

    #[test]
    fn probability_is_kept_and_repeatable() {
        let run = |seed| {
            let mut faults = FaultSchedule::default();
            faults.add(Fault::on_any().with_probability(0.3, seed).status(503));
            statuses(&mut faults, 1000)
        };
        let applied = run(1).iter().flatten().count();
        assert!((250..350).contains(&applied), "{applied}");
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }
}
