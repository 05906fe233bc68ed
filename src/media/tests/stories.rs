//! What has to be true of a call's sound.

use super::network::*;
use crate::codec::CodecId;

#[test]
fn speech_arrives_soon_on_a_clean_network() {
    for codec in CodecId::ALL {
        let mut pair = Pair::same(codec, Conditions::default());
        pair.run(8.0);
        let (delay, like) = pair.delay(2);
        println!("{codec}: {:.1} ms, {like:.4}", delay as f32 / 48.0);
        let stats = pair.b.stats(pair.at(8e6));
        println!("{stats:?}");
    }
}
