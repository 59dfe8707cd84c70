//! Several things done by themselves, one after the other.

use super::Failure;

/// How much was done. One that fails is logged, keeps none of the others from being done, and is
/// told at the end.
#[derive(Debug, Default)]
pub struct Tally {
    done: u64,
    failed: Option<Failure>,
}

impl Tally {
    pub fn add(&mut self, what: &'static str, outcome: Result<u64, Failure>) {
        match outcome {
            Ok(done) => self.done += done,
            Err(failure) => {
                tracing::error!(?failure, what, "{what} failed; what is due beside it goes on");
                self.failed.get_or_insert(failure);
            }
        }
    }

    pub fn done(&self) -> u64 {
        self.done
    }

    /// How much was done, or the first failure.
    pub fn finish(self) -> Result<u64, Failure> {
        match self.failed {
            Some(failure) => Err(failure),
            None => Ok(self.done),
        }
    }
}
