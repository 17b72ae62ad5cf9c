//! How long things take, side by side.

use std::hint::black_box;
use std::time::Duration;

/// How long one sample takes, and how many are taken of each.
const SAMPLE: Duration = Duration::from_millis(20);

/// The time that this thread has worked: what others do on the machine does not count.
fn worked() -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: room for the answer.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut now) }, 0);
    Duration::new(now.tv_sec.try_into().unwrap(), now.tv_nsec.try_into().unwrap())
}

/// One thing to measure.
pub struct Work<'a> {
    run: Box<dyn FnMut() + 'a>,
    /// How often a sample runs it.
    times: u32,
    /// Nanoseconds for one, sample by sample.
    samples: Vec<f64>,
}

impl<'a> Work<'a> {
    pub fn new(run: impl FnMut() + 'a) -> Self {
        Self { run: Box::new(run), times: 1, samples: Vec::new() }
    }

    fn sample(&mut self) -> Duration {
        let before = worked();
        for _ in 0..self.times {
            black_box(&mut self.run)();
        }
        worked() - before
    }

    /// Warms up, and finds out how often a sample has to run it.
    fn calibrate(&mut self) {
        while self.sample() < SAMPLE / 2 {
            self.times *= 2;
        }
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// What came of one of several things measured side by side.
pub struct Measured {
    /// Nanoseconds for one.
    pub ns: f64,
    /// How often it is done while the first is done once: more than 1 is faster than the first.
    pub ratio: f64,
}

/// Measures things in turn, A B C A B C, so that what is slow for a while is so for all. The ratios
/// are medians of the ratios of each round.
pub fn side_by_side(mut works: Vec<Work<'_>>, rounds: usize) -> Vec<Measured> {
    works.iter_mut().for_each(Work::calibrate);
    for _ in 0..rounds {
        for work in &mut works {
            let took = work.sample();
            work.samples.push(took.as_secs_f64() * 1e9 / f64::from(work.times));
        }
    }
    let first = works[0].samples.clone();
    let measured = works.into_iter().map(|work| Measured {
        ns: median(work.samples.clone()),
        ratio: median(first.iter().zip(&work.samples).map(|(first, own)| first / own).collect()),
    });
    measured.collect()
}
