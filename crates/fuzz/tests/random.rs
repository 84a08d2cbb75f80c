//! Random runs of a keeper, with what the model of it does not allow as a failure. libFuzzer finds more, and is not run
//! by every `cargo test`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write;

#[test]
fn keeper_keeps_its_promises_in_random_runs() {
    for seed in 0..20_000 {
        let calls = Random(seed).calls();
        // Shown if the model panics.
        println!("{calls}");
        edge_oauth_fuzz::keeper(calls.as_bytes());
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    /// The policy and up to 60 calls, as the target `keeper` reads them. A poll, time and a token are frequent.
    fn calls(&mut self) -> String {
        const LETTERS: &[u8] = b"PPPPPPPP++++++**>><<-===ttttttTfffrrrccxlLCjjgoO";
        let mut calls = self.below(3).to_string();
        for _ in 0..=self.below(60) {
            let letter = char::from(LETTERS[self.below(LETTERS.len() as u64) as usize]);
            calls.push(letter);
            let number = self.number();
            match letter {
                '+' | '*' | '>' | '<' | '-' | 't' | 'f' | 'l' => write!(calls, "{number}"),
                'j' | 'g' => write!(calls, "{}", number % 4),
                'r' => write!(
                    calls,
                    "{},{number}",
                    [400, 401, 429, 503][self.below(4) as usize]
                ),
                'o' => write!(calls, "{number},{}", self.number()),
                _ => Ok(()),
            }
            .unwrap();
        }
        calls
    }

    /// Of any size, small ones as often as large ones.
    fn number(&mut self) -> u64 {
        match self.below(24) {
            23 => self.next(),
            digits => self.below(10_u64.pow(digits as u32 % 8)),
        }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
