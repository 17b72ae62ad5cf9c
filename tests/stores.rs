//! The certificate stores of Windows, where there are none.
#![cfg(not(windows))]

mod support;
use support::*;

use std::ptr::{null, null_mut};

#[test]
fn elsewhere_there_are_none_and_it_says_so() {
    let (root, mut json) = (c("ROOT"), empty());
    for refused in [
        call(|err| unsafe { tlsw_enum_certificates(root.as_ptr(), &mut json, err) }),
        call(|err| unsafe { tlsw_enum_crls(root.as_ptr(), &mut json, err) }),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error.status, TLSW_ERR_UNSUPPORTED);
        assert!(error.message.starts_with("only Windows"), "{}", error.message);
    }
    assert!(json.data.is_null());
    assert_eq!(unsafe { tlsw_has(c("system-stores").as_ptr()) }, 0);
}

#[test]
fn wrong_arguments_are_told() {
    let (root, mut json) = (c("ROOT"), empty());
    for refused in [
        call(|err| unsafe { tlsw_enum_certificates(null(), &mut json, err) }),
        call(|err| unsafe { tlsw_enum_certificates(root.as_ptr(), null_mut(), err) }),
        call(|err| unsafe { tlsw_enum_crls(null(), &mut json, err) }),
        call(|err| unsafe { tlsw_enum_crls(root.as_ptr(), null_mut(), err) }),
    ] {
        assert_eq!(refused.unwrap_err().status, TLSW_ERR_ARGUMENT);
    }
}
