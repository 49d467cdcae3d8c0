//! Where each transaction is, by its id: what tells a repeated transaction from a new one.
//!
//! The ids themselves are in the blocks and are not kept twice. Each entry keeps its hash, so that a table that
//! grows, which it does under the ledger's lock, need not look at a single id.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

/// Where a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The height of its block, from 1. Memory ends long before 2^32 blocks.
    pub(crate) block: u32,
    /// Its position in the block, from 0.
    pub(crate) index: u32,
}

/// The places of all transactions.
#[derive(Debug, Default)]
pub(crate) struct Places {
    entries: HashTable<Entry>,
    /// Seeded by the system: ids come from clients, who must not be able to make them collide.
    hashes: RandomState,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    place: Place,
}

/// The hash of an id, to find and then to add it by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdHash(u64);

impl Places {
    pub(crate) fn hash(&self, id: &str) -> IdHash {
        IdHash(self.hashes.hash_one(id))
    }

    /// Finds the place whose transaction has the id with this hash; `has_id` tells whether the one at a place does.
    pub(crate) fn find(&self, hash: IdHash, has_id: impl Fn(Place) -> bool) -> Option<Place> {
        let is_it = |entry: &Entry| entry.hash == hash.0 && has_id(entry.place);
        self.entries.find(hash.0, is_it).map(|entry| entry.place)
    }

    /// Adds the place of an id that [`Self::find`] did not find.
    pub(crate) fn add(&mut self, hash: IdHash, place: Place) {
        self.entries.insert_unique(hash.0, Entry { hash: hash.0, place }, |entry| entry.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_again_after_the_table_has_grown() {
        let ids: Vec<String> = (0..10_000).map(|number| format!("t-{number}")).collect();
        let id_at = |place: Place| ids[place.index as usize].as_str();
        let mut places = Places::default();
        for (index, id) in (0..).zip(&ids) {
            let hash = places.hash(id);
            assert_eq!(places.find(hash, |place| id_at(place) == id), None);
            places.add(hash, Place { block: 1, index });
        }
        for (index, id) in (0..).zip(&ids) {
            let found = places.find(places.hash(id), |place| id_at(place) == id);
            assert_eq!(found, Some(Place { block: 1, index }));
        }
    }

    #[test]
    fn equal_hashes_do_not_make_equal_ids() {
        let mut places = Places::default();
        let hash = IdHash(7);
        places.add(hash, Place { block: 1, index: 0 });
        assert_eq!(places.find(hash, |_| false), None);
        places.add(hash, Place { block: 2, index: 0 });
        let second = places.find(hash, |place| place.block == 2);
        assert_eq!(second, Some(Place { block: 2, index: 0 }));
    }
}
