//! Random bytes.

mod support;
use support::*;

use std::ptr::{null, null_mut};

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    call(|err| unsafe { tlsw_rand_bytes(bytes.as_mut_ptr(), N, err) }).unwrap();
    bytes
}

#[test]
fn bytes_are_filled_to_the_last_and_differ() {
    assert_ne!(random::<32>(), random::<32>());
    // 64 draws that are all zero at one place: 2^-512.
    let mut seen = [0; 257];
    for _ in 0..64 {
        seen.iter_mut().zip(random::<257>()).for_each(|(seen, byte)| *seen |= byte);
    }
    assert!(seen.iter().all(|seen| *seen != 0));
    assert_eq!(call(|err| unsafe { tlsw_rand_bytes(null_mut(), 0, err) }), Ok(TLSW_OK));
}

#[test]
fn the_old_name_says_that_they_are_strong() {
    let (mut bytes, mut strong) = ([0; 32], -1);
    call(|err| unsafe { tlsw_rand_pseudo_bytes(bytes.as_mut_ptr(), 32, &mut strong, err) })
        .unwrap();
    assert_eq!(strong, 1);
    assert_ne!(bytes, [0; 32]);
}

#[test]
fn the_generator_is_seeded_and_takes_no_more() {
    assert_eq!(unsafe { tlsw_rand_status() }, 1);
    let add = |data: &[u8], entropy| {
        call(|err| unsafe { tlsw_rand_add(data.as_ptr(), data.len(), entropy, err) })
    };
    assert_eq!(add(b"this is a random string", 75.0), Ok(TLSW_OK));
    assert_eq!(add(b"", 0.0), Ok(TLSW_OK));
    assert_eq!(add(b"x", -1.0), Ok(TLSW_OK));
}

#[test]
fn wrong_arguments_are_told() {
    // What a negative length becomes on its way here.
    let negative = usize::MAX;
    let mut byte = 0;
    let mut strong = 0;
    let refused = [
        call(|err| unsafe { tlsw_rand_bytes(null_mut(), 1, err) }),
        call(|err| unsafe { tlsw_rand_bytes(&mut byte, negative, err) }),
        call(|err| unsafe { tlsw_rand_pseudo_bytes(null_mut(), 1, &mut strong, err) }),
        call(|err| unsafe { tlsw_rand_pseudo_bytes(&mut byte, 1, null_mut(), err) }),
        call(|err| unsafe { tlsw_rand_add(null(), 1, 0.0, err) }),
        call(|err| unsafe { tlsw_rand_add(&byte, negative, 0.0, err) }),
    ];
    for result in refused {
        assert_eq!(result.unwrap_err().status, TLSW_ERR_ARGUMENT);
    }
    assert_eq!(unsafe { tlsw_rand_bytes(null_mut(), 1, null_mut()) }, TLSW_ERR_ARGUMENT);
}
