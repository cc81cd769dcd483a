//! A quick hash of texts. It need not withstand an attacker: what has the same hash is compared itself.

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut state = MULTIPLIER ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        state = mixed(state ^ u64::from_le_bytes(word));
    }
    let rest = chunks.remainder();
    let mut word = [0; 8];
    word[..rest.len()].copy_from_slice(rest);
    mixed(mixed(state ^ u64::from_le_bytes(word)))
}

/// Both halves of a wide product, folded onto each other.
fn mixed(value: u64) -> u64 {
    let wide = u128::from(value ^ 0xa076_1d64_78bd_642f) * u128::from(MULTIPLIER);
    (wide as u64) ^ (wide >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_ids_do_not_collide() {
        let hashes: std::collections::HashSet<u64> = (0..200_000)
            .flat_map(|n| {
                [
                    hash(format!("C{n:09}").as_bytes()),
                    hash(format!("{n}").as_bytes()),
                ]
            })
            .collect();
        assert_eq!(hashes.len(), 400_000);
        assert_ne!(hash(b""), hash(b"\0"));
    }
}
