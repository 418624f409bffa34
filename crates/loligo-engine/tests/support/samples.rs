//! Recordings and their cotangents lane by lane, as tests compare them, and by time, as the engine
//! keeps them.

use loligo_engine::Recordings;

/// What recordings showed, shape `[lane][recording][sample]`.
pub fn by_lane<T: Copy>(recordings: &Recordings<T>) -> Vec<T> {
    (0..recordings.lanes)
        .flat_map(|lane| recordings.lane(lane))
        .collect()
}

/// Numbers of shape `[lane][recording][sample]` in the order of the `recordings` that they belong
/// to.
pub fn by_time<T: Copy>(numbers: &[T], recordings: &Recordings<T>) -> Vec<T> {
    let mut sorted = recordings.clone();
    let count = recordings.recordings * recordings.samples;
    for (lane, numbers) in numbers.chunks(count).enumerate() {
        sorted.set_lane(lane, numbers);
    }
    sorted.data
}
