//! Many small questions to the store, some of them at a time: each takes tens of milliseconds, and a run may have
//! thousands of shards.

use std::thread;

const AT_ONCE: usize = 16;
/// As many as are asked before anything is said of an error.
const WAVE: u32 = 256;

/// What `ask` says of each, in order; the first error of all.
pub fn all<T: Sync, A: Send, E: Send>(
    asked: &[T],
    ask: impl Fn(&T) -> Result<A, E> + Sync,
) -> Result<Vec<A>, E> {
    let share = asked.len().div_ceil(AT_ONCE).max(1);
    let ask = &ask;
    thread::scope(|threads| {
        let shares: Vec<_> = asked
            .chunks(share)
            .map(|asked| {
                threads.spawn(move || asked.iter().map(ask).collect::<Result<Vec<A>, E>>())
            })
            .collect();
        let mut answers = Vec::with_capacity(asked.len());
        for share in shares {
            let share = share.join();
            answers.extend(share.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(answers)
    })
}

/// What `ask` says of the numbers below `count`, in order. After the first error nothing further is asked, and no room is
/// taken for a count that nobody has.
pub fn numbered<A: Send, E: Send>(
    count: u32,
    ask: impl Fn(u32) -> Result<A, E> + Sync,
) -> Result<Vec<A>, E> {
    let mut answers = Vec::new();
    let mut next = 0;
    while next < count {
        let end = count.min(next.saturating_add(WAVE));
        let wave: Vec<u32> = (next..end).collect();
        answers.extend(all(&wave, |number| ask(*number))?);
        next = end;
    }
    Ok(answers)
}

/// The same where there is nothing to say.
pub fn each<T: Sync, E: Send>(
    asked: &[T],
    ask: impl Fn(&T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    all(asked, ask).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_order_and_the_first_error_is_told() {
        let numbers: Vec<u32> = (0..100).collect();
        let doubled = all(&numbers, |number| Ok::<u32, String>(number * 2));
        assert_eq!(doubled, Ok((0..100).map(|number| number * 2).collect()));
        let refused = all(&numbers, |number| match number % 30 {
            29 => Err(*number),
            _ => Ok(()),
        });
        assert_eq!(refused, Err(29));
        assert_eq!(all(&[], |_: &u32| Ok::<(), ()>(())), Ok(Vec::new()));
        assert_eq!(numbered(1_000, Ok::<u32, ()>), Ok((0..1_000).collect()));
        // Four billion are never asked where one of the first says no.
        let refused = numbered(u32::MAX, |number| match number {
            300 => Err(number),
            _ => Ok(()),
        });
        assert_eq!(refused, Err(300));
    }
}
