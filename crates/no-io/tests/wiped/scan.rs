//! Looks for a text in the memory of this process, freed memory and dead stack included.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, Read};
use std::os::unix::fs::FileExt;
use std::str;

/// A text that stands in memory only where [`write`](Self::write) put it: here it is masked.
///
/// The scan searches for its middle, since an allocator writes into the first bytes of freed memory.
pub(crate) struct Planted {
    name: &'static str,
    masked: &'static [u8],
}

impl Planted {
    /// `masked` is made by [`mask`], in a constant.
    pub(crate) const fn new(name: &'static str, masked: &'static [u8]) -> Self {
        assert!(masked.len() > 2 * EDGE);
        Self { name, masked }
    }

    /// Appends the text, without a copy on the way.
    pub(crate) fn write(&self, out: &mut String) {
        let before = out.capacity();
        for byte in self.masked {
            out.push(char::from(byte ^ black_box(MASK)));
        }
        assert_eq!(out.capacity(), before, "growing leaves a copy behind");
    }

    /// How often its middle stands in these bytes. The first byte is looked for by the standard library,
    /// which is fast without optimisation too.
    fn count(&self, bytes: &[u8]) -> usize {
        let (first, tail) = self.middle().split_first().unwrap();
        let mut count = 0;
        let mut rest = bytes;
        while rest.skip_until(first ^ MASK).unwrap() > 0 {
            let mut pairs = tail.iter().zip(rest);
            let fits = rest.len() >= tail.len();
            count += usize::from(fits && pairs.all(|(masked, byte)| masked ^ MASK == *byte));
        }
        count
    }

    fn middle(&self) -> &'static [u8] {
        &self.masked[EDGE..self.masked.len() - EDGE]
    }
}

/// Masks a text at compile time, so that it is not in the program.
pub(crate) const fn mask<const N: usize>(text: [u8; N]) -> [u8; N] {
    let mut masked = text;
    let mut i = 0;
    while i < N {
        masked[i] ^= MASK;
        i += 1;
    }
    masked
}

/// Has all its memory from the start: what it allocated later could overwrite what it looks for.
pub(crate) struct Scan {
    maps: Vec<u8>,
    chunk: Vec<u8>,
}

impl Scan {
    pub(crate) fn new() -> Self {
        Self {
            maps: vec![0; 1 << 20],
            chunk: vec![0; 1 << 20],
        }
    }

    /// How often the middle of the text stands in memory that can be written.
    pub(crate) fn copies(&mut self, planted: &Planted) -> usize {
        let length = read_all("/proc/self/maps", &mut self.maps);
        let maps = str::from_utf8(&self.maps[..length]).unwrap();
        let memory = File::open("/proc/self/mem").unwrap();
        let overlap = planted.middle().len() as u64 - 1;
        let mut copies = 0;
        for (start, end) in maps.lines().filter_map(writable) {
            let mut at = start;
            while at + overlap < end {
                let length = self.chunk.len().min((end - at) as usize);
                let chunk = &mut self.chunk[..length];
                // Nothing to be read there, such as a mapped device.
                let Ok(read) = memory.read_at(chunk, at) else {
                    break;
                };
                copies += planted.count(&chunk[..read]);
                // Or it would be found here.
                chunk.fill(0);
                black_box(&chunk);
                at += (read as u64).saturating_sub(overlap).max(1);
            }
        }
        copies
    }

    /// Panics where one of them is anywhere.
    pub(crate) fn assert_gone(&mut self, all: &[&Planted], after: &str) {
        for planted in all {
            let copies = self.copies(planted);
            assert_eq!(copies, 0, "{} is still there after {after}", planted.name);
        }
    }
}

fn read_all(path: &str, buffer: &mut [u8]) -> usize {
    let mut file = File::open(path).unwrap();
    let mut length = 0;
    loop {
        match file.read(&mut buffer[length..]).unwrap() {
            0 => return length,
            read => length += read,
        }
    }
}

/// The addresses of a line such as `7f00-7f10 rw-p 00000000 00:00 0   [heap]`, where they can be written.
fn writable(line: &str) -> Option<(u64, u64)> {
    let (addresses, rest) = line.split_once(' ')?;
    let (start, end) = addresses.split_once('-')?;
    let address = |text| u64::from_str_radix(text, 16).ok();
    let is_writable = rest.starts_with("rw");
    is_writable.then_some((address(start)?, address(end)?))
}

const MASK: u8 = 0x5A;

/// The bytes at each end that the scan ignores.
const EDGE: usize = 36;
